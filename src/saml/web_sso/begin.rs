use url::Url;

use super::Pending;
use crate::{
    endpoint,
    entropy::Entropy,
    saml::{
        Error,
        bindings::{self, Binding, PostForm, Signer},
        metadata::{
            idp::IdpConfig,
            sp::{SignAuthnRequests, SpConfig},
        },
        protocol::{AuthnRequest, AuthnRequestOptions},
    },
    time::Timestamp,
    version::Version,
    xmldsig::{self, Placement, Signing},
};

/// The request on its way: what the host answers the browser with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Redirect there, with status 302 or 303.
    Redirect(Url),
    /// Show a page that posts this form: [`PostForm::html`], or the host's own.
    Post(PostForm),
}

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

    let id = request_id(entropy)?;
    let request = AuthnRequest {
        id: &id,
        issue_instant: now,
        destination: &sso.location,
        issuer: &sp.entity_id,
        acs,
        options,
    };
    let message = request.to_xml()?;
    let signer = signer(sp, idp)?;
    let relay_state = options.relay_state.as_deref();
    let outgoing = match sso.binding {
        Binding::HttpRedirect => {
            let url = bindings::redirect_url(&url, bindings::REQUEST, &message, relay_state, signer)?;
            Outgoing::Redirect(url)
        }
        Binding::HttpPost | Binding::Soap => {
            let message = match signer {
                Some(signer) => sign(message, &id, sp, signer)?,
                None => message,
            };
            Outgoing::Post(bindings::post_form(&url, bindings::REQUEST, &message, relay_state)?)
        }
    };
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

/// `_` and 32 lower-case hexadecimal digits from 16 random bytes: an NCName, and hard to guess (Core 1.3.4).
fn request_id(entropy: &mut dyn Entropy) -> Result<String, Error> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("_{hex}"))
}

fn signer<'s>(sp: &'s SpConfig, idp: &IdpConfig) -> Result<Option<Signer<'s>>, Error> {
    let wanted_for = match sp.sign_authn_requests {
        SignAuthnRequests::Always => "`sign_authn_requests`",
        SignAuthnRequests::WhenWanted if idp.want_authn_requests_signed() => {
            "the identity provider's WantAuthnRequestsSigned"
        }
        SignAuthnRequests::WhenWanted => return Ok(None),
    };
    let key = sp.signing_key(wanted_for)?;
    Ok(Some(Signer { key, algorithm: sp.signature_algorithm(key) }))
}

fn sign(message: Vec<u8>, id: &str, sp: &SpConfig, signer: Signer<'_>) -> Result<Vec<u8>, Error> {
    let signing = Signing {
        id,
        placement: Placement::AfterFirstChild,
        key: signer.key,
        algorithm: signer.algorithm,
        certificate: sp.certificate_of(signer.key),
        prefix_list: &[],
    };
    Ok(xmldsig::sign(message, &signing)?)
}
