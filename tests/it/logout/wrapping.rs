//! A valid signature beside what nobody has signed (saml.md §5, `xsw_logout_*`).

use admittance::saml::bindings::Incoming;

use super::{
    ID, NAME_ID, code, enveloped, judge_request, judge_response, request_xml, response_xml, unsigned_form,
};

/// The signed message in pieces: what stands before, in and behind its signature.
fn pieces(signed: &str) -> (&str, &str, &str) {
    let start = signed.find("<ds:Signature ").unwrap();
    let end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    (&signed[..start], &signed[start..end], &signed[end..])
}

/// Every way to put an original and a forgery together, with the rule that refuses it.
fn wrappings(original: &str, forged: &str) -> Vec<(&'static str, String, &'static str)> {
    let signed = enveloped(original);
    let (_, signature, _) = pieces(&signed);
    let unsigned = original;
    let with_issuer_end = |forged: &str, inserted: &str| {
        forged.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inserted}"), 1)
    };
    let in_extensions = |what: &str| format!("<samlp:Extensions>{what}</samlp:Extensions>");
    let forged_same_id = forged.replace("_forged", "_r1");
    let object =
        signature.replace("</ds:Signature>", &format!("<ds:Object>{unsigned}</ds:Object></ds:Signature>"));
    vec![
        (
            "the signed message in Extensions",
            with_issuer_end(forged, &in_extensions(&signed)),
            "saml.signature_misplaced",
        ),
        (
            "the signature at the forged root, the original in Extensions",
            with_issuer_end(forged, &format!("{signature}{}", in_extensions(unsigned))),
            "saml.reference_uri",
        ),
        (
            "both with one ID",
            with_issuer_end(&forged_same_id, &format!("{signature}{}", in_extensions(unsigned))),
            "saml.duplicate_id",
        ),
        ("the original in an Object", with_issuer_end(forged, &object), "saml.signature_shape"),
        (
            "the original in an Object, both with one ID",
            with_issuer_end(&forged_same_id, &object),
            "saml.duplicate_id",
        ),
        (
            "the forgery takes the original's ID, which is gone",
            with_issuer_end(&forged_same_id, signature),
            "saml.digest_mismatch",
        ),
        (
            "the signed message as the last child",
            forged.replacen("</samlp:Logout", &format!("{signed}</samlp:Logout"), 1),
            "saml.schema_violation",
        ),
        ("two signatures", with_issuer_end(&forged_same_id, &signature.repeat(2)), "saml.signature_count"),
        (
            "the signature in the Issuer",
            forged.replacen("</saml:Issuer>", &format!("{signature}</saml:Issuer>"), 1),
            "saml.signature_misplaced",
        ),
        ("the signature cut out", original.to_owned(), "saml.signature_missing"),
    ]
}

#[test]
fn requests() {
    let original = request_xml("", NAME_ID);
    let forged = original.replace("_r1", "_forged").replace(">ada<", ">eve<");
    for (attack, xml, expected) in wrappings(&original, &forged) {
        let fields = unsigned_form("SAMLRequest", &xml);
        assert_eq!(code(judge_request(Incoming::Post { fields: &fields })), expected, "{attack}");
    }
    let fields = unsigned_form("SAMLRequest", &enveloped(&original));
    assert!(judge_request(Incoming::Post { fields: &fields }).is_ok());
}

#[test]
fn responses() {
    let status = |code: &str| {
        let code = format!("urn:oasis:names:tc:SAML:2.0:status:{code}");
        format!("<samlp:Status><samlp:StatusCode Value=\"{code}\"/></samlp:Status>")
    };
    let original = response_xml(&format!(" InResponseTo=\"{ID}\""), &status("Responder"));
    let forged = original.replace("_r1", "_forged").replace("Responder", "Success");
    for (attack, xml, expected) in wrappings(&original, &forged) {
        let fields = unsigned_form("SAMLResponse", &xml);
        assert_eq!(code(judge_response(Incoming::Post { fields: &fields })), expected, "{attack}");
    }
}

/// The signature that counts covers everything but itself: text that it hides is not read.
#[test]
fn what_is_read_is_what_is_signed() {
    let signed = enveloped(&request_xml("", NAME_ID));
    let moved = signed.replace("<saml:NameID>ada", "<saml:NameID>eve");
    let fields = unsigned_form("SAMLRequest", &moved);
    assert_eq!(code(judge_request(Incoming::Post { fields: &fields })), "saml.digest_mismatch");
}
