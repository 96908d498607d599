//! `web_sso::begin`: the request in each binding, its options, its signature, and what is kept.

use std::borrow::Cow;
use std::fs;

use admittance::crypto::{Certificate, DigestAlgorithm, Legacy, SignatureAlgorithm, SigningKey, TrustedKeys};
use admittance::encoding::{base64_decode, inflate};
use admittance::endpoint::UrlPolicy;
use admittance::entropy::{Entropy, EntropyError};
use admittance::limits::{Budget, Limits, XmlLimits};
use admittance::saml::bindings::{Binding, Outgoing, PostForm};
use admittance::saml::metadata::idp::{IdpConfig, IdpIssuer, ManualIdp, ParseOptions, parse};
use admittance::saml::metadata::sp::{
    AcsBinding, AcsEndpoint, AttributeConsumingService, Localized, RequestedAttribute, RsaDigest,
    SignAuthnRequests, SpConfig,
};
use admittance::saml::names;
use admittance::saml::protocol::{
    AcsChoice, AuthnContextComparison, AuthnRequestOptions, IdpEntry, NameIdPolicy, RequestBinding,
    RequestedAuthnContext, Scoping,
};
use admittance::saml::web_sso::{Pending, begin};
use admittance::saml::{Error, NameId};
use admittance::time::Timestamp;
use admittance::xml::{self, Profile, Read};
use admittance::xmldsig::{self, SignaturePolicy};
use url::Url;

const ID: &str = "_000102030405060708090a0b0c0d0e0f";

#[test]
fn a_redirect_by_default() {
    let (outgoing, pending) = begun(&sp(), &idp(), &AuthnRequestOptions::default()).unwrap();
    let url = redirect(outgoing);
    assert!(url.as_str().starts_with("https://idp.example/sso?SAMLRequest="), "{url}");
    assert_eq!(parameters(&url).len(), 1, "no RelayState, no signature: {url}");
    assert_eq!(
        message(&url),
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_000102030405060708090a0b0c0d0e0f" Version="2.0" IssueInstant="2026-11-22T00:01:00.000Z" Destination="https://idp.example/sso" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" AssertionConsumerServiceURL="https://sp.example/acs"><saml:Issuer>https://sp.example/metadata</saml:Issuer><samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>"#
    );
    assert_eq!(pending.request_id(), ID);
    assert_eq!(pending.issued_at(), now());
    assert_eq!(pending.acs_url(), "https://sp.example/acs");
    assert_eq!(pending.idp_entity_id(), Some("https://idp.example/metadata"));
    assert_eq!((pending.force_authn(), pending.max_authn_age()), (false, None));
    assert_eq!((pending.relay_state(), pending.return_to()), (None, None));
    assert_eq!(pending.requested_authn_context(), None);
}

#[test]
fn the_query_is_signed_exactly_as_sent() {
    let digests = [
        (RsaDigest::Sha256, DigestAlgorithm::Sha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        (RsaDigest::Sha384, DigestAlgorithm::Sha384, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
        (RsaDigest::Sha512, DigestAlgorithm::Sha512, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
    ];
    for (rsa_digest, digest, uri) in digests {
        let mut sp = sp().with_signing_key(signing_key("rsa2048"));
        sp.rsa_digest = rsa_digest;
        signed_redirect(sp, SignatureAlgorithm::RsaPkcs1(digest), uri, "rsa2048");
    }
    for (key, digest, uri) in [
        ("p256", DigestAlgorithm::Sha256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        ("p384", DigestAlgorithm::Sha384, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    ] {
        let sp = sp().with_signing_key(signing_key(key));
        signed_redirect(sp, SignatureAlgorithm::Ecdsa(digest), uri, key);
    }
}

fn signed_redirect(mut sp: SpConfig, algorithm: SignatureAlgorithm, uri: &str, key: &str) {
    sp.sign_authn_requests = SignAuthnRequests::Always;
    // An endpoint with a query of its own, which is not signed, and a RelayState that needs every kind of escape.
    let idp = manual("https://idp.example/sso?idpid=C0%2f3&x=", Binding::HttpRedirect);
    let mut options = AuthnRequestOptions::default();
    options.relay_state = Some("a b+c/ü&SigAlg=none#?".to_owned());
    let url = redirect(begun(&sp, &idp, &options).unwrap().0);
    let query = url.query().unwrap();

    let own = query.strip_prefix("idpid=C0%2f3&x=&").expect("the endpoint's own parameters first, unchanged");
    let (signed, signature) = own.split_once("&Signature=").unwrap();
    let names: Vec<_> = signed.split('&').map(|parameter| parameter.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg"], "the order of Bindings 3.4.4.1");
    let signature =
        admittance::encoding::percent_decode(signature.as_bytes(), admittance::encoding::Plus::Literal);
    let signature = base64_decode(&signature.unwrap()).unwrap();
    let public_key = signing_key(key).public_key().clone();
    public_key.verify(algorithm, Legacy::Refuse, signed.as_bytes(), &signature).unwrap();

    let sent: Vec<_> = parameters(&url);
    assert_eq!(sent[3], ("RelayState".to_owned(), "a b+c/ü&SigAlg=none#?".to_owned()));
    assert_eq!(sent[4], ("SigAlg".to_owned(), uri.to_owned()));
    assert!(!sent[2].1.contains(['\r', '\n']), "base64 in one line");
    assert!(!message(&url).contains("Signature"), "no signature within the message");
}

#[test]
fn a_posted_request_is_signed_behind_its_issuer() {
    for key in ["rsa2048", "p256", "p384"] {
        let mut sp = sp().with_signing_key(signing_key(key));
        sp.signing_certificates = vec![certificate(key)];
        sp.sign_authn_requests = SignAuthnRequests::Always;
        let mut options = AuthnRequestOptions::default();
        options.relay_state = Some("state".to_owned());
        options.subject = Some(name_id());
        let form =
            post(begun(&sp, &manual("https://idp.example/sso", Binding::HttpPost), &options).unwrap().0);
        assert_eq!(form.action().as_str(), "https://idp.example/sso");
        assert_eq!(
            form.fields().iter().map(|field| field.0).collect::<Vec<_>>(),
            ["SAMLRequest", "RelayState"]
        );
        assert_eq!(form.fields()[1].1, "state");

        let bytes = base64_decode(form.fields()[0].1.as_bytes()).unwrap();
        let document = xml::parse(bytes, Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new()).unwrap();
        let children: Vec<_> = document.root().children().map(Read::local_name).collect();
        assert_eq!(children, ["Issuer", "Signature", "Subject", "NameIDPolicy"]);
        let keys = TrustedKeys::from(certificate(key));
        let policy = SignaturePolicy { legacy: Legacy::Refuse };
        let verified =
            xmldsig::verify(document.root(), &keys, policy, &Limits::default(), &mut Budget::new()).unwrap();
        assert_eq!(verified.unwrap().element.attribute("ID"), Some(ID));
    }
}

#[test]
fn who_decides_that_a_request_is_signed() {
    let wants = idp_from_metadata("metadata_everything");
    assert!(wants.want_authn_requests_signed());
    let is_signed = |sp: &SpConfig, idp: &IdpConfig| {
        begun(sp, idp, &AuthnRequestOptions::default())
            .map(|(outgoing, _)| parameters(&redirect(outgoing)).iter().any(|(name, _)| name == "Signature"))
    };
    let with_key = sp().with_signing_key(signing_key("p256"));
    let mut always = with_key.clone();
    always.sign_authn_requests = SignAuthnRequests::Always;
    assert_eq!(is_signed(&with_key, &idp()), Ok(false));
    assert_eq!(is_signed(&with_key, &wants), Ok(true));
    assert_eq!(is_signed(&always, &idp()), Ok(true));
    assert_eq!(is_signed(&sp(), &idp()), Ok(false));
    assert_eq!(is_signed(&sp(), &wants).unwrap_err().code(), "saml.signing_key_missing");
    let mut without_key = sp();
    without_key.sign_authn_requests = SignAuthnRequests::Always;
    assert_eq!(is_signed(&without_key, &idp()).unwrap_err().code(), "saml.signing_key_missing");
}

#[test]
fn every_option_has_its_place() {
    let mut sp = sp();
    sp.attribute_consuming_services = vec![AttributeConsumingService {
        index: 3,
        names: vec![Localized { lang: "en".to_owned(), value: "Profile".to_owned() }],
        descriptions: vec![],
        requested_attributes: vec![RequestedAttribute {
            name: "email".to_owned(),
            name_format: None,
            friendly_name: None,
            is_required: true,
        }],
    }];
    let mut options = AuthnRequestOptions::default();
    options.acs = AcsChoice::UrlOf(4);
    options.name_id_policy = NameIdPolicy::Ask {
        format: Some(names::name_id_format::PERSISTENT.to_owned()),
        allow_create: false,
        sp_name_qualifier: Some("https://group.example".to_owned()),
    };
    options.force_authn = true;
    options.is_passive = true;
    options.requested_authn_context = Some(RequestedAuthnContext {
        comparison: AuthnContextComparison::Minimum,
        class_refs: vec![names::authn_context::X509.to_owned(), names::authn_context::PASSWORD.to_owned()],
    });
    options.scoping = Some(Scoping {
        proxy_count: Some(2),
        idp_list: vec![IdpEntry {
            provider_id: "https://idp.example/metadata".to_owned(),
            name: Some("An <IdP>".to_owned()),
            loc: Some("https://idp.example/sso".to_owned()),
        }],
        get_complete: Some("https://sp.example/list".to_owned()),
        requester_ids: vec!["https://other.example".to_owned()],
    });
    options.provider_name = Some("Example & Sons".to_owned());
    options.subject = Some(name_id());
    options.attribute_consuming_service_index = Some(3);
    options.relay_state = Some("r".repeat(80));
    options.return_to = Some("/issues?a=1".to_owned());
    options.max_authn_age_seconds = Some(300);
    let (outgoing, pending) = begun(&sp, &idp(), &options).unwrap();
    let message = message(&redirect(outgoing));
    let document = roxmltree::Document::parse(&message).unwrap();
    let root = document.root_element();
    let attributes: Vec<_> = root.attributes().map(|a| (a.name(), a.value())).collect();
    assert_eq!(
        attributes[4..],
        [
            ("ForceAuthn", "true"),
            ("IsPassive", "true"),
            ("ProtocolBinding", names::binding::HTTP_ARTIFACT),
            ("AssertionConsumerServiceURL", "https://sp.example/artifact"),
            ("AttributeConsumingServiceIndex", "3"),
            ("ProviderName", "Example & Sons"),
        ]
    );
    let (_, content) = message.split_once("</saml:Issuer>").unwrap();
    assert_eq!(
        content,
        "<saml:Subject><saml:NameID NameQualifier=\"q\" Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">\
         ada@example.com</saml:NameID></saml:Subject>\
         <samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" \
         SPNameQualifier=\"https://group.example\" AllowCreate=\"false\"/>\
         <samlp:RequestedAuthnContext Comparison=\"minimum\">\
         <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef>\
         <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>\
         </samlp:RequestedAuthnContext>\
         <samlp:Scoping ProxyCount=\"2\"><samlp:IDPList>\
         <samlp:IDPEntry ProviderID=\"https://idp.example/metadata\" Name=\"An &lt;IdP&gt;\" \
         Loc=\"https://idp.example/sso\"/>\
         <samlp:GetComplete>https://sp.example/list</samlp:GetComplete></samlp:IDPList>\
         <samlp:RequesterID>https://other.example</samlp:RequesterID></samlp:Scoping></samlp:AuthnRequest>"
    );
    assert_eq!(pending.acs_url(), "https://sp.example/artifact");
    assert_eq!(pending.requested_authn_context(), options.requested_authn_context.as_ref());
    assert!(pending.force_authn());
    assert_eq!(pending.max_authn_age().unwrap().as_secs(), 300);
    assert_eq!(pending.relay_state(), options.relay_state.as_deref());
    assert_eq!(pending.return_to(), Some("/issues?a=1"));
}

#[test]
fn an_index_stands_for_address_and_binding() {
    let mut options = AuthnRequestOptions::default();
    options.acs = AcsChoice::Index(4);
    options.name_id_policy = NameIdPolicy::Omit;
    let (outgoing, pending) = begun(&sp(), &idp(), &options).unwrap();
    let message = message(&redirect(outgoing));
    assert!(message.contains(r#" AssertionConsumerServiceIndex="4">"#), "{message}");
    for absent in ["ProtocolBinding", "AssertionConsumerServiceURL", "NameIDPolicy"] {
        assert!(!message.contains(absent), "{message}");
    }
    assert_eq!(pending.acs_url(), "https://sp.example/artifact");
}

#[test]
fn what_does_not_fit_is_refused() {
    type Change = (&'static str, fn(&mut AuthnRequestOptions));
    let changes: &[Change] = &[
        ("saml.configuration_invalid", |options| options.acs = AcsChoice::Index(9)),
        ("saml.configuration_invalid", |options| options.acs = AcsChoice::UrlOf(9)),
        ("saml.configuration_invalid", |options| options.attribute_consuming_service_index = Some(3)),
        ("saml.configuration_invalid", |options| {
            let comparison = AuthnContextComparison::Exact;
            options.requested_authn_context = Some(RequestedAuthnContext { comparison, class_refs: vec![] });
        }),
        ("saml.configuration_invalid", |options| options.relay_state = Some("a\nb".to_owned())),
        ("saml.relay_state_too_long", |options| options.relay_state = Some("r".repeat(81))),
        ("saml.binding_not_offered", |options| options.binding = RequestBinding::HttpPost),
        ("saml.output_invalid", |options| options.provider_name = Some("a\u{1}".to_owned())),
    ];
    for (code, change) in changes {
        let mut options = AuthnRequestOptions::default();
        change(&mut options);
        assert_eq!(begun(&sp(), &idp(), &options).unwrap_err().code(), *code, "{options:?}");
    }

    let mut sp_without_acs = sp();
    sp_without_acs.acs.clear();
    let default = AuthnRequestOptions::default();
    assert_eq!(begun(&sp_without_acs, &idp(), &default).unwrap_err().code(), "saml.configuration_invalid");

    // What was stored under a laxer setting is looked at again.
    let limits = Limits::default();
    let lax = ManualIdp { sso_url: "http://idp.example/sso", ..typed("", Binding::HttpRedirect) };
    let (lax, _) = IdpConfig::manual(&lax, UrlPolicy::DangerAnyHttp, &limits, now()).unwrap();
    assert_eq!(begun(&sp(), &lax, &default).unwrap_err().code(), "saml.url_not_allowed");
    let mut lax_sp = sp();
    lax_sp.urls = UrlPolicy::DangerAnyHttp;
    assert!(begun(&lax_sp, &lax, &default).is_ok());

    let error = begin(&sp(), &idp(), &default, &mut Broken, now()).unwrap_err();
    assert_eq!(error.code(), "saml.entropy_failed");
}

#[test]
fn redirect_comes_first_and_post_is_taken() {
    let both = idp_from_metadata("metadata_everything");
    let sp = sp().with_signing_key(signing_key("p256"));
    let mut options = AuthnRequestOptions::default();
    let url = redirect(begun(&sp, &both, &options).unwrap().0);
    assert!(url.as_str().starts_with("https://idp.example/sso?tenant=1&x=y&SAMLRequest="), "{url}");
    assert!(message(&url).contains(r#" Destination="https://idp.example/sso?tenant=1&amp;x=y""#));
    options.binding = RequestBinding::HttpPost;
    let form = post(begun(&sp, &both, &options).unwrap().0);
    assert_eq!(form.action().as_str(), "https://idp.example/sso/post");
    options.binding = RequestBinding::Any;
    post(begun(&sp, &manual("https://idp.example/sso", Binding::HttpPost), &options).unwrap().0);
}

#[test]
fn the_page_escapes_everything() {
    let mut options = AuthnRequestOptions::default();
    options.relay_state = Some(r#""><script>alert('&')</script>"#.to_owned());
    let idp = manual(r#"https://idp.example/sso?a=1&b="'<>"#, Binding::HttpPost);
    let form = post(begun(&sp(), &idp, &options).unwrap().0);
    assert_eq!(form.fields()[1].1, options.relay_state.unwrap());
    let page = form.html(Some("n\"o"));
    assert!(
        page.contains(r#"<form method="post" action="https://idp.example/sso?a=1&amp;b=%22%27%3C%3E">"#),
        "{page}"
    );
    assert!(page.contains(
        r#"name="RelayState" value="&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;">"#
    ));
    assert!(page.contains(r#"<script nonce="n&quot;o">"#));
    assert_eq!(page.matches("<script").count(), 1);
    assert!(form.html(None).contains("<script>document.forms[0].submit()</script>"));
}

#[test]
fn pending_is_stored_and_read_again() {
    let mut options = AuthnRequestOptions::default();
    options.force_authn = true;
    options.max_authn_age_seconds = Some(60);
    options.return_to = Some("/".to_owned());
    let comparison = AuthnContextComparison::Exact;
    let class_refs = vec![names::authn_context::PASSWORD.to_owned()];
    options.requested_authn_context = Some(RequestedAuthnContext { comparison, class_refs });
    let (_, pending) = begun(&sp(), &idp(), &options).unwrap();
    let stored = serde_json::to_value(&pending).unwrap();
    assert_eq!(serde_json::from_value::<Pending>(stored.clone()).unwrap(), pending);
    for (member, value) in [("version", 2.into()), ("other", serde_json::Value::Null)] {
        let mut changed = stored.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<Pending>(changed).is_err(), "{member}");
    }
    let least = serde_json::json!({
        "version": 1, "request_id": "_1", "issued_at": "2026-11-22T00:01:00Z", "acs_url": "https://sp.example/acs",
    });
    assert_eq!(serde_json::from_value::<Pending>(least).unwrap().request_id(), "_1");
}

/// Bytes that count up, so that every message is the same.
struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

struct Broken;

impl Entropy for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::new())
    }
}

fn begun(
    sp: &SpConfig,
    idp: &IdpConfig,
    options: &AuthnRequestOptions,
) -> Result<(Outgoing, Pending), Error> {
    begin(sp, idp, options, &mut Counting(0), now())
}

fn sp() -> SpConfig {
    let mut sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs");
    sp.acs.push(AcsEndpoint {
        index: 4,
        binding: AcsBinding::HttpArtifact,
        location: "https://sp.example/artifact".to_owned(),
    });
    sp
}

fn idp() -> IdpConfig {
    manual("https://idp.example/sso", Binding::HttpRedirect)
}

fn manual(sso_url: &str, binding: Binding) -> IdpConfig {
    let der = certificate("rsa2048").der().to_vec();
    let typed = ManualIdp { certificates: &[&der], ..typed(sso_url, binding) };
    IdpConfig::manual(&typed, UrlPolicy::Https, &Limits::default(), now()).unwrap().0
}

fn typed(sso_url: &str, sso_binding: Binding) -> ManualIdp<'_> {
    const CERTIFICATE: &[u8] = include_bytes!("../corpus/keys/rsa2048.cert.pem");
    ManualIdp {
        issuer: IdpIssuer::Pinned("https://idp.example/metadata".to_owned()),
        sso_url,
        sso_binding,
        certificates: &[CERTIFICATE],
    }
}

fn idp_from_metadata(name: &str) -> IdpConfig {
    let path = format!("{}/tests/corpus/saml/accept/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    parse(&fs::read(path).unwrap(), &ParseOptions::default(), now()).unwrap().0
}

fn name_id() -> NameId {
    NameId {
        value: "ada@example.com".to_owned(),
        format: Some(names::name_id_format::EMAIL_ADDRESS.to_owned()),
        name_qualifier: Some("q".to_owned()),
        sp_name_qualifier: None,
        sp_provided_id: None,
    }
}

fn redirect(outgoing: Outgoing) -> Url {
    match outgoing {
        Outgoing::Redirect(url) => url,
        Outgoing::Post(form) => panic!("a form to {}", form.action()),
    }
}

fn post(outgoing: Outgoing) -> PostForm {
    match outgoing {
        Outgoing::Post(form) => form,
        Outgoing::Redirect(url) => panic!("a redirect to {url}"),
    }
}

fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn message(url: &Url) -> String {
    let sent: Cow<'_, str> = url.query_pairs().find(|(name, _)| name == "SAMLRequest").unwrap().1;
    let deflated = base64_decode(sent.as_bytes()).unwrap();
    String::from_utf8(inflate(&deflated, &Limits::default(), &mut Budget::new()).unwrap()).unwrap()
}

fn key_file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/corpus/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn certificate(name: &str) -> Certificate {
    Certificate::parse(&key_file(&format!("{name}.cert"))).unwrap()
}

fn signing_key(name: &str) -> SigningKey {
    SigningKey::from_pem(&key_file(&format!("{name}.key"))).unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}
