//! Private keys in JWK form (RFC 7517), which the library has no use for: it reads PKCS#8, and so do key stores.

use std::sync::Arc;

use admittance::crypto::DecryptionKey;
use admittance::encoding::base64url_decode;
use admittance::jose::RecipientKey;
use serde_json::Value;

/// The decryption keys of a key set. Keys for signatures, and of kinds that nothing is decrypted with, are passed over.
pub(super) fn recipient_keys(jwks: &Value) -> Result<Vec<RecipientKey>, String> {
    let keys = jwks.get("keys").and_then(Value::as_array).ok_or("it has no list keys")?;
    let mut recipients = Vec::new();
    for key in keys.iter().filter(|key| key["use"] != "sig") {
        if let Some(der) = pkcs8(key)? {
            let private = DecryptionKey::from_pkcs8_der(&der).map_err(|error| error.to_string())?;
            let recipient = RecipientKey::new(Arc::new(private));
            recipients.push(match key.get("kid").and_then(Value::as_str) {
                Some(kid) => recipient.with_kid(kid),
                None => recipient,
            });
        }
    }
    Ok(recipients)
}

/// `PrivateKeyInfo` (RFC 5208); `None` for a key of another kind than RSA, P-256 and P-384.
fn pkcs8(key: &Value) -> Result<Option<Vec<u8>>, String> {
    let member = |name: &str| {
        let text = key.get(name).and_then(Value::as_str).ok_or(format!("{name} is missing"))?;
        base64url_decode(text.as_bytes()).map_err(|error| format!("{name}: {error}"))
    };
    let (algorithm, private) = match (key["kty"].as_str(), key["crv"].as_str()) {
        (Some("RSA"), _) => {
            // RFC 8017 appendix A.1.2
            let mut parts = integer(&[0]);
            for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
                parts.extend(integer(&member(name)?));
            }
            (RSA, tlv(SEQUENCE, &parts))
        }
        (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
            // RFC 5915 §3
            let point = [vec![0, UNCOMPRESSED], member("x")?, member("y")?].concat();
            let parts =
                [integer(&[1]), tlv(OCTET_STRING, &member("d")?), tlv(CONTEXT_1, &tlv(BIT_STRING, &point))];
            (if curve == "P-256" { P256 } else { P384 }, tlv(SEQUENCE, &parts.concat()))
        }
        _ => return Ok(None),
    };
    let info = [integer(&[0]), algorithm.to_vec(), tlv(OCTET_STRING, &private)];
    Ok(Some(tlv(SEQUENCE, &info.concat())))
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let leading_zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut content = bytes[leading_zeros..].to_vec();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    tlv(INTEGER, &content)
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut encoded = vec![tag];
    match significant {
        [] => encoded.push(0),
        [short] if *short < 0x80 => encoded.push(*short),
        long => {
            encoded.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            encoded.extend(long);
        }
    }
    encoded.extend(content);
    encoded
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const CONTEXT_1: u8 = 0xa1;
const UNCOMPRESSED: u8 = 0x04;

/// `AlgorithmIdentifier` of each kind.
const RSA: &[u8] = &[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
const P256: &[u8] =
    &[0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x30, 16, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
