use serde_json::Value;

use crate::{json::Object, note::Note};

/// Whether the provider says that it has verified the person's e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailVerified {
    /// It has.
    True,
    /// It has not, or what it says is not `true`, `false` or one of these as text.
    False,
    /// It does not say. That is not a yes.
    Absent,
}

impl EmailVerified {
    /// Reads `email_verified`, as a boolean or as text (Cognito, JumpCloud). Something else in its place is a no: were
    /// it the same as nothing, a trusted domain would make it a yes.
    pub(super) fn read(claims: &Object, notes: &mut Vec<Note>) -> Self {
        let Some(value) = claims.get(EMAIL_VERIFIED) else { return Self::Absent };
        Self::of(value).unwrap_or_else(|| {
            let note = Note::new("oidc.email_verified_invalid").field(EMAIL_VERIFIED);
            notes.push(note.expected("true or false"));
            Self::False
        })
    }

    /// Reads Entra ID's claim that the owner of the address has shown to be the owner of its domain, which stands in
    /// for the one that Entra ID does not have.
    pub(super) fn read_xms_edov(claims: &Object) -> Self {
        match claims.get("xms_edov") {
            None => Self::Absent,
            Some(Value::Number(one)) if one.as_u64() == Some(1) => Self::True,
            Some(Value::String(one)) if one == "1" => Self::True,
            Some(value) => Self::of(value).unwrap_or(Self::False),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(Self::True),
            Value::Bool(false) => Some(Self::False),
            Value::String(text) if text == "true" => Some(Self::True),
            Value::String(text) if text == "false" => Some(Self::False),
            _ => None,
        }
    }
}

pub(super) const EMAIL_VERIFIED: &str = "email_verified";
