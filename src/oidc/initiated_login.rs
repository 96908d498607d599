//! Sign-in that a third party asks for (Core 4): a portal, or the provider's own page of applications, sends the
//! browser to the host, which begins a sign-in at the provider that the request names.

use url::{Origin, Url};

use super::{Error, error::shown, form};
use crate::{limits::Limits, note::Note};

/// What somebody asks for: nobody has authenticated it, so it may begin a sign-in and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitiatedLogin {
    issuer: String,
    login_hint: Option<String>,
    target_link_uri: Option<Url>,
}

/// Reads the whole query, or for a posted form the whole body, undecoded.
///
/// 1. It is at most [`Limits::callback`] bytes long, and its percent-encoding holds UTF-8.
/// 2. `iss`, `login_hint` and `target_link_uri` are there at most once.
/// 3. `iss` is one of `issuers`, byte for byte ([Core 4](https://openid.net/specs/openid-connect-core-1_0.html#ThirdPartyInitiatedLogin)).
/// 4. `target_link_uri` is `https` and of the origin of one of `base_urls`; otherwise it is dropped, with the note
///    `oidc.target_dropped`, so that nobody is sent elsewhere after signing in.
///
/// # Errors
/// [`Error::InitiatedLoginMalformed`], [`Error::InitiatedLoginUnknownIssuer`].
pub fn parse(
    query_or_body: impl AsRef<[u8]>,
    issuers: &[&str],
    base_urls: &[&str],
    limits: &Limits,
) -> Result<(InitiatedLogin, Vec<Note>), Error> {
    let malformed = |reason| Error::InitiatedLoginMalformed { reason };
    let fields = form::parse(query_or_body.as_ref(), limits.callback).map_err(malformed)?;
    let once = |name, twice| fields.once(name).map_err(|form::Twice| malformed(twice));
    let iss = once("iss", "`iss` is there twice")?;
    let login_hint = once("login_hint", "`login_hint` is there twice")?;
    let target = once("target_link_uri", "`target_link_uri` is there twice")?;

    let Some(issuer) = iss.filter(|iss| issuers.contains(iss)) else {
        let expected = issuers.iter().map(|issuer| (*issuer).to_owned()).collect();
        return Err(Error::InitiatedLoginUnknownIssuer { expected, actual: iss.map(shown) });
    };
    let target_link_uri = target.and_then(|target| target_at_home(target, base_urls));
    let mut notes = Vec::new();
    if target.is_some() && target_link_uri.is_none() {
        notes.push(Note::new("oidc.target_dropped").field("target_link_uri").expected(base_urls.join(", ")));
    }
    let login = InitiatedLogin {
        issuer: issuer.to_owned(),
        login_hint: login_hint.map(str::to_owned),
        target_link_uri,
    };
    Ok((login, notes))
}

impl InitiatedLogin {
    /// At which of the configured providers.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who is going to sign in: for [`Options::login_hint`](super::authorization::Options).
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// Where the person wants to go at the host: for [`Options::return_to`](super::authorization::Options).
    #[must_use]
    pub fn target_link_uri(&self) -> Option<&Url> {
        self.target_link_uri.as_ref()
    }
}

/// The target, if it is `https` and of the origin of a base URL.
fn target_at_home(target: &str, base_urls: &[&str]) -> Option<Url> {
    let target = Url::parse(target).ok()?;
    let origin = target.origin();
    let is_base = |base: &&str| Url::parse(base).is_ok_and(|base| base.origin() == origin);
    let at_home = target.scheme() == "https"
        && matches!(origin, Origin::Tuple(..))
        && target.username().is_empty()
        && target.password().is_none()
        && base_urls.iter().any(is_base);
    at_home.then_some(target)
}
