use super::faults;
use crate::testing::oidc_provider::SignedToken;

faults! {
    /// What is wrong with the encryption of a token, which the client must have registered.
    JweFault {
        /// The token is not encrypted.
        NotEncrypted => "oidc.token_not_encrypted",
        /// Encrypted to another key.
        OtherRecipient => "oidc.decryption_failed",
        /// Another tag.
        ChangedTag => "oidc.decryption_failed",
        /// A tag of 12 bytes.
        ShortTag => "oidc.decryption_failed",
        /// A header that was changed after it was covered by the tag.
        ChangedHeader => "oidc.decryption_failed",
        /// Said to be compressed.
        Compressed => "oidc.decryption_failed",
        /// An extension that must be understood.
        Critical => "oidc.decryption_failed",
        /// RSA PKCS#1 v1.5 by name.
        Rsa15 => "oidc.decryption_failed",
        /// A shared key by name.
        Direct => "oidc.decryption_failed",
        /// A cipher that nobody knows.
        UnknownCipher => "oidc.decryption_failed",
        /// Six parts.
        SixParts => "oidc.token_malformed",
        /// Encrypted a second time inside.
        Twice => "oidc.token_malformed",
        /// The claims inside without a signature.
        Unsigned => "oidc.token_malformed",
    }
}

impl JweFault {
    /// The code for a token: encryption of UserInfo and logout tokens is not insisted upon, and claims of UserInfo
    /// need a signature where that is registered alone.
    #[must_use]
    pub fn code_of(self, token: SignedToken) -> Option<&'static str> {
        match (self, token) {
            (Self::NotEncrypted, SignedToken::UserInfo | SignedToken::LogoutToken) => None,
            // What does not have five parts is not encrypted.
            (Self::SixParts, SignedToken::IdToken) => Some("oidc.token_not_encrypted"),
            (Self::Unsigned, SignedToken::UserInfo) => Some("oidc.userinfo_not_signed"),
            _ => self.code(),
        }
    }
}

#[cfg(feature = "decrypt")]
mod change {
    use serde_json::{Value, json};

    use super::JweFault;
    use crate::testing::oidc_provider::{Encryption, TestKey, encryption::Sealed, json::Object};

    impl JweFault {
        /// To whom it is encrypted.
        pub(in crate::testing::oidc_provider) fn change_recipient(self, encryption: &mut Encryption) {
            if self != Self::OtherRecipient {
                return;
            }
            let is = |name: &str, text: &str| encryption.to.get(name).and_then(Value::as_str) == Some(text);
            let other = match (is("kty", "RSA"), is("crv", "P-384")) {
                (true, _) => TestKey::Rsa.jwk(),
                (false, true) => TestKey::OtherP384.jwk(),
                (false, false) => TestKey::P256.jwk(),
            };
            let kid = encryption.to.get("kid").cloned();
            encryption.to = other;
            if let (Some(members), Some(kid)) = (encryption.to.as_object_mut(), kid) {
                members.insert("kid".to_owned(), kid);
            }
        }

        /// The header before the tag covers it.
        pub(in crate::testing::oidc_provider) fn change_header(self, header: &mut Object) {
            let mut set = |name: &str, value: Value| {
                header.insert(name.to_owned(), value);
            };
            match self {
                Self::Compressed => set("zip", json!("DEF")),
                Self::Critical => set("crit", json!(["exp"])),
                Self::Rsa15 => set("alg", json!("RSA1_5")),
                Self::Direct => set("alg", json!("dir")),
                Self::UnknownCipher => set("enc", json!("A512GCM")),
                _ => {}
            }
        }

        /// What is wrong once it is encrypted.
        pub(in crate::testing::oidc_provider) fn change_text(self, mut sealed: Sealed) -> String {
            match self {
                Self::ChangedTag => sealed.tag.iter_mut().take(1).for_each(|byte| *byte ^= 1),
                Self::ShortTag => sealed.tag.truncate(12),
                Self::ChangedHeader => {
                    let header =
                        crate::encoding::base64url_decode(sealed.header.as_bytes()).unwrap_or_default();
                    let header = [b"{\"more\":true,", header.get(1..).unwrap_or_default()].concat();
                    sealed.header = crate::encoding::base64url_encode(&header);
                }
                Self::SixParts => return format!("{}.AAAA", sealed.compact()),
                _ => {}
            }
            sealed.compact()
        }
    }
}
