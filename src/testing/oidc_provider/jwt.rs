//! How tokens become text: header, signature, encryption.

use serde_json::{Value, json};

use super::{Kid, OidcProvider, RegisteredClient, json::Object};
use crate::encoding::base64url_encode;

/// A token that the provider signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignedToken {
    /// The ID token.
    IdToken,
    /// UserInfo, where it is signed.
    UserInfo,
    /// The logout token.
    LogoutToken,
}

impl OidcProvider {
    /// Signs an ID token, and encrypts it where the client has registered that.
    pub(super) fn write_id_token(&mut self, claims: &Object, client_id: &str) -> Option<String> {
        let signed = self.sign(SignedToken::IdToken, claims)?;
        self.id_tokens.insert(signed.clone(), client_id.to_owned());
        let written = self.seal(SignedToken::IdToken, signed, claims, client_id)?;
        self.id_tokens.insert(written.clone(), client_id.to_owned());
        Some(written)
    }

    /// Signs a token as the style says.
    pub(super) fn sign(&self, token: SignedToken, claims: &Object) -> Option<String> {
        let style = &self.style;
        let algorithm = match token {
            SignedToken::IdToken | SignedToken::LogoutToken | SignedToken::UserInfo => {
                style.signing_algorithm()
            }
        };
        let mut header = Object::new();
        header.insert("alg".to_owned(), json!(algorithm.as_str()));
        if style.kid == Kid::Send {
            header.insert("kid".to_owned(), json!(style.key.kid()));
        }
        let typ = match token {
            SignedToken::IdToken => style.id_token_typ.as_ref(),
            SignedToken::LogoutToken => style.logout_token_typ.as_ref(),
            SignedToken::UserInfo => None,
        };
        if let Some(typ) = typ {
            header.insert("typ".to_owned(), json!(typ));
        }
        let payload = Value::Object(claims.clone()).to_string();
        let header = Value::Object(header).to_string();
        let signed =
            format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(payload.as_bytes()));
        let signature = style.key.sign(algorithm, signed.as_bytes())?;
        Some(format!("{signed}.{}", base64url_encode(&signature)))
    }

    /// Encrypts a signed token where the client has registered that.
    #[cfg(feature = "decrypt")]
    pub(super) fn seal(
        &self,
        token: SignedToken,
        signed: String,
        claims: &Object,
        client_id: &str,
    ) -> Option<String> {
        let client = self.client(client_id)?;
        let encryption = match token {
            SignedToken::IdToken | SignedToken::LogoutToken => client.id_token_encryption.as_ref(),
            SignedToken::UserInfo => client.userinfo_encryption.as_ref(),
        };
        let Some(encryption) = encryption else { return Some(signed) };
        let mut header = Object::new();
        header.insert("cty".to_owned(), json!("JWT"));
        if self.style.replicate_claims {
            for name in ["iss", "aud"] {
                header.extend(claims.get(name).map(|value| (name.to_owned(), value.clone())));
            }
        }
        Some(encryption.seal(header, signed.as_bytes())?.compact())
    }

    /// Without feature `decrypt` nothing is encrypted.
    #[cfg(not(feature = "decrypt"))]
    pub(super) fn seal(&self, _: SignedToken, signed: String, _: &Object, _: &str) -> Option<String> {
        Some(signed)
    }

    pub(super) fn client(&self, client_id: &str) -> Option<&RegisteredClient> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }
}
