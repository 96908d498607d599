//! Front-channel logout: the provider's page loads our address in a frame, with the browser's cookies if the browser
//! lets it.
//!
//! Anybody can make a browser load an address, so the request proves nothing: it ends the session of the browser that
//! makes it, or the session that it names, and never more. Browsers that keep cookies from foreign frames make it end
//! nothing; back-channel logout has no such gap.

use crate::oidc::{Client, Error, IssuerPolicy, Message, Provider, form, id_token::SessionRef};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "end the session"]
pub struct FrontchannelLogout {
    named: Option<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    issuer: String,
    sid: String,
}

/// Reads the query of the request (Front-Channel Logout 2): `iss` and `sid`, both or neither, each once, both where
/// that is registered, and `iss` the provider's.
///
/// # Errors
/// [`Error::LogoutMalformed`] and [`Error::IssuerMismatch`].
pub fn parse(query: &str, provider: &Provider, client: &Client) -> Result<FrontchannelLogout, Error> {
    let malformed = |reason| Error::LogoutMalformed { reason };
    let fields = form::parse(query.as_bytes(), client.policy.limits.callback).map_err(malformed)?;
    let once = |name| fields.once(name).map_err(|form::Twice| malformed("iss or sid is there twice"));
    match (once("iss")?, once("sid")?) {
        (Some(_), Some("")) => Err(malformed("sid is empty")),
        (Some(issuer), Some(sid)) => match client.policy.issuer.check_callback(&provider.issuer, issuer) {
            Ok(()) => {
                // Of Google's two spellings, the one that sessions have.
                let google = client.policy.issuer == IssuerPolicy::Google;
                let issuer = if google { provider.issuer.as_str() } else { issuer };
                let (issuer, sid) = (issuer.to_owned(), sid.to_owned());
                Ok(FrontchannelLogout { named: Some(Named { issuer, sid }) })
            }
            Err(Error::CallbackIssuerMismatch { expected, actual }) => {
                Err(Error::IssuerMismatch { message: Message::FrontchannelLogout, expected, actual })
            }
            Err(other) => Err(other),
        },
        (None, None) if !client.registered.frontchannel_logout_session_required => {
            Ok(FrontchannelLogout { named: None })
        }
        (None, None) => Err(malformed("iss and sid are not there")),
        _ => Err(malformed("one of iss and sid is there without the other")),
    }
}

impl FrontchannelLogout {
    /// Which session shall end; `None` means the one of the browser that makes the request.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.named.as_ref().map(|named| named.sid.as_str())
    }

    /// Whether the session of this browser shall end: it is the one that is named, or none is.
    #[must_use]
    pub fn is_of(&self, session: &SessionRef) -> bool {
        self.named
            .as_ref()
            .is_none_or(|named| named.issuer == session.issuer && session.sid.as_ref() == Some(&named.sid))
    }
}
