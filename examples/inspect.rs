//! Reads sign-ins in the case format and prints what the library decides, and why.
//!
//! ```text
//! cargo run --release --example inspect -- CASE.json             one case, a report for people
//! cargo run --release --example inspect -- -                     the same from standard input
//! cargo run --release --example inspect -- --batch CASES.jsonl   a case a line in, a report a line out
//! cargo run --release --example inspect -- --test-report CASE.json   a sign-in as an administrator's test
//! ```
//!
//! Exit status: 0 accepted, 1 rejected, 2 the case is unusable (the reason is on standard error). `--batch` exits
//! with 0 when every line got its report, `--test-report` with 1 when the test has failed.

#[path = "inspect/batch.rs"]
mod batch;
#[allow(dead_code, reason = "tests and benchmarks use more of it")]
#[path = "inspect/case.rs"]
mod case;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use case::{LONGEST_CASE, Outcome, Report};

const USAGE: &str =
    "usage: inspect CASE.json | inspect - | inspect --batch CASES.jsonl | inspect --test-report CASE.json";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let status = match arguments.as_slice() {
        [flag, path] if flag == "--batch" => batch(path),
        [flag, path] if flag == "--test-report" => test_report(path),
        [path] if path == "-" || !path.as_encoded_bytes().starts_with(b"-") => single(path),
        _ => Err(io::Error::other(USAGE)),
    };
    status.unwrap_or_else(|error| unusable(&error.to_string()))
}

fn single(path: &OsStr) -> io::Result<ExitCode> {
    let mut text = Vec::new();
    open(path)?.take(LONGEST_CASE + 1).read_to_end(&mut text)?;
    let report = Report::of_text(&text);
    let status = match report.outcome() {
        Outcome::Accepted => ExitCode::SUCCESS,
        Outcome::Rejected => ExitCode::FAILURE,
        Outcome::Unusable => return Ok(unusable(&report.reason())),
    };
    let mut output = io::stdout().lock();
    serde_json::to_writer_pretty(&mut output, &report)?;
    writeln!(output)?;
    Ok(status)
}

fn test_report(path: &OsStr) -> io::Result<ExitCode> {
    let mut text = Vec::new();
    open(path)?.take(LONGEST_CASE + 1).read_to_end(&mut text)?;
    let report = match serde_json::from_slice(&text) {
        Ok(case) => case::test_report(&case),
        Err(error) => Err(error.to_string()),
    };
    let report = match report {
        Ok(report) => report,
        Err(reason) => return Ok(unusable(&reason)),
    };
    let mut output = io::stdout().lock();
    serde_json::to_writer_pretty(&mut output, &report)?;
    writeln!(output)?;
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn batch(path: &OsStr) -> io::Result<ExitCode> {
    batch::run(open(path)?, BufWriter::new(io::stdout().lock()))?;
    Ok(ExitCode::SUCCESS)
}

fn open(path: &OsStr) -> io::Result<Box<dyn BufRead>> {
    if path == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.to_string_lossy())))?;
    Ok(Box::new(BufReader::new(file)))
}

fn unusable(reason: &str) -> ExitCode {
    // Where nobody reads standard error, the status still says it.
    let _ = writeln!(io::stderr(), "inspect: {reason}");
    ExitCode::from(2)
}
