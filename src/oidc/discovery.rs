//! Discovery: the request for the provider's document, and the document as a [`Provider`].

use http::{Request, Response, Uri, header::ACCEPT};
use serde_json::Value;
use url::Url;

use super::{
    Error, Message, Policy, Provider, answer,
    error::shown,
    provider::{Endpoint, MtlsEndpointAliases},
};
use crate::{
    endpoint,
    json::{self, Object},
    note::Note,
};

/// The request for an issuer's document (Discovery 4.1): the issuer, one slash, and `.well-known/openid-configuration`.
///
/// # Errors
/// - [`Error::UrlNotAllowed`] under [`Policy::urls`], and for an address inside of a network;
/// - [`Error::ConfigurationInvalid`] for an issuer with a query (Discovery 3).
pub fn request(issuer: &str, policy: &Policy) -> Result<Request<Vec<u8>>, Error> {
    let not_allowed = |error| Error::UrlNotAllowed { field: "issuer", error };
    let checked = endpoint::check_fetch(issuer, policy.urls).map_err(not_allowed)?;
    if checked.query().is_some() {
        let reason = "an issuer has no query";
        return Err(Error::ConfigurationInvalid { field: "issuer", value: issuer.to_owned(), reason });
    }
    let text = format!("{}{WELL_KNOWN}", issuer.strip_suffix('/').unwrap_or(issuer));
    let url = endpoint::check_fetch(&text, policy.urls).map_err(not_allowed)?;
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri(&url)?;
    request.headers_mut().insert(ACCEPT, http::HeaderValue::from_static(answer::JSON));
    Ok(request)
}

/// Reads the answer to [`request`]:
///
/// 1. Its status is 200 ([Discovery 4.2](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationResponse)).
/// 2. It is JSON, of at most [`Limits::body`](crate::limits::Limits::body) bytes: one object that has one reading.
/// 3. Its `issuer` is `issuer`, byte for byte, or what [`Policy::issuer`] has in its place (Discovery 4.3).
/// 4. `authorization_endpoint`, `token_endpoint` and `jwks_uri` are there (Discovery 3).
/// 5. Every address may be followed under [`Policy::urls`]; one that the host will call is no private address.
/// 6. `response_types_supported`, where it is there, has `code`.
/// 7. PKCE methods without `S256` are the note `oidc.pkce_not_advertised` (RFC 8414 §2).
/// 8. An address at another host than the issuer's is the note `oidc.other_origin`.
///
/// # Errors
/// [`Error::HttpStatus`], [`Error::ContentType`], [`Error::BodyTooLarge`], [`Error::Json`],
/// [`Error::DiscoveryIssuerMismatch`], [`Error::MetadataMissing`], [`Error::MetadataInvalid`] for a member of another
/// type, [`Error::UrlNotAllowed`], [`Error::UnsupportedByProvider`].
pub fn parse_response(
    issuer: &str,
    response: &Response<Vec<u8>>,
    policy: &Policy,
) -> Result<(Provider, Vec<Note>), Error> {
    answer::check_status(Message::Discovery, response, 200)?;
    let document = answer::json_object(Message::Discovery, response, &policy.limits)?;
    read(issuer, &document, policy)
}

/// As [`parse_response`], for a document that an administrator has handed over: checks 3 to 8, and that it is JSON.
///
/// # Errors
/// As [`parse_response`], less what is about HTTP.
pub fn parse_document(
    issuer: &str,
    document: &[u8],
    policy: &Policy,
) -> Result<(Provider, Vec<Note>), Error> {
    let document = json::parse_object(document, &policy.limits.json)
        .map_err(|error| Error::Json { message: Message::Discovery, error })?;
    read(issuer, &document, policy)
}

/// The issuer that an administrator means who pastes a domain, an issuer, or the address of a discovery document:
/// `acme.okta.com` becomes `https://acme.okta.com`. The document then has to name itself so.
///
/// # Errors
/// [`Error::ConfigurationInvalid`] for the address of Okta's administration console, which is no issuer.
pub fn issuer_of(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let text = text.strip_suffix(WELL_KNOWN).unwrap_or(text);
    let issuer = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let Some(organization) = okta_organization(&issuer) else { return Ok(issuer) };
    if organization.ends_with("-admin") {
        let reason = "this is Okta's administration console: leave `-admin` out";
        return Err(Error::ConfigurationInvalid { field: "issuer", value: issuer, reason });
    }
    // No issuer of Okta ends in a slash.
    Ok(issuer.strip_suffix('/').unwrap_or(&issuer).to_owned())
}

fn read(issuer: &str, document: &Object, policy: &Policy) -> Result<(Provider, Vec<Note>), Error> {
    let members = Members(document);
    // Discovery 4.3: issuer
    let found = document.get("issuer").and_then(Value::as_str);
    let Some(actual) = found.filter(|actual| policy.issuer.takes_document(issuer, actual)) else {
        let actual = found.map(shown);
        return Err(Error::DiscoveryIssuerMismatch { expected: issuer.to_owned(), actual });
    };
    // Discovery 3: what is required, and what has a default
    let mut provider = Provider::new(
        actual,
        members.required("authorization_endpoint")?,
        members.required("token_endpoint")?,
        members.required("jwks_uri")?,
    );
    members.fill(&mut provider)?;
    // Discovery 3: every address
    let mut notes = check_addresses(&provider, policy)?;
    // Discovery 3: response_types_supported
    if let Some(types) = members.list("response_types_supported")?
        && !types.iter().any(|kind| kind == "code")
    {
        return Err(Error::UnsupportedByProvider { feature: "response type `code`", actual: types });
    }
    // RFC 8414 §2: code_challenge_methods_supported
    if let Some(methods) = &provider.code_challenge_methods_supported
        && !methods.iter().any(|method| method == "S256")
    {
        let note = Note::new("oidc.pkce_not_advertised").field("code_challenge_methods_supported");
        notes.push(note.expected("S256").actual(methods.join(", ")));
    }
    Ok((provider, notes))
}

/// Refuses an address that may not be followed, and notes those at another host.
fn check_addresses(provider: &Provider, policy: &Policy) -> Result<Vec<Note>, Error> {
    let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    let issuer = Url::parse(&provider.issuer).map(|url| host(&url)).unwrap_or_default();
    let mut notes = Vec::new();
    for endpoint in Endpoint::ALL {
        let alias = endpoint.alias(&provider.mtls_endpoint_aliases);
        for text in endpoint.of(provider).into_iter().chain(alias) {
            let actual = host(&endpoint.check(text, policy)?);
            if actual != issuer {
                let note = Note::new("oidc.other_origin").field(endpoint.name());
                notes.push(note.expected(issuer.clone()).actual(actual));
            }
        }
    }
    Ok(notes)
}

/// The members of a document, each of one type or an error. `null` is as good as absent.
struct Members<'d>(&'d Object);

impl Members<'_> {
    fn fill(&self, provider: &mut Provider) -> Result<(), Error> {
        provider.userinfo_endpoint = self.text("userinfo_endpoint")?;
        provider.end_session_endpoint = self.text("end_session_endpoint")?;
        provider.revocation_endpoint = self.text("revocation_endpoint")?;
        provider.pushed_authorization_request_endpoint =
            self.text("pushed_authorization_request_endpoint")?;
        provider.mtls_endpoint_aliases = self.aliases()?;
        provider.require_pushed_authorization_requests =
            self.flag("require_pushed_authorization_requests")?;
        provider.authorization_response_iss_parameter_supported =
            self.flag("authorization_response_iss_parameter_supported")?;
        if let Some(modes) = self.list("response_modes_supported")? {
            provider.response_modes_supported = modes;
        }
        if let Some(methods) = self.list("token_endpoint_auth_methods_supported")? {
            provider.token_endpoint_auth_methods_supported = methods;
        }
        provider.token_endpoint_auth_signing_alg_values_supported =
            self.list("token_endpoint_auth_signing_alg_values_supported")?;
        provider.id_token_signing_alg_values_supported =
            self.list("id_token_signing_alg_values_supported")?;
        provider.userinfo_signing_alg_values_supported =
            self.list("userinfo_signing_alg_values_supported")?;
        provider.request_object_signing_alg_values_supported =
            self.list("request_object_signing_alg_values_supported")?;
        provider.request_parameter_supported = self.flag("request_parameter_supported")?;
        provider.require_signed_request_object = self.flag("require_signed_request_object")?;
        provider.dpop_signing_alg_values_supported = self.list("dpop_signing_alg_values_supported")?;
        provider.code_challenge_methods_supported = self.list("code_challenge_methods_supported")?;
        provider.scopes_supported = self.list("scopes_supported")?;
        provider.acr_values_supported = self.list("acr_values_supported")?;
        provider.backchannel_logout_supported = self.flag("backchannel_logout_supported")?;
        provider.backchannel_logout_session_supported = self.flag("backchannel_logout_session_supported")?;
        provider.frontchannel_logout_supported = self.flag("frontchannel_logout_supported")?;
        provider.frontchannel_logout_session_supported =
            self.flag("frontchannel_logout_session_supported")?;
        Ok(())
    }

    fn required(&self, member: &'static str) -> Result<String, Error> {
        self.text(member)?.ok_or(Error::MetadataMissing { member })
    }

    fn text(&self, member: &'static str) -> Result<Option<String>, Error> {
        text_of(self.get(member), member)
    }

    fn flag(&self, member: &'static str) -> Result<bool, Error> {
        match self.get(member) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(Error::MetadataInvalid { member, expected: "true or false" }),
        }
    }

    fn list(&self, member: &'static str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let texts = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.map(Some).ok_or(Error::MetadataInvalid { member, expected: "a list of texts" })
    }

    fn aliases(&self) -> Result<MtlsEndpointAliases, Error> {
        let member = "mtls_endpoint_aliases";
        let mut aliases = MtlsEndpointAliases::default();
        let object = match self.get(member) {
            None => return Ok(aliases),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(Error::MetadataInvalid { member, expected: "an object" }),
        };
        let text = |name: &str| text_of(object.get(name).filter(|value| !value.is_null()), member);
        aliases.token_endpoint = text("token_endpoint")?;
        aliases.userinfo_endpoint = text("userinfo_endpoint")?;
        aliases.revocation_endpoint = text("revocation_endpoint")?;
        aliases.pushed_authorization_request_endpoint = text("pushed_authorization_request_endpoint")?;
        Ok(aliases)
    }

    fn get(&self, member: &str) -> Option<&Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }
}

fn text_of(value: Option<&Value>, member: &'static str) -> Result<Option<String>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::MetadataInvalid { member, expected: "a text" }),
    }
}

/// An address as `http` has it.
///
/// # Errors
/// [`Error::RequestInvalid`].
pub(in crate::oidc) fn uri(url: &Url) -> Result<Uri, Error> {
    url.as_str().parse().map_err(|_| Error::RequestInvalid { reason: "the address is no URI" })
}

/// The first label of a host at Okta, in lower case.
fn okta_organization(issuer: &str) -> Option<String> {
    let host = Url::parse(issuer).ok()?.host_str()?.to_owned();
    OKTA.iter().find_map(|domain| host.strip_suffix(domain)).map(str::to_owned)
}

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const OKTA: [&str; 3] = [".okta.com", ".oktapreview.com", ".okta-emea.com"];
