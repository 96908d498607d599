//! A token's claims as a mapping reads them, in the order sent.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    claims::{Claim, ClaimValue, Claims, Overage},
    json::Object,
    note::Note,
};

/// Every claim under its literal name. Numbers and booleans become text, a list its members, in order; objects stay.
///
/// Of a list of groups the members that are no text are left out, with a note. Where nothing is left, the claim says
/// nothing: it must not look like an empty list, which would take every membership away.
pub(super) fn read(claims: Object, notes: &mut Vec<Note>) -> Vec<Claim> {
    let claim = |(name, value): (String, Value)| {
        let values = match value {
            Value::Array(members) if GROUP_CLAIMS.contains(&name.as_str()) => groups(&name, members, notes),
            Value::Array(members) => members.into_iter().map(one).collect(),
            other => vec![one(other)],
        };
        Claim { name, friendly_name: None, values }
    };
    claims.into_iter().map(claim).collect()
}

/// Claims that are not here because there are too many values, or because they are kept elsewhere (Core 5.6.2). Where
/// that is comes along as text; it is never asked for anything.
pub(super) fn overages(claims: &[Claim]) -> Vec<Overage> {
    let endpoint = |source: &Value| {
        let sources = object(claims, "_claim_sources")?;
        sources.get(source.as_str()?)?.get("endpoint")?.as_str().map(str::to_owned)
    };
    let named = object(claims, "_claim_names").into_iter().flatten();
    let mut overages: Vec<Overage> = named
        .filter(|(name, _)| !is_there(claims, name))
        .map(|(name, source)| Overage { name: name.clone(), link: endpoint(source) })
        .collect();
    if has_groups(claims) && !overages.iter().any(|overage| overage.name == GROUPS) {
        overages.push(Overage { name: GROUPS.to_owned(), link: None });
    }
    overages
}

/// The claims of a token and behind them those of UserInfo, which replace none. What the one leaves out is there where
/// the other has it.
pub(super) fn merge(token: &Claims, userinfo: Vec<Claim>) -> (Vec<Claim>, Vec<Overage>) {
    let mut overages = token.overages().to_vec();
    for overage in self::overages(&userinfo) {
        if !overages.iter().any(|known| known.name == overage.name) {
            overages.push(overage);
        }
    }
    let sent: HashSet<&str> = token.claims().iter().map(|claim| claim.name.as_str()).collect();
    let mut merged = token.claims().to_vec();
    merged.extend(userinfo.into_iter().filter(|claim| !sent.contains(claim.name.as_str())));
    overages.retain(|overage| {
        !is_there(&merged, &overage.name) || (overage.name == GROUPS && has_groups(&merged))
    });
    (merged, overages)
}

/// Okta leaves out what is above a hundred groups, and does not say so.
pub(super) fn possibly_truncated(issuer: &str, claims: &[Claim]) -> Option<Note> {
    let host = issuer.strip_prefix("https://")?.split('/').next()?;
    let is_okta = OKTA_DOMAINS.iter().any(|domain| host.ends_with(domain));
    let count = claims.iter().find(|claim| claim.name == GROUPS)?.values.len();
    (is_okta && count >= OKTA_GROUPS)
        .then(|| Note::new("groups.possibly_truncated").field(GROUPS).actual(format!("{count} groups")))
}

/// Claims that hold groups or roles at one provider or another. A list under any other name keeps all its members:
/// only the mapping knows what it is.
const GROUP_CLAIMS: [&str; 11] = [
    GROUPS,
    "Groups",
    "Group",
    "memberOf",
    "member_of",
    "memberof",
    "roles",
    "wids",
    "cognito:groups",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    "http://schemas.xmlsoap.org/claims/Group",
];
const GROUPS: &str = "groups";

const OKTA_DOMAINS: [&str; 3] = [".okta.com", ".oktapreview.com", ".okta-emea.com"];
const OKTA_GROUPS: usize = 100;

const NOTHING: ClaimValue = ClaimValue::Json(Value::Null);

fn groups(name: &str, members: Vec<Value>, notes: &mut Vec<Note>) -> Vec<ClaimValue> {
    let sent = members.len();
    let kept: Vec<ClaimValue> = members.into_iter().filter(Value::is_string).map(one).collect();
    if kept.len() < sent {
        let ignored = sent.saturating_sub(kept.len());
        notes.push(
            Note::new("oidc.group_ignored")
                .field(name)
                .expected("text")
                .actual(format!("{ignored} of another type")),
        );
    }
    if kept.is_empty() && sent > 0 { vec![NOTHING] } else { kept }
}

fn one(value: Value) -> ClaimValue {
    match value {
        Value::String(text) => ClaimValue::Text(text),
        Value::Number(number) => ClaimValue::Text(number.to_string()),
        Value::Bool(truth) => ClaimValue::Text(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => ClaimValue::Json(value),
    }
}

/// A list without members is there and has no first value.
fn first_of<'c>(claims: &'c [Claim], name: &str) -> Option<&'c ClaimValue> {
    claims.iter().find(|claim| claim.name == name)?.values.first()
}

fn is_there(claims: &[Claim], name: &str) -> bool {
    claims.iter().any(|claim| claim.name == name && claim.values.first() != Some(&NOTHING))
}

/// Entra ID, where not even the names of sources had room. What is sent all the same is then not everything.
fn has_groups(claims: &[Claim]) -> bool {
    first_of(claims, "hasgroups").and_then(ClaimValue::as_text) == Some("true")
}

fn object<'c>(claims: &'c [Claim], name: &str) -> Option<&'c Map<String, Value>> {
    match first_of(claims, name)? {
        ClaimValue::Json(value) => value.as_object(),
        ClaimValue::Text(_) => None,
    }
}
