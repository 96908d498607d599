//! What is known about each code: its row, who can change it, how bad it is, and the texts. Data alone; causes stand
//! before their effects, and the order of the entries is the order of diagnoses.
//!
//! Texts are whole sentences for people who have a console open, not a specification. Places in braces are filled
//! from the evidence or with the console's words; a part in brackets falls away when its evidence is not known.

mod access;
mod claims;
mod groups;
mod hints;
mod lifecycle;
mod messages;
mod metadata;
mod oidc;
mod saml;
mod scim;

pub(super) use self::hints::hint;

use super::{Severity, Side};

/// One code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) code: &'static str,
    /// The row's number.
    pub(super) id: Option<u8>,
    pub(super) severity: Severity,
    pub(super) side: Side,
    pub(super) holds: Holds,
    pub(super) message: &'static str,
    pub(super) remedy: &'static str,
}

/// What evidence may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Names of attributes and settings, addresses, algorithms, times, counts.
    Names,
    /// Values of claims, or parts of them.
    ClaimValues,
}

pub(super) fn entry(code: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.code == code)
}

pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLES.iter().copied().flatten()
}

/// The behaviours that a row stands for.
pub(super) fn rows(id: u8) -> &'static [u16] {
    ROWS.iter().find(|(row, _)| *row == id).map(|(_, behaviours)| *behaviours).unwrap_or_default()
}

const TABLES: [&[Entry]; 9] = [
    access::ENTRIES,
    lifecycle::ENTRIES,
    metadata::ENTRIES,
    saml::ENTRIES,
    messages::ENTRIES,
    oidc::ENTRIES,
    claims::ENTRIES,
    groups::ENTRIES,
    scim::ENTRIES,
];

const fn row(
    id: u8,
    code: &'static str,
    side: Side,
    severity: Severity,
    message: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { code, id: Some(id), severity, side, holds: Holds::Names, message, remedy }
}

/// A code without a row.
const fn own(
    code: &'static str,
    side: Side,
    severity: Severity,
    message: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { code, id: None, severity, side, holds: Holds::Names, message, remedy }
}

impl Entry {
    const fn with_claim_values(self) -> Self {
        Self { holds: Holds::ClaimValues, ..self }
    }
}

/// Connection rules §6, the last column.
const ROWS: [(u8, &[u16]); 49] = [
    (1, &[96]),
    (2, &[100]),
    (3, &[100]),
    (4, &[97, 98, 61]),
    (5, &[98, 24]),
    (6, &[18, 38]),
    (7, &[40]),
    (8, &[40]),
    (9, &[50]),
    (10, &[61]),
    (11, &[61]),
    (12, &[61]),
    (13, &[61, 64]),
    (14, &[62]),
    (15, &[39]),
    (16, &[99]),
    (17, &[99]),
    (18, &[99]),
    (19, &[99]),
    (20, &[99]),
    (21, &[91]),
    (22, &[24, 99]),
    (23, &[24]),
    (24, &[46]),
    (25, &[42, 54]),
    (26, &[22, 102]),
    (27, &[41]),
    (28, &[30]),
    (29, &[31]),
    (30, &[32, 33]),
    (31, &[57]),
    (32, &[23]),
    (33, &[23]),
    (34, &[23]),
    (35, &[100]),
    (36, &[26]),
    (37, &[100]),
    (38, &[100]),
    (39, &[24]),
    (40, &[33]),
    (41, &[15, 17, 18]),
    (42, &[23, 9]),
    (43, &[71, 105]),
    (44, &[69, 103]),
    (45, &[72, 73, 74, 75, 76, 77, 78, 79, 80, 111, 115, 116]),
    (46, &[94]),
    (47, &[94]),
    (48, &[101]),
    (49, &[66]),
];
