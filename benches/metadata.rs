//! One entity selected out of an aggregate of 100 MB, against a bare scan of the same bytes by quick-xml, which looks
//! at each piece of markup and does nothing with it. And how much memory it takes beyond the aggregate, which is made
//! as it is read; and that time grows with length, no faster. The same for an aggregate that is signed.
//!
//! Prints `metadata/select-100MB ratio 2.40` and a line for each of the others; exit status 1 when one is above its
//! bound.

#[path = "measure/aggregate.rs"]
mod aggregate;
mod measure;

use std::fs;
use std::hint::black_box;
use std::io::BufRead;
use std::process::ExitCode;
use std::time::Duration;

use admittance::saml::metadata::idp::{EntityChoice, MetadataTrust, ParseOptions, parse_stream};
use admittance::testing::saml_idp::TestKey;
use admittance::time::Timestamp;
use quick_xml::events::Event;

use aggregate::Aggregate;
use measure::{compare_within, warm_up};

const MEGABYTE: usize = 1_000_000;
const LENGTH: usize = 100 * MEGABYTE;
const RATIO: f64 = 3.0;
/// Beyond the aggregate, in megabytes.
const MEMORY: f64 = 4.0;
/// Time for each byte, as a multiple of that of the shortest.
const GROWTH: f64 = 1.25;
const LONG: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // First of all: what the process has taken at most is all that is known.
    let plain = Aggregate::new(LENGTH);
    let mut within = memory("select", &plain, Trust::None);
    let signed = plain.clone().signed();
    within &= memory("verify", &signed, Trust::Signer);

    warm_up();
    let scan_of = |bytes: &[u8]| {
        let mut reader = quick_xml::Reader::from_reader(bytes);
        while !matches!(black_box(reader.read_event()).expect("a document"), Event::Eof) {}
    };
    for (name, aggregate, trust, bound) in
        [("select", &plain, Trust::None, RATIO), ("verify", &signed, Trust::Signer, f64::INFINITY)]
    {
        let (options, bytes) = (options(aggregate, trust), aggregate.clone().into_bytes());
        let comparison =
            compare_within(bound, LONG, || scan_of(&bytes), || select(&mut &bytes[..], &options));
        println!("metadata/{name}-100MB ratio {:.2}", comparison.ratio);
        let per_megabyte = |time: Duration| time * 1000 / u32::try_from(bytes.len() / 1000).expect("fits");
        let (floor, subject) = (per_megabyte(comparison.floor), per_megabyte(comparison.subject));
        println!("    {} bytes, for each MB: scan {floor:.1?}, {name} {subject:.1?}", bytes.len());
        within &= comparison.ratio <= bound;
    }
    within &= linearity();
    if within {
        return ExitCode::SUCCESS;
    }
    println!("metadata: a ratio above {RATIO}, {MEMORY} MB or a growth above {GROWTH}");
    ExitCode::FAILURE
}

#[derive(Clone, Copy)]
enum Trust {
    None,
    Signer,
}

fn options(aggregate: &Aggregate, trust: Trust) -> ParseOptions {
    let mut options = ParseOptions::default();
    options.entity = EntityChoice::Named(aggregate.middle());
    if let Trust::Signer = trust {
        options.trust = MetadataTrust::Keys(TestKey::OtherRsa.certificate().clone().into());
    }
    options
}

fn select(mut reader: &mut dyn BufRead, options: &ParseOptions) {
    let now = Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at;
    let (config, _) = black_box(parse_stream(&mut reader, options, now)).expect("the entity");
    assert_eq!(config.sso().len(), 2);
}

/// Prints what the process takes more at most while it selects.
fn memory(name: &str, aggregate: &Aggregate, trust: Trust) -> bool {
    let options = options(aggregate, trust);
    let Some(before) = peak() else {
        println!("metadata/{name}-100MB memory: not known on this system");
        return true;
    };
    select(&mut aggregate.clone(), &options);
    let megabytes = (peak().unwrap_or_default() - before) / 1e6;
    println!("metadata/{name}-100MB memory {megabytes:.2} MB beyond the input");
    megabytes <= MEMORY
}

/// The most that the process has taken of memory, in bytes.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? * 1024.0)
}

/// Time for each byte at 1, 2, 4 and 8 times the length.
fn linearity() -> bool {
    let all = [1, 2, 4, 8].map(|factor| Aggregate::new(LENGTH / 8 * factor));
    let first = all[0].clone().into_bytes();
    let first_options = options(&all[0], Trust::None);
    let mut within = true;
    for aggregate in all {
        let options = options(&aggregate, Trust::None);
        let bytes = aggregate.into_bytes();
        let factor = bytes.len() as f64 / first.len() as f64;
        let comparison = compare_within(
            factor * GROWTH,
            LONG,
            || select(&mut &first[..], &first_options),
            || select(&mut &bytes[..], &options),
        );
        println!("metadata/linearity {factor:.2} times as long: {:.2} times the time", comparison.ratio);
        within &= comparison.ratio <= factor * GROWTH;
    }
    within
}
