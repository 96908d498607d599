//! What LogoutRequest and LogoutResponse have in common on their way in (2.4 #1–#3).

use crate::{
    crypto::TrustedKey,
    limits::Budget,
    saml::{
        Error, Hint, Level,
        assertion::is,
        bindings::{Binding, Incoming, MessageKind, Received},
        message::{Children, Header, Judge, Placed, expanded_name, in_order, refuse_misplaced},
        names,
    },
    xml::{self, Document, Profile, Read},
    xmldsig::{VerifiedElement, VerifiedOctets},
};

/// One of the two messages.
pub(super) struct Expected {
    pub(super) kind: MessageKind,
    pub(super) level: Level,
    pub(super) root: &'static str,
    pub(super) children: Children,
}

/// A message in XML whose query, if it came in one, bears a valid signature.
pub(super) struct Opened<'k> {
    pub(super) document: Document,
    pub(super) binding: Binding,
    pub(super) relay_state: Option<String>,
    signed_query: Option<VerifiedOctets<'k>>,
}

/// A message that the identity provider has signed and that is for us.
pub(super) struct Trusted<'d, 'k> {
    pub(super) root: VerifiedElement<'d>,
    pub(super) header: Header,
    pub(super) issuer: String,
    pub(super) key: &'k TrustedKey,
}

impl<'k> Opened<'k> {
    pub(super) fn new(
        incoming: Incoming<'_>,
        expected: &Expected,
        judge: &mut Judge<'k>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        if judge.idp.entity_id().is_none() {
            return Err(Error::IssuerUnpinned);
        }
        // Bindings 3.4, 3.5: parameters, encoding.
        let received = Received::decode(incoming, judge.policy, budget)?;
        if received.kind != expected.kind {
            let (binding, parameter) = (received.binding, expected.kind.parameter());
            return Err(Error::ParametersInvalid { binding, parameter, reason: "it is not there" });
        }
        if let Some(relay_state) = &received.relay_state {
            judge.note_relay_state(relay_state);
        }
        // Bindings 3.4.4.1: the signature over the query, without which there is none.
        let signed_query = match (received.binding, &received.signature) {
            (Binding::HttpRedirect, None) => return Err(Error::SignatureMissing),
            (_, Some(signature)) => Some(judge.query_signature(expected.level, signature, budget)?),
            (Binding::HttpPost | Binding::Soap, None) => None,
        };
        // XML 1.0, Namespaces in XML 1.0, Core 1.3.4.
        let limits = &judge.policy.limits.message;
        let document = xml::parse(received.xml, Profile::Message, limits, budget)?;
        let (binding, relay_state) = (received.binding, received.relay_state);
        Ok(Self { document, binding, relay_state, signed_query })
    }

    pub(super) fn validate(
        &self,
        expected: &Expected,
        judge: &mut Judge<'k>,
        budget: &mut Budget,
    ) -> Result<Trusted<'_, 'k>, Error> {
        let root = self.document.root();
        // Core 3.7.1, 3.7.2: name, version, ID, IssueInstant, children.
        if !root.is(names::SAMLP, expected.root) {
            return Err(Error::UnexpectedRoot { expected: expected.root, actual: expanded_name(root) });
        }
        let header = judge.header(expected.level, root)?;
        in_order(root, expected.children)?;
        // Core 5.4.2: a signature stands directly in the message. No assertion stands anywhere.
        refuse_misplaced(root, |placed, element| {
            placed == Placed::Signature && element.parent() == Some(root)
        })?;
        // Profiles 4.4.3.1, 4.4.4.2: signed, in the query or inside; where both are there, both are valid.
        let enveloped = judge.signature(expected.level, root, budget)?;
        let (root, key) = match (enveloped, self.signed_query) {
            (Some(verified), _) => (verified.element, verified.key),
            (None, Some(verified)) => (verified.root(&self.document), verified.key),
            (None, None) => return Err(Error::SignatureMissing),
        };
        judge.certificate_dates(key)?;
        // Profiles 4.4.4.1, 4.4.4.2: Issuer. Bindings 3.4.5.2, 3.5.5.2: Destination.
        let issuer = judge.addressed(root, expected)?;
        Ok(Trusted { root, header, issuer, key })
    }
}

impl Judge<'_> {
    /// From the identity provider, to one of our addresses. Returns the issuer.
    fn addressed<'d>(&mut self, root: impl Read<'d>, expected: &Expected) -> Result<String, Error> {
        let issuer = self.issuer(expected.level, root.children().find(|child| is(*child, "Issuer")))?;
        let ours = self.slo_urls(expected.kind);
        match root.attribute("Destination").filter(|destination| !destination.is_empty()) {
            None => Err(Error::DestinationMissing { expected: ours }),
            Some(destination) if ours.iter().any(|url| url == destination) => Ok(issuer),
            Some(actual) => {
                let hints = Hint::of(&ours, actual);
                Err(Error::DestinationMismatch { expected: ours, actual: actual.to_owned(), hints })
            }
        }
    }

    /// Addresses at which logout messages are taken; those for responses alone only for responses.
    fn slo_urls(&self, kind: MessageKind) -> Vec<String> {
        let urls = self.sp.slo.iter().flat_map(|slo| match kind {
            MessageKind::Request => [Some(&slo.location), None],
            MessageKind::Response => [Some(&slo.location), slo.response_location.as_ref()],
        });
        let mut ours: Vec<String> = Vec::new();
        for url in urls.flatten() {
            if !ours.contains(url) {
                ours.push(url.clone());
            }
        }
        ours
    }
}
