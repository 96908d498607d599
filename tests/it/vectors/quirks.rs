//! What identity providers do within the standard, or close to it (saml.md §6): accepted.

use std::time::Duration;

use admittance::{
    encoding::base64_encode,
    saml::names::{XS, name_id_format, status},
    testing::saml_idp::{
        AuthnRequest, Fault, GroupValues, IdStyle, KeyInfo, NameIdSource, NameIdStyle, Namespaces, Shape,
        SignedElements::{Assertion, Both, Neither, Response},
        Statements, Style, TestKey, TimeStyle, ValueType,
    },
    xmldsig::Placement,
};
use serde_json::{Value, json};

use super::forge::{
    ACS, ADA, REQUEST_ID, ada, answered, before, behind, canonical, drafted, element, evil_copy, faulty,
    good, now, provider, resigned, styled, swap, swap_first, text, with, with_attribute,
    with_signature_value, within_last, without, without_attribute,
};
use super::protocol::CONFIRMATION_DATA;
use super::signature::{EXCLUSIVE, SHA256};
use super::weak::RsaNumbers;
use super::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = encodings();
    vectors.extend(namespaces());
    vectors.extend(forms());
    vectors.extend(texts());
    vectors.extend(attributes());
    vectors.extend(signatures());
    vectors.extend(certificates());
    vectors.extend(subjects());
    vectors.extend(statuses());
    vectors
}

fn encodings() -> Vec<Vector> {
    let both = good(Both);
    let posted = base64_encode(both.as_bytes());
    let assertion = good(Assertion);
    let value = attribute_free_text(&assertion, "Assertion/Signature/SignatureValue");
    let certificate = attribute_free_text(&assertion, "Assertion/Signature/KeyInfo/X509Data/X509Certificate");
    let wrapped = |text: &str| format!("&#13;\n{}&#13;\n", lines(text, "&#13;\n"));
    let pretty = drafted(Both, |xml| xml.replace("><", ">\n    <"));
    vec![
        accept("base64_wrapped_76", "lines of 76 characters", "").form(format!("{}\n", lines(&posted, "\n"))),
        accept("base64_crlf", "lines that end with CR and LF", "")
            .form(format!("{}\r\n", lines(&posted, "\r\n"))),
        accept(
            "base64_entity_cr",
            "references to CR in the text of signature and certificate",
            swap(&swap(&assertion, value, &wrapped(value)), certificate, &wrapped(certificate)),
        ),
        accept(
            "crlf_document",
            "a document saved with CR and LF, signed with LF",
            pretty.replace('\n', "\r\n"),
        ),
        accept(
            "cr_reference_kept",
            "a reference to CR in a value, which canonicalisation writes again",
            drafted(Both, |xml| swap(xml, ">Engineers<", ">Engineers&#13;\nand architects&#xD;<")),
        )
        .report(json!({"attributes": {"groups": ["Engineers\r\nand architects\r", "Writers"]}})),
        accept(
            "cdata_split_name_id",
            "a NameID that is in part a CDATA section, which is text",
            swap(&both, &format!(">{ADA}</saml:NameID>"), ">ada<![CDATA[@corp.example]]></saml:NameID>"),
        )
        .report(subject(ADA)),
    ]
}

fn namespaces() -> Vec<Vector> {
    let with_list = |list: &[&str]| {
        styled(|style| style.prefix_list = list.iter().map(|prefix| (*prefix).to_owned()).collect())
    };
    vec![
        accept("prefix_list_xs", "InclusiveNamespaces with xs", with_list(&["xs"])),
        accept(
            "prefix_list_xs_saml_xsi",
            "InclusiveNamespaces with xs, saml and xsi",
            with_list(&["xs", "saml", "xsi"]),
        ),
        accept(
            "prefix_list_xs_undeclared",
            "InclusiveNamespaces with a prefix that is not declared",
            with_list(&["xsd"]),
        ),
        accept(
            "prefix_list_default",
            "InclusiveNamespaces with the default namespace",
            styled(|style| {
                style.prefix_list = vec![String::new(), "xs".to_owned()];
                style.assertion_prefix = String::new();
            }),
        ),
        accept(
            "prefix_list_on_signed_info",
            "InclusiveNamespaces where SignedInfo is canonicalised",
            prefix_list_on_signed_info(),
        ),
        accept(
            "namespaces_on_response_only",
            "every namespace declared on the Response, only the Assertion signed",
            good(Assertion),
        ),
        accept(
            "default_namespace_redeclared",
            "the default namespace is the protocol's, then the assertion's",
            styled(|style| {
                style.protocol_prefix = String::new();
                style.assertion_prefix = String::new();
                style.namespaces = Namespaces::WhereUsed;
            }),
        ),
        accept(
            "prefixes_renamed",
            "other prefixes",
            styled(|style| {
                style.protocol_prefix = "p".to_owned();
                style.assertion_prefix = "ns2".to_owned();
            }),
        ),
        accept(
            "prefixes_renamed_signature",
            "another prefix of the Signature",
            renamed_signature("dsig:", "xmlns:dsig="),
        ),
        accept(
            "prefixes_renamed_signature_default",
            "the Signature without prefix",
            renamed_signature("", "xmlns="),
        ),
        accept(
            "superfluous_namespaces",
            "declarations that nothing uses",
            styled(|style| {
                style.unused_namespaces = vec![
                    ("xsd".to_owned(), XS.to_owned()),
                    ("x500".to_owned(), "urn:oasis:names:tc:SAML:2.0:profiles:attribute:X500".to_owned()),
                    ("ds".to_owned(), "https://other.example/not-a-signature".to_owned()),
                ];
            }),
        ),
    ]
}

fn forms() -> Vec<Vector> {
    let ids = |style: IdStyle| styled(|s| s.ids = style);
    let times = |style: TimeStyle| styled(|s| s.times = style);
    vec![
        accept("id_leading_digit", "IDs that begin with a digit", ids(IdStyle::LeadingDigit)),
        accept("id_okta", "IDs of decimal digits", ids(IdStyle::Decimal)),
        accept("id_upper_case", "IDs in upper case", ids(IdStyle::UpperHex)),
        accept("time_7_digits", "seven digits of a second", times(TimeStyle::SevenDigits)),
        accept("time_9_digits", "nine digits of a second", times(TimeStyle::NineDigits)),
        accept("time_no_fraction", "whole seconds", times(TimeStyle::Seconds)),
        accept("time_offset", "times of another zone", times(TimeStyle::Offset)),
        accept("time_no_zone", "times without a zone, which are UTC", times(TimeStyle::NoZone))
            .notes(&["saml.time_without_zone"]),
    ]
}

fn texts() -> Vec<Vector> {
    let issuer = |xml: &str| {
        let name = provider().entity_id;
        xml.replace(&format!(">{name}<"), &format!(">\n        {name}\n    <"))
    };
    let audience = |xml: &str| {
        swap(xml, "<saml:Audience>https", "<saml:Audience> \t\nhttps")
            .replace("</saml:Audience>", " </saml:Audience>")
    };
    let mut entra = provider();
    entra.entity_id = Shape::EntraId.entity_id().to_owned();
    let entra_metadata = json!({"idp": {"metadata": text(entra.metadata().unwrap())}});
    let entra = answered(entra);
    let acs_as_name = {
        let mut provider = provider();
        let request = AuthnRequest::new(REQUEST_ID, ACS, ACS);
        let unsigned = provider.unsigned(&request, &ada(), now()).unwrap();
        text(provider.sign(unsigned).unwrap())
    };
    vec![
        accept("issuer_whitespace", "white space around both Issuers", drafted(Both, issuer))
            .notes(&["saml.text_trimmed"]),
        accept("audience_whitespace", "white space around the Audience", drafted(Both, audience))
            .notes(&["saml.text_trimmed"]),
        accept("issuer_trailing_slash", "an entity ID that ends with a slash", entra.clone())
            .case(entra_metadata.clone())
            .report(json!({"issuer": Shape::EntraId.entity_id()})),
        reject(
            "issuer_trailing_slash_missing",
            "saml.issuer_mismatch",
            "the slash at the end of the entity ID is significant",
            drafted_without_slash(),
        )
        .case(entra_metadata)
        .twin("issuer_trailing_slash"),
        accept(
            "several_audiences",
            "several audiences in one restriction",
            styled(|style| {
                style.other_audiences = vec!["https://other-sp.example".to_owned(), "urn:x".to_owned()]
            }),
        ),
        accept("audience_acs_url", "our name is the address of our assertion consumer service", acs_as_name)
            .case(json!({"sp": {"entity_id": ACS}})),
    ]
}

fn attributes() -> Vec<Vector> {
    let values = |replacement: &str| {
        let replacement = replacement.to_owned();
        drafted(Both, move |xml| {
            let start = xml.find("<saml:AttributeValue xsi:type=\"xs:string\">Engineers").unwrap();
            let end = xml.rfind("</saml:Attribute>").unwrap();
            [&xml[..start], &*replacement, &xml[end..]].concat()
        })
    };
    let groups = |groups: &[&str]| json!({"attributes": {"groups": groups}});
    let all = json!({"attributes": {
        "name": ["Ada Lovelace"], "login": ["ada"], "email": [ADA], "groups": ["Engineers", "Writers"],
    }});
    let mapping =
        json!({"mapping": {"name": "name", "login": "login", "email": "email", "groups": "groups"}});
    vec![
        accept("attribute_empty", "an attribute without values", values("")).report(groups(&[])),
        accept("attribute_empty_value", "an empty value", values("<saml:AttributeValue/>")).report(groups(&[""])),
        accept("attribute_nil", "a value that is nil", values("<saml:AttributeValue xsi:nil=\"true\"/>"))
            .report(groups(&[""])),
        accept(
            "attribute_no_xsi_type",
            "values without type",
            styled(|style| style.value_type = ValueType::Omit),
        )
        .report(all.clone()),
        accept(
            "attribute_any_type",
            "values of type xs:anyType",
            styled(|style| style.value_type = ValueType::AnyType),
        )
        .report(all.clone()),
        accept(
            "attribute_nested_name_id",
            "eduPersonTargetedID: a NameID as value",
            drafted(Both, |xml| {
                let attribute = "<saml:Attribute Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.10\" \
                    NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" FriendlyName=\"eduPersonTargetedID\">\
                    <saml:AttributeValue><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" \
                    NameQualifier=\"https://idp.example/saml/metadata\" SPNameQualifier=\"https://sp.example/saml/metadata\">\
                    0f1e2d3c</saml:NameID></saml:AttributeValue></saml:Attribute>";
                within_last(xml, "Assertion/AttributeStatement", attribute)
            }),
        )
        .report(json!({"attributes": {"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": ["0f1e2d3c"]}})),
        accept(
            "attribute_statements_several",
            "a statement for each attribute",
            styled(|style| style.statements = Statements::OneEach),
        )
        .report(all.clone()),
        accept(
            "attribute_name_repeated",
            "an attribute of the same name for each group",
            styled(|style| style.group_values = GroupValues::Attributes),
        )
        .report(all),
        accept(
            "groups_overage_saml",
            "a link instead of more than 150 groups: too many, and not none",
            faulty(Both, Fault::GroupsOverage),
        )
        .case(mapping)
        .report(json!({"profile": {"groups_state": "overage"}}))
        .notes(&["groups.overage"]),
    ]
}

fn signatures() -> Vec<Vector> {
    let rsa = RsaNumbers::read(TestKey::Rsa.key_pem());
    let key_value = format!(
        "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent>\
         </ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>",
        base64_encode(&rsa.modulus),
        base64_encode(&rsa.public_exponent)
    );
    vec![
        accept("assertion_signed_only", "the Assertion is signed", good(Assertion)),
        accept("response_signed_only", "the Response is signed", good(Response)),
        accept("both_signed", "the Assertion is signed, and the Response around it", good(Both))
            .report(subject(ADA))
            .report(json!({"attributes": {
                "name": ["Ada Lovelace"], "login": ["ada"], "email": [ADA], "groups": ["Engineers", "Writers"],
            }})),
        accept("no_key_info", "signatures without KeyInfo", styled(|style| style.key_info = KeyInfo::Omit)),
        accept(
            "unsigned_response_no_destination",
            "an unsigned Response without Destination",
            drafted(Assertion, |xml| without_attribute(xml, "", "Destination")),
        ),
        accept(
            "key_info_rsa_key_value",
            "the key in KeyInfo instead of its certificate",
            with(&good(Assertion), "Assertion/Signature/KeyInfo", &key_value),
        ),
        accept(
            "embedded_random_cert",
            "KeyInfo has a certificate of another key than the one that signed",
            styled(|style| style.key_info = KeyInfo::CertificateOf(TestKey::OtherRsa)),
        ),
        accept(
            "signature_last_child",
            "the signatures stand last in their elements",
            styled(|style| style.placement = Placement::LastChild),
        ),
        accept(
            "signature_last_child_after_subject",
            "the Assertion's Signature stands behind its Subject",
            {
                let assertion = good(Assertion);
                let signature = element(&assertion, "Assertion/Signature").to_owned();
                let without = without(&assertion, "Assertion/Signature");
                behind(&without, "Assertion/Subject", &signature)
            },
        ),
        accept(
            "advice_with_assertion",
            "an Assertion as Advice, which is not read",
            drafted(Both, |xml| {
                behind(xml, "Assertion/Conditions", &format!("<saml:Advice>{}</saml:Advice>", evil_copy(xml)))
            }),
        )
        .report(subject(ADA)),
    ]
}

fn certificates() -> Vec<Vector> {
    let published = |keys: &[TestKey], key: TestKey| {
        let mut provider = provider();
        provider.published_keys = keys.to_vec();
        provider.style.key = key;
        let metadata = text(provider.metadata().unwrap());
        (answered(provider), json!({"idp": {"metadata": metadata}}))
    };
    let (several, several_case) = published(&[TestKey::OtherRsa, TestKey::P256, TestKey::Rsa], TestKey::Rsa);
    let (old, rollover_case) = published(&[TestKey::Rsa, TestKey::OtherRsa], TestKey::Rsa);
    let (new, _) = published(&[TestKey::Rsa, TestKey::OtherRsa], TestKey::OtherRsa);
    let (expired, expired_case) = published(&[TestKey::ExpiredRsa], TestKey::ExpiredRsa);
    vec![
        accept("several_signing_certs", "three keys in the metadata, the last signed", several)
            .case(several_case),
        accept("old_and_new_cert", "two keys during a rollover, the old one signed", old)
            .case(rollover_case.clone()),
        accept("old_and_new_cert_new", "two keys during a rollover, the new one signed", new)
            .case(rollover_case),
        accept("expired_certificate", "the certificate has expired, and its key counts", expired)
            .case(expired_case)
            .notes(&["saml.certificate_expired"]),
    ]
}

fn subjects() -> Vec<Vector> {
    let name_id =
        |format: &str, source| styled(|style: &mut Style| style.name_id = NameIdStyle::new(format, source));
    let transient = name_id(name_id_format::TRANSIENT, NameIdSource::Transient);
    let first_confirmation = |xml: &str| {
        let confirmation = element(xml, "Assertion/Subject/SubjectConfirmation").to_owned();
        let other = swap(
            &confirmation,
            &format!("Recipient=\"{ACS}\""),
            "Recipient=\"https://other-sp.example/acs\"",
        );
        before(xml, "Assertion/Subject/SubjectConfirmation", &other)
    };
    vec![
        accept(
            "confirmation_second_bearer_ok",
            "the first bearer confirmation is for another address, the second for ours",
            drafted(Both, first_confirmation),
        ),
        accept(
            "confirmation_not_before_past",
            "a bearer confirmation with a NotBefore that is over",
            styled(|style| style.confirmation_not_before = Some(Duration::from_secs(60))),
        )
        .notes(&["saml.confirmation_not_before"]),
        accept(
            "in_response_to_empty",
            "an empty InResponseTo on the Response says nothing",
            drafted(Both, |xml| with_attribute(xml, "", "InResponseTo", "")),
        ),
        accept(
            "in_response_to_empty_unsolicited",
            "empty InResponseTo everywhere, where unsolicited responses are allowed",
            drafted(Both, |xml| {
                let xml = with_attribute(xml, "", "InResponseTo", "");
                with_attribute(&xml, CONFIRMATION_DATA, "InResponseTo", "")
            }),
        )
        .case(json!({"request_id": null, "policy": {"idp_initiated": "allow"}})),
        accept("transient_name_id", "a NameID that is another one at each sign-in", transient)
            .notes(&["saml.name_id_transient"])
            .report(json!({"subject": {"format": name_id_format::TRANSIENT}})),
    ]
}

fn statuses() -> Vec<Vector> {
    let failure = |code: &str, sub_code: &str, message: &str| {
        drafted(Neither, |xml| {
            let status = format!(
                "<samlp:Status><samlp:StatusCode Value=\"{code}\"><samlp:StatusCode Value=\"{sub_code}\"/>\
                 </samlp:StatusCode><samlp:StatusMessage>{message}</samlp:StatusMessage></samlp:Status>"
            );
            with(&without(xml, "Assertion"), "Status", &status)
        })
    };
    vec![
        reject(
            "idp_status_no_authn_context",
            "saml.idp_status",
            "the provider says that it cannot authenticate as asked",
            failure(status::RESPONDER, status::NO_AUTHN_CONTEXT, "no such context"),
        ),
        reject(
            "idp_status_request_denied",
            "saml.idp_status",
            "the provider says that the person may not",
            failure(status::REQUESTER, status::REQUEST_DENIED, "not assigned to the application"),
        ),
        reject(
            "idp_status_request_denied_signed",
            "saml.idp_status",
            "the same, signed",
            faulty(Both, Fault::StatusNotSuccess),
        ),
    ]
}

fn prefix_list_on_signed_info() -> String {
    let assertion = good(Assertion);
    let list = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" \
         PrefixList=\"xs\"/></ds:CanonicalizationMethod>"
    );
    let bare = format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>");
    let listed = resigned(&assertion, |info| swap(info, &bare, &list));
    // The namespace is declared on the Response.
    let info = element(&listed, "Assertion/Signature/SignedInfo");
    let in_scope = swap_first(info, "<ds:SignedInfo", &format!("<ds:SignedInfo xmlns:xs=\"{XS}\""));
    let value = TestKey::Rsa.signing_key().sign(SHA256, &canonical(&in_scope, &["xs"])).unwrap();
    with_signature_value(&listed, &base64_encode(&value))
}

/// The Assertion's Signature with another prefix, signed anew.
fn renamed_signature(prefix: &str, declaration: &str) -> String {
    let assertion = good(Assertion);
    let signature = element(&assertion, "Assertion/Signature")
        .replace("</ds:", &format!("</{prefix}"))
        .replace("<ds:", &format!("<{prefix}"))
        .replace("xmlns:ds=", declaration);
    let (info_start, info_end) =
        (signature.find(&format!("<{prefix}SignedInfo")).unwrap(), format!("</{prefix}SignedInfo>"));
    let info = &signature[info_start..signature.find(&info_end).unwrap() + info_end.len()];
    let value = TestKey::Rsa.signing_key().sign(SHA256, &canonical(info, &[])).unwrap();
    let start = signature.find(&format!("<{prefix}SignatureValue>")).unwrap();
    let start = start + format!("<{prefix}SignatureValue>").len();
    let end = signature.find(&format!("</{prefix}SignatureValue>")).unwrap();
    let signature = [&signature[..start], &base64_encode(&value), &signature[end..]].concat();
    with(&assertion, "Assertion/Signature", &signature)
}

fn drafted_without_slash() -> String {
    let mut entra = provider();
    entra.entity_id = Shape::EntraId.entity_id().trim_end_matches('/').to_owned();
    answered(entra)
}

/// The text of an element whose start tag has no attributes.
fn attribute_free_text<'x>(xml: &'x str, path: &str) -> &'x str {
    let element = element(xml, path);
    &element[element.find('>').unwrap() + 1..element.rfind("</").unwrap()]
}

fn subject(value: &str) -> Value {
    json!({"subject": {"value": value, "format": name_id_format::EMAIL_ADDRESS}})
}

/// The text in lines of 76 characters.
fn lines(text: &str, separator: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(separator)
}
