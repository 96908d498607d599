//! Metadata of both sides: named vectors, other projects' suites, and our own document.

mod aggregate;
mod diff;
mod refresh;

use std::collections::BTreeSet;
use std::fs;

use admittance::crypto::{Certificate, Legacy, PublicKey, SigningKey, TrustedKeys};
use admittance::endpoint::UrlPolicy;
use admittance::limits::{Budget, Limits, XmlLimits};
use admittance::note::Note;
use admittance::saml::Error;
use admittance::saml::bindings::{Binding, Endpoint};
use admittance::saml::metadata::idp::{
    ArtifactResolutionService, EntityChoice, IdpConfig, IdpIssuer, ManualIdp, MetadataSignature,
    MetadataTrust, ParseOptions, parse,
};
use admittance::saml::metadata::sp::{
    AcsBinding, AcsEndpoint, AttributeConsumingService, ContactPerson, ContactType, EncryptionMethod,
    Localized, Logo, Organization, RequestedAttribute, SignAuthnRequests, SpConfig, UiInfo,
};
use admittance::time::Timestamp;
use admittance::xml::{self, Profile, Read};
use admittance::xmldsig::{self, SignaturePolicy};

use crate::shared;

const NOW: &str = "2026-11-22T00:00:00Z";
const IDP: &str = "https://idp.example/metadata";

/// How a vector is read.
#[derive(Clone, Copy)]
enum How {
    Plain,
    Named(&'static str),
    Signed,
    SignedNamed(&'static str),
    OnLoopback,
    In2200,
}
use How::{In2200, Named, OnLoopback, Plain, Signed, SignedNamed};

/// Vectors that are accepted, the keys that result, and the codes of the notes.
const ACCEPT: &[(&str, How, &[&str], &[&str])] = &[
    ("metadata_plain", Plain, &["p256"], &[]),
    ("metadata_plain", Named(IDP), &["p256"], &[]),
    ("metadata_everything", Plain, &["p256"], &[]),
    ("metadata_keycloak_entities", Plain, &["p256"], &[]),
    ("metadata_mixed_roles", Plain, &["p256"], &[]),
    ("metadata_ws_federation_roles", Plain, &["p256"], &[]),
    ("metadata_key_without_use", Plain, &["p256"], &[]),
    ("metadata_several_certs_in_key_info", Plain, &["p256", "rsa2048", "p384"], &[]),
    ("metadata_cert_whitespace", Plain, &["p256"], &[]),
    ("metadata_cert_entity_cr", Plain, &["p256"], &[]),
    ("metadata_duplicate_cert", Plain, &["p256"], &[]),
    ("metadata_utf16", Named("https://idp.example/metadata/ü"), &["p256"], &[]),
    ("metadata_latin1", Named("https://idp.example/metadata/ü"), &["p256"], &[]),
    ("metadata_bom", Plain, &["p256"], &[]),
    ("metadata_comments", Plain, &["p256"], &[]),
    ("metadata_response_location", Plain, &["p256"], &[]),
    ("metadata_two_idp_roles", Plain, &["p256"], &[]),
    ("metadata_rsa_key_value", Plain, &["rsa2048"], &[]),
    ("metadata_ec_key_value", Plain, &["p384"], &[]),
    ("metadata_one_certificate_unreadable", Plain, &["p256"], &["saml.certificate_invalid"]),
    ("metadata_expired_certificate", In2200, &["p256"], &["saml.certificate_expired"]),
    ("metadata_nested_groups", Plain, &["p256"], &[]),
    ("metadata_named_entity", Named(IDP), &["p256"], &[]),
    ("metadata_anyuri_whitespace", Plain, &["p256"], &["saml.text_trimmed"]),
    ("metadata_cache_duration_garbage", Plain, &["p256"], &["saml.time_invalid"]),
    ("metadata_valid_until_no_zone", Plain, &["p256"], &["saml.time_without_zone"]),
    ("metadata_http_loopback", OnLoopback, &["p256"], &[]),
    ("metadata_eight_keys", Plain, &[], &[]),
    ("metadata_signed", Plain, &["p256"], &[]),
    ("metadata_signed", Signed, &["p256"], &[]),
    ("metadata_signed_group", SignedNamed(IDP), &["p256"], &[]),
    ("metadata_inherited_namespaces", Plain, &["p256"], &[]),
    ("metadata_inherited_namespaces", Named(IDP), &["p256"], &[]),
    ("metadata_ids_repeat_elsewhere", Plain, &["p256"], &[]),
    ("metadata_ids_repeat_elsewhere", Named(IDP), &["p256"], &[]),
    ("metadata_signed_nested_groups", Signed, &["p256"], &[]),
    ("metadata_signed_nested_groups", SignedNamed(IDP), &["p256"], &[]),
    ("metadata_signed_nested_groups", Named(IDP), &["p256"], &[]),
];

/// Vectors that are refused, and the code.
const REJECT: &[(&str, How, &str)] = &[
    // 2.4 #12
    ("metadata_empty", Plain, "saml.metadata_not_xml"),
    ("metadata_white_space", Plain, "saml.metadata_not_xml"),
    ("metadata_json", Plain, "saml.metadata_not_xml"),
    ("metadata_pem", Plain, "saml.metadata_not_xml"),
    ("metadata_html", Plain, "saml.metadata_html"),
    ("metadata_xhtml", Plain, "saml.metadata_html"),
    ("metadata_sp_only", Plain, "saml.metadata_sp_only"),
    ("metadata_named_sp_only", Named("https://sp.example"), "saml.metadata_sp_only"),
    ("metadata_no_idp", Plain, "saml.metadata_no_idp"),
    ("metadata_saml1_only", Plain, "saml.metadata_no_idp"),
    ("metadata_idp_role_in_other_namespace", Plain, "saml.metadata_no_idp"),
    ("metadata_empty_group", Plain, "saml.metadata_no_idp"),
    ("metadata_other_root", Plain, "saml.unexpected_root"),
    // #13
    ("metadata_utf16_without_mark", Plain, "saml.encoding_unsupported"),
    ("metadata_utf16_declared_as_utf8", Plain, "saml.encoding_unsupported"),
    ("metadata_declared_utf16_is_utf8", Plain, "saml.encoding_unsupported"),
    ("metadata_windows_1252", Plain, "saml.encoding_unsupported"),
    ("metadata_not_utf8", Plain, "saml.encoding_unsupported"),
    // #14
    ("metadata_doctype", Plain, "saml.xml_dtd"),
    ("metadata_pi_inside", Plain, "saml.xml_processing_instruction"),
    ("metadata_not_well_formed", Plain, "saml.xml_malformed"),
    ("metadata_other_entity_malformed", Plain, "saml.xml_malformed"),
    ("metadata_other_entity_malformed", Named(IDP), "saml.xml_malformed"),
    ("metadata_other_entity_entity_reference", Named(IDP), "saml.xml_malformed"),
    ("metadata_other_entity_undeclared_prefix", Named(IDP), "saml.xml_namespace"),
    ("metadata_other_entity_dtd", Named(IDP), "saml.xml_dtd"),
    ("metadata_pi_between_entities", Named(IDP), "saml.xml_processing_instruction"),
    ("metadata_group_not_closed", Named(IDP), "saml.xml_malformed"),
    ("metadata_after_group", Named(IDP), "saml.xml_malformed"),
    // P9
    ("metadata_root_id_recurs", Plain, "saml.duplicate_id"),
    ("metadata_root_id_recurs", Named(IDP), "saml.duplicate_id"),
    ("metadata_root_id_recurs_as_xml_id", Named(IDP), "saml.duplicate_id"),
    ("metadata_root_id_recurs_in_entity", Named(IDP), "saml.duplicate_id"),
    ("metadata_ids_repeat_in_entity", Named(IDP), "saml.duplicate_id"),
    // #15
    ("metadata_entity_not_found", Named("https://unknown.example"), "saml.metadata_entity_not_found"),
    ("metadata_several_entities", Plain, "saml.metadata_several_entities"),
    ("metadata_duplicate_entity", Named(IDP), "saml.metadata_several_entities"),
    ("metadata_duplicate_entity_nested", Named(IDP), "saml.metadata_several_entities"),
    ("metadata_duplicate_entity_nested", Plain, "saml.metadata_several_entities"),
    ("metadata_duplicate_entity_sp", Plain, "saml.metadata_several_entities"),
    ("metadata_duplicate_entity_sp", Named(IDP), "saml.metadata_several_entities"),
    ("metadata_no_entity_id", Plain, "saml.schema_violation"),
    // #16
    ("metadata_unsigned", Signed, "saml.signature_missing"),
    ("metadata_signature_wrong_key", Signed, "saml.signature_invalid"),
    ("metadata_tampered", Signed, "saml.digest_mismatch"),
    ("metadata_wrapped", Signed, "saml.signature_missing"),
    ("metadata_signed_inside", SignedNamed(IDP), "saml.signature_missing"),
    ("metadata_signature_moved", Signed, "saml.reference_uri"),
    ("metadata_signature_second", SignedNamed(IDP), "saml.signature_missing"),
    ("metadata_two_signatures", SignedNamed(IDP), "saml.signature_count"),
    ("metadata_wrapped_group", SignedNamed("https://evil.example/metadata"), "saml.reference_uri"),
    ("metadata_wrapped_group_same_id", SignedNamed("https://evil.example/metadata"), "saml.duplicate_id"),
    ("metadata_tampered_other_entity", SignedNamed(IDP), "saml.digest_mismatch"),
    ("metadata_tampered_group", SignedNamed(IDP), "saml.digest_mismatch"),
    ("metadata_tampered_between", SignedNamed(IDP), "saml.digest_mismatch"),
    ("metadata_tampered_last", SignedNamed(IDP), "saml.digest_mismatch"),
    ("metadata_tampered_entity_added", SignedNamed("https://evil.example/metadata"), "saml.digest_mismatch"),
    // #17
    ("metadata_expired", Plain, "saml.metadata_expired"),
    ("metadata_expired_role", Plain, "saml.metadata_expired"),
    ("metadata_expired_group", Plain, "saml.metadata_expired"),
    ("metadata_expired_outer_group", Named(IDP), "saml.metadata_expired"),
    ("metadata_expired_outer_group", SignedNamed(IDP), "saml.metadata_expired"),
    ("metadata_valid_until_garbage", Plain, "saml.time_invalid"),
    // #18
    ("metadata_no_sso", Plain, "saml.metadata_no_sso"),
    ("metadata_soap_sso_only", Plain, "saml.metadata_no_sso"),
    ("metadata_javascript_url", Plain, "saml.url_not_allowed"),
    ("metadata_http_url", Plain, "saml.url_not_allowed"),
    ("metadata_http_url", OnLoopback, "saml.url_not_allowed"),
    ("metadata_http_response_location", Plain, "saml.url_not_allowed"),
    ("metadata_url_user_info", Plain, "saml.url_not_allowed"),
    ("metadata_url_fragment", Plain, "saml.url_not_allowed"),
    ("metadata_url_relative", Plain, "saml.url_not_allowed"),
    ("metadata_no_location", Plain, "saml.schema_violation"),
    ("metadata_want_signed_garbage", Plain, "saml.schema_violation"),
    // #19
    ("metadata_without_keys", Plain, "saml.metadata_no_signing_key"),
    ("metadata_encryption_key_only", Plain, "saml.metadata_no_signing_key"),
    ("metadata_certificates_unreadable", Plain, "saml.metadata_no_signing_key"),
    ("metadata_private_key_as_certificate", Plain, "saml.metadata_no_signing_key"),
    ("metadata_key_value_malformed", Plain, "saml.metadata_no_signing_key"),
    ("metadata_key_of_other_role", Plain, "saml.metadata_no_signing_key"),
    ("metadata_key_use_unknown", Plain, "saml.schema_violation"),
    ("metadata_nine_keys", Plain, "saml.xml_limit"),
];

#[test]
fn vectors_to_accept() {
    for &(name, how, keys, codes) in ACCEPT {
        let (config, notes) = read("accept", name, how).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        if !keys.is_empty() {
            let expected: Vec<_> = keys.iter().map(|key| public_key(key)).collect();
            assert_eq!(public_keys(&config), expected, "{name}");
        }
        assert_eq!(notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), codes, "{name}");
        let signed = matches!(how, Signed | SignedNamed(_));
        assert_eq!(config.signature() == MetadataSignature::Verified, signed, "{name}");
    }
}

#[test]
fn vectors_to_reject() {
    for &(name, how, code) in REJECT {
        match read("reject", name, how) {
            Ok(_) => panic!("{name} is accepted, expected {code}"),
            Err(error) => assert_eq!(error.code(), code, "{name}: {error:?}"),
        }
    }
}

#[test]
fn every_vector_is_used() {
    for (folder, used) in [
        ("accept", ACCEPT.iter().map(|vector| vector.0).collect::<BTreeSet<_>>()),
        ("reject", REJECT.iter().map(|vector| vector.0).collect()),
    ] {
        let files = fs::read_dir(corpus(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
        let there: BTreeSet<_> = names
            .iter()
            .filter_map(|name| name.strip_suffix(".xml"))
            .filter(|name| name.starts_with("metadata_"))
            .collect();
        assert_eq!(there, used, "{folder}");
    }
}

#[test]
fn everything_is_read() {
    let (config, _) = read("accept", "metadata_everything", Plain).unwrap();
    let endpoint = |binding, location: &str| Endpoint {
        binding,
        location: location.to_owned(),
        response_location: None,
    };
    assert_eq!(config.entity_id(), Some(IDP));
    assert_eq!(
        config.sso(),
        [
            endpoint(Binding::HttpPost, "https://idp.example/sso/post"),
            endpoint(Binding::HttpRedirect, "https://idp.example/sso?tenant=1&x=y"),
        ]
    );
    assert_eq!(
        config.slo(),
        [
            endpoint(Binding::Soap, "https://idp.example/slo/soap"),
            endpoint(Binding::HttpPost, "https://idp.example/slo")
        ]
    );
    assert_eq!(
        config.artifact_resolution(),
        [ArtifactResolutionService { index: 7, location: "https://idp.example/artifact".to_owned() }]
    );
    assert_eq!(
        config.name_id_formats(),
        [
            "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
        ]
    );
    assert!(config.want_authn_requests_signed());
    assert_eq!(config.valid_until(), Some(time("2027-01-01T00:00:00Z")));
    assert_eq!(config.refresh_at(), Some(time("2026-11-22T06:00:00Z")));

    let (config, _) = read("accept", "metadata_response_location", Plain).unwrap();
    assert_eq!(config.slo()[0].response_location.as_deref(), Some("https://idp.example/slo/done"));
    let (config, _) = read("accept", "metadata_two_idp_roles", Plain).unwrap();
    assert_eq!(config.sso()[0].location, "https://idp.example/sso");
    let (config, _) = read("accept", "metadata_nested_groups", Plain).unwrap();
    assert_eq!(config.valid_until(), Some(time("2026-12-24T12:00:00Z")));
    assert_eq!(config.refresh_at(), Some(time("2026-11-23T00:00:00Z")));
    let (config, _) = read("accept", "metadata_eight_keys", Plain).unwrap();
    assert_eq!(config.signing_keys().iter().count(), 8);
    let (config, _) = read("accept", "metadata_anyuri_whitespace", Plain).unwrap();
    assert_eq!(
        (config.entity_id(), config.sso()[0].location.as_str()),
        (Some(IDP), "https://idp.example/sso")
    );
}

#[test]
fn validity_ends_at_its_instant() {
    let bytes = vector("reject", "metadata_expired");
    let mut options = ParseOptions::default();
    options.entity = EntityChoice::Only;
    assert!(parse(&bytes, &options, time("2026-11-21T23:59:59.999Z")).is_ok());
    let Err(error) = parse(&bytes, &options, time(NOW)) else { panic!("accepted") };
    assert_eq!(error.expected().as_deref(), Some("a time before 2026-11-22T00:00:00.000Z"));
    assert_eq!(error.actual().as_deref(), Some("2026-11-22T00:00:00.000Z"));
}

#[test]
fn a_signed_document_is_read_only_where_the_signature_covers_it() {
    // Whoever may sign for one trusted key may not be read when another key is trusted, whatever is asked for.
    for name in ["metadata_signed", "metadata_signed_group"] {
        let mut options = options(SignedNamed(IDP));
        options.trust = MetadataTrust::Keys(trusted("rsa2048b"));
        let error = parse(&vector("accept", name), &options, time(NOW)).unwrap_err();
        assert_eq!(error.code(), "saml.signature_invalid", "{name}");
        options.trust = MetadataTrust::Keys(
            TrustedKeys::new([certificate("rsa2048b"), certificate("rsa2048")].map(Into::into)).unwrap(),
        );
        let (config, _) = parse(&vector("accept", name), &options, time(NOW)).unwrap();
        assert_eq!(config.signature(), MetadataSignature::Verified, "{name}");
    }
}

#[test]
fn limits_hold_before_anything_is_kept() {
    let bytes = vector("accept", "metadata_plain");
    let mut options = ParseOptions::default();
    options.limits.metadata.bytes = bytes.len() - 1;
    assert_eq!(parse(&bytes, &options, time(NOW)).unwrap_err().code(), "saml.xml_limit");
    options.limits.metadata.bytes = bytes.len();
    assert!(parse(&bytes, &options, time(NOW)).is_ok());
    let text = String::from_utf8(bytes).unwrap();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let cut = &text.as_bytes()[..end];
        if end < text.trim_end().len() {
            assert!(parse(cut, &ParseOptions::default(), time(NOW)).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn stored_identity_providers_come_back() {
    let (config, _) = read("accept", "metadata_everything", Plain).unwrap();
    let stored = serde_json::to_value(&config).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(serde_json::from_value::<IdpConfig>(stored.clone()).unwrap(), config);
    for (member, value) in [
        ("version", serde_json::json!(2)),
        ("signing_keys", serde_json::json!([])),
        ("unknown", serde_json::json!(null)),
    ] {
        let mut changed = stored.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<IdpConfig>(changed).is_err(), "{member}");
    }
    for member in ["version", "issuer", "sso", "signing_keys", "signature"] {
        let mut changed = stored.clone();
        changed.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<IdpConfig>(changed).is_err(), "{member}");
    }
}

#[test]
fn an_identity_provider_by_hand() {
    let pem = fs::read(key_file("rsa2048.cert.pem")).unwrap();
    let der = certificate("p256").der().to_vec();
    let manual = ManualIdp {
        issuer: IdpIssuer::Pinned(IDP.to_owned()),
        sso_url: "https://idp.example/login",
        sso_binding: Binding::HttpRedirect,
        certificates: &[&pem, &der],
    };
    let make =
        |manual: &ManualIdp<'_>| IdpConfig::manual(manual, UrlPolicy::Https, &Limits::default(), time(NOW));
    let (config, notes) = make(&manual).unwrap();
    assert_eq!((config.entity_id(), notes), (Some(IDP), vec![]));
    assert_eq!(public_keys(&config), [public_key("rsa2048"), public_key("p256")]);
    assert_eq!(config.sso()[0].location, "https://idp.example/login");

    let unpinned = ManualIdp { issuer: IdpIssuer::IssuerUnpinned, ..manual.clone() };
    let (config, _) = make(&unpinned).unwrap();
    assert_eq!(config.entity_id(), None);
    assert_eq!(config.clone().pin(IDP).unwrap().entity_id(), Some(IDP));
    assert_eq!(config.pin("").unwrap_err().code(), "saml.configuration_invalid");

    let http = ManualIdp { sso_url: "http://idp.example/login", ..manual.clone() };
    assert_eq!(make(&http).unwrap_err().code(), "saml.url_not_allowed");
    let soap = ManualIdp { sso_binding: Binding::Soap, ..manual.clone() };
    assert_eq!(make(&soap).unwrap_err().code(), "saml.configuration_invalid");
    let none = ManualIdp { certificates: &[], ..manual.clone() };
    assert_eq!(make(&none).unwrap_err().code(), "saml.metadata_no_signing_key");

    // 2.4 #20: what it is instead is named.
    for (file, found) in [
        ("rsa2048.key.pem", "private key"),
        ("rsa2048.p7.pem", "PKCS#7"),
        ("rsa2048.csr.pem", "signing request"),
    ] {
        let wrong = fs::read(key_file(file)).unwrap();
        let error = make(&ManualIdp { certificates: &[&wrong], ..manual.clone() }).unwrap_err();
        assert_eq!(error.code(), "saml.certificate_wrong_kind", "{file}");
        assert!(error.actual().unwrap().contains(found), "{file}: {error}");
    }
    let garbage = ManualIdp { certificates: &[b"not a certificate"], ..manual };
    assert_eq!(make(&garbage).unwrap_err().code(), "saml.certificate_invalid");
}

/// Every case of kind `idp_metadata` in the corpora of other projects.
#[test]
fn other_projects_agree() {
    let mut decided = 0;
    for source in ["crewjam-saml", "derived", "node-saml", "python3-saml", "ruby-saml", "samael"] {
        let Some(cases) = shared::json_lines(&format!("corpus/saml/{source}.jsonl")) else { return };
        let expectations = shared::json_lines(&format!("corpus/saml/{source}.expect.jsonl")).unwrap();
        for (case, expected) in
            cases.iter().zip(&expectations).filter(|(case, _)| case["kind"] == "idp_metadata")
        {
            let mut options = ParseOptions::default();
            options.urls = UrlPolicy::DangerAnyHttp;
            if let Some(name) = case["entity_id"].as_str() {
                options.entity = EntityChoice::Named(name.to_owned());
            }
            if let Some(certificates) = case["trusted_certificates"].as_array() {
                let keys = certificates
                    .iter()
                    .map(|text| Certificate::parse(text.as_str().unwrap().as_bytes()).unwrap().into());
                options.trust = MetadataTrust::Keys(TrustedKeys::new(keys).unwrap());
            }
            let now = time(case["now"].as_str().unwrap());
            let result = parse(case["metadata"].as_str().unwrap().as_bytes(), &options, now);
            match expected["expect"].as_str().unwrap() {
                "accept" => assert!(result.is_ok(), "{}: {:?}", case["name"], result.err()),
                "reject" => assert!(result.is_err(), "{}: {}", case["name"], expected["why"]),
                other => assert_eq!(other, "either"),
            }
            decided += 1;
        }
    }
    assert_eq!(decided, 55);
}

#[test]
fn our_metadata_says_everything_in_the_order_of_the_schema() {
    let sp = full_sp();
    let text = String::from_utf8(sp.metadata().unwrap()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("entityID"), Some("https://sp.example/saml/metadata"));
    assert_eq!(root.attribute("validUntil"), Some("2027-01-01T00:00:00.000Z"));
    assert_eq!(root.attribute("cacheDuration"), Some("PT86400S"));
    assert_eq!(
        outline(root),
        [
            "EntityDescriptor",
            "SPSSODescriptor AuthnRequestsSigned=true WantAssertionsSigned=true \
             protocolSupportEnumeration=urn:oasis:names:tc:SAML:2.0:protocol",
            "Extensions",
            "UIInfo",
            "DisplayName lang=en: Example & Sons",
            "DisplayName lang=de-CH: Beispiel",
            "Description lang=en: <b>What</b> we do",
            "Logo height=16 width=32 lang=en: https://sp.example/logo.png?a=1&b=2",
            "InformationURL lang=en: https://sp.example/about#us",
            "PrivacyStatementURL lang=en: http://sp.example/privacy",
            "KeyDescriptor use=signing",
            "KeyInfo",
            "X509Data",
            "X509Certificate: rsa2048",
            "KeyDescriptor use=signing",
            "KeyInfo",
            "X509Data",
            "X509Certificate: p256",
            "KeyDescriptor use=encryption",
            "KeyInfo",
            "X509Data",
            "X509Certificate: rsa2048b",
            "EncryptionMethod Algorithm=http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "EncryptionMethod Algorithm=http://www.w3.org/2009/xmlenc11#rsa-oaep",
            "DigestMethod Algorithm=http://www.w3.org/2001/04/xmlenc#sha256",
            "MGF Algorithm=http://www.w3.org/2009/xmlenc11#mgf1sha256",
            "SingleLogoutService Binding=urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect \
             Location=https://sp.example/saml/slo ResponseLocation=https://sp.example/saml/slo/done",
            "NameIDFormat: urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "AssertionConsumerService Binding=urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST \
             Location=https://sp.example/saml/acs index=0 isDefault=true",
            "AssertionConsumerService Binding=urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact \
             Location=https://sp.example/saml/artifact index=4 isDefault=false",
            "AttributeConsumingService index=1 isDefault=true",
            "ServiceName lang=en: Profile",
            "ServiceDescription lang=en: Name and groups",
            "RequestedAttribute Name=email NameFormat=urn:oasis:names:tc:SAML:2.0:attrname-format:basic \
             FriendlyName=E-mail isRequired=true",
            "RequestedAttribute Name=groups isRequired=false",
            "Organization",
            "OrganizationName lang=en: Example",
            "OrganizationDisplayName lang=en: Example Ltd",
            "OrganizationURL lang=en: https://example.com",
            "ContactPerson contactType=technical",
            "Company: Example",
            "GivenName: Ada",
            "SurName: Lovelace",
            "EmailAddress: mailto:ada@example.com",
            "EmailAddress: mailto:lovelace@example.com",
            "TelephoneNumber: +44 1",
            "ContactPerson contactType=other",
        ]
    );
    assert_eq!(sp.metadata().unwrap(), text.as_bytes(), "the same bytes each time");
}

#[test]
fn signed_metadata_verifies() {
    for key in ["rsa2048", "p256"] {
        let sp = full_sp().with_signing_key(signing_key(key));
        let bytes = sp.signed_metadata().unwrap();
        let document =
            xml::parse(bytes.clone(), Profile::Message, &XmlLimits::METADATA, &mut Budget::new()).unwrap();
        let keys = trusted(key);
        let policy = SignaturePolicy { legacy: Legacy::Refuse };
        let verified =
            xmldsig::verify(document.root(), &keys, policy, &Limits::default(), &mut Budget::new());
        let verified = verified.unwrap().expect("a signature");
        assert_eq!(verified.element.attribute("entityID"), Some("https://sp.example/saml/metadata"));
        let first = document.root().children().next().unwrap();
        assert!(first.is(xmldsig::NAMESPACE, "Signature"), "the signature is the first child");
        let other = SpConfig::new("https://other.example", "https://sp.example/saml/acs");
        let other = other.with_signing_key(signing_key(key)).signed_metadata().unwrap();
        let id = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            roxmltree::Document::parse(&text).unwrap().root_element().attribute("ID").unwrap().to_owned()
        };
        assert_ne!(id(&other), id(&bytes), "the ID changes with the content");
    }
    assert_eq!(full_sp().signed_metadata().unwrap_err().code(), "saml.signing_key_missing");
}

/// `attribute_injection_output`: what a tenant's administrator types in stays text.
#[test]
fn names_cannot_break_out_of_our_metadata() {
    let evil = "\"><md:KeyDescriptor/><!--&quot;]]>";
    let mut sp = full_sp();
    sp.attribute_consuming_services[0].names[0].value = evil.to_owned();
    sp.attribute_consuming_services[0].requested_attributes[0].name = evil.to_owned();
    let text = String::from_utf8(sp.metadata().unwrap()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts = document.descendants().filter(|node| node.text() == Some(evil) && node.is_element()).count();
    let names = document.descendants().filter(|node| node.attribute("Name") == Some(evil)).count();
    assert_eq!((texts, names), (1, 1));

    sp.attribute_consuming_services[0].names[0].value = "a\u{0}b".to_owned();
    assert_eq!(sp.metadata().unwrap_err().code(), "saml.output_invalid");
}

#[test]
fn stored_service_providers_come_back_without_their_key() {
    let sp = full_sp().with_signing_key(signing_key("rsa2048"));
    let stored = serde_json::to_value(&sp).unwrap();
    assert_eq!(stored["version"], 1);
    assert!(!stored.to_string().contains("signing_key"));
    let back: SpConfig = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&back).unwrap(), stored);
    assert_eq!(back.metadata().unwrap(), sp.metadata().unwrap());
    assert_eq!(back.signed_metadata().unwrap_err().code(), "saml.signing_key_missing");

    let least = serde_json::json!({
        "version": 1,
        "entity_id": "https://sp.example",
        "acs": [{"index": 0, "binding": "http_post", "location": "https://sp.example/acs"}],
    });
    let least: SpConfig = serde_json::from_value(least).unwrap();
    let same = SpConfig::new("https://sp.example", "https://sp.example/acs");
    assert_eq!(least.metadata().unwrap(), same.metadata().unwrap());
    for (member, value) in [("version", serde_json::json!(2)), ("whatever", serde_json::json!(1))] {
        let mut changed = stored.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<SpConfig>(changed).is_err(), "{member}");
    }
}

#[test]
fn a_wrong_configuration_is_named() {
    type Change = (&'static str, fn(&mut SpConfig));
    let changes: &[Change] = &[
        ("entity_id", |sp| sp.entity_id = String::new()),
        ("entity_id", |sp| sp.entity_id = "https://sp.example/ metadata".to_owned()),
        ("entity_id", |sp| sp.entity_id = "x".repeat(1025)),
        ("additional_audiences", |sp| sp.additional_audiences = vec![String::new()]),
        ("acs", |sp| sp.acs.clear()),
        ("acs", |sp| sp.acs[1].index = 0),
        ("slo", |sp| sp.slo[0].binding = Binding::Soap),
        ("name_id_formats", |sp| sp.name_id_formats.push(" ".to_owned())),
        ("signing_certificates", |sp| sp.signing_certificates = vec![certificate("p256"); 5]),
        ("encryption_certificates", |sp| sp.encryption_certificates = vec![certificate("rsa2048"); 5]),
        ("encryption_methods", |sp| sp.encryption_methods.clear()),
        ("signing_certificates", |sp| sp.signing_certificates = vec![certificate("p384")]),
        ("attribute_consuming_services", |sp| {
            sp.attribute_consuming_services.push(sp.attribute_consuming_services[0].clone());
        }),
        ("attribute_consuming_services.names", |sp| sp.attribute_consuming_services[0].names.clear()),
        ("attribute_consuming_services.requested_attributes", |sp| {
            sp.attribute_consuming_services[0].requested_attributes.clear();
        }),
        ("ui.display_names", |sp| sp.ui.as_mut().unwrap().display_names[0].lang = "-".to_owned()),
        ("ui.logos", |sp| sp.ui.as_mut().unwrap().logos[0].url = "javascript:1".to_owned()),
        ("ui.information_urls", |sp| sp.ui.as_mut().unwrap().information_urls[0].value = "about".to_owned()),
        ("organization.urls", |sp| sp.organization.as_mut().unwrap().urls.clear()),
        ("contacts.email_addresses", |sp| sp.contacts[0].email_addresses.push(String::new())),
    ];
    let good = full_sp().with_signing_key(signing_key("rsa2048"));
    good.check().unwrap();
    for (field, change) in changes {
        let mut sp = good.clone();
        change(&mut sp);
        match sp.metadata() {
            Err(Error::ConfigurationInvalid { field: named, .. }) => assert_eq!(named, *field),
            other => panic!("{field}: {other:?}"),
        }
    }
    for url in ["http://sp.example/acs", "/acs", "https://me@sp.example/acs", "https://sp.example/acs#x"] {
        let mut sp = good.clone();
        sp.acs[0].location = url.to_owned();
        assert_eq!(sp.check().unwrap_err().code(), "saml.url_not_allowed", "{url}");
    }
}

fn full_sp() -> SpConfig {
    let mut sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
    let english = |value: &str| Localized { lang: "en".to_owned(), value: value.to_owned() };
    sp.acs.push(AcsEndpoint {
        index: 4,
        binding: AcsBinding::HttpArtifact,
        location: "https://sp.example/saml/artifact".to_owned(),
    });
    sp.slo.push(Endpoint {
        binding: Binding::HttpRedirect,
        location: "https://sp.example/saml/slo".to_owned(),
        response_location: Some("https://sp.example/saml/slo/done".to_owned()),
    });
    sp.name_id_formats = vec!["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()];
    sp.signing_certificates = vec![certificate("rsa2048"), certificate("p256")];
    sp.encryption_certificates = vec![certificate("rsa2048b")];
    sp.encryption_methods = vec![EncryptionMethod::Aes256Gcm, EncryptionMethod::RsaOaepSha256];
    sp.sign_authn_requests = SignAuthnRequests::Always;
    sp.attribute_consuming_services = vec![AttributeConsumingService {
        index: 1,
        names: vec![english("Profile")],
        descriptions: vec![english("Name and groups")],
        requested_attributes: vec![
            RequestedAttribute {
                name: "email".to_owned(),
                name_format: Some("urn:oasis:names:tc:SAML:2.0:attrname-format:basic".to_owned()),
                friendly_name: Some("E-mail".to_owned()),
                is_required: true,
            },
            RequestedAttribute {
                name: "groups".to_owned(),
                name_format: None,
                friendly_name: None,
                is_required: false,
            },
        ],
    }];
    sp.ui = Some(UiInfo {
        display_names: vec![
            english("Example & Sons"),
            Localized { lang: "de-CH".to_owned(), value: "Beispiel".to_owned() },
        ],
        descriptions: vec![english("<b>What</b> we do")],
        logos: vec![Logo {
            url: "https://sp.example/logo.png?a=1&b=2".to_owned(),
            height: 16,
            width: 32,
            lang: Some("en".to_owned()),
        }],
        information_urls: vec![english("https://sp.example/about#us")],
        privacy_statement_urls: vec![english("http://sp.example/privacy")],
    });
    sp.organization = Some(Organization {
        names: vec![english("Example")],
        display_names: vec![english("Example Ltd")],
        urls: vec![english("https://example.com")],
    });
    sp.contacts = vec![
        ContactPerson {
            contact_type: ContactType::Technical,
            company: Some("Example".to_owned()),
            given_name: Some("Ada".to_owned()),
            sur_name: Some("Lovelace".to_owned()),
            email_addresses: vec!["ada@example.com".to_owned(), "mailto:lovelace@example.com".to_owned()],
            telephone_numbers: vec!["+44 1".to_owned()],
        },
        ContactPerson {
            contact_type: ContactType::Other,
            company: None,
            given_name: None,
            sur_name: None,
            email_addresses: vec![],
            telephone_numbers: vec![],
        },
    ];
    sp.valid_until = Some(time("2027-01-01T00:00:00Z"));
    sp.cache_duration_seconds = Some(86_400);
    sp
}

/// One line for each element: name, attributes, text. Certificates are named by their file.
fn outline(root: roxmltree::Node<'_, '_>) -> Vec<String> {
    let line = |element: roxmltree::Node<'_, '_>| {
        let mut line = element.tag_name().name().to_owned();
        if element != root {
            element.attributes().for_each(|a| line.push_str(&format!(" {}={}", a.name(), a.value())));
        }
        if let Some(text) = element.text() {
            let known = ["rsa2048", "rsa2048b", "p256"];
            let is = |name: &&&str| base64(certificate(name).der()) == text;
            line.push_str(&format!(": {}", known.iter().find(is).unwrap_or(&text)));
        }
        line
    };
    root.descendants().filter(roxmltree::Node::is_element).map(line).collect()
}

fn read(folder: &str, name: &str, how: How) -> Result<(IdpConfig, Vec<Note>), Error> {
    let now = if let In2200 = how { "2200-01-01T00:00:00Z" } else { NOW };
    parse(&vector(folder, name), &options(how), time(now))
}

fn options(how: How) -> ParseOptions {
    let mut options = ParseOptions::default();
    match how {
        Plain | In2200 => {}
        Named(name) => options.entity = EntityChoice::Named(name.to_owned()),
        Signed => options.trust = MetadataTrust::Keys(trusted("rsa2048")),
        SignedNamed(name) => {
            options.trust = MetadataTrust::Keys(trusted("rsa2048"));
            options.entity = EntityChoice::Named(name.to_owned());
        }
        OnLoopback => options.urls = UrlPolicy::HttpOnLoopback,
    }
    options
}

fn vector(folder: &str, name: &str) -> Vec<u8> {
    fs::read(format!("{}/{name}.xml", corpus(folder))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn corpus(folder: &str) -> String {
    format!("{}/tests/corpus/saml/{folder}", env!("CARGO_MANIFEST_DIR"))
}

fn key_file(name: &str) -> String {
    format!("{}/tests/corpus/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn certificate(name: &str) -> Certificate {
    Certificate::parse(&fs::read(key_file(&format!("{name}.cert.pem"))).unwrap()).unwrap()
}

fn signing_key(name: &str) -> SigningKey {
    SigningKey::from_pem(&fs::read(key_file(&format!("{name}.key.pem"))).unwrap()).unwrap()
}

fn trusted(name: &str) -> TrustedKeys {
    certificate(name).into()
}

fn public_key(name: &str) -> PublicKey {
    PublicKey::from_spki_der(&fs::read(key_file(&format!("{name}.spki.der"))).unwrap()).unwrap()
}

fn public_keys(config: &IdpConfig) -> Vec<PublicKey> {
    config.signing_keys().iter().map(|trusted| trusted.key().clone()).collect()
}

fn base64(bytes: &[u8]) -> String {
    admittance::encoding::base64_encode(bytes)
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap().at
}
