//! How tokens become text: header, signature, encryption.

use serde_json::{Value, json};

#[cfg(feature = "decrypt")]
use super::JweFault;
use super::{Fault, Kid, OidcProvider, RegisteredClient, Session, fault::Draft, json::Object};

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
    pub(super) fn write_id_token(&mut self, claims: &Object, session: &Session) -> Option<String> {
        let signed = self.sign(SignedToken::IdToken, claims)?;
        let written = self.seal(SignedToken::IdToken, signed.clone(), claims, &session.client_id)?;
        for token in [signed, written.clone()] {
            self.id_tokens.insert(token, session.clone());
        }
        Some(written)
    }

    /// Signs a token as the style says.
    pub(super) fn sign(&self, token: SignedToken, claims: &Object) -> Option<String> {
        let style = &self.style;
        let algorithm = style.signing_algorithm();
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
        let named = style.kid == Kid::Send;
        let draft = Draft { header, payload, key: style.key, algorithm, named };
        let fault = match self.fault {
            Some(Fault::Jwt(faulty, fault)) if faulty == token => Some(fault),
            _ => None,
        };
        draft.write(fault, &self.published_keys)
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
        let fault = match self.fault {
            Some(Fault::Jwe(faulty, fault)) if faulty == token => fault,
            _ => return Some(encryption.seal(header, signed.as_bytes(), None)?.compact()),
        };
        let content = match fault {
            JweFault::NotEncrypted => return Some(signed),
            JweFault::Twice => encryption.seal(header.clone(), signed.as_bytes(), None)?.compact(),
            JweFault::Unsigned => Value::Object(claims.clone()).to_string(),
            _ => signed,
        };
        let mut encryption = encryption.clone();
        fault.change_recipient(&mut encryption);
        Some(fault.change_text(encryption.seal(header, content.as_bytes(), Some(fault))?))
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
