use url::Url;

use super::{
    Binding,
    parameter::{MessageKind, RelayState},
    post::{self, PostForm},
    redirect,
};
use crate::{
    crypto::{Certificate, SignatureAlgorithm, SigningKey},
    saml::{Error, metadata::sp::SpConfig},
    xmldsig::{self, Placement, Signing},
};

/// A message on its way: what the host answers the browser with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Redirect there, with status 302 or 303.
    Redirect(Url),
    /// Show a page that posts this form: [`PostForm::html`], or the host's own.
    Post(PostForm),
}

/// A message that is not signed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'m> {
    pub(crate) kind: MessageKind,
    /// The `ID` of its root.
    pub(crate) id: &'m str,
    /// The document; its root's first child is the Issuer.
    pub(crate) xml: &'m [u8],
    pub(crate) relay_state: RelayState<'m>,
}

/// What a message is signed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'k> {
    pub(crate) key: &'k SigningKey,
    pub(crate) algorithm: SignatureAlgorithm,
    certificate: Option<&'k Certificate>,
}

/// Puts a message on its way: over HTTP-Redirect with a signature over the query, over HTTP-POST with one inside
/// of the message.
pub(crate) fn send(
    message: Message<'_>,
    to: &Url,
    binding: Binding,
    signer: Option<Signer<'_>>,
) -> Result<Outgoing, Error> {
    let relay_state = message.relay_state.checked()?;
    match (binding, signer) {
        (Binding::HttpRedirect, signer) => {
            let url = redirect::url(to, message.kind, message.xml, relay_state, signer)?;
            Ok(Outgoing::Redirect(url))
        }
        (Binding::HttpPost | Binding::Soap, Some(signer)) => {
            let signed = signer.sign(message.xml.to_vec(), message.id)?;
            Ok(Outgoing::Post(post::form(to, message.kind, &signed, relay_state)))
        }
        (Binding::HttpPost | Binding::Soap, None) => {
            Ok(Outgoing::Post(post::form(to, message.kind, message.xml, relay_state)))
        }
    }
}

impl<'k> Signer<'k> {
    /// The service provider's key; `wanted_for` says what must be signed where there is none.
    pub(crate) fn of(sp: &'k SpConfig, wanted_for: &'static str) -> Result<Self, Error> {
        let key = sp.signing_key(wanted_for)?;
        Ok(Self { key, algorithm: sp.signature_algorithm(key), certificate: sp.certificate_of(key) })
    }

    /// Signs the element with this `ID`, behind its first child.
    pub(crate) fn sign(self, document: Vec<u8>, id: &str) -> Result<Vec<u8>, Error> {
        let signing = Signing {
            id,
            placement: Placement::AfterFirstChild,
            key: self.key,
            algorithm: self.algorithm,
            certificate: self.certificate,
            prefix_list: &[],
        };
        Ok(xmldsig::sign(document, &signing)?)
    }
}
