//! A case a line in, a report a line out, in the same order.

use std::io::{self, BufRead, Read, Write};

use crate::case::{LONGEST_CASE, Report};

/// Writes the report of each line as soon as it is decided. Empty lines are passed over; a line that is no usable
/// case gets a report that says so. At no time is more than one line held.
pub fn run(mut cases: impl BufRead, mut reports: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while next_line(&mut cases, &mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        serde_json::to_writer(&mut reports, &Report::of_text(&line))?;
        writeln!(reports)?;
        reports.flush()?;
    }
    Ok(())
}

/// The next line, or as much of it as shows that it is too long; false at the end.
fn next_line(cases: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    cases.by_ref().take(LONGEST_CASE + 1).read_until(b'\n', line)?;
    if line.last() != Some(&b'\n') {
        cases.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}
