//! Messages in a query (saml.md §2.3, §5, §6).

use admittance::{
    encoding::{base64_encode, deflate, percent_encode},
    testing::saml_idp::{RedirectStyle, TestKey},
};
use serde_json::json;

use super::forge::{ADA, EVE, provider, swap, with_attribute};
use super::logout::{posted, redirected, request_draft, response_draft};
use super::{Vector, accept, reject};

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

pub(super) fn vectors() -> Vec<Vector> {
    [parameters(), compression(), quirks(), rules()].into_iter().flatten().collect()
}

/// 2.3 #2, #6, #7.
fn parameters() -> Vec<Vector> {
    let good = signed_query(&request_draft(), Some("r"));
    let forged = unsigned_query("SAMLRequest", &deflate(request_draft().replace(ADA, EVE).as_bytes()), None);
    let parameter = |name: &str| {
        let found = good.split('&').find(|parameter| parameter.starts_with(&format!("{name}=")));
        found.unwrap().to_owned()
    };
    let (message, relay_state) = (parameter("SAMLRequest"), parameter("RelayState"));
    let query = |name: &str, code: &'static str, shows: &'static str, query: String| {
        reject(name, code, shows, "").twin("twin_logout_redirect").query(query)
    };
    let twice = "saml.redirect_parameters";
    let invalid = "saml.signature_invalid";
    vec![
        query(
            "redirect_duplicate_param_first",
            twice,
            "a forged request before the signed one",
            format!("{forged}&{good}"),
        ),
        query(
            "redirect_duplicate_param_last",
            twice,
            "a forged request behind the signed one",
            format!("{good}&{forged}"),
        ),
        query(
            "redirect_duplicate_param_relay_state",
            twice,
            "a second RelayState",
            format!("{good}&RelayState=x"),
        ),
        query(
            "redirect_duplicate_param_signature",
            twice,
            "a second Signature",
            format!("{good}&Signature=AAAA"),
        ),
        query(
            "redirect_duplicate_param_encoded_name",
            twice,
            "a forged request whose name is percent-encoded",
            format!("{good}&{}", forged.replacen("SAMLRequest", "SAML%52equest", 1)),
        ),
        query(
            "redirect_request_and_response",
            twice,
            "a forged request beside a signed response",
            format!(
                "{}&{forged}",
                signed(&unsigned_query("SAMLResponse", &deflate(response_draft().as_bytes()), None))
            ),
        ),
        query(
            "redirect_request_and_response_same",
            twice,
            "the signed request again as a response",
            format!("{good}&{}", message.replacen("SAMLRequest", "SAMLResponse", 1)),
        ),
        query(
            "redirect_signature_other_param_kind",
            invalid,
            "signed as SAMLResponse, sent as SAMLRequest",
            signed(&message.replacen("SAMLRequest", "SAMLResponse", 1)).replacen(
                "SAMLResponse",
                "SAMLRequest",
                1,
            ),
        ),
        query(
            "redirect_signature_other_param_message",
            invalid,
            "a forged request in the place of the signed one",
            good.replacen(&message, &forged, 1),
        ),
        query(
            "redirect_signature_other_param_relay_state",
            invalid,
            "another RelayState than the signed one",
            good.replacen(&relay_state, "RelayState=https://evil.example", 1),
        ),
        query(
            "redirect_signature_other_param_relay_state_added",
            invalid,
            "a RelayState that is not signed",
            format!("{}&RelayState=x", signed(&message)),
        ),
        query(
            "redirect_signature_other_param_relay_state_removed",
            invalid,
            "the signed RelayState is gone",
            good.replacen(&format!("&{relay_state}"), "", 1),
        ),
        query(
            "redirect_signature_other_param_order",
            invalid,
            "signed in another order than the binding's",
            signed(&format!("{relay_state}&{message}")),
        ),
        query(
            "redirect_signature_other_param_escapes",
            invalid,
            "signed with escapes in upper case, sent in lower case",
            good.replacen(&message, &lower_case_escapes(&message), 1),
        ),
        query(
            "redirect_unsigned",
            "saml.signature_missing",
            "no Signature and no SigAlg",
            format!("{message}&{relay_state}"),
        ),
        query(
            "redirect_unsigned_without_algorithm",
            "saml.signature_missing",
            "a Signature without SigAlg",
            good.replacen(&format!("&{}", parameter("SigAlg")), "", 1),
        ),
        query(
            "redirect_unsigned_enveloped",
            "saml.signature_missing",
            "a signature inside of the message alone",
            unsigned_query("SAMLRequest", &deflate(posted(&request_draft()).as_bytes()), None),
        ),
    ]
}

/// 2.3 #4.
fn compression() -> Vec<Vector> {
    let query = |name: &str, shows: &'static str, xml: String| {
        let query = signed(&unsigned_query("SAMLRequest", &deflate(xml.as_bytes()), None));
        reject(name, "saml.xml_limit", shows, "").twin("twin_logout_redirect").query(query)
    };
    let indexes: String =
        (0..9_000).map(|index| format!("<samlp:SessionIndex>{index}</samlp:SessionIndex>")).collect();
    let reason = " ".repeat(60_000);
    vec![
        query(
            "inflate_bomb",
            "a signed request of more than 256 KiB",
            request_draft().replace("</samlp:LogoutRequest>", &format!("{indexes}</samlp:LogoutRequest>")),
        ),
        query(
            "inflate_ratio",
            "a signed request that inflates to more than a hundred times its size",
            with_attribute(&request_draft(), "", "Reason", &reason),
        ),
    ]
}

fn quirks() -> Vec<Vector> {
    let long = "https://sp.example/".to_owned() + &"a/".repeat(100);
    let mut lower = provider();
    lower.style.redirects = RedirectStyle::LowerCase;
    let mut undeflated = provider();
    undeflated.style.redirects = RedirectStyle::Undeflated;
    vec![
        accept("twin_logout_redirect", "a signed query", "")
            .report(json!({"logout": {"message": "request", "name_id": ADA, "session_indexes": ["_s1"]}}))
            .query(signed_query(&request_draft(), Some("r"))),
        accept("redirect_lowercase_percent", "escapes in lower case, as they are signed", "")
            .report(json!({"logout": {"message": "request", "name_id": ADA, "session_indexes": ["_s1"]}}))
            .query(redirected(lower)),
        reject(
            "redirect_undeflated",
            "saml.inflate_failed",
            "a signed query whose message is not deflated, which only the policy can accept",
            "",
        )
        .twin("twin_logout_redirect")
        .query(redirected(undeflated)),
        accept("relay_state_long", "a RelayState of more than 80 bytes", "")
            .notes(&["saml.relay_state_long"])
            .query(signed_query(&request_draft(), Some(&long))),
        reject("relay_state_long_beyond", "saml.relay_state_too_long", "a RelayState of more than 4 KiB", "")
            .twin("relay_state_long")
            .query(signed_query(&request_draft(), Some(&"a".repeat(4097)))),
    ]
}

/// 2.3 #3 to #8, what the rows above leave.
fn rules() -> Vec<Vector> {
    let good = signed_query(&request_draft(), None);
    let (message, algorithm) = (good.split('&').next().unwrap(), percent_encode(RSA_SHA256.as_bytes()));
    let payload = deflate(request_draft().as_bytes());
    let query = |name: &str, rule: &'static str, code: &'static str, shows: &'static str, query: String| {
        reject(name, code, shows, "").rule(rule).twin("twin_logout_redirect").query(query)
    };
    let failed = "saml.inflate_failed";
    let raw = |payload: &[u8]| signed(&unsigned_query("SAMLRequest", payload, None));
    let zlib = [&[0x78, 0x9c], &payload[..], &[0, 0, 0, 0]].concat();
    let enveloped = posted(&request_draft());
    let changed = swap(&enveloped, ADA, EVE);
    vec![
        query(
            "rule_redirect_encoding",
            "2.3 #3",
            "saml.redirect_encoding",
            "another SAMLEncoding",
            format!("{good}&SAMLEncoding=urn%3Aexample%3Agzip"),
        ),
        query("rule_redirect_percent", "2.3 #4", failed, "an incomplete escape", signed("SAMLRequest=%2")),
        query("rule_redirect_base64", "2.3 #4", failed, "no base64", signed("SAMLRequest=AAA")),
        query("rule_redirect_zlib", "2.3 #4", failed, "DEFLATE with a zlib header", raw(&zlib)),
        query(
            "rule_redirect_trailing",
            "2.3 #4",
            failed,
            "a byte behind the last block",
            raw(&[&payload[..], &[0]].concat()),
        ),
        query("rule_redirect_cut", "2.3 #4", failed, "cut off", raw(&payload[..payload.len() - 1])),
        query(
            "rule_redirect_algorithm",
            "2.3 #6",
            "saml.algorithm_not_allowed",
            "SHA-1 under the default policy",
            good.replacen(&algorithm, &percent_encode(RSA_SHA1.as_bytes()), 1),
        ),
        query("rule_redirect_hmac", "2.3 #6", "saml.algorithm_not_allowed", "HMAC", {
            let hmac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
            good.replacen(&algorithm, &percent_encode(hmac.as_bytes()), 1)
        }),
        query(
            "rule_redirect_other_key",
            "2.3 #7",
            "saml.signature_invalid",
            "signed by an unknown key",
            signed_by(TestKey::OtherRsa, message),
        ),
        query(
            "rule_redirect_inner_signature",
            "2.3 #8",
            "saml.digest_mismatch",
            "a valid signature over the query, a broken one inside of the message",
            raw(&deflate(changed.as_bytes())),
        ),
    ]
}

fn signed_query(xml: &str, relay_state: Option<&str>) -> String {
    signed(&unsigned_query("SAMLRequest", &deflate(xml.as_bytes()), relay_state))
}

fn unsigned_query(parameter: &str, payload: &[u8], relay_state: Option<&str>) -> String {
    let mut query = format!("{parameter}={}", percent_encode(base64_encode(payload).as_bytes()));
    if let Some(relay_state) = relay_state {
        query.push_str(&format!("&RelayState={}", percent_encode(relay_state.as_bytes())));
    }
    query
}

/// SigAlg and Signature behind what is signed.
fn signed(query: &str) -> String {
    signed_by(TestKey::Rsa, query)
}

fn signed_by(key: TestKey, query: &str) -> String {
    let key = key.signing_key();
    let query = format!("{query}&SigAlg={}", percent_encode(RSA_SHA256.as_bytes()));
    let signature = key.sign(key.default_algorithm(), query.as_bytes()).unwrap();
    format!("{query}&Signature={}", percent_encode(base64_encode(&signature).as_bytes()))
}

fn lower_case_escapes(parameter: &str) -> String {
    parameter.replace("%2B", "%2b").replace("%3D", "%3d").replace("%2F", "%2f")
}
