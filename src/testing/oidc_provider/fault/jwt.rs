use serde_json::{Value, json};

use super::faults;
use crate::{
    encoding::{base64url_decode, base64url_encode},
    testing::oidc_provider::{SignedToken, SigningAlgorithm, TestKey, json::Object, keys::hs256},
};

faults! {
    /// What is wrong with the form or the signature of a token. Its claims are right.
    JwtFault {
        /// Two parts.
        TwoParts => "oidc.token_malformed",
        /// Four parts.
        FourParts => "oidc.token_malformed",
        /// Longer than any token.
        TooLong => "oidc.token_malformed",
        /// Padding at the end of the signature.
        PaddedSignature => "oidc.token_malformed",
        /// Padding at the end of the header.
        PaddedHeader => "oidc.header_invalid",
        /// A header that is no JSON.
        HeaderNotJson => "oidc.header_invalid",
        /// No alg.
        NoAlgorithm => "oidc.header_invalid",
        /// A number for alg.
        AlgorithmNotText => "oidc.header_invalid",
        /// Two alg, the right one last.
        TwoAlgorithms => "oidc.json_duplicate_member",
        /// `none`, and no signature.
        AlgorithmNone => "oidc.algorithm_not_allowed",
        /// `nOnE`, and no signature.
        AlgorithmNoneInDisguise => "oidc.algorithm_not_allowed",
        /// An algorithm that nobody knows.
        UnknownAlgorithm => "oidc.algorithm_not_allowed",
        /// A good signature with an algorithm that the metadata do not list.
        UnlistedAlgorithm => "oidc.algorithm_not_allowed",
        /// HMAC with the public key in the place of a secret.
        HmacWithPublicKey => "oidc.algorithm_not_allowed",
        /// An extension that must be understood.
        Critical => "oidc.header_critical",
        /// An empty list of such extensions.
        EmptyCritical => "oidc.header_critical",
        /// A payload that is said to be no base64url (RFC 7797).
        UnencodedPayload => "oidc.header_critical",
        /// A payload that is said to be compressed.
        Compressed => "oidc.header_critical",
        /// `typ` of an access token.
        OtherType => "oidc.token_wrong_type",
        /// Signed with a key that the key set does not have, under its own name.
        UnknownKey => "oidc.key_not_found",
        /// Named after a key of another kind than the algorithm's, which must be published beside that which signs.
        KeyOfOtherKind => "oidc.key_type_mismatch",
        /// Another signature.
        ChangedSignature => "oidc.signature_invalid",
        /// An empty signature.
        NoSignature => "oidc.signature_invalid",
        /// A payload that was changed after it was signed.
        ChangedPayload => "oidc.signature_invalid",
        /// Signed with another key under the right name.
        OtherKey => "oidc.signature_invalid",
        /// Signed with another key under the right name, and that key in the header.
        KeyInHeader => "oidc.signature_invalid",
        /// A signed payload that is no JSON.
        PayloadNotJson => "oidc.json_invalid",
        /// A signed payload that is an array.
        PayloadArray => "oidc.json_invalid",
        /// A signed payload with something behind it.
        PayloadTrailing => "oidc.json_invalid",
        /// A signed payload with two `sub`.
        TwoSubjects => "oidc.json_duplicate_member",
    }
}

impl JwtFault {
    /// The code for a token: one that is too long is refused with the message that it is in.
    #[must_use]
    pub fn code_of(self, token: SignedToken) -> Option<&'static str> {
        match (self, token) {
            (Self::TooLong, SignedToken::IdToken) => Some("oidc.json_invalid"),
            (Self::TooLong, SignedToken::LogoutToken) => Some("oidc.logout_malformed"),
            _ => self.code(),
        }
    }
}

/// A token before it is text, and what signs it.
pub(in crate::testing::oidc_provider) struct Draft {
    pub(in crate::testing::oidc_provider) header: Object,
    pub(in crate::testing::oidc_provider) payload: String,
    pub(in crate::testing::oidc_provider) key: TestKey,
    pub(in crate::testing::oidc_provider) algorithm: SigningAlgorithm,
    /// Whether `kid` is sent.
    pub(in crate::testing::oidc_provider) named: bool,
}

impl Draft {
    /// The text, with what is wrong with it.
    pub(in crate::testing::oidc_provider) fn write(
        mut self,
        fault: Option<JwtFault>,
        published: &[TestKey],
    ) -> Option<String> {
        let Some(fault) = fault else { return self.sign(|header| header, None) };
        fault.change(&mut self, published);
        match fault {
            JwtFault::PaddedHeader => self.sign(|header| format!("{header}="), None),
            JwtFault::HeaderNotJson => self.sign(|_| base64url_encode(b"not JSON"), None),
            JwtFault::TwoAlgorithms => {
                let rest = Value::Object(self.header.clone()).to_string();
                let header = format!("{{\"alg\":\"none\",{}", rest.trim_start_matches('{'));
                self.sign(|_| base64url_encode(header.as_bytes()), None)
            }
            JwtFault::AlgorithmNone | JwtFault::AlgorithmNoneInDisguise | JwtFault::NoSignature => {
                self.sign(|header| header, Some(Vec::new()))
            }
            JwtFault::UnknownAlgorithm => self.sign(|header| header, Some(vec![7; 256])),
            JwtFault::HmacWithPublicKey => {
                let key = self.key.jwk().to_string();
                let signed = self.signed(|header| header);
                let signature = hs256(key.as_bytes(), signed.as_bytes());
                Some(format!("{signed}.{}", base64url_encode(&signature)))
            }
            other => other.change_text(&self.sign(|header| header, None)?),
        }
    }

    fn signed(&self, header: impl FnOnce(String) -> String) -> String {
        let encoded = base64url_encode(Value::Object(self.header.clone()).to_string().as_bytes());
        format!("{}.{}", header(encoded), base64url_encode(self.payload.as_bytes()))
    }

    fn sign(&self, header: impl FnOnce(String) -> String, signature: Option<Vec<u8>>) -> Option<String> {
        let signed = self.signed(header);
        let signature = match signature {
            Some(signature) => signature,
            None => self.key.sign(self.algorithm, signed.as_bytes())?,
        };
        Some(format!("{signed}.{}", base64url_encode(&signature)))
    }
}

impl JwtFault {
    /// What is wrong before it is signed.
    fn change(self, draft: &mut Draft, published: &[TestKey]) {
        // A key of the same kind, so that nothing else is wrong.
        let imposter = draft.key.other();
        let name = draft.key.kid();
        let header = &mut draft.header;
        let mut set = |name: &str, value: Value| {
            header.insert(name.to_owned(), value);
        };
        match self {
            Self::NoAlgorithm => drop(draft.header.remove("alg")),
            Self::AlgorithmNotText => set("alg", json!(256)),
            Self::AlgorithmNone => set("alg", json!("none")),
            Self::AlgorithmNoneInDisguise => set("alg", json!("nOnE")),
            Self::UnknownAlgorithm => set("alg", json!("RS1")),
            Self::HmacWithPublicKey => set("alg", json!("HS256")),
            Self::UnlistedAlgorithm => draft.sign_with(TestKey::OtherRsa, SigningAlgorithm::Ps512),
            Self::Critical => {
                set("crit", json!(["exp"]));
                set("exp", json!(4_102_444_800_u64));
            }
            Self::EmptyCritical => set("crit", json!([])),
            Self::UnencodedPayload => set("b64", json!(true)),
            Self::Compressed => set("zip", json!("DEF")),
            Self::OtherType => set("typ", json!("at+jwt")),
            Self::UnknownKey => {
                draft.sign_with(imposter, draft.algorithm);
                draft.header.insert("kid".to_owned(), json!("unheard-of"));
            }
            Self::KeyOfOtherKind => {
                let mut kinds = published.iter().filter(|key| key.default_algorithm() != draft.algorithm);
                let other = *kinds.next().unwrap_or(&TestKey::P384);
                draft.sign_with(other, other.default_algorithm());
                draft.header.insert("kid".to_owned(), json!(name));
            }
            Self::OtherKey => draft.sign_with(imposter, draft.algorithm),
            Self::KeyInHeader => {
                draft.sign_with(imposter, draft.algorithm);
                draft.header.insert("jwk".to_owned(), imposter.jwk());
                let url = json!("https://attacker.example/keys");
                draft.header.insert("jku".to_owned(), url);
            }
            Self::PayloadNotJson => draft.payload = "not JSON".to_owned(),
            Self::PayloadArray => draft.payload = format!("[{}]", draft.payload),
            Self::PayloadTrailing => draft.payload.push_str("{}"),
            Self::TwoSubjects => {
                let rest = draft.payload.trim_start_matches('{').to_owned();
                draft.payload = format!("{{\"sub\":\"somebody else\",{rest}");
            }
            _ => {}
        }
        if !draft.named {
            draft.header.remove("kid");
        }
    }

    /// What is wrong once it is signed.
    fn change_text(self, token: &str) -> Option<String> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(match self {
            Self::TwoParts => signed.to_owned(),
            Self::FourParts => format!("{token}.{signature}"),
            Self::TooLong => format!("{header}.{}.{signature}", "A".repeat(70_000)),
            Self::PaddedSignature => format!("{token}="),
            Self::ChangedSignature => {
                let mut bytes = base64url_decode(signature.as_bytes()).ok()?;
                if let Some(byte) = bytes.get_mut(20) {
                    *byte ^= 1;
                }
                format!("{signed}.{}", base64url_encode(&bytes))
            }
            Self::ChangedPayload => {
                let text = String::from_utf8(base64url_decode(payload.as_bytes()).ok()?).ok()?;
                let changed = format!("{{\"more\":true,{}", text.trim_start_matches('{'));
                format!("{header}.{}.{signature}", base64url_encode(changed.as_bytes()))
            }
            _ => token.to_owned(),
        })
    }
}

impl Draft {
    /// Signs with this key; a key of another kind than the algorithm's signs with its own.
    fn sign_with(&mut self, key: TestKey, algorithm: SigningAlgorithm) {
        let fits = key.sign(algorithm, b"").is_some();
        self.key = key;
        self.algorithm = if fits { algorithm } else { key.default_algorithm() };
        self.header.insert("alg".to_owned(), json!(self.algorithm.as_str()));
    }
}
