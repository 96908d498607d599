//! Our named vectors in `tests/corpus/saml`: each breaks, or shows, one thing. Those of metadata, `metadata_*`, are
//! decided by the module of that name.
//!
//! The generators below make every file. `ADMITTANCE_WRITE_VECTORS=1 cargo test --test it vectors` writes them anew;
//! otherwise the files must be what the generators make. Vectors named `found_…`, which fuzzing or a bug report has
//! brought, have no generator and stay as they are. Vectors that ECDSA or RSA-PSS signs differ each time:
//! theirs are only decided, and written where they are missing.

mod api;
mod catalogue;
mod forge;
mod logout;
mod markup;
mod parameterised;
mod protocol;
mod quirks;
mod redirect;
mod rules;
mod signature;
mod weak;
mod wrapping;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use admittance::encoding::base64_encode;
use serde_json::{Map, Value, json};

use crate::case;

/// One message, and what is decided about it.
struct Vector {
    name: String,
    /// The first name of its row in the tables of saml.md, or the rule.
    row: &'static str,
    shows: &'static str,
    outcome: Outcome,
    message: Message,
    /// Members that differ from the base case.
    case: Value,
    /// Made by an algorithm that draws random bytes.
    randomised: bool,
}

enum Outcome {
    Accept {
        /// Codes of the notes, in order, each once.
        notes: Vec<&'static str>,
        /// Members that the report must have.
        report: Value,
    },
    Reject {
        code: &'static str,
        /// The accepted vector that is the same but for the one thing.
        twin: &'static str,
    },
}

enum Message {
    /// The decoded response.
    Xml(Vec<u8>),
    /// The form field as posted.
    Form(String),
    /// The query of a redirect.
    Query(String),
}

fn accept(name: &str, shows: &'static str, xml: impl Into<Vec<u8>>) -> Vector {
    let outcome = Outcome::Accept { notes: Vec::new(), report: json!({}) };
    Vector::new(name, shows, outcome, Message::Xml(xml.into()))
}

fn reject(name: &str, code: &'static str, shows: &'static str, xml: impl Into<Vec<u8>>) -> Vector {
    let outcome = Outcome::Reject { code, twin: "both_signed" };
    Vector::new(name, shows, outcome, Message::Xml(xml.into()))
}

impl Vector {
    fn new(name: &str, shows: &'static str, outcome: Outcome, message: Message) -> Self {
        let row = catalogue::row_of(name).unwrap_or("twin");
        Self { name: name.to_owned(), row, shows, outcome, message, case: json!({}), randomised: false }
    }

    /// The rule that it is about, where that is no row.
    fn rule(mut self, rule: &'static str) -> Self {
        self.row = rule;
        self
    }

    fn twin(mut self, name: &'static str) -> Self {
        if let Outcome::Reject { twin, .. } = &mut self.outcome {
            *twin = name;
        }
        self
    }

    fn notes(mut self, codes: &[&'static str]) -> Self {
        if let Outcome::Accept { notes, .. } = &mut self.outcome {
            notes.extend(codes);
        }
        self
    }

    /// What the report must say.
    fn report(mut self, members: Value) -> Self {
        if let Outcome::Accept { report, .. } = &mut self.outcome {
            *report = merged(report, &members);
        }
        self
    }

    fn case(mut self, members: Value) -> Self {
        self.case = merged(&self.case, &members);
        self
    }

    /// The form field as posted, instead of what it decodes to.
    fn form(mut self, field: String) -> Self {
        self.message = Message::Form(field);
        self
    }

    fn randomised(mut self) -> Self {
        self.randomised = true;
        self
    }

    fn folder(&self) -> &'static str {
        match self.outcome {
            Outcome::Accept { .. } => "accept",
            Outcome::Reject { .. } => "reject",
        }
    }

    /// The files by their paths below the corpus.
    fn files(&self) -> [(String, Vec<u8>); 2] {
        let stem = format!("{}/{}", self.folder(), self.name);
        let message = match &self.message {
            Message::Xml(xml) => (format!("{stem}.xml"), xml.clone()),
            Message::Form(field) => (format!("{stem}.b64"), field.clone().into_bytes()),
            Message::Query(query) => (format!("{stem}.query"), query.clone().into_bytes()),
        };
        [message, (format!("{stem}.json"), pretty(&self.description()))]
    }

    fn description(&self) -> Value {
        let mut members = Map::new();
        members.insert("row".to_owned(), json!(self.row));
        members.insert("shows".to_owned(), json!(self.shows));
        match &self.outcome {
            Outcome::Accept { notes, report } => {
                members.insert("notes".to_owned(), json!(notes));
                for (name, value) in report.as_object().unwrap() {
                    members.insert(name.clone(), value.clone());
                }
            }
            Outcome::Reject { code, twin } => {
                members.insert("code".to_owned(), json!(code));
                members.insert("twin".to_owned(), json!(twin));
            }
        }
        members.insert("case".to_owned(), self.case.clone());
        Value::Object(members)
    }
}

/// Every vector, in the order of the tables.
static ALL: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let groups = [
        wrapping::vectors(),
        markup::vectors(),
        signature::vectors(),
        protocol::vectors(),
        logout::vectors(),
        redirect::vectors(),
        quirks::vectors(),
        rules::vectors(),
    ];
    groups.into_iter().flatten().collect()
});

#[test]
fn files_are_what_the_generators_make() {
    let writing = std::env::var_os("ADMITTANCE_WRITE_VECTORS").is_some();
    let mut expected = BTreeMap::new();
    let mut names = BTreeSet::new();
    for vector in ALL.iter() {
        assert!(names.insert((vector.folder(), vector.name.clone())), "{} stands twice", vector.name);
        for (path, bytes) in vector.files() {
            let kept = vector.randomised && !path.ends_with(".json") && corpus().join(&path).exists();
            expected.insert(path.clone(), if kept { read(&path) } else { bytes });
        }
    }
    for path in paths().into_iter().filter(|path| path.contains("/found_")) {
        let bytes = read(&path);
        expected.insert(path, bytes);
    }
    expected.insert("base.json".to_owned(), pretty(&forge::base_case()));
    expected.insert("README.md".to_owned(), catalogue::readme(&ALL).into_bytes());

    if writing {
        for folder in ["accept", "reject"] {
            fs::create_dir_all(corpus().join(folder)).unwrap();
        }
        for path in paths().into_iter().filter(|path| !expected.contains_key(path)) {
            fs::remove_file(corpus().join(path)).unwrap();
        }
        for (path, bytes) in &expected {
            fs::write(corpus().join(path), bytes).unwrap();
        }
    }
    assert_eq!(paths(), expected.keys().cloned().collect(), "files in the corpus, and those that are made");
    for (path, bytes) in &expected {
        let same = match path.ends_with(".json") {
            true => json_file(path) == serde_json::from_slice::<Value>(bytes).unwrap(),
            false => read(path) == *bytes,
        };
        assert!(same, "{path} is not what its generator makes");
    }
}

#[test]
fn every_vector_is_decided_as_it_says() {
    let base = json_file("base.json");
    let mut wrong = Vec::new();
    for path in paths() {
        let Some(name) = path.strip_suffix(".json").filter(|name| name.contains('/')) else { continue };
        let description = json_file(&path);
        let report = decided(&base, name, &description["case"]);
        let outcome = if name.starts_with("accept/") {
            check_accepted(&description, &report)
        } else {
            check_rejected(&base, &description, &report)
        };
        wrong.extend(outcome.err().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn check_accepted(description: &Value, report: &Value) -> Result<(), String> {
    if report["outcome"] != "accepted" {
        return Err(format!("not accepted: {}", report["error"]));
    }
    let mut notes: Vec<&Value> = Vec::new();
    for note in report["diagnoses"].as_array().unwrap() {
        if !notes.contains(&&note["code"]) {
            notes.push(&note["code"]);
        }
    }
    if json!(notes) != description["notes"] {
        return Err(format!("notes {notes:?}, expected {}", description["notes"]));
    }
    for (name, expected) in description.as_object().unwrap() {
        let told = matches!(name.as_str(), "row" | "shows" | "notes" | "case");
        if !told && !contains(&report[name], expected) {
            return Err(format!("{name} is {}, expected {expected}", report[name]));
        }
    }
    Ok(())
}

fn check_rejected(base: &Value, description: &Value, report: &Value) -> Result<(), String> {
    if report["outcome"] != "rejected" || report["error"]["code"] != description["code"] {
        return Err(format!(
            "expected {}, got {} {}",
            description["code"], report["outcome"], report["error"]
        ));
    }
    // The twin shows that it is the one thing that decides.
    let twin = format!("accept/{}", description["twin"].as_str().unwrap());
    let case = json_file(&format!("{twin}.json"))["case"].clone();
    let report = decided(base, &twin, &case);
    match report["outcome"] == "accepted" {
        true => Ok(()),
        false => Err(format!("its twin {twin} is not accepted: {}", report["error"])),
    }
}

/// Every member that `expected` has is there and the same.
fn contains(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| actual.get(name).is_some_and(|actual| contains(actual, value))),
        _ => actual == expected,
    }
}

/// The report on a vector.
fn decided(base: &Value, name: &str, members: &Value) -> Value {
    let mut case = merged(base, members);
    without_nulls(&mut case);
    case["name"] = json!(name);
    let query = format!("{name}.query");
    if corpus().join(&query).exists() {
        case["message"] = json!({"redirect": String::from_utf8(read(&query)).unwrap()});
        return case::decide(&case);
    }
    if case["kind"] == "saml_logout" {
        case["message"] = logout::posted_message(&read(&format!("{name}.xml")));
        return case::decide(&case);
    }
    let form = format!("{name}.b64");
    if corpus().join(&form).exists() {
        case["response"] = json!(String::from_utf8(read(&form)).unwrap());
        return case::decide(&case);
    }
    case["response"] = json!(base64_encode(&read(&format!("{name}.xml"))));
    case::decide(&case)
}

/// Takes away what is null, one level deep.
fn without_nulls(case: &mut Value) {
    let members = case.as_object_mut().unwrap();
    members.retain(|_, value| !value.is_null());
    for inner in members.values_mut().filter_map(Value::as_object_mut) {
        inner.retain(|_, value| !value.is_null());
    }
}

/// The members of `base`, overridden one level deep.
fn merged(base: &Value, members: &Value) -> Value {
    let mut result = base.as_object().unwrap().clone();
    for (name, value) in members.as_object().unwrap() {
        match (result.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => {
                inner.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => {
                result.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(result)
}

/// The files that the generators make, and those of vectors that were found and are kept as they are.
fn paths() -> BTreeSet<String> {
    every_path().into_iter().filter(|path| !path.contains("/metadata_")).collect()
}

/// Every file below the corpus.
fn every_path() -> BTreeSet<String> {
    let files = |folder: &str| -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let Ok(entries) = fs::read_dir(corpus().join(folder)) else { return Vec::new() };
        let entries =
            entries.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().unwrap().is_file());
        entries.map(|entry| format!("{prefix}{}", entry.file_name().into_string().unwrap())).collect()
    };
    ["", "accept", "reject"].into_iter().flat_map(files).collect()
}

fn json_file(path: &str) -> Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(path: &str) -> Vec<u8> {
    fs::read(corpus().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/saml")
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap();
    text.push('\n');
    text.into_bytes()
}
