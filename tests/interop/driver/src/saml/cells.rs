//! The matrix: what each identity provider is asked to do, and what must come out.

use std::error::Error;
use std::time::SystemTime;

use admittance::encoding::{base64_decode, base64_encode};
use admittance::endpoint::UrlPolicy;
use admittance::entropy::OsEntropy;
use admittance::saml::ValidAssertion;
use admittance::saml::bindings::{Binding, Incoming};
use admittance::saml::logout::{self, LogoutOptions, LogoutOutcome, LogoutStatus, SessionRef};
use admittance::saml::metadata::idp::{self, IdpConfig, ParseOptions};
use admittance::saml::metadata::sp::SignAuthnRequests;
use admittance::saml::protocol::{AuthnRequestOptions, RequestBinding};
use admittance::saml::web_sso::{self, IdpInitiated, Policy, Signed};
use admittance::time::Timestamp;
use url::Url;

use super::service_provider::{self, Variant};
use crate::browser::{self, Browser, End, Visit};
use crate::html;

/// An identity provider.
pub struct Peer {
    kind: Kind,
    metadata: Url,
    idp: IdpConfig,
}

pub type Cell = (&'static str, fn(&Peer) -> Outcome);
type Outcome = Result<(), Box<dyn Error>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Samlp,
    SimpleSamlPhp,
}

impl Peer {
    /// Reads the peer's metadata.
    pub fn new(name: &str, metadata: Url) -> Result<Self, Box<dyn Error>> {
        let kind = match name {
            "samlp" => Kind::Samlp,
            "simplesamlphp" => Kind::SimpleSamlPhp,
            _ => return Err(format!("no such peer: {name}").into()),
        };
        let mut options = ParseOptions::default();
        options.urls = UrlPolicy::HttpOnLoopback;
        let (idp, _) = idp::parse(browser::read(&metadata)?.as_bytes(), &options, now())?;
        Ok(Self { kind, metadata, idp })
    }

    /// The cells that it can do.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells: Vec<Cell> = vec![
            ("metadata-of-the-idp", metadata_of_the_idp),
            ("metadata-of-the-sp", metadata_of_the_sp),
            ("signed-response", signed_response),
            ("signed-assertion", signed_assertion),
            ("signed-both", signed_both),
            match self.kind {
                Kind::Samlp => ("encrypted-gcm", encrypted_gcm),
                Kind::SimpleSamlPhp => ("encrypted-cbc", encrypted_cbc),
            },
            ("signed-request-redirect", signed_request_redirect),
            ("signed-request-post", signed_request_post),
            ("unsigned-request-refused-there", unsigned_request_refused_there),
            ("post-request", post_request),
            ("force-authn", force_authn),
            ("idp-initiated", idp_initiated),
        ];
        if self.kind == Kind::SimpleSamlPhp {
            cells.extend([
                ("encrypted-name-id", encrypted_name_id as fn(&Peer) -> Outcome),
                ("sha512-redirect", sha512_redirect),
                ("sha512-post", sha512_post),
                ("logout-by-us-redirect", logout_by_us_redirect),
                ("logout-by-us-post", logout_by_us_post),
                ("logout-by-the-idp-redirect", logout_by_the_idp_redirect),
                ("logout-by-the-idp-post", logout_by_the_idp_post),
                ("logout-by-the-idp-encrypted-name-id", logout_by_the_idp_encrypted_name_id),
            ]);
        }
        cells
    }

    fn at(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Box<dyn Error>> {
        let mut url = self.metadata.join(path)?;
        url.query_pairs_mut().extend_pairs(query);
        Ok(url)
    }

    /// One sign-in of Ada's; the password is asked for if `prompted`.
    fn sign_in(&self, walk: &mut Walk<'_>) -> Result<SignedIn, Box<dyn Error>> {
        let Walk { browser, variant, options, policy, prompted } = walk;
        let sp = variant.sp();
        let (outgoing, pending) = web_sso::begin(&sp, &self.idp, options, &mut OsEntropy, now())?;
        let visit = browser.follow(&outgoing)?;
        ensure(visit.prompts == usize::from(*prompted), || format!("{} password prompts", visit.prompts))?;
        let (response, relay_state) = posted_response(visit, *variant)?;
        ensure(relay_state == options.relay_state, || format!("the RelayState is {relay_state:?}"))?;
        let login = web_sso::finish(&sp, &self.idp, Some(&pending), &response, policy, now())?;
        self.check_ada(&login)?;
        Ok(SignedIn { login, document: String::from_utf8(base64_decode(response.as_bytes())?)? })
    }

    fn check_ada(&self, login: &ValidAssertion) -> Outcome {
        let (mail, groups) = match self.kind {
            Kind::Samlp => (
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                "http://schemas.passportjs.com/groups",
            ),
            Kind::SimpleSamlPhp => ("mail", "groups"),
        };
        ensure(Some(login.issuer()) == self.idp.entity_id(), || format!("the issuer is {}", login.issuer()))?;
        ensure(login.name_id().is_some_and(|name| !name.value.is_empty()), || "no NameID".to_owned())?;
        for (name, expected) in [(mail, &["ada@corp.example"][..]), (groups, &["Developers", "Reviewers"])] {
            let values: Vec<&str> = login
                .claims()
                .claim(name)
                .map(|claim| claim.values.iter().filter_map(|value| value.as_text()).collect())
                .unwrap_or_default();
            ensure(values == expected, || format!("attribute {name} is {values:?}"))?;
        }
        Ok(())
    }
}

/// How Ada signs in.
struct Walk<'b> {
    browser: &'b mut Browser,
    variant: Variant,
    options: AuthnRequestOptions,
    policy: Policy,
    prompted: bool,
}

struct SignedIn {
    login: ValidAssertion,
    document: String,
}

impl<'b> Walk<'b> {
    fn first(browser: &'b mut Browser, variant: Variant) -> Self {
        let mut options = AuthnRequestOptions::default();
        options.relay_state = Some("a b+c&d=e/é".to_owned());
        Self { browser, variant, options, policy: Policy::new(), prompted: true }
    }
}

fn metadata_of_the_idp(peer: &Peer) -> Outcome {
    let bindings: Vec<Binding> = peer.idp.sso().iter().map(|sso| sso.binding).collect();
    for binding in [Binding::HttpRedirect, Binding::HttpPost] {
        ensure(bindings.contains(&binding), || format!("no sign-on by {binding:?}, only {bindings:?}"))?;
    }
    ensure(peer.idp.entity_id().is_some(), || "no entity ID".to_owned())?;
    ensure(!peer.idp.slo().is_empty(), || "no logout service".to_owned())
}

/// The peer tells what it has read in ours.
fn metadata_of_the_sp(peer: &Peer) -> Outcome {
    let certificate = base64_encode(service_provider::certificate().der());
    for variant in Variant::ALL {
        let sp = variant.sp();
        let path = match peer.kind {
            Kind::Samlp => "/sp",
            Kind::SimpleSamlPhp => "/sp.php",
        };
        let read = browser::read(&peer.at(path, &[("sp", &sp.entity_id)])?)?;
        let signs = (sp.sign_authn_requests == SignAuthnRequests::Always).to_string();
        let acs = sp.acs_urls().next().unwrap_or_default();
        let expected = [&sp.entity_id, acs, &signs, &certificate].join("\n");
        ensure(read == expected, || format!("{}: the peer has read {read:?}", variant.name()))?;
    }
    Ok(())
}

fn signed_response(peer: &Peer) -> Outcome {
    only(
        peer,
        Variant::SignedResponse,
        Signed::Response,
        Some((Signed::Assertion, "saml.assertion_not_signed")),
    )
}

fn signed_assertion(peer: &Peer) -> Outcome {
    only(
        peer,
        Variant::SignedAssertion,
        Signed::Assertion,
        Some((Signed::Response, "saml.response_not_signed")),
    )
}

fn signed_both(peer: &Peer) -> Outcome {
    only(peer, Variant::SignedBoth, Signed::Both, None)
}

/// Accepted where the policy asks for what is signed, refused where it asks for what is not.
fn only(peer: &Peer, variant: Variant, signed: Signed, refused: Option<(Signed, &str)>) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, variant);
    walk.policy.signed = signed;
    peer.sign_in(&mut walk)?;
    let Some((signed, code)) = refused else { return Ok(()) };
    walk.prompted = false;
    walk.policy.signed = signed;
    refused_with(code, peer.sign_in(&mut walk).map(drop))
}

fn encrypted_gcm(peer: &Peer) -> Outcome {
    let SignedIn { login, document } =
        peer.sign_in(&mut Walk::first(&mut Browser::default(), Variant::Encrypted))?;
    ensure(document.contains("EncryptedAssertion"), || "the assertion is not encrypted".to_owned())?;
    ensure(document.contains("xmlenc11#aes256-gcm"), || {
        "the content is not encrypted by AES-GCM".to_owned()
    })?;
    ensure(!notes(&login, "saml.weak_algorithm"), || "a note about a weak algorithm".to_owned())
}

fn encrypted_cbc(peer: &Peer) -> Outcome {
    let SignedIn { login, document } =
        peer.sign_in(&mut Walk::first(&mut Browser::default(), Variant::Encrypted))?;
    ensure(document.contains("EncryptedAssertion"), || "the assertion is not encrypted".to_owned())?;
    ensure(document.contains("xmlenc#aes128-cbc"), || "the content is not encrypted by AES-CBC".to_owned())?;
    ensure(notes(&login, "saml.weak_algorithm"), || "no note about AES-CBC".to_owned())
}

fn encrypted_name_id(peer: &Peer) -> Outcome {
    let mut browser = Browser::default();
    let SignedIn { login, document } =
        peer.sign_in(&mut Walk::first(&mut browser, Variant::EncryptedNameId))?;
    ensure(document.contains("EncryptedID"), || "the NameID is not encrypted".to_owned())?;
    ensure(notes(&login, "saml.weak_algorithm"), || "no note about AES-CBC".to_owned())
}

fn sha512_redirect(peer: &Peer) -> Outcome {
    sha512(peer, RequestBinding::HttpRedirect)
}

fn sha512_post(peer: &Peer) -> Outcome {
    sha512(peer, RequestBinding::HttpPost)
}

/// RSA-SHA512 in both directions.
fn sha512(peer: &Peer, binding: RequestBinding) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, Variant::Sha512);
    walk.options.binding = binding;
    let document = peer.sign_in(&mut walk)?.document;
    ensure(document.contains("xmldsig-more#rsa-sha512"), || "it is not signed with RSA-SHA512".to_owned())
}

fn notes(login: &ValidAssertion, code: &str) -> bool {
    login.notes().iter().any(|note| note.code == code)
}

fn signed_request_redirect(peer: &Peer) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, Variant::SignedRequests);
    walk.options.binding = RequestBinding::HttpRedirect;
    peer.sign_in(&mut walk).map(drop)
}

fn signed_request_post(peer: &Peer) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, Variant::SignedRequests);
    walk.options.binding = RequestBinding::HttpPost;
    peer.sign_in(&mut walk).map(drop)
}

/// The counterpart of the two above: the peer does check.
fn unsigned_request_refused_there(peer: &Peer) -> Outcome {
    let mut sp = Variant::SignedRequests.sp();
    sp.sign_authn_requests = SignAuthnRequests::WhenWanted;
    let reason = match peer.kind {
        Kind::Samlp => "message MUST be signed",
        Kind::SimpleSamlPhp => "no signature found on message",
    };
    for binding in [RequestBinding::HttpRedirect, RequestBinding::HttpPost] {
        let mut options = AuthnRequestOptions::default();
        options.binding = binding;
        let (outgoing, _) = web_sso::begin(&sp, &peer.idp, &options, &mut OsEntropy, now())?;
        let visit = Browser::default().follow(&outgoing)?;
        ensure(visit.prompts == 0, || format!("{binding:?}: a password is asked for"))?;
        match visit.end {
            End::Page { text, .. } if text.contains(reason) => {}
            End::Page { status, text, .. } => {
                return Err(format!("{binding:?}: status {status}: {}", html::text(&text)).into());
            }
            End::Redirect { url } | End::Post { url, .. } => {
                return Err(format!("{binding:?}: it ends at {url}").into());
            }
        }
    }
    Ok(())
}

fn post_request(peer: &Peer) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, Variant::SignedBoth);
    walk.options.binding = RequestBinding::HttpPost;
    peer.sign_in(&mut walk).map(drop)
}

/// A second sign-in asks for no password, a third with ForceAuthn does.
fn force_authn(peer: &Peer) -> Outcome {
    let mut browser = Browser::default();
    let mut walk = Walk::first(&mut browser, Variant::SignedBoth);
    peer.sign_in(&mut walk)?;
    walk.prompted = false;
    peer.sign_in(&mut walk)?;
    walk.prompted = true;
    walk.options.force_authn = true;
    peer.sign_in(&mut walk).map(drop)
}

/// Refused by default, with a code of its own; accepted by a policy that says so.
fn idp_initiated(peer: &Peer) -> Outcome {
    let variant = Variant::SignedBoth;
    let sp = variant.sp();
    let url = match peer.kind {
        Kind::Samlp => peer.at("/sso", &[("sp", &sp.entity_id)])?,
        Kind::SimpleSamlPhp => {
            peer.at("/simplesaml/saml2/idp/SSOService.php", &[("spentityid", &sp.entity_id)])?
        }
    };
    let (response, _) = posted_response(Browser::default().open(url)?, variant)?;
    let mut policy = Policy::new();
    let refused = web_sso::finish(&sp, &peer.idp, None, &response, &policy, now());
    refused_with("saml.idp_initiated_denied", refused.map(drop).map_err(Into::into))?;
    policy.idp_initiated = IdpInitiated::Allow;
    peer.check_ada(&web_sso::finish(&sp, &peer.idp, None, &response, &policy, now())?)
}

fn logout_by_us_redirect(peer: &Peer) -> Outcome {
    logout_by_us(peer, Variant::SignedBoth, RequestBinding::HttpRedirect)
}

fn logout_by_us_post(peer: &Peer) -> Outcome {
    logout_by_us(peer, Variant::LogoutPost, RequestBinding::HttpPost)
}

/// Our LogoutRequest ends the session there: the next sign-in asks for the password.
fn logout_by_us(peer: &Peer, variant: Variant, binding: RequestBinding) -> Outcome {
    let mut browser = Browser::default();
    let login = peer.sign_in(&mut Walk::first(&mut browser, variant))?.login;
    let (sp, session) = (variant.sp(), login.session().ok_or("no session to end")?);

    let mut options = LogoutOptions::default();
    options.binding = binding;
    options.relay_state = Some("out&about".to_owned());
    let (outgoing, pending) = logout::request(&sp, &peer.idp, &session, &options, &mut OsEntropy, now())?;
    let answer = Delivered::of(browser.follow(&outgoing)?, variant)?;
    let answer =
        logout::validate_response(&sp, &peer.idp, Some(&pending), answer.incoming(), &Policy::new(), now())?;
    ensure(answer.outcome() == LogoutOutcome::Success, || format!("the outcome is {:?}", answer.status()))?;
    ensure(answer.relay_state() == Some("out&about"), || "the RelayState did not come back".to_owned())?;
    peer.sign_in(&mut Walk::first(&mut browser, variant)).map(drop)
}

fn logout_by_the_idp_redirect(peer: &Peer) -> Outcome {
    logout_by_the_idp(peer, Variant::SignedBoth)
}

fn logout_by_the_idp_post(peer: &Peer) -> Outcome {
    logout_by_the_idp(peer, Variant::LogoutPost)
}

fn logout_by_the_idp_encrypted_name_id(peer: &Peer) -> Outcome {
    logout_by_the_idp(peer, Variant::EncryptedNameId)
}

/// Ada signs out there: its LogoutRequest names our session, our LogoutResponse lets it come to an end.
fn logout_by_the_idp(peer: &Peer, variant: Variant) -> Outcome {
    let mut browser = Browser::default();
    let login = peer.sign_in(&mut Walk::first(&mut browser, variant))?.login;
    let (sp, session) = (variant.sp(), login.session().ok_or("no session to end")?);

    let end = peer.at("/signed-out.html", &[])?;
    let start = peer.at("/simplesaml/saml2/idp/SingleLogoutService.php", &[("ReturnTo", end.as_str())])?;
    let request = Delivered::of(browser.open(start)?, variant)?;
    let request = logout::validate_request(&sp, &peer.idp, request.incoming(), &Policy::new(), now())?;
    ensure(request.matches(&session), || format!("it does not name our session: {request:?}"))?;
    let encrypted = request.notes().iter().any(|note| note.code == "saml.weak_algorithm");
    ensure(encrypted == (variant == Variant::EncryptedNameId), || "the NameID is in clear".to_owned())?;
    let other = SessionRef::new(session.idp_entity_id.clone(), other_person(&session));
    ensure(!request.matches(&other), || "it names somebody else's session".to_owned())?;

    let response = logout::response(&sp, &peer.idp, &request, LogoutStatus::Success, &mut OsEntropy, now())?;
    let Visit { end, .. } = browser.follow(&response)?;
    match end {
        End::Page { status: 200, text, .. } if text.contains("signed out") => {}
        End::Page { status, text, .. } => {
            return Err(format!("status {status}: {}", html::text(&text)).into());
        }
        End::Redirect { url } | End::Post { url, .. } => return Err(format!("it ends at {url}").into()),
    }
    peer.sign_in(&mut Walk::first(&mut browser, variant)).map(drop)
}

fn other_person(session: &SessionRef) -> admittance::saml::NameId {
    let mut name_id = session.name_id.clone();
    name_id.value.push('x');
    name_id
}

/// A logout message at our address.
enum Delivered {
    Redirect(String),
    Post(Vec<(String, String)>),
}

impl Delivered {
    fn of(visit: Visit, variant: Variant) -> Result<Self, Box<dyn Error>> {
        match visit.end {
            End::Redirect { url } if url.path().ends_with("/slo") && variant != Variant::LogoutPost => {
                Ok(Self::Redirect(url.query().unwrap_or_default().to_owned()))
            }
            End::Post { url, fields } if url.path().ends_with("/slo") && variant == Variant::LogoutPost => {
                Ok(Self::Post(fields))
            }
            End::Redirect { url } => Err(format!("redirected to {url}").into()),
            End::Post { url, .. } => Err(format!("posted to {url}").into()),
            End::Page { status, text, .. } => Err(format!("status {status}: {}", html::text(&text)).into()),
        }
    }

    fn incoming(&self) -> Incoming<'_> {
        match self {
            Self::Redirect(query) => Incoming::Redirect { query },
            Self::Post(fields) => Incoming::Post { fields },
        }
    }
}

/// The response that was posted to us, and the RelayState next to it.
fn posted_response(visit: Visit, variant: Variant) -> Result<(String, Option<String>), Box<dyn Error>> {
    match visit.end {
        End::Post { url, fields } => {
            let acs = format!("{}{}/acs", crate::OUR_BASE, variant.name());
            ensure(url.as_str() == acs, || format!("the response was posted to {url}"))?;
            let field =
                |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
            Ok((field("SAMLResponse").ok_or("no SAMLResponse")?, field("RelayState")))
        }
        End::Redirect { url } => Err(format!("redirected to {url}").into()),
        End::Page { status, text, .. } => Err(format!("status {status}: {}", html::text(&text)).into()),
    }
}

fn refused_with(code: &str, outcome: Outcome) -> Outcome {
    let error = outcome.err().ok_or_else(|| format!("accepted, where {code} is expected"))?;
    match error.downcast_ref::<admittance::saml::Error>().map(admittance::saml::Error::code) {
        Some(found) if found == code => Ok(()),
        _ => Err(format!("refused, but not as {code}: {error}").into()),
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

#[expect(clippy::disallowed_methods, reason = "the host owns the clock")]
fn now() -> Timestamp {
    SystemTime::now().into()
}
