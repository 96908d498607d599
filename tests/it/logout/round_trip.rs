//! What we send, and what we take, when nothing is wrong.

use std::sync::Arc;

use admittance::crypto::{ContentCipher, Decrypter, DecryptionKey};
use admittance::saml::bindings::{Binding, Incoming, Outgoing};
use admittance::saml::logout::{
    LogoutOptions, LogoutOutcome, LogoutReason, LogoutStatus, PendingLogout, SessionRef, request, response,
    validate_request, validate_response,
};
use admittance::saml::metadata::idp::{IdpConfig, IdpIssuer, ManualIdp};
use admittance::saml::names::status;
use admittance::saml::protocol::{AuthnRequestOptions, RequestBinding};
use admittance::saml::web_sso::{self, Policy};
use admittance::testing::saml_idp::{
    Delivery, Encryption, LogoutMessage, RedirectStyle, SamlIdp, Shape, TestKey, User,
};
use admittance::time::Timestamp;

use super::{
    Counter, ID, IDP, NAME_ID, SLO, SP, code, config_of, enveloped, form, judge_request, judge_request_by,
    judge_response, name_id, now, pending, provider, request_query, request_xml, response_xml, session,
    signed_query, sp,
};

const BINDINGS: [(Binding, RequestBinding); 2] =
    [(Binding::HttpRedirect, RequestBinding::HttpRedirect), (Binding::HttpPost, RequestBinding::HttpPost)];

#[test]
fn we_begin_months_after_the_sign_in() {
    for shape in Shape::ALL {
        for (binding, asked) in BINDINGS {
            let (sp, mut provider) = (sp(), SamlIdp::new(3).shaped(shape));
            let idp = config_of(&provider);
            let (outgoing, pending) =
                web_sso::begin(&sp, &idp, &AuthnRequestOptions::default(), &mut Counter(0), now()).unwrap();
            let authn = provider.receive(&outgoing, &sp).unwrap();
            let ada = User::new("ada", "Ada Lovelace", "ada@corp.example");
            let answer = provider.answer(&authn, &ada, now()).unwrap();
            let login = web_sso::finish(&sp, &idp, Some(&pending), &answer, &Policy::new(), now()).unwrap();
            let stored = serde_json::to_string(&login.session().unwrap()).unwrap();

            let later = Timestamp::parse("2027-03-01T12:00:00Z").unwrap().at;
            let session: SessionRef = serde_json::from_str(&stored).unwrap();
            let mut options = LogoutOptions::default();
            options.binding = asked;
            options.reason = Some(LogoutReason::User);
            options.relay_state = Some("a b&c".to_owned());
            let (outgoing, pending) = request(&sp, &idp, &session, &options, &mut Counter(0), later).unwrap();
            assert_eq!(matches!(outgoing, Outgoing::Redirect(_)), binding == Binding::HttpRedirect);

            let LogoutMessage::Request(received) = provider.receive_logout(&outgoing, &sp).unwrap() else {
                panic!("a request")
            };
            assert_eq!(Some(&received.name_id), login.name_id(), "{shape:?}");
            assert_eq!(
                received.session_indexes,
                [login.authn_statements()[0].session_index.clone().unwrap()]
            );
            assert_eq!(received.reason.as_deref(), Some("urn:oasis:names:tc:SAML:2.0:logout:user"));
            let five_minutes = std::time::Duration::from_secs(300);
            assert_eq!(received.not_on_or_after, later.checked_add(five_minutes));
            assert_eq!(received.relay_state.as_deref(), Some("a b&c"));
            assert_eq!((received.id.as_str(), pending.request_id()), (ID, ID));
            assert_eq!((pending.issued_at(), pending.idp_entity_id()), (later, shape.entity_id()));

            let stored = serde_json::to_string(&pending).unwrap();
            let pending: PendingLogout = serde_json::from_str(&stored).unwrap();
            let delivery =
                provider.answer_logout(&received, LogoutStatus::Success, &sp, binding, later).unwrap();
            let incoming = delivery.incoming();
            let answer =
                validate_response(&sp, &idp, Some(&pending), incoming, &Policy::new(), later).unwrap();
            assert_eq!(answer.outcome(), LogoutOutcome::Success);
            assert_eq!(answer.relay_state(), pending.relay_state());
            assert_eq!((answer.issuer(), answer.notes()), (shape.entity_id(), &[][..]), "{shape:?}");
        }
    }
}

#[test]
fn the_identity_provider_begins() {
    for (binding, _) in BINDINGS {
        let (sp, mut provider) = (sp(), provider());
        provider.slo_response_url = Some("https://idp.example/saml/slo/done".to_owned());
        let idp = config_of(&provider);
        let delivery = provider.begin_logout(&session(), Some("theirs"), &sp, binding, now()).unwrap();
        let request = validate_request(&sp, &idp, delivery.incoming(), &Policy::new(), now()).unwrap();
        assert_eq!((request.issuer(), request.name_id()), (IDP, &name_id()));
        assert_eq!(request.session_indexes(), ["_s1", "_s2"]);
        assert_eq!((request.relay_state(), request.issue_instant()), (Some("theirs"), now()));
        assert_eq!(request.signed_by(), TestKey::Rsa.certificate().sha256());
        assert!(request.matches(&session()));
        let replay = request.replay();
        assert_eq!((replay.issuer.as_str(), replay.request_id.as_str()), (IDP, request.id()));
        let end = now().saturating_add(std::time::Duration::from_secs(300 + 180));
        assert_eq!(replay.keep_until, Some(end));

        let statuses = [
            (LogoutStatus::Success, vec![status::SUCCESS]),
            (LogoutStatus::PartialLogout, vec![status::SUCCESS, status::PARTIAL_LOGOUT]),
            (LogoutStatus::Requester, vec![status::REQUESTER]),
            (LogoutStatus::UnknownPrincipal, vec![status::REQUESTER, status::UNKNOWN_PRINCIPAL]),
            (LogoutStatus::Responder, vec![status::RESPONDER]),
        ];
        for (status, codes) in statuses {
            let outgoing = response(&sp, &idp, &request, status, &mut Counter(9), now()).unwrap();
            assert_eq!(matches!(outgoing, Outgoing::Redirect(_)), binding == Binding::HttpRedirect);
            let LogoutMessage::Response(answer) = provider.receive_logout(&outgoing, &sp).unwrap() else {
                panic!("a response")
            };
            assert_eq!(answer.codes, codes);
            assert_eq!(answer.in_response_to.as_deref(), Some(request.id()));
            assert_eq!(answer.relay_state.as_deref(), Some("theirs"));
        }
    }
}

#[test]
fn the_name_may_be_encrypted() {
    let key = DecryptionKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap();
    let key: Arc<dyn Decrypter> = Arc::new(key);
    for (binding, _) in BINDINGS {
        for content in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
            let (sp, mut provider) = (sp().with_decrypter(key.clone()), provider());
            let mut encryption = Encryption::to(TestKey::OtherRsa.certificate());
            (encryption.name_id, encryption.content) = (true, content);
            provider.style.encryption = Some(encryption);
            let idp = config_of(&provider);
            let delivery = provider.begin_logout(&session(), None, &sp, binding, now()).unwrap();
            let judge = |sp| validate_request(sp, &idp, delivery.incoming(), &Policy::new(), now());
            let request = judge(&sp).unwrap();
            assert_eq!((request.name_id(), request.matches(&session())), (&name_id(), true));
            let weak = request.notes().iter().filter(|note| note.code == "saml.weak_algorithm").count();
            assert_eq!(weak, usize::from(!content.is_authenticated()));
            assert_eq!(code(judge(&super::sp())), "saml.no_decryption_key");
        }
    }
}

#[test]
fn the_request_byte_for_byte() {
    let (sp, idp) = (sp(), config_of(&provider()));
    let mut options = LogoutOptions::default();
    options.binding = RequestBinding::HttpPost;
    options.reason = Some(LogoutReason::Admin);
    options.expires_after_seconds = None;
    let (outgoing, _) = request(&sp, &idp, &session(), &options, &mut Counter(0), now()).unwrap();
    let Outgoing::Post(form) = outgoing else { panic!("a form") };
    assert_eq!(form.action().as_str(), "https://idp.example/saml/slo");
    let (name, value) = &form.fields()[0];
    let xml = String::from_utf8(admittance::encoding::base64_decode(value.as_bytes()).unwrap()).unwrap();
    let (start, end) = (xml.find("<ds:Signature").unwrap(), xml.find("</ds:Signature>").unwrap());
    let unsigned = [&xml[..start], &xml[end + "</ds:Signature>".len()..]].concat();
    assert_eq!((*name, form.fields().len()), ("SAMLRequest", 1));
    assert_eq!(
        unsigned,
        r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_000102030405060708090a0b0c0d0e0f" Version="2.0" IssueInstant="2026-11-22T00:01:00.000Z" Destination="https://idp.example/saml/slo" Reason="urn:oasis:names:tc:SAML:2.0:logout:admin"><saml:Issuer>https://sp.example/metadata</saml:Issuer><saml:NameID NameQualifier="https://idp.example/saml/metadata" SPNameQualifier="https://sp.example/metadata" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPProvidedID="ours">7f3a &lt;&amp;&gt; ü</saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex>_s2</samlp:SessionIndex></samlp:LogoutRequest>"#
    );
}

#[test]
fn a_status_is_data() {
    let outcomes = [
        (vec![status::SUCCESS], LogoutOutcome::Success),
        (vec![status::SUCCESS, status::PARTIAL_LOGOUT], LogoutOutcome::Partial),
        (vec![status::RESPONDER, status::PARTIAL_LOGOUT], LogoutOutcome::Partial),
        (vec![status::PARTIAL_LOGOUT], LogoutOutcome::Partial),
        (vec![status::REQUESTER, status::UNKNOWN_PRINCIPAL], LogoutOutcome::Failed),
        (vec![status::RESPONDER, status::REQUEST_DENIED], LogoutOutcome::Failed),
        (vec!["urn:example:unheard-of"], LogoutOutcome::Failed),
    ];
    for (codes, outcome) in outcomes {
        let open: String = codes.iter().map(|code| format!("<samlp:StatusCode Value=\"{code}\">")).collect();
        let close = "</samlp:StatusCode>".repeat(codes.len());
        let message = "<samlp:StatusMessage>so it is</samlp:StatusMessage>";
        let status = format!("<samlp:Status>{open}{close}{message}</samlp:Status>");
        let fields = form("SAMLResponse", &response_xml(&format!(" InResponseTo=\"{ID}\""), &status));
        let answer = judge_response(Incoming::Post { fields: &fields }).unwrap();
        assert_eq!(answer.outcome(), outcome, "{codes:?}");
        assert_eq!(answer.status().message.as_deref(), Some("so it is"));
        let seen: Vec<&str> = std::iter::once(&answer.status().code)
            .chain(&answer.status().sub_codes)
            .map(String::as_str)
            .collect();
        assert_eq!((seen, answer.status().trusted), (codes, true));
    }
}

#[test]
fn a_session_matches_exactly() {
    let request = |content: &str| {
        judge_request(Incoming::Redirect { query: &request_query(&request_xml("", content)) }).unwrap()
    };
    let name = r#"<saml:NameID Format="urn:f" NameQualifier="q" SPNameQualifier="s">ada</saml:NameID>"#;
    let mut session = SessionRef::new(IDP, name_id());
    session.name_id.value = "ada".to_owned();
    session.name_id.format = Some("urn:f".to_owned());
    session.name_id.name_qualifier = Some("q".to_owned());
    session.name_id.sp_name_qualifier = Some("s".to_owned());
    session.session_indexes = vec!["1".to_owned(), "2".to_owned()];
    let indexes = |indexes: &[&str]| {
        let elements = indexes.iter().map(|i| format!("<samlp:SessionIndex>{i}</samlp:SessionIndex>"));
        request(&format!("{name}{}", elements.collect::<String>()))
    };
    assert!(indexes(&[]).matches(&session), "no index means every session");
    assert!(indexes(&["2"]).matches(&session));
    assert!(indexes(&["0", "1"]).matches(&session));
    assert!(!indexes(&["0"]).matches(&session));
    assert!(!indexes(&["1 "]).matches(&session), "indexes are compared byte for byte");

    let all = indexes(&[]);
    let changed = |change: &dyn Fn(&mut SessionRef)| {
        let mut other = session.clone();
        change(&mut other);
        other
    };
    assert!(!all.matches(&changed(&|s| s.idp_entity_id.push('/'))));
    assert!(!all.matches(&changed(&|s| s.name_id.value = "Ada".to_owned())));
    assert!(!all.matches(&changed(&|s| s.name_id.format = None)));
    assert!(!all.matches(&changed(&|s| s.name_id.name_qualifier = None)));
    assert!(!all.matches(&changed(&|s| s.name_id.sp_name_qualifier = Some(SP.to_owned()))));
    assert!(
        all.matches(&changed(&|s| s.name_id.sp_provided_id = None)),
        "an alias of ours identifies nobody"
    );
    assert!(all.matches(&changed(&|s| s.session_indexes.clear())));
    assert!(!indexes(&["1"]).matches(&changed(&|s| s.session_indexes.clear())));
}

#[test]
fn a_long_relay_state_comes_back_as_it_came() {
    let (sp, idp) = (sp(), config_of(&provider()));
    let long = "ü".repeat(100);
    let payload = admittance::encoding::deflate(request_xml("", NAME_ID).as_bytes());
    let query = signed_query("SAMLRequest", &payload, Some(&long));
    let request = judge_request(Incoming::Redirect { query: &query }).unwrap();
    let note = &request.notes()[0];
    assert_eq!((note.code.as_str(), note.actual.as_deref()), ("saml.relay_state_long", Some("200 bytes")));
    let outgoing = response(&sp, &idp, &request, LogoutStatus::Success, &mut Counter(0), now()).unwrap();
    let LogoutMessage::Response(answer) = provider().receive_logout(&outgoing, &sp).unwrap() else {
        panic!("a response")
    };
    assert_eq!(answer.relay_state.as_deref(), Some(long.as_str()));

    let query = signed_query("SAMLRequest", &payload, Some(&"x".repeat(4097)));
    assert_eq!(code(judge_request(Incoming::Redirect { query: &query })), "saml.relay_state_too_long");
    let mut fields = form("SAMLRequest", &request_xml("", NAME_ID));
    fields.push(("RelayState".to_owned(), "x".repeat(4097)));
    assert_eq!(code(judge_request(Incoming::Post { fields: &fields })), "saml.relay_state_too_long");
}

#[test]
fn escapes_in_lower_case_and_messages_that_are_not_deflated() {
    let (sp, mut provider) = (sp(), provider());
    let idp = config_of(&provider);
    provider.style.redirects = RedirectStyle::LowerCase;
    let delivery = provider.begin_logout(&session(), Some("é"), &sp, Binding::HttpRedirect, now()).unwrap();
    let Delivery::Redirect { query } = &delivery else { panic!("a redirect") };
    assert!(query.contains("RelayState=%c3%a9"), "{query}");
    assert!(validate_request(&sp, &idp, delivery.incoming(), &Policy::new(), now()).is_ok());

    provider.style.redirects = RedirectStyle::Undeflated;
    let delivery = provider.begin_logout(&session(), None, &sp, Binding::HttpRedirect, now()).unwrap();
    let refused = validate_request(&sp, &idp, delivery.incoming(), &Policy::new(), now());
    assert_eq!(code(refused), "saml.inflate_failed");
    let mut policy = Policy::new();
    policy.undeflated_redirect = web_sso::UndeflatedRedirect::Accept;
    assert!(validate_request(&sp, &idp, delivery.incoming(), &policy, now()).is_ok());
}

#[test]
fn addresses_for_responses() {
    let status = "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>";
    let xml = response_xml(&format!(" InResponseTo=\"{ID}\""), status);
    let to_location = xml.replace("https://sp.example/slo/done", SLO);
    for xml in [xml, to_location] {
        let fields = form("SAMLResponse", &xml);
        judge_response(Incoming::Post { fields: &fields }).unwrap();
    }
    // A request never goes there.
    let fields = form("SAMLRequest", &request_xml("", NAME_ID).replace(SLO, "https://sp.example/slo/done"));
    let error = judge_request(Incoming::Post { fields: &fields }).unwrap_err();
    assert_eq!((error.code(), error.expected().as_deref()), ("saml.destination_mismatch", Some(SLO)));
}

#[test]
fn an_end_counts_with_the_difference_of_clocks() {
    for (end, accepted) in [
        ("2026-11-21T23:58:00.001Z", true),
        ("2026-11-21T23:58:00.000Z", false),
        ("2026-11-22T01:58:01+02:00", true),
        ("not a time", false),
    ] {
        let query = request_query(&request_xml(&format!(" NotOnOrAfter=\"{end}\""), NAME_ID));
        assert_eq!(judge_request(Incoming::Redirect { query: &query }).is_ok(), accepted, "{end}");
    }
    let query = request_query(&request_xml("", NAME_ID));
    let request = judge_request(Incoming::Redirect { query: &query }).unwrap();
    assert_eq!(request.replay().keep_until, None, "a request without an end never ends");
}

#[test]
fn both_signatures_of_a_redirect_must_be_valid() {
    let xml = enveloped(&request_xml("", NAME_ID));
    assert!(judge_request(Incoming::Redirect { query: &request_query(&xml) }).is_ok());
    let changed = xml.replace(">ada<", ">eve<");
    assert_eq!(
        code(judge_request(Incoming::Redirect { query: &request_query(&changed) })),
        "saml.digest_mismatch"
    );
}

#[test]
fn dates_of_the_certificate_count_where_the_policy_says_so() {
    let mut provider = provider();
    (provider.style.key, provider.published_keys) = (TestKey::ExpiredRsa, vec![TestKey::ExpiredRsa]);
    let idp = config_of(&provider);
    for (binding, _) in BINDINGS {
        let delivery = provider.begin_logout(&session(), None, &sp(), binding, now()).unwrap();
        let mut policy = Policy::new();
        let request = validate_request(&sp(), &idp, delivery.incoming(), &policy, now()).unwrap();
        assert_eq!(request.notes()[0].code, "saml.certificate_expired");
        policy.certificates = web_sso::CertificateDates::Enforce;
        let refused = validate_request(&sp(), &idp, delivery.incoming(), &policy, now());
        assert_eq!(code(refused), "saml.certificate_expired");
    }
}

#[test]
fn what_cannot_be_sent_is_a_configuration_error() {
    let (sp, idp) = (sp(), config_of(&provider()));
    let options = LogoutOptions::default();
    let ask = |sp: &_, idp: &_, session: &_, options: &_| {
        request(sp, idp, session, options, &mut Counter(0), now())
    };

    let mut without_key = admittance::saml::metadata::sp::SpConfig::new(SP, "https://sp.example/acs");
    without_key.slo = sp.slo.clone();
    assert_eq!(code(ask(&without_key, &idp, &session(), &options)), "saml.signing_key_missing");

    let mut elsewhere = session();
    elsewhere.idp_entity_id = "https://other.example/metadata".to_owned();
    assert_eq!(code(ask(&sp, &idp, &elsewhere, &options)), "saml.configuration_invalid");

    let mut long = options.clone();
    long.relay_state = Some("x".repeat(81));
    assert_eq!(code(ask(&sp, &idp, &session(), &long)), "saml.relay_state_too_long");

    let mut unwritable = session();
    unwritable.session_indexes.push("\u{0}".to_owned());
    assert_eq!(code(ask(&sp, &idp, &unwritable, &options)), "saml.output_invalid");

    let by_hand = |issuer| {
        let certificates: &[&[u8]] = &[TestKey::Rsa.certificate_pem().as_bytes()];
        let sso_binding = Binding::HttpRedirect;
        let typed = ManualIdp { issuer, sso_url: "https://idp.example/sso", sso_binding, certificates };
        let limits = admittance::limits::Limits::default();
        IdpConfig::manual(&typed, Default::default(), &limits, now()).unwrap().0
    };
    let without_logout = by_hand(IdpIssuer::Pinned(IDP.to_owned()));
    assert_eq!(code(ask(&sp, &without_logout, &session(), &options)), "saml.binding_not_offered");
    let unpinned = by_hand(IdpIssuer::IssuerUnpinned);
    assert_eq!(code(ask(&sp, &unpinned, &session(), &options)), "saml.issuer_unpinned");
    let query = request_query(&request_xml("", NAME_ID));
    let incoming = Incoming::Redirect { query: &query };
    assert_eq!(
        code(validate_request(&sp, &unpinned, incoming, &Policy::new(), now())),
        "saml.issuer_unpinned"
    );

    let theirs = judge_request_by(incoming, &Policy::new()).unwrap();
    let answer = |sp: &_, idp: &_| response(sp, idp, &theirs, LogoutStatus::Success, &mut Counter(0), now());
    assert_eq!(code(answer(&without_key, &idp)), "saml.signing_key_missing");
    assert_eq!(code(answer(&sp, &without_logout)), "saml.binding_not_offered");
    assert_eq!(code(answer(&sp, &unpinned)), "saml.configuration_invalid");
}

#[test]
fn an_answer_is_for_one_request_to_one_identity_provider() {
    let status = "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>";
    let (sp, idp, policy) = (sp(), config_of(&provider()), Policy::new());
    let judge = |xml: &str, pending: Option<&PendingLogout>| {
        let fields = form("SAMLResponse", xml);
        validate_response(&sp, &idp, pending, Incoming::Post { fields: &fields }, &policy, now())
    };
    let xml = response_xml(&format!(" InResponseTo=\"{ID}\""), status);
    judge(&xml, Some(&pending(ID))).unwrap();
    let mismatch = "saml.in_response_to_mismatch";
    assert_eq!(code(judge(&xml, None)), mismatch);
    assert_eq!(code(judge(&xml, Some(&pending("_another")))), mismatch);
    assert_eq!(code(judge(&response_xml("", status), Some(&pending(ID)))), mismatch);
    assert_eq!(code(judge(&response_xml(" InResponseTo=\"\"", status), Some(&pending(ID)))), mismatch);
    assert_eq!(code(judge(&response_xml(" InResponseTo=\"\"", status), Some(&pending("")))), mismatch);
    let stored = serde_json::to_string(&pending(ID)).unwrap().replace(IDP, "https://other.example/metadata");
    let of_another: PendingLogout = serde_json::from_str(&stored).unwrap();
    assert_eq!(code(judge(&xml, Some(&of_another))), mismatch);
}
