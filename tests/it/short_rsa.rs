//! Recorded messages of real identity providers whose decryption keys are shorter than the library takes: a
//! host's own [`Decrypter`], made here, opens the content keys, and the library does everything else.

use std::sync::Arc;

use admittance::crypto::{
    ContentKey, DecryptError, Decrypter, DecryptionKey, DigestAlgorithm, PrivateKeyError, WrappedKey, digest,
};
use admittance::encoding::base64_decode;
use serde_json::Value;

use crate::{case, shared};

const SOURCES: [&str; 6] = ["ruby-saml", "python3-saml", "crewjam-saml", "samael", "node-saml", "derived"];

/// Triple DES, and cases whose keys that sign are short too, which their policy does not allow. In the last one
/// the signature stands inside of CBC, so nothing is told.
const REFUSED: [(&str, &str); 4] = [
    ("ruby-saml/unsigned_message_des192_encrypted_signed_assertion", "saml.encryption_algorithm"),
    ("ruby-saml/signed_message_encrypted_signed_assertion", "saml.algorithm_not_allowed"),
    ("ruby-saml/signed_message_encrypted_unsigned_assertion", "saml.algorithm_not_allowed"),
    ("ruby-saml/unsigned_message_encrypted_signed_assertion", "saml.decryption_failed"),
];

#[test]
fn recorded_messages_are_decrypted_whatever_their_key() {
    let (mut accepted, mut with_short_keys, mut wrong) = (0, 0, Vec::new());
    for source in SOURCES {
        let Some(cases) = shared::json_lines(&format!("corpus/saml/{source}.jsonl")) else { return };
        let expectations = shared::json_lines(&format!("corpus/saml/{source}.expect.jsonl")).unwrap();
        for (case, expectation) in cases.iter().zip(&expectations) {
            let Some(mut sign_in) = case::SignIn::of_case(case) else { continue };
            let message = base64_decode(sign_in.response.as_bytes()).unwrap_or_default();
            let keys = case["sp"]["decryption_keys"].as_array().cloned().unwrap_or_default();
            if keys.is_empty() || !String::from_utf8_lossy(&message).contains("EncryptedData") {
                continue;
            }
            for key in keys.iter().filter_map(Value::as_str) {
                if let Err(PrivateKeyError::RsaSize { .. }) = DecryptionKey::from_pem(key.as_bytes()) {
                    sign_in.sp = sign_in.sp.with_decrypter(Arc::new(ShortRsa::from_pem(key)));
                    with_short_keys += 1;
                }
            }
            let (name, why) = (text(&expectation["name"]), text(&expectation["why"]));
            let expected = match REFUSED.iter().find(|(refused, _)| *refused == name) {
                Some((_, code)) => Err(Some(*code)),
                None if text(&expectation["expect"]) == "reject" => Err(None),
                None => Ok(()),
            };
            match (sign_in.finish(), expected) {
                (Ok(login), Ok(())) => {
                    accepted += 1;
                    for (attribute, values) in expectation["attributes"].as_object().into_iter().flatten() {
                        let claim = login.claims().claim(attribute).map(|claim| claim.values.clone());
                        let found: Vec<Value> =
                            claim.iter().flatten().map(|value| value.as_text().unwrap().into()).collect();
                        if Some(&found) != values.as_array() {
                            wrong.push(format!("{name}: {attribute} is {found:?}"));
                        }
                    }
                }
                (Err(error), Err(code)) if code.is_none_or(|code| code == error.code()) => {}
                (Err(error), _) => wrong.push(format!("{name}: {} {error}, though {why}", error.code())),
                (Ok(_), _) => wrong.push(format!("{name}: accepted, though {why}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{accepted} are accepted, these are wrong:\n{}", wrong.join("\n"));
    assert!(accepted > 35 && with_short_keys > 30, "{accepted} accepted, {with_short_keys} with short keys");
}

#[test]
fn the_short_key_computes_as_the_built_in_one_does() {
    use admittance::testing::saml_idp::TestKey;
    use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
    let to = TestKey::Rsa.certificate().public_key().to_spki_der();
    let to = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&to).unwrap()).unwrap();
    let mut ciphertext = vec![0; to.ciphertext_size()];
    to.encrypt(&OAEP_SHA1_MGF1SHA1, b"a key", &mut ciphertext, None).unwrap();
    let (digest, mask) = (DigestAlgorithm::Sha1, DigestAlgorithm::Sha1);
    let wrapped = WrappedKey::RsaOaep { digest, mask, ciphertext: &ciphertext };
    let key = ShortRsa::from_pem(TestKey::Rsa.key_pem());
    assert_eq!(key.unwrap(&wrapped).unwrap().as_bytes(), b"a key");
    ciphertext[9] ^= 1;
    assert!(key.unwrap(&WrappedKey::RsaOaep { digest, mask, ciphertext: &ciphertext }).is_err());
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// RSA of any length, in variable time: for published keys alone.
struct ShortRsa {
    modulus: Vec<u32>,
    exponent: Vec<u32>,
}

impl ShortRsa {
    fn from_pem(pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.contains("-----")).collect();
        let der = base64_decode(body.as_bytes()).unwrap();
        let (mut fields, _) = value(&der);
        // PKCS#8: version, algorithm, and the key in an octet string.
        if pem.contains("BEGIN PRIVATE KEY") {
            let (_, rest) = value(fields);
            let (_, rest) = value(rest);
            fields = value(value(rest).0).0;
        }
        // Version, modulus, public exponent, private exponent.
        let (_, rest) = value(fields);
        let (modulus, rest) = value(rest);
        let (_, rest) = value(rest);
        let (exponent, _) = value(rest);
        Self { modulus: limbs(modulus), exponent: limbs(exponent) }
    }

    /// `ciphertext` to the power of the private exponent, as long as the modulus.
    fn power(&self, ciphertext: &[u8]) -> Vec<u8> {
        let length = self.modulus.len();
        let mut base = limbs(ciphertext);
        base.resize(length, 0);
        // 2^(64 · length) mod n, by doubling: what makes Montgomery forms.
        let mut square = vec![0; length];
        square[0] = 1;
        for _ in 0..64 * length {
            square = self.doubled(&square);
        }
        let mut one = vec![0; length];
        one[0] = 1;
        let (mut result, base) = (self.montgomery(&one, &square), self.montgomery(&base, &square));
        for limb in self.exponent.iter().rev() {
            for bit in (0..32).rev() {
                result = self.montgomery(&result, &result);
                if limb >> bit & 1 == 1 {
                    result = self.montgomery(&result, &base);
                }
            }
        }
        let result = self.montgomery(&result, &one);
        result.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
    }

    fn doubled(&self, number: &[u32]) -> Vec<u32> {
        let mut carry = 0;
        let mut doubled: Vec<u32> = Vec::with_capacity(number.len());
        for limb in number {
            doubled.push(limb << 1 | carry);
            carry = limb >> 31;
        }
        self.reduced(doubled, carry)
    }

    /// a · b / 2^(32 · length) mod n.
    fn montgomery(&self, a: &[u32], b: &[u32]) -> Vec<u32> {
        let n = &self.modulus;
        // −1 / n mod 2^32, by Newton's iteration.
        let inverse = (0..5).fold(1u32, |x, _| x.wrapping_mul(2u32.wrapping_sub(n[0].wrapping_mul(x))));
        let inverse = inverse.wrapping_neg();
        let mut sum = vec![0u32; n.len() + 2];
        let add = |sum: &mut [u32], factor: u32, number: &[u32]| {
            let mut carry = 0u64;
            for (at, limb) in number.iter().chain(&[0, 0]).enumerate() {
                let total = u64::from(sum[at]) + u64::from(factor) * u64::from(*limb) + carry;
                sum[at] = total as u32;
                carry = total >> 32;
            }
        };
        for limb in a {
            add(&mut sum, *limb, b);
            let factor = sum[0].wrapping_mul(inverse);
            add(&mut sum, factor, n);
            sum.rotate_left(1);
        }
        let carry = sum[n.len()];
        sum.truncate(n.len());
        self.reduced(sum, carry)
    }

    /// Less than the modulus, of a number below twice the modulus.
    fn reduced(&self, number: Vec<u32>, carry: u32) -> Vec<u32> {
        if carry == 0 && number.iter().rev().lt(self.modulus.iter().rev()) {
            return number;
        }
        let mut borrow = 0i64;
        let difference = number.iter().zip(&self.modulus).map(|(limb, other)| {
            let difference = i64::from(*limb) - i64::from(*other) + borrow;
            borrow = difference >> 32;
            difference as u32
        });
        difference.collect()
    }
}

impl Decrypter for ShortRsa {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        match *wrapped {
            WrappedKey::RsaOaep { digest, mask, ciphertext }
                if ciphertext.len() == 4 * self.modulus.len() =>
            {
                let encoded = self.power(ciphertext);
                oaep(&encoded, digest, mask).map(ContentKey::new).ok_or(DecryptError::Failed)
            }
            WrappedKey::Rsa15 { ciphertext, content_key_len }
                if ciphertext.len() == 4 * self.modulus.len() =>
            {
                let encoded = self.power(ciphertext);
                let key = encoded.split_at(encoded.len() - content_key_len).1.to_vec();
                Ok(ContentKey::new(key))
            }
            _ => Err(DecryptError::Failed),
        }
    }
}

/// RFC 8017 §7.1.2.
fn oaep(encoded: &[u8], hash: DigestAlgorithm, mask: DigestAlgorithm) -> Option<Vec<u8>> {
    let (zero, rest) = encoded.split_first()?;
    let (seed, block) = rest.split_at(hash.output_len());
    let seed = xor(seed, mask, block);
    let block = xor(block, mask, &seed);
    let (label, rest) = block.split_at(hash.output_len());
    let end = rest.iter().position(|byte| *byte != 0)?;
    let right = *zero == 0 && rest[end] == 1 && label == digest(hash, b"").as_ref();
    right.then(|| rest[end + 1..].to_vec())
}

/// Masked with MGF1 (RFC 8017 appendix B.2.1).
fn xor(bytes: &[u8], hash: DigestAlgorithm, seed: &[u8]) -> Vec<u8> {
    let rounds =
        (0u32..).flat_map(|round| digest(hash, &[seed, &round.to_be_bytes()].concat()).as_ref().to_vec());
    bytes.iter().zip(rounds).map(|(byte, mask)| byte ^ mask).collect()
}

/// The content of the first DER value, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..=0x7F => (usize::from(short), 2),
        long => {
            let end = 2 + usize::from(long & 0x7F);
            (der[2..end].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), end)
        }
    };
    der[start..].split_at(length)
}

/// A big-endian number as limbs, the lowest first.
fn limbs(number: &[u8]) -> Vec<u32> {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    number.rchunks(4).map(|limb| limb.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte))).collect()
}
