use std::time::Duration;

use serde_json::Value;

use super::{
    SessionRef, ValidIdToken, claims,
    valid::{Email, EntraIdentity, claims_of},
};
use crate::{
    crypto::{DigestAlgorithm, Secret, constant_time_eq, digest},
    encoding::base64url_encode,
    jose::{Jwks, TokenType},
    note::Note,
    oidc::{
        Client, Error, IssuerPolicy, Message, Pending, Provider,
        judge::Judge,
        signed::{Encryption, Expected, Signed, open},
        token::UnverifiedTokens,
    },
    time::Timestamp,
    version::Version,
};

/// Judges the ID token of a sign-in: the last step, which says who the person is.
///
/// Every check runs for every token, in this order:
///
/// 1. size and form; decryption where it is encrypted, and one signed token inside (RFC 7516 §7.1);
/// 2. encrypted, where that is registered (Core 3.1.3.7 (1));
/// 3. the header (RFC 7515 §4); its algorithm is in the policy and listed by the provider, and never `none`
///    (Core 3.1.3.7 (7)); no `crit`, `b64`, `zip`, `enc` (RFC 7515 §4.1.11); no `typ` of another token (RFC 8725 §3.11);
/// 4. the key by name and kind (Core 10.1), and the signature, in the code flow too (Core 3.1.3.7 (6));
/// 5. `iss`, `sub`, `aud`, `azp` (Core 2, 3.1.3.7 (2) to (5));
/// 6. `exp`, `nbf`, `iat`, `nonce`, `auth_time`, `acr` (Core 3.1.3.7 (9) to (13));
/// 7. `at_hash` and `c_hash`, where they are there (Core 3.1.3.6, 3.3.2.11);
/// 8. no logout event (Back-Channel Logout 2.4); the hosted domain or organization that was asked for.
///
/// The host deletes `pending` when it loads it, whatever comes of it, and keys accounts by connection and
/// [`ValidIdToken::identity_key`], never by e-mail address. It keeps [`ValidIdToken::session`] with its own session.
///
/// # Errors
/// The first check that failed, as [`Error`]. Where [`Error::is_retryable`] says so, the key is unknown: the tokens are
/// as they were, and the host may validate them once more with keys fetched anew, see [`keys`](crate::oidc::keys).
pub fn validate(
    tokens: &UnverifiedTokens,
    jwks: &Jwks,
    provider: &Provider,
    client: &Client,
    pending: &Pending,
    now: Timestamp,
) -> Result<ValidIdToken, Error> {
    // RFC 9700 §4.4: this provider, this client.
    pending.check_connection(provider, client)?;
    let asked = Asked {
        nonce: Nonce::Expect(&pending.nonce),
        max_age: pending.max_age(),
        acr: Acr::OneOf(&pending.essential_acr),
        hd: pending.hd(),
        organization: pending.organization(),
    };
    judge(tokens, jwks, provider, client, &asked, now)
}

/// What was asked for, that the token must show.
pub(super) struct Asked<'a> {
    pub(super) nonce: Nonce<'a>,
    pub(super) max_age: Option<Duration>,
    pub(super) acr: Acr<'a>,
    pub(super) hd: Option<&'a str>,
    pub(super) organization: Option<&'a str>,
}

pub(super) enum Nonce<'a> {
    /// It is there, and this one.
    Expect(&'a Secret),
    /// It is this one where it is there (Core 12.2).
    IfPresent(&'a Secret),
}

pub(super) enum Acr<'a> {
    /// It is there, and one of these; anything goes where there are none.
    OneOf(&'a [String]),
    /// It is one of these where it is there.
    IfPresent(&'a [String]),
}

pub(super) fn judge(
    tokens: &UnverifiedTokens,
    jwks: &Jwks,
    provider: &Provider,
    client: &Client,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<ValidIdToken, Error> {
    let message = Message::IdToken;
    let expected = Expected {
        message,
        typ: TokenType::Jwt,
        encryption: if client.registered.id_token_encrypted {
            Encryption::Required
        } else {
            Encryption::Optional
        },
        listed: provider.id_token_signing_alg_values_supported.as_deref(),
    };
    // 1, 2. RFC 7516 §7.1, Core 3.1.3.7 (1): form, encryption.
    let id_token = tokens.id_token().ok_or(Error::IdTokenMissing)?;
    let compact = open(id_token.expose(), &expected, client)?;
    // 3 to 9. RFC 7515, Core 3.1.3.7 (6, 7), RFC 7519 §7.2: header, key, signature, one JSON object.
    let signed = Signed::verify(compact.as_str(), &expected, jwks, client)?;
    let judge = Judge { message, claims: &signed.claims, provider, client, now };
    // 10. Core 3.1.3.7 (2): from the provider.
    let issuer = judge.issuer()?;
    signed.key_signs_for(message, issuer)?;
    // 11. Core 2: about somebody.
    let subject = judge.subject()?;
    // 12, 13. Core 3.1.3.7 (3): for us, and for nobody else whom we do not trust.
    let audience = judge.audience()?;
    judge.audience_is_trusted(&audience)?;
    // 14. Core 3.1.3.7 (4, 5): at our request.
    judge.authorized_party(&audience)?;
    // 15. Core 3.1.3.7 (9): still valid.
    let expires_at = judge.expiry()?.ok_or(judge.missing("exp"))?;
    // 16. RFC 7519 §4.1.5: valid already.
    judge.not_before()?;
    // 17. Core 3.1.3.7 (10): issued, and not too long ago.
    judge.issued_at(client.policy.max_iat_age)?.ok_or(judge.missing("iat"))?;
    // 18. Core 3.1.3.7 (11): for this sign-in.
    let nonce = asked.nonce(&judge)?;
    // 19. Core 3.1.3.7 (13): authenticated not too long ago.
    let auth_time = asked.auth_time(&judge)?;
    // 20. Core 3.1.3.7 (12): authenticated in a way that will do.
    let acr = asked.acr(&judge)?;
    // 21. Core 3.1.3.6, 3.3.2.11: with this access token, for this code.
    if !hash_fits(&judge, "at_hash", signed.digest, Some(tokens.access_token())) {
        return Err(Error::AccessTokenHashMismatch);
    }
    if !hash_fits(&judge, "c_hash", signed.digest, tokens.code.as_ref()) {
        return Err(Error::CodeHashMismatch);
    }
    // 22. Back-Channel Logout 2.4: no logout token.
    no_logout_event(&judge)?;
    // 23. Google: of the hosted domain.
    if let Some(expected) = asked.hd.filter(|hd| !is_text(&judge, "hd", hd)) {
        let (expected, actual) = (expected.to_owned(), shown(&judge, "hd"));
        return Err(Error::HostedDomainMismatch { expected, actual });
    }
    // 24. Auth0: of the organization.
    if let Some(expected) = asked.organization.filter(|id| !is_text(&judge, "org_id", id)) {
        let (expected, actual) = (expected.to_owned(), shown(&judge, "org_id"));
        return Err(Error::OrganizationMismatch { expected, actual });
    }

    let session = SessionRef {
        version: Version,
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        client_id: client.client_id.clone(),
        sid: judge.text("sid")?.map(str::to_owned),
        auth_time,
        id_token: Some(Secret::new(compact.as_str())),
        nonce,
        essential_acr: asked.acr.values().to_vec(),
        hd: asked.hd.map(str::to_owned),
        organization: asked.organization.map(str::to_owned),
    };
    let (amr, entra) = (amr(&judge)?, entra(&judge, issuer));
    let mut notes = Vec::new();
    if client.policy.clock_skew.as_secs() > LARGE_SKEW_SECONDS {
        let actual = client.policy.clock_skew.to_string();
        notes.push(Note::new("oidc.clock_skew_large").field("clock_skew").actual(actual));
    }
    let mut email = Email::read(&signed.claims, entra.is_some(), &mut notes);
    email.trusted_domains.clone_from(&client.policy.trust_email_for_domains);
    let claims = claims::read(signed.claims, &mut notes);
    notes.extend(claims::possibly_truncated(&session.issuer, &claims));
    let overages = claims::overages(&claims);
    let claims = claims_of(&session, claims, overages);
    Ok(ValidIdToken { claims, session, expires_at, acr, amr, entra, email, notes })
}

impl Asked<'_> {
    /// Returns the nonce of the sign-in.
    fn nonce(&self, judge: &Judge<'_>) -> Result<Secret, Error> {
        let (expected, required) = match self.nonce {
            Nonce::Expect(nonce) => (nonce, true),
            Nonce::IfPresent(nonce) => (nonce, false),
        };
        match judge.claims.get("nonce") {
            None if required => Err(Error::NonceMissing),
            None => Ok(expected.clone()),
            Some(Value::String(nonce)) if expected.is(nonce) => Ok(expected.clone()),
            Some(_) => Err(Error::NonceMismatch),
        }
    }

    fn auth_time(&self, judge: &Judge<'_>) -> Result<Option<Timestamp>, Error> {
        let auth_time = judge.time("auth_time")?;
        let skew = judge.policy().clock_skew;
        if let Some(max_age) = self.max_age {
            let latest = auth_time.ok_or(Error::AuthTimeMissing)?.saturating_add(max_age);
            if judge.now > latest.saturating_add(skew.as_duration()) {
                return Err(Error::AuthenticationTooOld(judge.bound(latest)));
            }
        }
        match auth_time {
            Some(auth_time) if !judge.now.reaches(auth_time, skew) => {
                Err(Error::AuthenticationTooOld(judge.bound(auth_time)))
            }
            fits => Ok(fits),
        }
    }

    fn acr(&self, judge: &Judge<'_>) -> Result<Option<String>, Error> {
        let acr = judge.text("acr")?;
        let required = matches!(self.acr, Acr::OneOf(_));
        let expected = self.acr.values();
        let fits = match acr {
            None => !required,
            Some(acr) => expected.iter().any(|expected| expected == acr),
        };
        if fits || expected.is_empty() {
            return Ok(acr.map(str::to_owned));
        }
        Err(Error::AcrMismatch { expected: expected.to_vec(), actual: acr.map(str::to_owned) })
    }
}

impl Acr<'_> {
    fn values(&self) -> &[String] {
        match self {
            Self::OneOf(values) | Self::IfPresent(values) => values,
        }
    }
}

/// Whether a claim is the left half of the hash of a token, or absent.
fn hash_fits(judge: &Judge<'_>, claim: &str, algorithm: DigestAlgorithm, token: Option<&Secret>) -> bool {
    let Some(claim) = judge.claims.get(claim) else { return true };
    let (Some(claim), Some(token)) = (claim.as_str(), token) else { return false };
    let hash = digest(algorithm, token.expose().as_bytes());
    let (left, _) = hash.as_ref().split_at_checked(hash.as_ref().len() / 2).unwrap_or_default();
    constant_time_eq(base64url_encode(left).as_bytes(), claim.as_bytes())
}

fn no_logout_event(judge: &Judge<'_>) -> Result<(), Error> {
    match judge.claims.get("events") {
        None => Ok(()),
        Some(Value::Object(events)) if !events.contains_key(LOGOUT_EVENT) => Ok(()),
        Some(Value::Object(_)) => {
            Err(Error::TokenWrongType { message: judge.message, actual: LOGOUT_EVENT.to_owned() })
        }
        Some(other) => Err(judge.wrong_type("events", "an object", other)),
    }
}

/// Core 2: a list of texts. A single text is a list of one.
fn amr(judge: &Judge<'_>) -> Result<Vec<String>, Error> {
    let Some(value) = judge.claims.get("amr") else { return Ok(Vec::new()) };
    let amr = match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(members) => members.iter().map(|member| member.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    amr.ok_or_else(|| judge.wrong_type("amr", "a list of texts", value))
}

/// Tenant and object, at Entra ID alone: anybody else can write what it likes into these claims.
fn entra(judge: &Judge<'_>, issuer: &str) -> Option<EntraIdentity> {
    let text = |claim| judge.claims.get(claim).and_then(Value::as_str);
    let (Some(tid), Some(oid)) = (text("tid"), text("oid")) else { return None };
    let of_entra = match judge.policy().issuer {
        IssuerPolicy::EntraTenants { .. } => true,
        IssuerPolicy::Exact => ENTRA_ISSUERS.iter().any(|(start, end)| {
            issuer.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) == Some(tid)
        }),
        IssuerPolicy::Google => false,
    };
    of_entra.then(|| EntraIdentity { tid: tid.to_owned(), oid: oid.to_owned() })
}

fn is_text(judge: &Judge<'_>, claim: &str, expected: &str) -> bool {
    judge.claims.get(claim).and_then(Value::as_str) == Some(expected)
}

fn shown(judge: &Judge<'_>, claim: &str) -> Option<String> {
    judge.claims.get(claim).and_then(Value::as_str).map(|text| text.chars().take(SHOWN).collect())
}

/// The member of `events` that makes a token a logout token (Back-Channel Logout 2.4).
pub(in crate::oidc) const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Issuers of Microsoft Entra ID around the tenant, the national clouds included.
const ENTRA_ISSUERS: [(&str, &str); 5] = [
    ("https://login.microsoftonline.com/", "/v2.0"),
    ("https://sts.windows.net/", "/"),
    ("https://login.microsoftonline.us/", "/v2.0"),
    ("https://login.partner.microsoftonline.cn/", "/v2.0"),
    ("https://sts.chinacloudapi.cn/", "/"),
];

const LARGE_SKEW_SECONDS: u64 = 600;

/// Characters of a foreign name that an error shows.
const SHOWN: usize = 255;
