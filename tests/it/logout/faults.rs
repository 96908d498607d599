//! Each rule of 2.4 #1–#6, broken alone.

use admittance::saml::bindings::{Binding, Incoming};
use admittance::saml::logout::LogoutStatus;
use admittance::testing::saml_idp::{LogoutFault, LogoutMessage, SamlIdp, Shape};

use super::{
    Counter, NAME_ID, code, config_of, form, judge_request, judge_request_by, judge_response, now,
    request_query, request_xml, session, sp, unsigned_form,
};
use admittance::saml::logout::{LogoutOptions, request, validate_request, validate_response};
use admittance::saml::web_sso::{Policy, Trim};

const BINDINGS: [Binding; 2] = [Binding::HttpRedirect, Binding::HttpPost];

#[test]
fn every_fault_of_a_request_has_its_code() {
    for (binding, fault) in
        BINDINGS.into_iter().flat_map(|b| LogoutFault::OF_REQUESTS.map(|fault| (b, fault)))
    {
        let mut provider = SamlIdp::new(4);
        let idp = config_of(&provider);
        provider.logout_fault = Some(fault);
        let delivery = provider.begin_logout(&session(), Some("r"), &sp(), binding, now()).unwrap();
        let outcome = validate_request(&sp(), &idp, delivery.incoming(), &Policy::new(), now());
        assert_eq!(code(outcome), fault.code(binding), "{binding:?} {fault:?}");
        provider.logout_fault = None;
        let delivery = provider.begin_logout(&session(), Some("r"), &sp(), binding, now()).unwrap();
        assert!(validate_request(&sp(), &idp, delivery.incoming(), &Policy::new(), now()).is_ok());
    }
}

#[test]
fn every_fault_of_a_response_has_its_code() {
    for (binding, fault) in
        BINDINGS.into_iter().flat_map(|b| LogoutFault::OF_RESPONSES.map(|fault| (b, fault)))
    {
        let (sp, mut provider) = (sp(), SamlIdp::new(5).shaped(Shape::Keycloak));
        let idp = config_of(&provider);
        let mut session = session();
        session.idp_entity_id = Shape::Keycloak.entity_id().to_owned();
        let (outgoing, pending) =
            request(&sp, &idp, &session, &LogoutOptions::default(), &mut Counter(0), now()).unwrap();
        let LogoutMessage::Request(received) = provider.receive_logout(&outgoing, &sp).unwrap() else {
            panic!("a request")
        };
        provider.logout_fault = Some(fault);
        let delivery = provider.answer_logout(&received, LogoutStatus::Success, &sp, binding, now()).unwrap();
        let outcome =
            validate_response(&sp, &idp, Some(&pending), delivery.incoming(), &Policy::new(), now());
        assert_eq!(code(outcome), fault.code(binding), "{binding:?} {fault:?}");
    }
}

#[test]
fn the_strict_profile_holds_for_logout() {
    let xml = request_xml("", NAME_ID);
    let broken = [
        (xml.replace("<saml:NameID>", "<saml:NameID><!-- -->"), "saml.xml_comment"),
        (xml.replace("<saml:NameID>", "<?p?><saml:NameID>"), "saml.xml_processing_instruction"),
        (format!("<!DOCTYPE r>{xml}"), "saml.xml_dtd"),
        (xml.replace("</saml:Issuer>", "</saml:issuer>"), "saml.xml_malformed"),
        (xml.replace("saml:NameID", "x:NameID"), "saml.xml_namespace"),
        (xml.replace("<saml:NameID>", "<saml:NameID ID=\"_r1\">"), "saml.duplicate_id"),
        (xml.replace("samlp:LogoutRequest", "samlp:LogoutResponse"), "saml.unexpected_root"),
        (xml.replace("samlp:LogoutRequest", "saml:LogoutRequest"), "saml.unexpected_root"),
        (xml.replace(" ID=\"_r1\"", ""), "saml.id_missing"),
        (xml.replace(" IssueInstant=\"2026-11-22T00:01:00Z\"", ""), "saml.time_invalid"),
        (xml.replace("Version=\"2.0\"", "Version=\"2.1\""), "saml.version_unsupported"),
        (
            xml.replace("Destination=\"https://sp.example/slo\"", "Destination=\"\""),
            "saml.destination_missing",
        ),
        (xml.replace("slo\"", "slo/\""), "saml.destination_mismatch"),
        (xml.replace("<saml:Issuer>", "<saml:Issuer Format=\"urn:x\">"), "saml.issuer_mismatch"),
        (xml.replace("<saml:NameID>", "x<saml:NameID>"), "saml.schema_violation"),
        (xml.replace("<saml:NameID>", "<saml:Subject/><saml:NameID>"), "saml.schema_violation"),
        (
            xml.replace(
                "<saml:NameID>",
                "<samlp:Extensions><saml:Assertion/></samlp:Extensions><saml:NameID>",
            ),
            "saml.assertion_misplaced",
        ),
    ];
    for (xml, expected) in broken {
        let query = request_query(&xml);
        assert_eq!(code(judge_request(Incoming::Redirect { query: &query })), expected, "{xml}");
    }
}

#[test]
fn one_name_in_clear() {
    let judge = |content: &str| {
        let fields = form("SAMLRequest", &request_xml("", content));
        judge_request(Incoming::Post { fields: &fields })
    };
    assert_eq!(code(judge("")), "saml.name_id_missing");
    assert_eq!(code(judge("<samlp:SessionIndex>1</samlp:SessionIndex>")), "saml.name_id_missing");
    assert_eq!(code(judge("<saml:BaseID/>")), "saml.name_id_missing");
    assert_eq!(code(judge(&NAME_ID.repeat(2))), "saml.name_id_invalid");
    assert_eq!(code(judge("<saml:NameID/>")), "saml.name_id_invalid");
    assert_eq!(
        code(judge(&format!("<saml:NameID>{}</saml:NameID>", "x".repeat(4097)))),
        "saml.name_id_invalid"
    );
    assert_eq!(code(judge("<saml:EncryptedID/>")), "saml.no_decryption_key");

    // White space belongs to the name, unless the policy says otherwise.
    let spaced = "<saml:NameID> ada\n</saml:NameID>";
    assert_eq!(judge(spaced).unwrap().name_id().value, " ada\n");
    let mut policy = Policy::new();
    policy.trim = Trim::NamesAndValues;
    let query = request_query(&request_xml("", spaced));
    let request = judge_request_by(Incoming::Redirect { query: &query }, &policy).unwrap();
    assert_eq!(
        (request.name_id().value.as_str(), request.notes()[0].code.as_str()),
        ("ada", "saml.text_trimmed")
    );
}

#[test]
fn fields_of_a_form() {
    let message = &form("SAMLRequest", &request_xml("", NAME_ID))[0].1;
    let judge = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        judge_request(Incoming::Post { fields: &fields })
    };
    assert_eq!(judge(&[("x", "1"), ("SAMLRequest", message), ("x", "2")]).unwrap().name_id().value, "ada");
    let refused: [&[(&str, &str)]; 6] = [
        &[],
        &[("x", message)],
        &[("SAMLRequest", message), ("SAMLRequest", message)],
        &[("SAMLRequest", message), ("SAMLResponse", message)],
        &[("SAMLResponse", message)],
        &[("SAMLRequest", message), ("RelayState", "a"), ("RelayState", "a")],
    ];
    for fields in refused {
        assert_eq!(code(judge(fields)), "saml.post_parameters");
    }
    let deflated = admittance::encoding::deflate(request_xml("", NAME_ID).as_bytes());
    let fields = [("SAMLRequest".to_owned(), admittance::encoding::base64_encode(&deflated))];
    assert_eq!(code(judge_request(Incoming::Post { fields: &fields })), "saml.base64_invalid");
    assert_eq!(code(judge(&[("SAMLRequest", "A")])), "saml.base64_invalid");
    let fields = unsigned_form("SAMLResponse", &request_xml("", NAME_ID));
    assert_eq!(code(judge_response(Incoming::Post { fields: &fields })), "saml.unexpected_root");
}
