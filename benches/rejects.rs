//! A response that is refused costs no more than one that is accepted: each reject vector against an accepted
//! response of the same length, signed in as many places by the same key. And cost grows with length, no faster.
//!
//! Prints a ratio for each vector and the worst; exit status 1 when one is above the bound.

#[allow(dead_code, unused_imports, reason = "examples and tests use more of it")]
#[path = "../examples/inspect/case.rs"]
mod case;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
mod measure;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use admittance::encoding::{base64_decode, base64_encode};
use admittance::testing::saml_idp::SignedElements;
use serde_json::Value;

use case::SignIn;
use measure::{Comparison, compare, sign_in, warm_up};

const BOUND: f64 = 1.5;
const LONG: Duration = Duration::from_millis(250);
/// Groups of the shortest of four responses, each with twice the groups of the one before.
const GROUPS: usize = 250;

fn main() -> ExitCode {
    warm_up();
    let mut worst = (0.0, "none".to_owned());
    for (name, refused) in vectors() {
        let ratio = against_twin(&refused).ratio;
        println!("rejects/{name} ratio {ratio:.2}");
        if ratio > worst.0 {
            worst = (ratio, name);
        }
    }
    println!("rejects/worst ratio {:.2} ({})", worst.0, worst.1);
    let growth = linearity();
    if worst.0 > BOUND || growth > BOUND {
        println!("rejects: above {BOUND}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Refusing against accepting.
fn against_twin(refused: &SignIn) -> Comparison {
    let message = base64_decode(refused.response.as_bytes()).unwrap_or_default();
    let signed = match String::from_utf8_lossy(&message).matches("SignatureValue>").count() / 2 {
        0 | 1 => SignedElements::Assertion,
        _ => SignedElements::Both,
    };
    let accepted = sign_in::with_length(message.len().min(refused.policy.limits.message.bytes), signed);
    compare(
        LONG,
        || drop(black_box(accepted.finish()).expect("an acceptable response")),
        || drop(black_box(refused.finish()).expect_err("a reject vector")),
    )
}

/// Time for each byte at 1, 2, 4 and 8 times the length; how much it grows at most.
fn linearity() -> f64 {
    let sign_ins = [1, 2, 4, 8].map(|factor| sign_in::with_groups(GROUPS * factor, SignedElements::Both));
    let growth = sign_ins.each_ref().map(|sign_in| {
        let finish = |sign_in: &SignIn| drop(black_box(sign_in.finish()).expect("an acceptable response"));
        let comparison = compare(LONG * 4, || finish(&sign_ins[0]), || finish(sign_in));
        let bytes = sign_in.response.len() / 4 * 3;
        let nanoseconds = comparison.subject.as_secs_f64() * 1e9 / bytes as f64;
        println!("rejects/linearity {bytes} bytes: {nanoseconds:.2} ns each");
        comparison.ratio * sign_ins[0].response.len() as f64 / sign_in.response.len() as f64
    });
    growth.into_iter().fold(0.0, f64::max)
}

/// The reject vectors that get as far as `finish`, by name.
fn vectors() -> Vec<(String, SignIn)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/saml");
    let base = json(&folder.join("base.json"));
    let entries = fs::read_dir(folder.join("reject")).expect("tests/corpus/saml/reject");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let named = |file: PathBuf| {
        let sign_in = SignIn::of_case(&case_of(&base, &file))?;
        Some((file.file_stem()?.to_string_lossy().into_owned(), sign_in))
    };
    files.into_iter().filter_map(named).collect()
}

/// The base case with the members that a vector overrides, one level deep, and its message.
fn case_of(base: &Value, file: &Path) -> Value {
    let mut case = base.clone();
    for (member, value) in json(file)["case"].as_object().into_iter().flatten() {
        match (case[member].as_object_mut(), value.as_object()) {
            (Some(members), Some(overriding)) => members.extend(overriding.clone()),
            _ => case[member] = value.clone(),
        }
    }
    let posted = fs::read_to_string(file.with_extension("b64"));
    let message = || fs::read(file.with_extension("xml")).map(|xml| base64_encode(&xml));
    case["response"] = posted.or_else(|_| message()).expect("a message").into();
    case
}

fn json(file: &Path) -> Value {
    let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
