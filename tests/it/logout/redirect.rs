//! HTTP-Redirect inbound, 2.3 #1–#8.

use admittance::encoding::{base64_encode, deflate, percent_encode};
use admittance::limits::Limits;
use admittance::saml::bindings::Incoming;
use admittance::saml::names::binding;
use admittance::saml::web_sso::{Policy, WeakSignatures};
use admittance::testing::saml_idp::TestKey;

use super::{
    NAME_ID, RSA_SHA256, code, judge_request, judge_request_by, request_query, request_xml, signed,
    signed_query, unsigned_query,
};

fn judge(query: &str) -> Result<String, &'static str> {
    match judge_request(Incoming::Redirect { query }) {
        Ok(request) => Ok(request.relay_state().unwrap_or_default().to_owned()),
        Err(error) => Err(error.code()),
    }
}

fn payload() -> Vec<u8> {
    deflate(request_xml("", NAME_ID).as_bytes())
}

#[test]
fn each_parameter_once() {
    let good = signed_query("SAMLRequest", &payload(), Some("r"));
    let parameter = |name: &str| {
        let start = good.find(&format!("{name}=")).unwrap();
        good[start..].split('&').next().unwrap()
    };
    assert_eq!(judge(&good), Ok("r".to_owned()));
    let mut refused = vec![
        (String::new(), "nothing"),
        ("RelayState=r".to_owned(), "no message"),
        (
            format!("{good}&SAMLResponse={}", &parameter("SAMLRequest")["SAMLRequest=".len()..]),
            "two messages",
        ),
        (good.replacen("SAMLRequest=", "SAMLResponse=", 1), "the other kind"),
        (format!("{good}&SAMLEncoding=&SAMLEncoding="), "SAMLEncoding"),
        (good.replacen("SAMLRequest=", "SAMLRequest", 1), "a name runs into its value"),
        (format!("{good}&%53AMLRequest=x"), "the name of a second message is percent-encoded"),
        (format!("{good}&Relay%53tate=x"), "the name of a second RelayState is percent-encoded"),
    ];
    for name in ["SAMLRequest", "RelayState", "SigAlg", "Signature"] {
        refused.push((format!("{good}&{}", parameter(name)), name));
        refused.push((format!("{name}=&{good}"), name));
        refused.push((format!("{good}&{name}"), name));
    }
    for (query, why) in refused {
        assert_eq!(judge(&query), Err("saml.redirect_parameters"), "{why}: {query}");
    }
}

#[test]
fn other_parameters_and_any_order() {
    let good = signed_query("SAMLRequest", &payload(), Some("r"));
    let mut parameters: Vec<&str> = good.split('&').collect();
    parameters.reverse();
    let others = format!("samlrequest=x&&lang=%&{}&SAMLRequests=1&", parameters.join("&x=1&"));
    assert_eq!(judge(&others), Ok("r".to_owned()));
    let encoded = percent_encode(binding::DEFLATE.as_bytes());
    assert_eq!(judge(&format!("{good}&SAMLEncoding={encoded}")), Ok("r".to_owned()));
    assert_eq!(judge(&format!("{good}&SAMLEncoding={}", binding::DEFLATE)), Ok("r".to_owned()));
    for other in ["", "urn:example:gzip", "%zz", "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:deflate"]
    {
        assert_eq!(judge(&format!("{good}&SAMLEncoding={other}")), Err("saml.redirect_encoding"), "{other}");
    }
}

#[test]
fn raw_deflate_of_a_bounded_size() {
    let xml = request_xml("", NAME_ID);
    let failed = Err("saml.inflate_failed");
    let query = |payload: &[u8]| signed_query("SAMLRequest", payload, None);
    assert_eq!(judge(&query(xml.as_bytes())), failed, "not deflated");
    let zlib = [&[0x78, 0x9c], &payload()[..], &[0, 0, 0, 0]].concat();
    assert_eq!(judge(&query(&zlib)), failed, "with a zlib header");
    assert_eq!(judge(&query(&[payload(), vec![0]].concat())), failed, "with a byte behind");
    assert_eq!(judge(&query(&payload()[..payload().len() - 1])), failed, "cut off");
    assert_eq!(judge(&query(&[])), failed, "empty");
    assert_eq!(judge(&signed("SAMLRequest=%")), failed, "not percent-encoded");
    assert_eq!(judge(&signed("SAMLRequest=%2")), failed, "not percent-encoded");
    assert_eq!(judge(&signed("SAMLRequest=%ff")), failed, "not base64");
    assert_eq!(judge(&signed("SAMLRequest=AAA")), failed, "not base64");
    assert_eq!(judge(&signed("SAMLRequest")), failed, "without value");

    // An attribute of spaces: 200 to 1, and below all other limits.
    let bomb = request_xml(&format!(" Reason=\"{}\"", " ".repeat(60_000)), NAME_ID);
    assert_eq!(judge(&query(&deflate(bomb.as_bytes()))), Err("saml.xml_limit"), "the ratio");
    let indexes: String =
        (0..9_000).map(|i| format!("<samlp:SessionIndex>{i}</samlp:SessionIndex>")).collect();
    let large = request_xml("", &format!("{NAME_ID}{indexes}"));
    assert!(large.len() > 256 * 1024);
    assert_eq!(judge(&query(&deflate(large.as_bytes()))), Err("saml.xml_limit"), "the size");
    let padding = "x".repeat(Limits::default().redirect_query);
    assert_eq!(judge(&format!("{}&x={padding}", query(&payload()))), Err("saml.xml_limit"), "the query");
}

#[test]
fn base64_with_a_bare_plus_and_line_breaks() {
    // A plus that a sender has left as it is can only be one of base64.
    let text =
        (0..).map(|i| base64_encode(&deflate(request_xml(&format!(" Reason=\"{i}\""), NAME_ID).as_bytes())));
    let text = text.take(1000).find(|text| text.contains('+')).unwrap();
    assert_eq!(judge(&signed(&format!("SAMLRequest={text}"))), Ok(String::new()));
    let wrapped: String = text
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap()))
        .collect();
    assert_eq!(
        judge(&signed(&format!("SAMLRequest={}", percent_encode(wrapped.as_bytes())))),
        Ok(String::new())
    );
}

#[test]
fn signature_and_algorithm_both() {
    let good = request_query(&request_xml("", NAME_ID));
    let (rest, signature) = good.split_once("&Signature=").unwrap();
    let (message, algorithm) = rest.split_once("&SigAlg=").unwrap();
    let missing = Err("saml.signature_missing");
    assert_eq!(judge(message), missing);
    assert_eq!(judge(rest), missing);
    assert_eq!(judge(&format!("{message}&Signature={signature}")), missing);
    // A signature inside of the message does not replace the one of the binding.
    let enveloped =
        unsigned_query("SAMLRequest", &deflate(super::enveloped(&request_xml("", NAME_ID)).as_bytes()), None);
    assert_eq!(judge(&enveloped), missing);

    for (value, expected) in [
        ("", "saml.algorithm_not_allowed"),
        ("%", "saml.algorithm_not_allowed"),
        ("none", "saml.algorithm_not_allowed"),
        ("http://www.w3.org/2000/09/xmldsig%23hmac-sha1", "saml.algorithm_not_allowed"),
        ("http://www.w3.org/2000/09/xmldsig%23dsa-sha1", "saml.algorithm_not_allowed"),
        ("http://www.w3.org/2000/09/xmldsig%23rsa-sha1", "saml.algorithm_not_allowed"),
        ("http://www.w3.org/2001/04/xmldsig-more%23ecdsa-sha256", "saml.key_type_mismatch"),
        ("http://www.w3.org/2001/04/xmldsig-more%23rsa-sha512", "saml.signature_invalid"),
    ] {
        let query = format!("{message}&SigAlg={value}&Signature={signature}");
        assert_eq!(judge(&query), Err(expected), "{value}");
    }
    let mut weak = Policy::new();
    weak.weak_signatures = WeakSignatures::DangerAllow;
    let sha1 = format!("{message}&SigAlg=http://www.w3.org/2000/09/xmldsig%23rsa-sha1&Signature={signature}");
    let outcome = judge_request_by(Incoming::Redirect { query: &sha1 }, &weak);
    assert_eq!(code(outcome), "saml.signature_invalid", "allowed, and of something else");

    for value in ["", "A", "%00", "AAAA", &signature[..signature.len() - 8]] {
        let query = format!("{message}&SigAlg={algorithm}&Signature={value}");
        assert_eq!(judge(&query), Err("saml.signature_invalid"), "{value}");
    }
    let other = TestKey::OtherRsa.signing_key();
    let theirs = other.sign(other.default_algorithm(), rest.as_bytes()).unwrap();
    let theirs = percent_encode(base64_encode(&theirs).as_bytes());
    assert_eq!(judge(&format!("{rest}&Signature={theirs}")), Err("saml.signature_invalid"));
}

#[test]
fn relay_state_is_signed_as_it_is_written() {
    let message = unsigned_query("SAMLRequest", &payload(), None);
    for (written, value) in [("", ""), ("a+b%20c", "a b c"), ("%E4%bd%a0", "你"), ("=&", "=")] {
        let query = signed(&format!("{message}&RelayState={}", written.trim_end_matches('&')));
        assert_eq!(judge(&query), Ok(value.to_owned()), "{written}");
    }
    let good = signed(&format!("{message}&RelayState=a+b"));
    for other in ["a%20b", "a%2Bb", "a+c", "", "a+b%20"] {
        assert_eq!(judge(&good.replace("a+b", other)), Err("saml.signature_invalid"), "{other}");
    }
    assert_eq!(judge(&good.replace("&RelayState=a+b", "")), Err("saml.signature_invalid"));
    let without = signed(&message);
    assert_eq!(judge(&format!("{without}&RelayState=")), Err("saml.signature_invalid"));
    for broken in ["%", "%f", "%ff", "%c3"] {
        let query = signed(&format!("{message}&RelayState={broken}"));
        assert_eq!(judge(&query), Err("saml.redirect_parameters"), "{broken}");
    }
}

/// The property that the raw octets are for: whatever byte of the signed part is changed to whatever, the query is
/// refused.
#[test]
fn any_changed_byte_of_the_signed_part_is_refused() {
    let good = signed_query("SAMLRequest", &payload(), Some("where to"));
    let signed_part = good.find("&Signature=").unwrap() + "&Signature=".len();
    assert!(good.contains(&percent_encode(RSA_SHA256.as_bytes())));
    assert_eq!(judge(&good), Ok("where to".to_owned()));
    let mut changed = 0;
    for position in 0..signed_part {
        for byte in [
            good.as_bytes()[position] ^ 0x01,
            good.as_bytes()[position] ^ 0x20,
            b'&',
            b'=',
            b'%',
            b'+',
            b'A',
            b'0',
            b' ',
        ] {
            if byte == good.as_bytes()[position] || !byte.is_ascii() {
                continue;
            }
            let mut query = good.clone().into_bytes();
            query[position] = byte;
            let query = String::from_utf8(query).unwrap();
            assert!(judge(&query).is_err(), "byte {position} as {:?}: {query}", char::from(byte));
            changed += 1;
        }
    }
    assert!(changed > 2_000, "{changed}");
    // One byte less, and one more.
    for position in 0..signed_part {
        let mut less = good.clone();
        less.remove(position);
        assert!(judge(&less).is_err(), "without byte {position}: {less}");
        let mut more = good.clone();
        more.insert(position, 'A');
        assert!(judge(&more).is_err(), "one more at {position}: {more}");
    }
}
