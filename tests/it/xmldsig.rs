//! Signatures: made and verified here, and each rule of the profile broken alone. The files under
//! `tests/corpus/saml/reject` break the same rules in whole responses.

use admittance::crypto::{
    Certificate, DigestAlgorithm, Legacy, SignatureAlgorithm, SigningKey, TrustedKey, TrustedKeys,
};
use admittance::limits::{Budget, Limits, XmlLimits};
use admittance::xml::{self, Document, Profile, Read};
use admittance::xmldsig::{self, Error, Placement, SignaturePolicy, Signing, SigningError};

const DOCUMENT: &str = r#"<r xmlns="urn:r" xmlns:p="urn:p" ID="_1"><i>issuer</i><v p:a="1">value</v></r>"#;

fn key(name: &str) -> SigningKey {
    SigningKey::from_pem(&read(&format!("{name}.key.pem"))).unwrap()
}

fn certificate(name: &str) -> Certificate {
    Certificate::parse(&read(&format!("{name}.cert.pem"))).unwrap()
}

fn read(file: &str) -> Vec<u8> {
    let path = format!("{}/tests/corpus/keys/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sign_with(name: &str, algorithm: SignatureAlgorithm, placement: Placement) -> String {
    let (key, certificate) = (key(name), certificate(name));
    let signing = Signing {
        id: "_1",
        placement,
        key: &key,
        algorithm,
        certificate: Some(&certificate),
        prefix_list: &[],
    };
    String::from_utf8(xmldsig::sign(DOCUMENT.into(), &signing).unwrap()).unwrap()
}

fn signed() -> String {
    sign_with("rsa2048", SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256), Placement::AfterFirstChild)
}

fn parse(text: &str) -> Document {
    xml::parse(text.into(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new()).unwrap()
}

/// The text of the verified root, or the error.
fn verify(text: &str, trusted: impl Into<TrustedKeys>) -> Result<String, Error> {
    let (document, trusted) = (parse(text), trusted.into());
    let policy = SignaturePolicy { legacy: Legacy::Refuse };
    let verified =
        xmldsig::verify(document.root(), &trusted, policy, &Limits::default(), &mut Budget::new())?;
    Ok(verified.expect("a signature").element.all_text().into_owned())
}

/// `signed()` with one text replaced, under the right key.
fn changed(from: &str, to: &str) -> Result<String, Error> {
    let text = signed();
    assert!(text.contains(from), "{from} is not in {text}");
    verify(&text.replacen(from, to, 1), certificate("rsa2048"))
}

#[test]
fn every_algorithm_at_every_place() {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    for (name, algorithm) in [
        ("rsa2048", RsaPkcs1(Sha256)),
        ("rsa2048", RsaPkcs1(Sha384)),
        ("rsa2048", RsaPkcs1(Sha512)),
        ("rsa2048", RsaPss(Sha256)),
        ("rsa2048", RsaPss(Sha384)),
        ("rsa2048", RsaPss(Sha512)),
        ("p256", Ecdsa(Sha256)),
        ("p384", Ecdsa(Sha384)),
    ] {
        for placement in [Placement::FirstChild, Placement::AfterFirstChild, Placement::LastChild] {
            let text = sign_with(name, algorithm, placement);
            match verify(&text, certificate(name)) {
                // libxmlsec1 1.2 has no RSA-PSS.
                Err(Error::SecondLockUnsupported { .. })
                    if cfg!(feature = "xmlsec") && matches!(algorithm, RsaPss(_)) => {}
                read => assert_eq!(read.as_deref(), Ok("issuervalue"), "{algorithm} {placement:?}"),
            }
        }
    }
}

#[test]
fn an_element_without_signature_is_none() {
    let (document, keys) = (parse(DOCUMENT), TrustedKeys::from(certificate("rsa2048")));
    let policy = SignaturePolicy::default();
    let limits = Limits::default();
    assert!(xmldsig::verify(document.root(), &keys, policy, &limits, &mut Budget::new()).unwrap().is_none());
}

#[test]
fn the_verified_element_does_not_lead_to_the_signature() {
    let text = signed();
    let (document, keys) = (parse(&text), TrustedKeys::from(certificate("rsa2048")));
    let limits = Limits::default();
    let verified =
        xmldsig::verify(document.root(), &keys, SignaturePolicy::default(), &limits, &mut Budget::new());
    let element = verified.unwrap().unwrap().element;
    let names: Vec<_> = element.children().map(Read::local_name).collect();
    assert_eq!(names, ["i", "v"]);
    assert_eq!(element.all_text(), "issuervalue");
    assert!(document.root().all_text().len() > 100, "the unverified root has the signature's text too");
}

#[test]
fn content_changed_after_signing_is_refused() {
    assert_eq!(changed("value</v>", "valve</v>"), Err(Error::DigestMismatch));
    assert_eq!(changed("p:a=\"1\"", "p:a=\"2\""), Err(Error::DigestMismatch));
    assert_eq!(changed("<v p:a", "<w/><v p:a"), Err(Error::DigestMismatch));
    assert_eq!(changed("xmlns:p=\"urn:p\"", "xmlns:p=\"urn:q\""), Err(Error::DigestMismatch));
    // White space inside of tags and the spelling of characters are no content.
    assert!(changed("<v p:a", "<v   p:a").is_ok());
    assert!(changed("value</v>", "val&#117;e</v>").is_ok());
}

#[test]
fn s1_one_signature() {
    let text = signed();
    let signature = &text[text.find("<ds:Signature ").unwrap()..text.find("</ds:Signature>").unwrap() + 15];
    assert_eq!(changed("<v p:a", &format!("{signature}<v p:a")), Err(Error::Count { count: 2 }));
}

#[test]
fn s2_and_s3_shape() {
    let shape = |from: &str, to: &str| match changed(from, to) {
        Err(Error::Shape { .. }) => {}
        other => panic!("{from} to {to}: {other:?}"),
    };
    shape("<ds:KeyInfo>", "<ds:Object/><ds:KeyInfo>");
    shape("</ds:Signature>", "<ds:Object/></ds:Signature>");
    shape("</ds:Signature>", "<ds:KeyInfo/></ds:Signature>");
    shape("<ds:SignatureValue>", "<ds:SignatureValue>AA==</ds:SignatureValue><ds:SignatureValue>");
    shape("<ds:SignatureValue>", "<ds:SignedInfo/><ds:SignatureValue>");
    shape("<ds:SignatureValue>", "text<ds:SignatureValue>");
    shape("<ds:SignatureValue>", "<ds:SignatureValue>!");
    shape("<ds:DigestMethod", "<ds:DigestValue>AA==</ds:DigestValue><ds:DigestMethod");
    shape("<ds:DigestValue>", "<ds:DigestValue>AA==</ds:DigestValue><ds:DigestValue>");
    shape("<ds:DigestValue>", "<ds:DigestValue><x/>");
    shape(
        "xmldsig-more#rsa-sha256\"/>",
        "xmldsig-more#rsa-sha256\"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
    );
    shape("xmlenc#sha256\"/>", "xmlenc#sha256\"><x/></ds:DigestMethod>");
    assert_eq!(
        changed("</ds:SignedInfo>", "<ds:Reference/></ds:SignedInfo>"),
        Err(Error::ReferenceCount { count: 2 })
    );
}

#[test]
fn s3_no_reference() {
    let text = signed();
    let (start, end) = (text.find("<ds:Reference").unwrap(), text.find("</ds:Reference>").unwrap() + 15);
    let text = [&text[..start], &text[end..]].concat();
    assert_eq!(verify(&text, certificate("rsa2048")), Err(Error::ReferenceCount { count: 0 }));
}

#[test]
fn s4_the_reference_names_the_parent() {
    for uri in [
        "URI=\"\"",
        "URI=\"#_2\"",
        "URI=\"#xpointer(/)\"",
        "URI=\"https://example.com/\"",
        "URI=\"_1\"",
        "Type=\"x\"",
    ] {
        match changed("URI=\"#_1\"", uri) {
            Err(Error::ReferenceUri { expected, .. }) => assert_eq!(expected, "#_1"),
            other => panic!("{uri}: {other:?}"),
        }
    }
    assert!(matches!(changed(" ID=\"_1\"", ""), Err(Error::ReferenceUri { .. })));
    assert!(matches!(changed(" ID=\"_1\"", " p:ID=\"_1\""), Err(Error::ReferenceUri { .. })));
}

#[test]
fn s4_a_reference_cannot_be_read_as_an_xpointer() {
    let key = key("p256");
    for id in ["xpointer(/)", "a(", "a)", "a^"] {
        let signing = Signing {
            id,
            placement: Placement::FirstChild,
            key: &key,
            algorithm: key.default_algorithm(),
            certificate: None,
            prefix_list: &[],
        };
        let document = DOCUMENT.replace("_1", id);
        let text = String::from_utf8(xmldsig::sign(document.into(), &signing).unwrap()).unwrap();
        match verify(&text, certificate("p256")) {
            Err(Error::ReferenceUri { actual, .. }) => assert_eq!(actual, Some(format!("#{id}"))),
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn a_prefix_does_not_hide_a_second_id_or_uri() {
    let two_ids = " p:ID=\"_2\" ID=\"_1\"";
    assert_eq!(changed(" ID=\"_1\"", two_ids), Err(Error::ReferenceTarget { id: "_1".to_owned() }));
    for (from, to) in [
        ("<ds:Reference ", "<ds:Reference p:URI=\"#_2\" "),
        ("<ds:SignatureMethod ", "<ds:SignatureMethod p:Algorithm=\"urn:a\" "),
        ("<ds:DigestValue", "<ds:DigestValue xml:lang=\"en\""),
    ] {
        let rule = "no attribute in SignedInfo has a prefix";
        assert_eq!(changed(from, to), Err(Error::Shape { rule }), "{to}");
    }
}

#[test]
fn s6_and_s7_transforms() {
    const ENVELOPED: &str =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    const EXCLUSIVE: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
    let transform = |from: &str, to: &str| match changed(from, to) {
        Err(Error::Transform { .. }) => {}
        other => panic!("{to}: {other:?}"),
    };
    transform(ENVELOPED, "");
    transform(EXCLUSIVE, "");
    transform(&[ENVELOPED, EXCLUSIVE].concat(), "");
    transform(&[ENVELOPED, EXCLUSIVE].concat(), &[EXCLUSIVE, ENVELOPED].concat());
    transform(EXCLUSIVE, &[EXCLUSIVE, EXCLUSIVE].concat());
    for algorithm in [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2000/09/xmldsig#base64",
    ] {
        transform(EXCLUSIVE, &format!("<ds:Transform Algorithm=\"{algorithm}\"/>"));
    }
    let list = |list: &str| {
        format!(
            "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
             <c:InclusiveNamespaces xmlns:c=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/></ds:Transform>"
        )
    };
    transform(EXCLUSIVE, &list(&"a ".repeat(33)));
    transform(EXCLUSIVE, &list("a:b"));
    transform(EXCLUSIVE, &list("#all"));
    transform(EXCLUSIVE, &list("a\"/><InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#"));
    transform(EXCLUSIVE, &list("a").replace("c:Inclusive", "c:Other"));
    // A list that the signer did not sign breaks the signature, not the profile.
    assert!(matches!(changed(EXCLUSIVE, &list(&"a ".repeat(32))), Err(Error::SignatureInvalid { .. })));
}

#[test]
fn a_prefix_list_is_honoured() {
    let key = key("rsa2048");
    let signing = Signing {
        id: "_1",
        placement: Placement::FirstChild,
        key: &key,
        algorithm: key.default_algorithm(),
        certificate: None,
        prefix_list: &["p", ""],
    };
    let text = String::from_utf8(xmldsig::sign(DOCUMENT.into(), &signing).unwrap()).unwrap();
    assert!(text.contains("PrefixList=\"p #default\""));
    assert!(verify(&text, certificate("rsa2048")).is_ok());
    // The listed prefix is part of what is signed, wherever it is used.
    assert_eq!(
        verify(&text.replacen("urn:p", "urn:q", 1), certificate("rsa2048")),
        Err(Error::DigestMismatch)
    );
}

#[test]
fn s8_canonicalization_method() {
    let from = r#"CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#""#;
    let to = r#"CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315""#;
    assert!(matches!(changed(from, to), Err(Error::Canonicalization { .. })));
}

#[test]
fn s9_algorithms() {
    let algorithm = |from: &str, to: &str| match changed(from, to) {
        Err(Error::AlgorithmNotAllowed { algorithm }) => algorithm,
        other => panic!("{to}: {other:?}"),
    };
    for uri in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "",
    ] {
        assert_eq!(algorithm("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", uri), uri);
    }
    for uri in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5", "x"] {
        assert_eq!(algorithm("http://www.w3.org/2001/04/xmlenc#sha256", uri), uri);
    }
    let text = signed();
    assert!(matches!(verify(&text, certificate("p256")), Err(Error::KeyType { .. })));
}

#[test]
fn s10_only_the_callers_keys_count() {
    let text = signed();
    let other = certificate("rsa2048b");
    match verify(&text, other.clone()) {
        Err(Error::SignatureInvalid { tried, embedded }) => {
            assert_eq!(tried, [other.sha256().to_string()]);
            assert_eq!(embedded, Some(certificate("rsa2048").sha256().to_string()));
        }
        unexpected => panic!("{unexpected:?}"),
    }
    // Every trusted key is tried, the one that KeyInfo names first.
    let keys =
        TrustedKeys::new([other, certificate("p256"), certificate("rsa2048")].map(TrustedKey::from)).unwrap();
    assert!(verify(&text, keys.clone()).is_ok());
    let start = text.find("<ds:KeyInfo>").unwrap();
    let end = text.find("</ds:KeyInfo>").unwrap() + "</ds:KeyInfo>".len();
    assert!(verify(&[&text[..start], &text[end..]].concat(), keys).is_ok());
}

#[test]
fn s11_and_s13_values() {
    let text = signed();
    let value = |name: &str| {
        let start = text.find(&format!("<ds:{name}>")).unwrap() + name.len() + 5;
        text[start..start + text[start..].find('<').unwrap()].to_owned()
    };
    let flip = |value: &str| {
        let first = if value.starts_with('A') { "B" } else { "A" };
        format!("{first}{}", &value[1..])
    };
    let signature = value("SignatureValue");
    assert!(matches!(changed(&signature, &flip(&signature)), Err(Error::SignatureInvalid { .. })));
    // A digest that fits changed content is not the signed one.
    let digest = value("DigestValue");
    assert!(matches!(changed(&digest, &flip(&digest)), Err(Error::SignatureInvalid { .. })));
    // A truncated digest never counts, whatever it begins with.
    assert!(matches!(changed(&digest, &digest[..4]), Err(Error::SignatureInvalid { .. })));
}

#[test]
fn signing_needs_a_target_and_a_fitting_key() {
    let key = key("rsa2048");
    let signing = |id, algorithm| Signing {
        id,
        placement: Placement::AfterFirstChild,
        key: &key,
        algorithm,
        certificate: None,
        prefix_list: &[],
    };
    let rsa = key.default_algorithm();
    assert_eq!(xmldsig::sign(DOCUMENT.into(), &signing("_2", rsa)), Err(SigningError::Target));
    assert_eq!(xmldsig::sign(r#"<a ID="_1"/>"#.into(), &signing("_1", rsa)), Err(SigningError::Target));
    let ecdsa = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    assert!(matches!(xmldsig::sign(DOCUMENT.into(), &signing("_1", ecdsa)), Err(SigningError::Key(_))));
    let first = Signing { placement: Placement::FirstChild, ..signing("_1", rsa) };
    assert_eq!(xmldsig::sign(r#"<a ID="_1"/>"#.into(), &first), Err(SigningError::Target));
}
