//! HTTP-Redirect (Bindings 3.4): a deflated message in a query, signed over the query as it is written.

use url::Url;

use super::{Binding, Received, outgoing::Signer, parameter::MessageKind};
use crate::{
    crypto::TrustedKeys,
    encoding::{
        InflateError, Plus, base64_decode, base64_encode, deflate, inflate, percent_decode, percent_encode,
    },
    limits::{Budget, LimitExceeded, Limits, Resource},
    saml::{
        Error, names,
        web_sso::{Policy, UndeflatedRedirect},
    },
    xmldsig::{self, SignaturePolicy, SigningError, VerifiedOctets},
};

/// Bindings 3.4.4.1: the message deflated into the query of an address. With a signer, the signature covers
/// `SAMLRequest=…&RelayState=…&SigAlg=…` exactly as sent.
pub(super) fn url(
    endpoint: &Url,
    kind: MessageKind,
    message: &[u8],
    relay_state: Option<&str>,
    signer: Option<Signer<'_>>,
) -> Result<Url, Error> {
    let mut query = String::new();
    push_parameter(&mut query, kind.parameter(), base64_encode(&deflate(message)).as_bytes());
    if let Some(relay_state) = relay_state {
        push_parameter(&mut query, "RelayState", relay_state.as_bytes());
    }
    if let Some(Signer { key, algorithm, .. }) = signer {
        let uri = xmldsig::signature_algorithm_uri(algorithm).ok_or(SigningError::Algorithm)?;
        push_parameter(&mut query, "SigAlg", uri.as_bytes());
        let signature = key.sign(algorithm, query.as_bytes()).map_err(SigningError::from)?;
        push_parameter(&mut query, "Signature", base64_encode(&signature).as_bytes());
    }
    let mut url = endpoint.clone();
    match endpoint.query() {
        // The endpoint's own parameters come first and stay as they are.
        Some(own) if !own.is_empty() => url.set_query(Some(&[own, "&", &query].concat())),
        Some(_) | None => url.set_query(Some(&query)),
    }
    Ok(url)
}

/// A signature over a query, not verified yet, with the bytes that it must cover.
#[derive(Clone, Debug)]
pub(crate) struct QuerySignature {
    octets: String,
    algorithm: String,
    /// Percent-encoded base64.
    value: String,
}

/// 2.3 #1–#5: the message in a raw query.
pub(super) fn decode(query: &str, policy: &Policy, budget: &mut Budget) -> Result<Received, Error> {
    let limits = &policy.limits;
    if query.len() > limits.redirect_query {
        return Err(LimitExceeded { resource: Resource::Bytes, limit: limits.redirect_query }.into());
    }
    // #2: each parameter at most once, and one message.
    let parameters = Parameters::read(query)?;
    let kind =
        MessageKind::of(Binding::HttpRedirect, parameters.request.is_some(), parameters.response.is_some())?;
    let message = parameters.request.or(parameters.response).unwrap_or_default();
    // #3: SAMLEncoding.
    if let Some(encoding) = parameters.encoding {
        let actual = decoded_text(value_of(encoding)).unwrap_or_else(|| value_of(encoding).to_owned());
        if actual != names::binding::DEFLATE {
            return Err(Error::RedirectEncoding { actual: actual.chars().take(256).collect() });
        }
    }
    let relay_state = parameters.relay_state.map(relay_state).transpose()?;
    // #4, #5: percent-encoding, base64, DEFLATE.
    let xml = inflated(value_of(message), policy, budget)?;
    // #6, #7: what there is of a signature, for `verify`. The slices are those that were decoded above.
    let signature = match (parameters.signature, parameters.algorithm) {
        (Some(signature), Some(algorithm)) => {
            let signed = [Some(message), parameters.relay_state, Some(algorithm)];
            Some(QuerySignature {
                octets: signed.into_iter().flatten().collect::<Vec<_>>().join("&"),
                algorithm: value_of(algorithm).to_owned(),
                value: value_of(signature).to_owned(),
            })
        }
        (None, _) | (_, None) => None,
    };
    Ok(Received { kind, binding: Binding::HttpRedirect, xml, relay_state, signature })
}

impl QuerySignature {
    /// 2.3 #6 and #7: a trusted key made the signature over the parameters as they were written.
    pub(crate) fn verify<'k>(
        &self,
        keys: &'k TrustedKeys,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<VerifiedOctets<'k>, xmldsig::Error> {
        let unknown =
            || xmldsig::Error::AlgorithmNotAllowed { algorithm: self.algorithm.chars().take(256).collect() };
        let algorithm = decoded_text(&self.algorithm).ok_or_else(unknown)?;
        let signature = percent_decode(self.value.as_bytes(), Plus::Literal).ok();
        let signature = signature.and_then(|text| base64_decode(&text).ok()).unwrap_or_default();
        xmldsig::verify_octets(self.octets.as_bytes(), &algorithm, &signature, keys, policy, limits, budget)
    }
}

/// The parameters of the binding, each as it is written, with its name and `=`.
#[derive(Default)]
struct Parameters<'q> {
    request: Option<&'q str>,
    response: Option<&'q str>,
    relay_state: Option<&'q str>,
    algorithm: Option<&'q str>,
    signature: Option<&'q str>,
    encoding: Option<&'q str>,
}

impl<'q> Parameters<'q> {
    fn read(query: &'q str) -> Result<Self, Error> {
        let mut parameters = Self::default();
        for parameter in query.split('&') {
            let written = parameter.split_once('=').map_or(parameter, |(name, _)| name);
            let Some((name, place)) = parameters.place(written) else {
                // Whoever decodes names would see a second message, so no such name is passed over.
                let decoded = decoded_text(written).unwrap_or_default();
                match parameters.place(&decoded) {
                    Some((name, _)) => return Err(invalid(name, "its name is percent-encoded")),
                    None => continue,
                }
            };
            if place.replace(parameter).is_some() {
                return Err(invalid(name, "it is there twice"));
            }
        }
        Ok(parameters)
    }

    fn place(&mut self, name: &str) -> Option<(&'static str, &mut Option<&'q str>)> {
        match name {
            "SAMLRequest" => Some(("SAMLRequest", &mut self.request)),
            "SAMLResponse" => Some(("SAMLResponse", &mut self.response)),
            "RelayState" => Some(("RelayState", &mut self.relay_state)),
            "SigAlg" => Some(("SigAlg", &mut self.algorithm)),
            "Signature" => Some(("Signature", &mut self.signature)),
            "SAMLEncoding" => Some(("SAMLEncoding", &mut self.encoding)),
            _ => None,
        }
    }
}

/// #4 and #5. A `+` stands for itself: base64 has no other use for it.
fn inflated(value: &str, policy: &Policy, budget: &mut Budget) -> Result<Vec<u8>, Error> {
    let failed = |reason| Error::InflateFailed { reason };
    let text = percent_decode(value.as_bytes(), Plus::Literal).map_err(|_| failed("not percent-encoded"))?;
    let message = base64_decode(&text).map_err(|_| failed("not base64"))?;
    if message.first() == Some(&b'<') {
        return match policy.undeflated_redirect {
            UndeflatedRedirect::Accept => Ok(message),
            UndeflatedRedirect::Refuse => Err(failed("it is not deflated")),
        };
    }
    inflate(&message, &policy.limits, budget).map_err(|error| match error {
        InflateError::Limit(exceeded) => Error::Limit(exceeded),
        InflateError::Truncated => failed("the DEFLATE stream is cut off"),
        InflateError::TrailingInput { .. } => failed("bytes follow the DEFLATE stream"),
        _ => failed("it is no raw DEFLATE"),
    })
}

fn relay_state(parameter: &str) -> Result<String, Error> {
    let bytes = percent_decode(value_of(parameter).as_bytes(), Plus::Space).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid("RelayState", "it is no percent-encoded UTF-8"))
}

fn decoded_text(value: &str) -> Option<String> {
    String::from_utf8(percent_decode(value.as_bytes(), Plus::Literal).ok()?).ok()
}

fn value_of(parameter: &str) -> &str {
    parameter.split_once('=').map_or("", |(_, value)| value)
}

fn invalid(parameter: &'static str, reason: &'static str) -> Error {
    Error::ParametersInvalid { binding: Binding::HttpRedirect, parameter, reason }
}

fn push_parameter(query: &mut String, name: &str, value: &[u8]) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(&percent_encode(value));
}
