//! Logout messages (saml.md §2.4 #1 to #6, §5, §6).

use admittance::{
    encoding::base64_encode,
    saml::{
        NameId,
        bindings::{Binding, Endpoint},
        logout::{LogoutStatus, SessionRef},
        metadata::sp::SpConfig,
        names::{name_id_format, status},
    },
    testing::saml_idp::{Delivery, LogoutFault, LogoutRequest, SamlIdp, TestKey},
    xmldsig::{self, Placement, Signing},
};
use serde_json::{Value, json};

use super::forge::{
    ADA, EVE, EVIL_ID, REQUEST_ID, SP, attribute, behind_issuer, now, provider, swap, swap_first, text,
    unsigned_element, with, with_attribute, without, without_attribute,
};
use super::{Message, Vector, accept, reject};

const SLO: &str = "https://sp.example/saml/slo";

pub(super) fn vectors() -> Vec<Vector> {
    [wrapping(), forms(), rules()].into_iter().flatten().collect()
}

/// Each takes the place of what is signed.
fn wrapping() -> Vec<Vector> {
    let request = posted(&request_draft());
    let response = posted(&response_draft());
    let forged_request = forged(&request).replace(ADA, EVE);
    let forged_response = forged(&response).replace(status::RESPONDER, status::SUCCESS);
    let extensions = |what: &str| format!("<samlp:Extensions>{what}</samlp:Extensions>");
    let signature = |xml: &str| xml[super::forge::range(xml, "Signature")].to_owned();
    let object = |xml: &str| {
        let original = unsigned_element(xml);
        signature(xml)
            .replace("</ds:Signature>", &format!("<ds:Object>{original}</ds:Object></ds:Signature>"))
    };
    let post = |name: &str, code: &'static str, shows: &'static str, xml: String| {
        reject(name, code, shows, xml).twin("logout_post_not_deflated").logout()
    };
    vec![
        post(
            "xsw_logout_request_in_extensions",
            "saml.signature_misplaced",
            "the signed request stands in the Extensions of a forged one",
            behind_issuer(&forged_request, &extensions(&request)),
        ),
        post(
            "xsw_logout_request_in_object",
            "saml.signature_shape",
            "the original stands in an Object of its Signature, which a forged request carries",
            behind_issuer(&forged_request, &object(&request)),
        ),
        post(
            "xsw_logout_request_signature_moved",
            "saml.reference_uri",
            "a forged request carries the Signature, the original stands in its Extensions",
            behind_issuer(
                &forged_request,
                &format!("{}{}", signature(&request), extensions(&unsigned_element(&request))),
            ),
        ),
        post(
            "xsw_logout_request_same_id",
            "saml.duplicate_id",
            "a forged request carries Signature and ID, the original stands in its Extensions",
            behind_issuer(
                &forged_request.replace(EVIL_ID, attribute(&request, "", "ID")),
                &format!("{}{}", signature(&request), extensions(&unsigned_element(&request))),
            ),
        ),
        post(
            "xsw_logout_request_as_child",
            "saml.schema_violation",
            "the signed request stands behind the NameID of a forged one",
            forged_request.replace("</samlp:LogoutRequest>", &format!("{request}</samlp:LogoutRequest>")),
        ),
        post(
            "xsw_logout_response_in_extensions",
            "saml.signature_misplaced",
            "the signed response stands in the Extensions of a forged one",
            behind_issuer(&forged_response, &extensions(&response)),
        )
        .twin("twin_logout_response")
        .outstanding(),
        post(
            "xsw_logout_response_in_object",
            "saml.signature_shape",
            "the original stands in an Object of its Signature, which a forged response carries",
            behind_issuer(&forged_response, &object(&response)),
        )
        .twin("twin_logout_response")
        .outstanding(),
        post(
            "xsw_logout_response_in_status_detail",
            "saml.signature_misplaced",
            "the signed response stands in the StatusDetail of a forged one",
            swap(
                &forged_response,
                "</samlp:Status>",
                &format!("<samlp:StatusDetail>{response}</samlp:StatusDetail></samlp:Status>"),
            ),
        )
        .twin("twin_logout_response")
        .outstanding(),
    ]
}

/// 2.4 #1 to #6.
fn rules() -> Vec<Vector> {
    let request = request_draft();
    let response = response_draft();
    let on_request =
        |name: &str, rule: &'static str, code: &'static str, shows: &'static str, draft: String| {
            reject(name, code, shows, posted(&draft)).rule(rule).twin("logout_post_not_deflated").logout()
        };
    let on_response =
        |name: &str, rule: &'static str, code: &'static str, shows: &'static str, draft: String| {
            let vector = reject(name, code, shows, posted(&draft)).rule(rule);
            vector.twin("twin_logout_response").logout().outstanding()
        };
    let fault = |fault: LogoutFault| {
        let mut provider = provider();
        provider.logout_fault = Some(fault);
        message_of(begun(&mut provider, Binding::HttpPost))
    };
    vec![
        reject(
            "rule_logout_root",
            "saml.unexpected_root",
            "another request, for the same service provider",
            posted(&request.replace("LogoutRequest", "ManageNameIDRequest")),
        )
        .rule("2.4 #1")
        .twin("logout_post_not_deflated")
        .logout(),
        reject("rule_logout_version", "saml.version_unsupported", "SAML 1.1", fault(LogoutFault::Version))
            .rule("2.4 #1")
            .twin("logout_post_not_deflated")
            .logout(),
        on_request(
            "rule_logout_children",
            "2.4 #1",
            "saml.schema_violation",
            "an element between Issuer and NameID",
            behind_issuer(&request, "<saml:Subject/>"),
        ),
        reject("rule_logout_unsigned", "saml.signature_missing", "not signed", request.clone())
            .rule("2.4 #2")
            .twin("logout_post_not_deflated")
            .logout(),
        reject(
            "rule_logout_changed",
            "saml.digest_mismatch",
            "the NameID was changed after signing",
            swap(&posted(&request), ADA, EVE),
        )
        .rule("2.4 #2")
        .twin("logout_post_not_deflated")
        .logout(),
        on_request(
            "rule_logout_issuer",
            "2.4 #3",
            "saml.issuer_mismatch",
            "another Issuer",
            swap_first(
                &request,
                "https://idp.example/saml/metadata</",
                "https://idp.example/saml/metadata/</",
            ),
        ),
        on_request(
            "rule_logout_no_issuer",
            "2.4 #3",
            "saml.issuer_mismatch",
            "no Issuer",
            with(&request, "Issuer", "<samlp:Extensions/>"),
        ),
        on_request(
            "rule_logout_destination",
            "2.4 #3",
            "saml.destination_mismatch",
            "another address",
            with_attribute(&request, "", "Destination", "https://sp.example/saml/slo/"),
        ),
        on_request(
            "rule_logout_no_destination",
            "2.4 #3",
            "saml.destination_missing",
            "no Destination",
            without_attribute(&request, "", "Destination"),
        ),
        on_request(
            "rule_logout_expired",
            "2.4 #4",
            "saml.logout_expired",
            "past its end by the allowed difference of clocks",
            with_attribute(&request, "", "NotOnOrAfter", "2026-11-21T23:58:00Z"),
        ),
        on_request(
            "rule_logout_no_name_id",
            "2.4 #5",
            "saml.name_id_missing",
            "nobody is named",
            without(&request, "NameID"),
        ),
        on_request(
            "rule_logout_two_name_ids",
            "2.4 #5",
            "saml.name_id_invalid",
            "two persons are named",
            request.replace("<samlp:SessionIndex>", "<saml:NameID>eve</saml:NameID><samlp:SessionIndex>"),
        ),
        on_response(
            "rule_logout_in_response_to",
            "2.4 #6",
            "saml.in_response_to_mismatch",
            "answers another request",
            with_attribute(&response, "", "InResponseTo", "_other"),
        ),
        on_response(
            "rule_logout_no_in_response_to",
            "2.4 #6",
            "saml.in_response_to_mismatch",
            "answers no request",
            without_attribute(&response, "", "InResponseTo"),
        ),
        reject(
            "rule_logout_not_outstanding",
            "saml.in_response_to_mismatch",
            "no request is outstanding",
            posted(&response),
        )
        .rule("2.4 #6")
        .twin("twin_logout_response")
        .logout(),
        on_response(
            "rule_logout_no_status",
            "2.4 #6",
            "saml.status_missing",
            "no status",
            without(&response, "Status"),
        ),
    ]
}

/// A form is never deflated.
fn forms() -> Vec<Vector> {
    vec![
        accept("logout_post_not_deflated", "a posted request is base64 of XML", posted(&request_draft()))
            .report(json!({"logout": {"message": "request", "name_id": ADA, "session_indexes": ["_s1"]}}))
            .logout(),
        accept("twin_logout_response", "a signed response, whose status is data", posted(&response_draft()))
            .report(json!({"logout": {"message": "response", "status": status::RESPONDER}}))
            .logout()
            .outstanding(),
    ]
}

impl Vector {
    /// A logout message instead of a response; posted, unless [`query`](Self::query) says otherwise.
    fn logout(self) -> Self {
        let sp = json!({"entity_id": SP, "slo_url": SLO, "acs_url": null});
        self.case(json!({"kind": "saml_logout", "sp": sp, "request_id": null}))
    }

    /// A message in a query.
    pub(super) fn query(mut self, query: String) -> Self {
        self.message = Message::Query(query);
        self.logout()
    }

    /// The service provider has begun, and waits for the answer.
    fn outstanding(self) -> Self {
        self.case(json!({"request_id": REQUEST_ID}))
    }
}

/// The member `message` of a case, for a message that is posted.
pub(super) fn posted_message(xml: &[u8]) -> Value {
    let is_response = String::from_utf8_lossy(xml).contains("LogoutResponse ");
    let parameter = if is_response { "SAMLResponse" } else { "SAMLRequest" };
    json!({"post": {parameter: base64_encode(xml)}})
}

/// A good request of the identity provider, not signed.
pub(super) fn request_draft() -> String {
    unsigned_element(&message_of(begun(&mut provider(), Binding::HttpPost)))
}

/// A good response of the identity provider, which says that it could not log out.
pub(super) fn response_draft() -> String {
    let mut provider = provider();
    let mut request = LogoutRequest::new(REQUEST_ID, session().name_id);
    request.session_indexes = session().session_indexes;
    let responder = LogoutStatus::Responder;
    let delivery = provider.answer_logout(&request, responder, &sp(), Binding::HttpPost, now());
    unsigned_element(&message_of(delivery.unwrap()))
}

fn begun(provider: &mut SamlIdp, binding: Binding) -> Delivery {
    provider.begin_logout(&session(), None, &sp(), binding, now()).unwrap()
}

pub(super) fn redirected(mut provider: SamlIdp) -> String {
    match begun(&mut provider, Binding::HttpRedirect) {
        Delivery::Redirect { query } => query,
        Delivery::Post { .. } => panic!("a redirect"),
    }
}

fn message_of(delivery: Delivery) -> String {
    match delivery {
        Delivery::Post { fields } => {
            text(admittance::encoding::base64_decode(fields[0].1.as_bytes()).unwrap())
        }
        Delivery::Redirect { .. } => panic!("a form"),
    }
}

fn sp() -> SpConfig {
    let mut sp = SpConfig::new(SP, super::forge::ACS);
    let endpoint = |binding| Endpoint { binding, location: SLO.to_owned(), response_location: None };
    sp.slo = [Binding::HttpRedirect, Binding::HttpPost].map(endpoint).to_vec();
    sp
}

fn session() -> SessionRef {
    let name_id = NameId {
        value: ADA.to_owned(),
        format: Some(name_id_format::EMAIL_ADDRESS.to_owned()),
        name_qualifier: None,
        sp_name_qualifier: None,
        sp_provided_id: None,
    };
    let mut session = SessionRef::new(provider().entity_id, name_id);
    session.session_indexes = vec!["_s1".to_owned()];
    session
}

/// The attacker's copy: another ID, no signature.
fn forged(xml: &str) -> String {
    unsigned_element(xml).replace(attribute(xml, "", "ID"), EVIL_ID)
}

/// Signs a message as the identity provider does.
pub(super) fn posted(draft: &str) -> String {
    let key = TestKey::Rsa.signing_key();
    let signing = Signing {
        id: attribute(draft, "", "ID"),
        placement: Placement::AfterFirstChild,
        key,
        algorithm: key.default_algorithm(),
        certificate: Some(TestKey::Rsa.certificate()),
        prefix_list: &[],
    };
    text(xmldsig::sign(draft.as_bytes().to_vec(), &signing).unwrap())
}
