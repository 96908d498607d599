use crate::{
    limits::Budget,
    saml::{
        Error,
        assertion::is,
        bindings::{Incoming, MessageKind, Received},
        message::in_response_to,
        web_sso::{Policy, Unverified},
    },
    xml::{self, Profile, Read as _},
};

/// What a logout message says of itself before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeekLogout {
    /// Whether it came as a request or as a response.
    pub kind: MessageKind,
    /// Its Issuer.
    pub issuer: Option<String>,
    /// The request that it says it answers.
    pub in_response_to: Option<String>,
}

/// Looks at a logout message without judging it, to find out which of [`validate_request`](super::validate_request)
/// and [`validate_response`](super::validate_response) to call, and for which connection.
///
/// # Errors
/// [`Error`] when its binding cannot be undone or it is no XML.
pub fn peek(incoming: Incoming<'_>, policy: &Policy) -> Result<Unverified<PeekLogout>, Error> {
    let mut budget = Budget::new();
    let received = Received::decode(incoming, policy, &mut budget)?;
    let document = xml::parse(received.xml, Profile::Message, &policy.limits.message, &mut budget)?;
    let root = document.root();
    let issuer = root.children().find(|child| is(*child, "Issuer"));
    Ok(Unverified(PeekLogout {
        kind: received.kind,
        issuer: issuer.map(|issuer| issuer.text().trim().to_owned()),
        in_response_to: in_response_to(root).map(str::to_owned),
    }))
}
