//! A vector for each rule of saml.md §2.1 and §3.1 that no row of §5 or §6 is about.

mod assertion;
mod message;
mod signature;

use super::Vector;

pub(super) fn vectors() -> Vec<Vector> {
    [message::vectors(), assertion::vectors(), signature::vectors()].into_iter().flatten().collect()
}
