//! The table of identifiers.

use super::IdSpelling;
use crate::xml::document::{Document, Ids, NodeId, Span};
use crate::xml::error::Error;

pub(super) fn unique_ids(document: &Document, ids: Vec<(IdSpelling, Span, NodeId)>) -> Result<Ids, Error> {
    let mut ids = ids;
    ids.sort_unstable_by(|(_, a, _), (_, b, _)| document.str(*a).cmp(document.str(*b)));
    for pair in ids.windows(2) {
        if let [(_, a, _), (_, b, _)] = pair
            && document.str(*a) == document.str(*b)
        {
            return Err(Error::DuplicateId { id: document.str(*a).chars().take(64).collect() });
        }
    }
    let (saml, others): (Vec<_>, Vec<_>) =
        ids.into_iter().partition(|(spelling, _, _)| *spelling == IdSpelling::Saml);
    for (_, span, _) in &saml {
        let id = document.str(*span);
        let forbidden =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '&' | '#');
        if id.is_empty() || id.len() > ID_BYTES || id.contains(forbidden) {
            return Err(Error::InvalidId { id: id.chars().take(64).collect() });
        }
    }
    Ok(Ids {
        saml: saml.into_iter().map(|(_, span, node)| (span, node)).collect(),
        others: others.into_iter().map(|(_, span, _)| span).collect(),
    })
}

/// The longest identifier that is accepted; peers use fewer than 100 bytes.
const ID_BYTES: usize = 1024;
