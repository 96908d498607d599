use crate::limits::{Budget, Limits};
use crate::saml::assertion::is;
use crate::saml::bindings;
use crate::saml::error::Error;
use crate::xml::{self, Profile, Read as _};

/// A value that nobody has verified: good for finding the connection and the pending request that
/// [`finish`](super::finish) then checks, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified<T>(pub(in crate::saml) T);

/// What a response says of itself before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// The Response's Issuer, or else the Assertion's.
    pub issuer: Option<String>,
    /// The request that the Response says it answers.
    pub in_response_to: Option<String>,
}

impl<T> Unverified<T> {
    /// The value, which may be an attacker's.
    pub fn unverified(&self) -> &T {
        &self.0
    }
}

/// Looks at a posted response without judging it, to find out which connection it is for.
///
/// # Errors
/// [`Error`] when the form field is too large, no base64 or no XML.
pub fn peek(response: &str, limits: &Limits) -> Result<Unverified<Peek>, Error> {
    let message = bindings::decode_post(response, limits)?;
    let document = xml::parse(message, Profile::Message, &limits.message, &mut Budget::new())?;
    let root = document.root();
    let assertion = root.children().find(|child| is(*child, "Assertion"));
    let mut issuers = [Some(root), assertion].into_iter().flatten().flat_map(|element| element.children());
    let issuer = issuers.find(|child| is(*child, "Issuer"));
    Ok(Unverified(Peek {
        issuer: issuer.map(|issuer| issuer.text().trim().to_owned()),
        in_response_to: root.attribute("InResponseTo").filter(|id| !id.is_empty()).map(str::to_owned),
    }))
}
