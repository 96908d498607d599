//! Metadata of the identity provider: attacks (saml.md §5) and quirks (§6).

use std::ops::Range;

use admittance::{
    crypto::SigningKey,
    encoding::base64_encode,
    testing::saml_idp::{SignedElements, TestKey},
    xmldsig::{Placement, Signing, sign},
};
use serde_json::{Value, json};

use super::forge::{
    before, behind, element, provider, swap, swap_first, text, with, with_attribute, within, within_last,
    without,
};
use super::weak::RsaNumbers;
use super::{Vector, accept, reject, sha256};

pub(super) fn vectors() -> Vec<Vector> {
    let plain = plain();
    let mut vectors = vec![
        accept("twin_metadata", "metadata as the provider writes it", plain.clone())
            .metadata()
            .report(idp(&[TestKey::Rsa])),
    ];
    vectors.extend(keys(&plain));
    vectors.extend(trust(&plain));
    vectors.extend(forms(&plain));
    vectors.extend(roles(&plain));
    vectors.extend(rules(&plain));
    vectors
}

fn keys(plain: &str) -> Vec<Vector> {
    let other = certificate(TestKey::OtherRsa);
    let first = certificate(TestKey::Rsa);
    vec![
        refused(
            "metadata_without_keys",
            "saml.metadata_no_signing_key",
            "no key, under which everything unsigned could pass",
            without(plain, &format!("{ROLE}/KeyDescriptor")),
        ),
        refused(
            "metadata_without_keys_unreadable",
            "saml.metadata_no_signing_key",
            "the only certificate cannot be read",
            swap(plain, &first, "AAAA"),
        ),
        refused(
            "metadata_encryption_key_only",
            "saml.metadata_no_signing_key",
            "the only key is for encryption",
            swap(plain, "use=\"signing\"", "use=\"encryption\""),
        ),
        read(
            "metadata_key_without_use",
            "a key without use is for signing too",
            swap(plain, " use=\"signing\"", ""),
            &[],
        ),
        read(
            "metadata_several_certs_in_key_info",
            "two certificates in one KeyInfo",
            behind(
                plain,
                &format!("{ROLE}/KeyDescriptor/KeyInfo/X509Data/X509Certificate"),
                &format!("<ds:X509Certificate>{other}</ds:X509Certificate>"),
            ),
            &[],
        )
        .report(idp(&[TestKey::Rsa, TestKey::OtherRsa])),
        read(
            "metadata_cert_whitespace",
            "a certificate in lines, indented",
            swap(plain, &first, &format!("\n        {}\n    ", lines(&first, "\n        "))),
            &[],
        ),
        read(
            "metadata_duplicate_cert",
            "one certificate in two KeyDescriptors",
            behind(plain, &format!("{ROLE}/KeyDescriptor"), element(plain, &format!("{ROLE}/KeyDescriptor"))),
            &[],
        ),
    ]
}

fn trust(plain: &str) -> Vec<Vector> {
    let with_id = with_attribute(plain, "", "ID", "_metadata");
    let signed = |xml: &str, key: TestKey| {
        let signing = Signing {
            id: "_metadata",
            placement: Placement::FirstChild,
            key: key.signing_key(),
            algorithm: SigningKey::default_algorithm(key.signing_key()),
            certificate: Some(key.certificate()),
            prefix_list: &[],
        };
        text(sign(xml.as_bytes().to_vec(), &signing).unwrap())
    };
    let trusted = json!({"trusted_certificates": [TestKey::OtherRsa.certificate_pem()]});
    let good = signed(&with_id, TestKey::OtherRsa);
    // The signed entity stands in the Extensions of a forged one, whose Signature refers to it.
    let original = without(&good, "Signature");
    let signature = element(&good, "Signature");
    let evil = swap(plain, &certificate(TestKey::Rsa), &certificate(TestKey::ExpiredRsa));
    let wrapped = before(&evil, ROLE, &format!("{signature}<md:Extensions>{original}</md:Extensions>"));
    let around = |content: &str| {
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{content}</md:EntitiesDescriptor>"
        )
    };
    vec![
        accept("twin_metadata_signed", "metadata signed by a trusted key", good.clone())
            .metadata()
            .case(trusted.clone())
            .report(idp(&[TestKey::Rsa])),
        refused(
            "metadata_signature_wrong_key",
            "saml.signature_invalid",
            "metadata signed by another key than the trusted one",
            signed(&with_id, TestKey::Rsa),
        )
        .case(trusted.clone())
        .twin("twin_metadata_signed"),
        refused(
            "metadata_signature_wrong_key_removed",
            "saml.signature_missing",
            "metadata that should be signed and is not",
            plain.to_owned(),
        )
        .case(trusted.clone())
        .twin("twin_metadata_signed"),
        refused(
            "metadata_wrapped",
            "saml.reference_uri",
            "the signed entity stands inside of a forged one that carries its Signature",
            wrapped,
        )
        .case(trusted.clone())
        .twin("twin_metadata_signed"),
        refused(
            "metadata_wrapped_in_aggregate",
            "saml.signature_missing",
            "the signed entity stands beside a forged one in an aggregate that nobody signed",
            around(
                &[&*swap(&evil, &provider().entity_id, "https://forged.example/metadata"), &*good].concat(),
            ),
        )
        .case(trusted)
        .case(json!({"entity_id": "https://forged.example/metadata"}))
        .twin("twin_metadata_signed"),
        refused(
            "metadata_duplicate_entity",
            "saml.metadata_several_entities",
            "one entity twice, with different keys",
            around(&[plain, &*evil].concat()),
        )
        .case(json!({"entity_id": provider().entity_id})),
        refused(
            "metadata_duplicate_entity_unnamed",
            "saml.metadata_several_entities",
            "two providers, and none is asked for",
            around(&[plain, &*swap(&evil, &provider().entity_id, "https://other.example/metadata")].concat()),
        ),
        refused(
            "metadata_javascript_url",
            "saml.url_not_allowed",
            "a sign-on service that is a script",
            swap_first(
                plain,
                "Location=\"https://idp.example/saml/sso\"",
                "Location=\"javascript:alert(1)//x\"",
            ),
        ),
        refused(
            "metadata_expired",
            "saml.metadata_expired",
            "the entity's validity has ended, without allowance for clocks",
            with_attribute(plain, "", "validUntil", super::forge::NOW),
        )
        .twin("twin_metadata_valid"),
        refused(
            "metadata_expired_role",
            "saml.metadata_expired",
            "the role's validity has ended",
            with_attribute(plain, ROLE, "validUntil", "2026-11-21T00:00:00Z"),
        )
        .twin("twin_metadata_valid"),
        refused(
            "metadata_expired_aggregate",
            "saml.metadata_expired",
            "the validity of the aggregate around the entity has ended",
            with_attribute(&around(plain), "", "validUntil", "2026-11-21T00:00:00Z"),
        )
        .twin("twin_metadata_valid"),
        accept(
            "twin_metadata_valid",
            "the entity's validity ends in a millisecond",
            with_attribute(plain, "", "validUntil", "2026-11-22T00:01:00.001Z"),
        )
        .metadata()
        .report(json!({"idp": {"valid_until": "2026-11-22T00:01:00.001Z"}})),
    ]
}

fn forms(plain: &str) -> Vec<Vector> {
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\r\n{plain}");
    let utf16: Vec<u8> =
        format!("\u{feff}{}", declared("utf-16")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        accept("metadata_utf16", "UTF-16 with byte-order mark, as Windows tools save", utf16)
            .metadata()
            .report(idp(&[TestKey::Rsa])),
        read("metadata_bom", "UTF-8 with byte-order mark", format!("\u{feff}{}", declared("utf-8")), &[]),
        read(
            "metadata_comments",
            "comments, also in the middle of a certificate, and an instruction before the root",
            format!(
                "<?xml version=\"1.0\"?><!-- saved --><?editor x?>{}",
                swap(
                    &within(plain, ROLE, "<!-- role -->"),
                    &certificate(TestKey::Rsa)[..64],
                    &format!("{}<!-- cut here -->", &certificate(TestKey::Rsa)[..64])
                )
            ),
            &[],
        ),
        read(
            "metadata_response_location",
            "a logout service with another address for responses",
            before(
                plain,
                &format!("{ROLE}/NameIDFormat"),
                "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
                 Location=\"https://idp.example/saml/slo\" ResponseLocation=\"https://idp.example/saml/slo/done\"/>",
            ),
            &[],
        )
        .report(json!({"idp": {"slo": [{
            "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
            "location": "https://idp.example/saml/slo",
        }]}})),
    ]
}

fn roles(plain: &str) -> Vec<Vector> {
    let other_role = |name: &str, more: &str| {
        let role = element(plain, ROLE);
        let role = swap(role, &certificate(TestKey::Rsa), &certificate(TestKey::OtherRsa));
        let content = &role[content_of(&role)];
        format!("<md:{name} {more}>{content}</md:{name}>")
    };
    let saml = "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"";
    let sp = format!(
        "<md:SPSSODescriptor {saml}><md:AssertionConsumerService index=\"0\" \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.example/broker\"/>\
         </md:SPSSODescriptor>"
    );
    let federation = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
        xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
        protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\"";
    let sts =
        other_role("RoleDescriptor", &format!("{federation} xsi:type=\"fed:SecurityTokenServiceType\""));
    let app = other_role("RoleDescriptor", &format!("{federation} xsi:type=\"fed:ApplicationServiceType\""));
    let saml_1 =
        other_role("IDPSSODescriptor", "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\"");
    let second = other_role("IDPSSODescriptor", saml);
    let authority = format!(
        "<md:AttributeAuthorityDescriptor {saml}><md:AttributeService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"https://idp.example/attributes\"/>\
         </md:AttributeAuthorityDescriptor>"
    );
    vec![
        read(
            "metadata_keycloak_entities",
            "one entity in an aggregate with a name",
            format!(
                "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" Name=\"urn:keycloak\">\
                 {plain}</md:EntitiesDescriptor>"
            ),
            &[],
        ),
        read(
            "metadata_mixed_roles",
            "roles of a service provider and an attribute authority around the provider's",
            within_last(&before(plain, ROLE, &sp), "", &authority),
            &[],
        ),
        read(
            "metadata_ws_federation_roles",
            "roles of WS-Federation with keys of their own",
            before(plain, ROLE, &[sts, app].concat()),
            &[],
        ),
        read(
            "metadata_two_idp_roles",
            "two roles of an identity provider: the first counts, and its keys alone",
            behind(plain, ROLE, &second),
            &[],
        ),
        read(
            "metadata_two_idp_roles_saml_1",
            "a role for SAML 1.1 before that for SAML 2.0",
            before(plain, ROLE, &saml_1),
            &[],
        ),
    ]
}

/// 2.4 #12 to #19.
fn rules(plain: &str) -> Vec<Vector> {
    let role_as = |name: &str| plain.replace("IDPSSODescriptor", name);
    let without_services = |xml: &str| {
        let without_one = |xml: &str| without(xml, &format!("{ROLE}/SingleSignOnService"));
        without_one(&without_one(xml))
    };
    let rsa = RsaNumbers::read(TestKey::Rsa.key_pem());
    let key_value = format!(
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent>\
         </ds:RSAKeyValue></ds:KeyValue>",
        base64_encode(&rsa.modulus),
        base64_encode(&rsa.public_exponent)
    );
    let rule = |rule: &'static str, name: &str, code: &'static str, shows: &'static str, xml: String| {
        refused(name, code, shows, xml).rule(rule)
    };
    vec![
        rule("2.4 #12", "rule_metadata_empty", "saml.metadata_not_xml", "nothing", String::new()),
        rule(
            "2.4 #12",
            "rule_metadata_json",
            "saml.metadata_not_xml",
            "JSON",
            "{\"issuer\": \"x\"}".to_owned(),
        ),
        rule(
            "2.4 #12",
            "rule_metadata_pem",
            "saml.metadata_not_xml",
            "a certificate",
            TestKey::Rsa.certificate_pem().to_owned(),
        ),
        rule(
            "2.4 #12",
            "rule_metadata_html",
            "saml.metadata_html",
            "the page of a login form",
            "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"
                .to_owned(),
        ),
        rule(
            "2.4 #12",
            "rule_metadata_sp_only",
            "saml.metadata_sp_only",
            "a service provider, our own perhaps",
            role_as("SPSSODescriptor"),
        ),
        rule(
            "2.4 #12",
            "rule_metadata_no_idp",
            "saml.metadata_no_idp",
            "no role of an identity provider",
            role_as("PDPDescriptor"),
        ),
        rule(
            "2.4 #12",
            "rule_metadata_no_saml_2",
            "saml.metadata_no_idp",
            "an identity provider for SAML 1.1 only",
            swap(
                plain,
                "=\"urn:oasis:names:tc:SAML:2.0:protocol\"",
                "=\"urn:oasis:names:tc:SAML:1.1:protocol\"",
            ),
        ),
        rule(
            "2.4 #13",
            "rule_metadata_encoding",
            "saml.encoding_unsupported",
            "an encoding that is not read",
            format!("<?xml version=\"1.0\" encoding=\"windows-1252\"?>{plain}"),
        ),
        rule(
            "2.4 #14",
            "rule_metadata_dtd",
            "saml.xml_dtd",
            "a document type",
            format!("<!DOCTYPE md:EntityDescriptor>{plain}"),
        ),
        rule(
            "2.4 #14",
            "rule_metadata_instruction",
            "saml.xml_processing_instruction",
            "an instruction inside of the root",
            before(plain, ROLE, "<?x?>"),
        ),
        rule(
            "2.4 #14",
            "rule_metadata_root",
            "saml.unexpected_root",
            "a SAML message",
            super::forge::good(SignedElements::Both),
        ),
        rule(
            "2.4 #15",
            "rule_metadata_entity_not_found",
            "saml.metadata_entity_not_found",
            "another entity than the one asked for",
            plain.to_owned(),
        )
        .case(json!({"entity_id": "https://other.example/metadata"})),
        rule(
            "2.4 #18",
            "rule_metadata_no_sso",
            "saml.metadata_no_sso",
            "no sign-on service",
            without_services(plain),
        ),
        rule(
            "2.4 #18",
            "rule_metadata_no_sso_binding",
            "saml.metadata_no_sso",
            "sign-on services for other bindings only",
            plain
                .replace("bindings:HTTP-Redirect", "bindings:SOAP")
                .replace("bindings:HTTP-POST", "bindings:PAOS"),
        ),
        rule(
            "2.4 #18",
            "rule_metadata_user_in_url",
            "saml.url_not_allowed",
            "a user name in the address of a service",
            swap_first(plain, "Location=\"https://idp", "Location=\"https://user@idp"),
        ),
        rule(
            "2.4 #18",
            "rule_metadata_fragment_in_url",
            "saml.url_not_allowed",
            "a fragment in the address of a service",
            swap_first(plain, "/saml/sso\"", "/saml/sso#x\""),
        ),
        accept("rule_metadata_entity_found", "the entity that is asked for", plain)
            .rule("2.4 #15")
            .metadata()
            .case(json!({"entity_id": provider().entity_id})),
        accept(
            "rule_metadata_key_value",
            "a bare key instead of a certificate",
            with(plain, &format!("{ROLE}/KeyDescriptor/KeyInfo/X509Data"), &key_value),
        )
        .rule("2.4 #19")
        .metadata(),
        accept(
            "rule_metadata_one_unreadable_certificate",
            "one certificate cannot be read, another one can",
            behind(
                plain,
                &format!("{ROLE}/KeyDescriptor/KeyInfo/X509Data/X509Certificate"),
                "<ds:X509Certificate>AAAA</ds:X509Certificate>",
            ),
        )
        .rule("2.4 #19")
        .metadata()
        .notes(&["saml.certificate_invalid"]),
    ]
}

/// What the provider for vectors publishes.
pub(super) fn plain() -> String {
    text(provider().metadata().unwrap())
}

fn read(name: &str, shows: &'static str, xml: String, notes: &[&'static str]) -> Vector {
    accept(name, shows, xml).metadata().notes(notes).report(idp(&[TestKey::Rsa]))
}

fn refused(name: &str, code: &'static str, shows: &'static str, xml: String) -> Vector {
    reject(name, code, shows, xml).metadata().twin("twin_metadata")
}

/// The report's member about a provider with these keys.
fn idp(keys: &[TestKey]) -> Value {
    let certificates: Vec<String> = keys.iter().map(|key| sha256(key.certificate())).collect();
    json!({"idp": {"entity_id": provider().entity_id, "certificates": certificates}})
}

pub(super) fn certificate(key: TestKey) -> String {
    base64_encode(key.certificate().der())
}

pub(super) fn lines(text: &str, separator: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(separator)
}

/// Where the content of an element given as text stands.
fn content_of(element: &str) -> Range<usize> {
    element.find('>').unwrap() + 1..element.rfind("</").unwrap()
}

pub(super) const ROLE: &str = "IDPSSODescriptor";
