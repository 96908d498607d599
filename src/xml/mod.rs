//! Strict XML: one parser into an arena, exclusive canonicalisation over it, and one writer that escapes.
//!
//! The parser accepts a subset of XML 1.0 with Namespaces 1.0: no document type, no entity beyond the five
//! predefined ones, no second parse. Whatever it accepts, canonicalisation and reading walk the same nodes,
//! so that a signature cannot cover one tree while a reader sees another.
//!
//! - [`parse`] turns bytes into a [`Document`] within [`XmlLimits`](crate::limits::XmlLimits);
//! - [`Element`] walks downwards; [`Read`] is what it shares with verified elements;
//! - [`canonicalize`] writes the exclusive canonical form into a [`Sink`];
//! - [`Writer`] makes documents, the only way in which this crate writes markup.

mod c14n;
mod chars;
mod document;
mod error;
mod fragment;
mod parse;
mod pieces;
mod uri;
mod write;

pub(crate) use c14n::PieceWriter;
pub(crate) use chars::is_ncname;
pub(crate) use fragment::{Fragment, Identifiers, parse_in_place};
pub(crate) use parse::part::Part;
pub(crate) use pieces::{ExpandedName, Following, Piece, Pieces, Skip, Source};

pub use c14n::{Canonical, Sink, canonicalize};
pub use document::{Attribute, Document, Element, Read};
pub use error::Error;
pub use parse::{Profile, parse};
pub use write::{WriteError, Writer};
