//! The claims that all tokens of a provider have in common (RFC 7519 §4.1), each with its rule.

use std::time::Duration;

use serde_json::Value;

use super::{
    Client, EntraTenants, Error, IssuerPolicy, Message, Policy, Provider, TimeBound,
    issuer::{GOOGLE, GOOGLE_WITHOUT_SCHEME, TENANT_PLACE, is_tenant_id},
};
use crate::{json::Object, time::Timestamp};

/// Judges the payload of one verified token.
#[derive(Clone, Copy)]
pub(in crate::oidc) struct Judge<'a> {
    pub(in crate::oidc) message: Message,
    pub(in crate::oidc) claims: &'a Object,
    pub(in crate::oidc) provider: &'a Provider,
    pub(in crate::oidc) client: &'a Client,
    pub(in crate::oidc) now: Timestamp,
}

impl<'a> Judge<'a> {
    /// Core 3.1.3.7 (2): from the provider, by the connection's issuer policy. Of Google's two spellings the one that
    /// its document has is returned, so that one person has one key.
    pub(in crate::oidc) fn issuer(&self) -> Result<&'a str, Error> {
        let iss = self.required_text("iss")?;
        let published = self.provider.issuer.as_str();
        match &self.policy().issuer {
            IssuerPolicy::Exact if iss == published => Ok(iss),
            IssuerPolicy::Google
                if published == GOOGLE && (iss == GOOGLE || iss == GOOGLE_WITHOUT_SCHEME) =>
            {
                Ok(published)
            }
            IssuerPolicy::EntraTenants { allowed } => self.issuer_of_tenant(iss, allowed),
            IssuerPolicy::Exact | IssuerPolicy::Google => Err(self.other_issuer(published.to_owned(), iss)),
        }
    }

    /// Entra ID: the tenant in `tid` stands in the issuer, and is one that the connection serves. The consumers'
    /// authority publishes an issuer with their own tenant in it.
    fn issuer_of_tenant(&self, iss: &'a str, allowed: &EntraTenants) -> Result<&'a str, Error> {
        let tid = self.claims.get("tid").and_then(Value::as_str);
        let invalid =
            || Error::TenantInvalid { actual: tid.map(|tid| tid.chars().take(SHOWN_TENANT).collect()) };
        let tid = tid.filter(|tid| is_tenant_id(tid)).ok_or_else(invalid)?;
        let expected = self.provider.issuer.replace(TENANT_PLACE, tid);
        if iss != expected || !iss.split('/').any(|step| step == tid) {
            return Err(self.other_issuer(expected, iss));
        }
        if !allowed.contain(tid) {
            return Err(Error::TenantNotAllowed { actual: tid.to_owned() });
        }
        Ok(iss)
    }

    /// Core 2: 1 to 255 bytes.
    pub(in crate::oidc) fn subject(&self) -> Result<&'a str, Error> {
        match self.claims.get("sub") {
            Some(Value::String(sub)) if (1..=LONGEST_SUBJECT).contains(&sub.len()) => Ok(sub),
            _ => Err(Error::SubjectMissing { message: self.message }),
        }
    }

    /// Core 3.1.3.7 (3): for us. Returns every audience.
    pub(in crate::oidc) fn audience(&self) -> Result<Vec<&'a str>, Error> {
        let value = self.required("aud")?;
        let audience = match value {
            Value::String(one) => Some(vec![one.as_str()]),
            Value::Array(members) if !members.is_empty() => members.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let audience = audience.ok_or_else(|| self.wrong_type("aud", "a text or a list of texts", value))?;
        if !audience.contains(&self.client.client_id.as_str()) {
            let (message, expected) = (self.message, self.client.client_id.clone());
            return Err(Error::AudienceMismatch { message, expected, actual: owned(&audience) });
        }
        Ok(audience)
    }

    /// Core 3.1.3.7 (3): for nobody whom the connection does not trust.
    pub(in crate::oidc) fn audience_is_trusted(&self, audience: &[&str]) -> Result<(), Error> {
        let trusted = &self.policy().trusted_audiences;
        let others: Vec<&str> = audience
            .iter()
            .copied()
            .filter(|member| *member != self.client.client_id && !trusted.contains(*member))
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let expected = std::iter::once(&self.client.client_id).chain(trusted).cloned().collect();
        Err(Error::AudienceUntrusted { message: self.message, expected, actual: owned(&others) })
    }

    /// Core 3.1.3.7 (4, 5): made at our request, which several audiences leave open.
    pub(in crate::oidc) fn authorized_party(&self, audience: &[&str]) -> Result<(), Error> {
        let azp = self.claims.get("azp");
        match azp {
            Some(Value::String(azp)) if *azp == self.client.client_id => Ok(()),
            None if audience.len() == 1 => Ok(()),
            _ => Err(Error::AuthorizedPartyMismatch {
                message: self.message,
                expected: self.client.client_id.clone(),
                actual: azp.and_then(Value::as_str).map(str::to_owned),
            }),
        }
    }

    /// Core 3.1.3.7 (9): `exp` is still to come, where there is one.
    pub(in crate::oidc) fn expiry(&self) -> Result<Option<Timestamp>, Error> {
        let Some(exp) = self.time("exp")? else { return Ok(None) };
        if self.now.is_past(exp, self.policy().clock_skew) {
            return Err(Error::TokenExpired { message: self.message, bound: self.bound(exp) });
        }
        Ok(Some(exp))
    }

    /// RFC 7519 §4.1.5: `nbf` has come, where there is one.
    pub(in crate::oidc) fn not_before(&self) -> Result<(), Error> {
        match self.time("nbf")? {
            Some(nbf) if !self.now.reaches(nbf, self.policy().clock_skew) => {
                Err(Error::TokenNotYetValid { message: self.message, bound: self.bound(nbf) })
            }
            _ => Ok(()),
        }
    }

    /// Core 3.1.3.7 (10): `iat` has come, and is no longer ago than `max_age`, where there is one.
    pub(in crate::oidc) fn issued_at(&self, max_age: Option<Duration>) -> Result<Option<Timestamp>, Error> {
        let Some(iat) = self.time("iat")? else { return Ok(None) };
        let message = self.message;
        if !self.now.reaches(iat, self.policy().clock_skew) {
            return Err(Error::IssuedInFuture { message, bound: self.bound(iat) });
        }
        match max_age.map(|max_age| iat.saturating_add(max_age)) {
            Some(latest) if self.now > latest.saturating_add(self.policy().clock_skew.as_duration()) => {
                Err(Error::IssuedTooLongAgo { message, bound: self.bound(latest) })
            }
            _ => Ok(Some(iat)),
        }
    }

    /// A claim that must be there.
    pub(in crate::oidc) fn required(&self, claim: &'static str) -> Result<&'a Value, Error> {
        self.claims.get(claim).ok_or(self.missing(claim))
    }

    /// A claim that must be there and a text.
    pub(in crate::oidc) fn required_text(&self, claim: &'static str) -> Result<&'a str, Error> {
        self.text(claim)?.ok_or(self.missing(claim))
    }

    /// A claim that is a text where it is there.
    pub(in crate::oidc) fn text(&self, claim: &'static str) -> Result<Option<&'a str>, Error> {
        match self.claims.get(claim) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(claim, "a text", other)),
        }
    }

    /// A claim that is a time where it is there. The type is wrong rather than the time absent where it is anything
    /// else than a number from 0 to 2^53; a fraction is dropped.
    pub(in crate::oidc) fn time(&self, claim: &'static str) -> Result<Option<Timestamp>, Error> {
        let Some(value) = self.claims.get(claim) else { return Ok(None) };
        let seconds = seconds(value).ok_or_else(|| self.wrong_type(claim, "a number of seconds", value))?;
        Ok(Some(Timestamp::from_unix_millis(0).unwrap_or(Timestamp::MIN).saturating_add(seconds)))
    }

    pub(in crate::oidc) fn missing(&self, claim: &'static str) -> Error {
        Error::ClaimMissing { message: self.message, claim }
    }

    pub(in crate::oidc) fn wrong_type(
        &self,
        claim: &'static str,
        expected: &'static str,
        value: &Value,
    ) -> Error {
        Error::ClaimType { message: self.message, claim, expected, actual: type_of(value) }
    }

    fn other_issuer(&self, expected: String, actual: &str) -> Error {
        Error::IssuerMismatch { message: self.message, expected, actual: actual.to_owned() }
    }

    pub(in crate::oidc) fn bound(&self, bound: Timestamp) -> TimeBound {
        TimeBound { bound, now: self.now, skew_seconds: self.policy().clock_skew.as_secs() }
    }

    pub(in crate::oidc) fn policy(&self) -> &'a Policy {
        &self.client.policy
    }
}

/// Core 2.
const LONGEST_SUBJECT: usize = 255;

/// Characters of a tenant that an error shows: a GUID has 36.
const SHOWN_TENANT: usize = 40;

/// Every whole number up to here has one double, so no reader rounds.
const LARGEST_NUMBER: u64 = 1 << 53;

fn seconds(value: &Value) -> Option<Duration> {
    let Value::Number(number) = value else { return None };
    let whole = match number.as_u64() {
        Some(whole) => whole,
        None => Duration::try_from_secs_f64(number.as_f64().filter(|number| *number >= 0.0)?.trunc())
            .ok()?
            .as_secs(),
    };
    (whole <= LARGEST_NUMBER).then_some(Duration::from_secs(whole))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
