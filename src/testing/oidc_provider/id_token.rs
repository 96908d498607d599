//! What ID tokens and UserInfo say.

use serde_json::{Number, Value, json};

use super::{
    Audience, EmailVerified, Fault, GroupValues, OidcProvider, Style, TimeStyle, User,
    json::{Object, seconds},
    token::Grant,
};
use crate::time::Timestamp;

impl OidcProvider {
    /// Core 2 and 3.1.3.6.
    pub(super) fn id_token_claims(
        &self,
        grant: &Grant,
        access_token: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Object {
        let style = &self.style;
        let algorithm = style.signing_algorithm();
        let clock = match self.fault {
            Some(Fault::IdToken(fault)) => fault.clock(now),
            _ => now,
        };
        let mut claims = Object::new();
        let mut add = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        add("iss", json!(self.token_issuer()));
        add("sub", json!(subject(style, &grant.user)));
        add("aud", self.audience_of(&grant.client_id));
        if style.azp || !style.other_audiences.is_empty() {
            add("azp", json!(grant.client_id));
        }
        add("exp", time(style, clock.saturating_add(style.lifetime)));
        add("iat", time(style, clock));
        if style.auth_time || grant.max_age {
            add("auth_time", time(style, grant.authenticated_at));
        }
        add("nonce", json!(grant.nonce));
        if let Some(acr) = &grant.acr {
            add("acr", json!(acr));
        }
        if let Some(organization) = &grant.organization {
            add("org_id", json!(organization));
        }
        add("sid", json!(grant.sid));
        if style.at_hash {
            add("at_hash", json!(algorithm.half_hash(access_token)));
        }
        if let Some(code) = code.filter(|_| style.c_hash) {
            add("c_hash", json!(algorithm.half_hash(code)));
        }
        add_person(&mut claims, style, grant, style.profile_in.id_token(), style.groups_in.id_token());
        // What was asked for comes before what is always sent.
        for (name, value) in &style.other_claims {
            claims.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.break_id_token(&mut claims, code.is_none(), now);
        for (name, value) in &self.overrides {
            match value {
                Some(value) => claims.insert(name.clone(), value.clone()),
                None => claims.remove(name),
            };
        }
        claims
    }

    fn break_id_token(&self, claims: &mut Object, refreshed: bool, now: Timestamp) {
        let style = &self.style;
        match self.fault {
            Some(Fault::IdToken(fault)) => fault.change(claims, now),
            Some(Fault::Entra(fault)) => {
                fault.change(claims, style.metadata_issuer.as_deref().unwrap_or(&self.issuer));
            }
            Some(Fault::Refresh(fault)) if refreshed => fault.change(claims, now),
            Some(Fault::Claims(fault)) => fault.change(claims, &style.claims),
            _ => {}
        }
    }

    /// Core 5.3.2.
    pub(super) fn userinfo_claims(&self, grant: &Grant) -> Object {
        let style = &self.style;
        let mut claims = Object::new();
        claims.insert("sub".to_owned(), json!(subject(style, &grant.user)));
        add_person(&mut claims, style, grant, style.profile_in.userinfo(), style.groups_in.userinfo());
        if let Some(Fault::Claims(fault)) = self.fault {
            fault.change(&mut claims, &style.claims);
        }
        claims
    }

    /// `aud` of a token for a client.
    pub(super) fn audience_of(&self, client_id: &str) -> Value {
        let others = &self.style.other_audiences;
        if others.is_empty() && self.style.audience == Audience::TextWhenOne {
            return json!(client_id);
        }
        json!(std::iter::once(client_id).chain(others.iter().map(String::as_str)).collect::<Vec<_>>())
    }
}

/// `sub` of a person.
pub(super) fn subject(style: &Style, user: &User) -> String {
    format!("{}{}", style.subject_prefix, user.subject)
}

/// A time as tokens have it.
pub(super) fn time(style: &Style, at: Timestamp) -> Value {
    match style.times {
        TimeStyle::Seconds => json!(seconds(at)),
        TimeStyle::Fraction => {
            let whole: i32 = seconds(at).try_into().unwrap_or(i32::MAX);
            Number::from_f64(f64::from(whole) + 0.25).map_or(Value::Null, Value::Number)
        }
    }
}

/// Claims about a person, as far as the scopes ask for them (Core 5.4). Groups belong to no scope.
fn add_person(claims: &mut Object, style: &Style, grant: &Grant, profile: bool, groups: bool) {
    let names = &style.claims;
    let user = &grant.user;
    let asked = |scope: &str| grant.scopes.iter().any(|asked| asked == scope);
    let mut add = |name: Option<&String>, value: Value| {
        if let Some(name) = name {
            claims.insert(name.clone(), value);
        }
    };
    if profile && asked("profile") {
        add(names.name.as_ref(), json!(user.name));
        add(names.login.as_ref(), json!(user.login));
    }
    if profile && asked("email") && names.email.is_some() {
        add(names.email.as_ref(), json!(user.email));
        let email_verified = "email_verified".to_owned();
        match style.email_verified {
            EmailVerified::Boolean => add(Some(&email_verified), json!(user.email_verified)),
            EmailVerified::Text => add(Some(&email_verified), json!(user.email_verified.to_string())),
            EmailVerified::Omit => {}
        }
    }
    if groups {
        add(names.groups.as_ref(), group_values(style.group_values, &user.groups));
    }
    for (name, value) in &user.claims {
        // Core 5.4; a claim of no scope is always sent.
        let scope = match name.as_str() {
            "phone_number" | "phone_number_verified" => "phone",
            "address" => "address",
            "given_name" | "family_name" | "picture" | "locale" | "zoneinfo" | "updated_at" => "profile",
            _ => "openid",
        };
        if profile && asked(scope) {
            claims.insert(name.clone(), value.clone());
        }
    }
}

fn group_values(values: GroupValues, groups: &[String]) -> Value {
    match (values, groups) {
        (GroupValues::TextWhenOne, [one]) => json!(one),
        (GroupValues::Names | GroupValues::TextWhenOne, _) => json!(groups),
        (GroupValues::Paths, _) => groups.iter().map(|group| format!("/{group}")).collect(),
        (GroupValues::ObjectIds, _) => groups.iter().map(|group| object_id(group)).collect(),
        (GroupValues::ObjectKeys, _) => {
            let organization = json!({ "271828182845904500": "corp.example" });
            Value::Object(groups.iter().map(|group| (group.clone(), organization.clone())).collect())
        }
    }
}

/// A GUID made of a name.
fn object_id(name: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    let mut id = String::new();
    for (position, byte) in digest.as_ref().iter().take(16).enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        id.push_str(&format!("{byte:02x}"));
    }
    id
}
