//! A response that is refused costs no more than one that is accepted: each reject vector against its accepted twin,
//! or, where it is longer than that, against an accepted response of its length, signed in as many places by the
//! same kind of key. And cost grows with length, no faster.
//!
//! Prints a ratio for each vector and the worst; exit status 1 when one is above the bound.

#[allow(dead_code, unused_imports, reason = "examples and tests use more of it")]
#[path = "../examples/inspect/case.rs"]
mod case;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
mod measure;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
#[path = "measure/sign_in.rs"]
mod sign_in;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use admittance::encoding::{base64_decode, base64_encode};
use admittance::testing::saml_idp::SignedElements;
use serde_json::Value;

use case::SignIn;
use measure::{Comparison, compare_within, warm_up};

const BOUND: f64 = 1.5;
const LONG: Duration = Duration::from_millis(120);
/// Groups of the shortest of four responses, each with twice the groups of the one before.
const GROUPS: usize = 250;

fn main() -> ExitCode {
    warm_up();
    let vectors = Vectors::read();
    let (mut worst, mut worst_name) = (0.0, String::new());
    for (name, refused, accepted) in vectors.pairs() {
        let ratio = against(&accepted, &refused).ratio;
        println!("rejects/{name} ratio {ratio:.2}");
        if ratio > worst {
            (worst, worst_name) = (ratio, name);
        }
    }
    println!("rejects/worst ratio {worst:.2} ({worst_name})");
    let growth = linearity();
    if worst_name.is_empty() || worst > BOUND || growth > BOUND {
        println!("rejects: above {BOUND}, or no vector");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Refusing against accepting.
fn against(accepted: &SignIn, refused: &SignIn) -> Comparison {
    compare_within(
        BOUND,
        LONG,
        || drop(black_box(accepted.finish()).expect("an acceptable response")),
        || drop(black_box(refused.finish()).expect_err("a reject vector")),
    )
}

/// Time for each byte at 1, 2, 4 and 8 times the groups; how many times that of the first it is at most.
fn linearity() -> f64 {
    let sign_ins = [1, 2, 4, 8].map(|factor| sign_in::with_groups(GROUPS * factor, SignedElements::Both));
    let [first, ..] = &sign_ins;
    let finish = |sign_in: &SignIn| drop(black_box(sign_in.finish()).expect("an acceptable response"));
    let mut growth = 0.0_f64;
    for sign_in in &sign_ins {
        let factor = length(sign_in) as f64 / length(first) as f64;
        let comparison = compare_within(factor, LONG * 4, || finish(first), || finish(sign_in));
        let nanoseconds = comparison.subject.as_secs_f64() * 1e9 / length(sign_in) as f64;
        println!("rejects/linearity {factor:.2} times as long: {nanoseconds:.2} ns/byte");
        growth = growth.max(comparison.ratio / factor);
    }
    growth
}

/// `tests/corpus/saml`.
struct Vectors {
    folder: PathBuf,
    base: Value,
}

impl Vectors {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/saml");
        Self { base: json(&folder.join("base.json")), folder }
    }

    /// Each reject vector that gets as far as `finish`, by name, with what to compare it with.
    fn pairs(&self) -> impl Iterator<Item = (String, SignIn, SignIn)> {
        let entries = fs::read_dir(self.folder.join("reject")).expect("reject vectors");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        files.into_iter().filter_map(|file| {
            let refused = self.sign_in(&file)?;
            let twin = self.folder.join("accept").join(json(&file)["twin"].as_str()?).with_extension("json");
            let accepted = self.sign_in(&twin).filter(|twin| length(&refused) * 4 <= length(twin) * 5);
            let accepted = accepted.unwrap_or_else(|| of_same_length(&refused));
            // A private-key operation costs many times all else together. Their number has a limit of its own (E3),
            // which a test counts; here like is compared with like.
            if wrapped_keys(&refused) > wrapped_keys(&accepted) {
                return None;
            }
            Some((file.file_stem()?.to_string_lossy().into_owned(), refused, accepted))
        })
    }

    /// The base case with the members that a vector overrides, one level deep, and its message.
    fn sign_in(&self, file: &Path) -> Option<SignIn> {
        let mut case = self.base.clone();
        for (member, value) in json(file)["case"].as_object().into_iter().flatten() {
            match (case[member].as_object_mut(), value.as_object()) {
                (Some(members), Some(overriding)) => members.extend(overriding.clone()),
                _ => case[member] = value.clone(),
            }
        }
        let posted = fs::read_to_string(file.with_extension("b64"));
        let message = || fs::read(file.with_extension("xml")).map(|xml| base64_encode(&xml));
        // Other messages, such as a query, belong to vectors of other kinds.
        case["response"] = posted.or_else(|_| message()).ok()?.into();
        SignIn::of_case(&case)
    }
}

/// How many wrapped keys a message has.
fn wrapped_keys(sign_in: &SignIn) -> usize {
    let message = base64_decode(sign_in.response.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&message).matches("EncryptedKey>").count()
}

/// An acceptable response of the same length, with as many signatures, as far as it can have them.
fn of_same_length(refused: &SignIn) -> SignIn {
    let message = base64_decode(refused.response.as_bytes()).unwrap_or_default();
    let signed = match String::from_utf8_lossy(&message).matches("</ds:SignatureValue>").count() {
        0 | 1 => SignedElements::Assertion,
        _ => SignedElements::Both,
    };
    sign_in::with_length(length(refused).min(refused.policy.limits.message.bytes), signed)
}

/// Bytes of the message.
fn length(sign_in: &SignIn) -> usize {
    sign_in.response.len() / 4 * 3
}

fn json(file: &Path) -> Value {
    let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
