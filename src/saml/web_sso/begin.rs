use super::Pending;
use crate::{
    endpoint,
    entropy::Entropy,
    saml::{
        Error,
        bindings::{self, Message, MessageKind, Outgoing, RelayState, Signer},
        metadata::{
            idp::IdpConfig,
            sp::{SignAuthnRequests, SpConfig},
        },
        protocol::{AuthnRequest, AuthnRequestOptions, message_id},
    },
    time::Timestamp,
    version::Version,
};

/// Begins a sign-in (Profiles 4.1.3.1–4.1.3.3): an AuthnRequest for the identity provider's sign-on service,
/// and what to keep until the response comes.
///
/// The request is signed when the identity provider's metadata wants it or the service provider always signs:
/// over the query for HTTP-Redirect, as an enveloped signature behind the Issuer for HTTP-POST. Its ID has 128
/// random bits.
///
/// The host keeps [`Pending`] for this browser alone, and answers with [`Outgoing`] at once.
///
/// # Errors
/// - [`Error::ConfigurationInvalid`] and [`Error::UrlNotAllowed`] as for [`SpConfig::check`], for options that
///   name something that is not there, and for the identity provider's address under [`SpConfig::urls`];
/// - [`Error::BindingNotOffered`] when it has no sign-on service for the binding asked for;
/// - [`Error::SigningKeyMissing`] when the request must be signed and cannot be;
/// - [`Error::RelayStateTooLong`] above 80 bytes;
/// - [`Error::Output`] for a text that XML cannot hold, [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn begin(
    sp: &SpConfig,
    idp: &IdpConfig,
    options: &AuthnRequestOptions,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<(Outgoing, Pending), Error> {
    sp.check()?;
    options.check(sp)?;
    let acs = options.acs_of(sp)?;
    let sso = idp.sso_for(options.binding)?;
    let url = endpoint::check(&sso.location, sp.urls)
        .map_err(|error| Error::UrlNotAllowed { field: "SingleSignOnService Location".to_owned(), error })?;

    let id = message_id(entropy)?;
    let request = AuthnRequest {
        id: &id,
        issue_instant: now,
        destination: &sso.location,
        issuer: &sp.entity_id,
        acs,
        options,
    };
    let message = Message {
        kind: MessageKind::Request,
        id: &id,
        xml: &request.to_xml()?,
        relay_state: RelayState::Own(options.relay_state.as_deref()),
    };
    let outgoing = bindings::send(message, &url, sso.binding, signer(sp, idp)?)?;
    let pending = Pending {
        version: Version,
        request_id: id,
        issued_at: now,
        acs_url: acs.location.clone(),
        idp_entity_id: idp.entity_id().map(str::to_owned),
        requested_authn_context: options.requested_authn_context.clone(),
        force_authn: options.force_authn,
        max_authn_age_seconds: options.max_authn_age_seconds,
        relay_state: options.relay_state.clone(),
        return_to: options.return_to.clone(),
    };
    Ok((outgoing, pending))
}

fn signer<'s>(sp: &'s SpConfig, idp: &IdpConfig) -> Result<Option<Signer<'s>>, Error> {
    let wanted_for = match sp.sign_authn_requests {
        SignAuthnRequests::Always => "`sign_authn_requests`",
        SignAuthnRequests::WhenWanted if idp.want_authn_requests_signed() => {
            "the identity provider's WantAuthnRequestsSigned"
        }
        SignAuthnRequests::WhenWanted => return Ok(None),
    };
    Signer::of(sp, wanted_for).map(Some)
}
