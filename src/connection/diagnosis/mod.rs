//! [`Diagnosis`]: what is wrong, with whom it lies, and what to do about it, in the words of the console that the
//! administrator has open.
//!
//! The texts are data: a catalogue with one entry for each code, filled with evidence and with the names that the
//! preset's console gives to its fields.

mod catalogue;
mod evidence;
mod template;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::evidence::Evidence;

use self::catalogue::{Entry, Holds};
use super::console::Console;
use super::preset::Preset;

/// One finding. It holds no secret, no token and no whole message.
///
/// As JSON: `{"id": "D25", "code": "saml.audience_mismatch", "severity": "error", "side": "identity_provider",
/// "message": "…", "expected": "…", "actual": "…", "remedy": "…", "row": [42, 54]}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Its row in the catalogue; `None` for codes that have none.
    pub id: Option<DiagnosisId>,
    /// The stable code, the protocol error's own where there is one.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who can change it.
    pub side: Side,
    /// What was expected and what came.
    pub message: String,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What came instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Who changes what, and where.
    pub remedy: String,
    /// The behaviours of the feature table that it stands for.
    #[serde(default)]
    pub row: Vec<u16>,
}

/// A row of the catalogue: `D01` to `D49`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DiagnosisId(u8);

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work. A test with an error has failed.
    Error,
    /// It works, and not as it should.
    Warning,
    /// Worth knowing.
    Note,
}

/// Who can change what a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The administrator of the identity provider.
    IdentityProvider,
    /// The administrator of the enterprise in the product.
    Product,
    /// The person who signs in.
    User,
    /// Whoever runs the product.
    Host,
}

impl Diagnosis {
    /// Words evidence for a connection of this preset, `None` before one is chosen. Total: a code that the catalogue
    /// does not know is shown as it is.
    #[must_use]
    pub fn of(evidence: &Evidence, preset: Option<Preset>) -> Self {
        let console = Console::of(preset);
        match catalogue::entry(&evidence.code) {
            Some(entry) => Self::of_entry(entry, evidence, console),
            None => Self {
                id: None,
                code: evidence.code.clone(),
                severity: if evidence.failed { Severity::Error } else { Severity::Warning },
                side: Side::Host,
                message: format!("A rule without explanation: {}.", evidence.code),
                expected: evidence.expected.clone(),
                actual: evidence.actual.clone(),
                remedy: "Look the code up in the documentation of the library.".to_owned(),
                row: Vec::new(),
            },
        }
    }

    /// Whether it keeps a test from passing, or a person out.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What the person who signs in is told: the message where it concerns them, otherwise whom to ask. The
    /// reference is that of the flow record.
    #[must_use]
    pub fn for_user(&self, reference: &str) -> String {
        match self.side {
            Side::User => format!("{} {}", self.message, self.remedy),
            Side::IdentityProvider | Side::Product | Side::Host => {
                format!("You could not be signed in. Ask your administrator, reference {reference}.")
            }
        }
    }

    fn of_entry(entry: &Entry, evidence: &Evidence, console: &Console) -> Self {
        let fill = |text: &str| template::fill(text, evidence, console);
        let mut message = fill(entry.message);
        for hint in &evidence.hints {
            if let Some(text) = catalogue::hint(hint) {
                message.push(' ');
                message.push_str(&fill(text));
            }
        }
        Self {
            id: entry.id.map(DiagnosisId),
            code: evidence.code.clone(),
            severity: if evidence.failed { Severity::Error } else { entry.severity },
            side: entry.side,
            message,
            expected: evidence.expected.clone(),
            actual: evidence.actual.clone(),
            remedy: fill(entry.remedy),
            row: entry.id.map(catalogue::rows).unwrap_or_default().to_vec(),
        }
    }
}

impl DiagnosisId {
    /// How many there are; they count from 1.
    pub const COUNT: u8 = 49;

    /// The row of this number; `None` outside of the catalogue.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= Self::COUNT { Some(Self(number)) } else { None }
    }

    /// The codes of this row.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        catalogue::entries().filter(move |entry| entry.id == Some(self.0)).map(|entry| entry.code)
    }
}

/// Every code that is worded: those of the rows, and those that have none.
pub fn codes() -> impl Iterator<Item = &'static str> {
    catalogue::entries().map(|entry| entry.code)
}

/// Whether the evidence of a code may hold values of claims. Those are recorded in a test, or while debugging is on.
pub(super) fn holds_claims(code: &str) -> bool {
    catalogue::entry(code).is_none_or(|entry| entry.holds == Holds::ClaimValues)
}

/// Causes come before their effects.
pub(super) fn rank(code: &str) -> usize {
    catalogue::entries().position(|entry| entry.code == code).unwrap_or(usize::MAX)
}

impl fmt::Display for DiagnosisId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "D{:02}", self.0)
    }
}

impl Serialize for DiagnosisId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DiagnosisId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.strip_prefix('D').filter(|digits| digits.len() == 2).and_then(|n| n.parse().ok());
        number.and_then(Self::new).ok_or_else(|| de::Error::custom("not a row of the catalogue"))
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} {}", self.severity, self.code, self.message, self.remedy)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}
