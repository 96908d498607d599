//! Plans as text for people.

use std::fmt;
use std::str::EscapeDebug;

use crate::note::Note;

/// A titled line, where there is something to list.
pub(super) fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    texts: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    let texts: Vec<String> = texts.map(|text| plain(text).to_string()).collect();
    if texts.is_empty() { Ok(()) } else { writeln!(f, "  {title}: {}", texts.join(", ")) }
}

pub(super) fn note_line(f: &mut fmt::Formatter<'_>, note: &Note) -> fmt::Result {
    write!(f, "  note {}", note.code)?;
    let evidence = [("in", &note.field), ("expected", &note.expected), ("got", &note.actual)];
    let mut before = ':';
    for (title, text) in evidence.into_iter().filter_map(|(title, text)| Some((title, text.as_deref()?))) {
        write!(f, "{before} {title} {}", plain(text))?;
        before = ',';
    }
    writeln!(f)
}

/// Names come from outside: a line break in one must not look like another line of the plan.
pub(super) fn plain(text: &str) -> EscapeDebug<'_> {
    text.escape_debug()
}
