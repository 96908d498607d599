//! The differential run: what our engine accepts, libxmlsec1 accepts; what only ours refuses is counted by its code,
//! and the codes that may occur stand in `exceptions.toml` with the rule.
//!
//! A longer run, with as many documents of which seed:
//! `SECOND_LOCK_CASES=1000000 SECOND_LOCK_SEED=2 cargo test --release --features xmlsec second_lock -- --nocapture`

mod dice;
mod document;
mod mutation;
mod oracle;
mod signature;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use admittance::crypto::{Certificate, Legacy, TrustedKey, TrustedKeys};
use admittance::encoding::base64_decode;
use admittance::limits::{Budget, Limits, XmlLimits};
use admittance::saml;
use admittance::xml::{self, Element, Profile, Read};
use admittance::xmldsig::{self, Error, SignaturePolicy};
use xmlsec::XmlSecKey;

use crate::{case, shared};

use dice::Dice;
use oracle::Place;

#[test]
fn every_message_of_the_corpora() {
    let mut tally = Tally::default();
    for source in crate::corpus::SOURCES {
        let Some(cases) = shared::json_lines(&format!("corpus/saml/{source}.jsonl")) else { return };
        for case in &cases {
            let name = case["name"].as_str().unwrap_or_default();
            if let Some(sign_in) = case::SignIn::of_case(case) {
                let Ok(message) = base64_decode(sign_in.response.as_bytes()) else { continue };
                let keys = sign_in.idp.signing_keys().clone();
                tally.add(name, &message, &Question::new(Profile::Message, keys));
            }
            if let Some(keys) = metadata_keys(case) {
                let metadata = case["metadata"].as_str().unwrap_or_default();
                tally.add(name, metadata.as_bytes(), &Question::new(Profile::Metadata, keys));
            }
        }
    }
    eprintln!("corpora: {tally}");
    tally.assert_permitted();
    assert!(tally.accepted > 100, "{tally}");
}

#[test]
fn generated_documents() {
    let cases = number_from("SECOND_LOCK_CASES").unwrap_or(CASES);
    let seed = number_from("SECOND_LOCK_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let mut number = 0;
    while tally.documents < cases {
        number += 1;
        let mut dice = Dice::new(seed, number);
        let (text, question) = document::signed(&mut dice);
        tally.add(&format!("seed {seed}, document {number}"), text.as_bytes(), &question);
        for change in 1..=CHANGES {
            let changed = mutation::changed(&text, &mut dice);
            tally.add(&format!("seed {seed}, document {number}, change {change}"), &changed, &question);
        }
    }
    eprintln!("generated: {tally}");
    tally.assert_permitted();
    assert!(tally.accepted * 5 > tally.documents, "too few are accepted to prove much: {tally}");
    if cases >= CASES {
        let unseen: Vec<_> =
            permitted().into_iter().filter(|code| !tally.only_ours.contains_key(code)).collect();
        assert!(unseen.is_empty(), "exceptions.toml permits {unseen:?}, which no document needs");
    }
}

const CASES: usize = 20_000;

/// Changes made to each signed document, one at a time.
const CHANGES: usize = 9;

/// What is asked of both engines.
struct Question {
    profile: Profile,
    keys: TrustedKeys,
    their_keys: Vec<XmlSecKey>,
}

impl Question {
    fn new(profile: Profile, keys: TrustedKeys) -> Self {
        Self { profile, their_keys: oracle::keys(&keys), keys }
    }
}

/// What both answered.
#[derive(Default)]
struct Tally {
    documents: usize,
    signatures: usize,
    /// By both.
    accepted: usize,
    unsupported: BTreeMap<String, usize>,
    /// By our engine alone, by code.
    only_ours: BTreeMap<String, usize>,
    /// One document of each code.
    examples: BTreeMap<String, String>,
    disagreements: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, document: &[u8], question: &Question) {
        let show = || format!("{name}: {}", String::from_utf8_lossy(document));
        self.documents += 1;
        let theirs = oracle::verified(document, &question.their_keys);
        let ours = Ours::of(document, question);
        self.signatures += ours.verdicts.len();
        for (place, verdict) in &ours.verdicts {
            match verdict {
                Ok(()) => {
                    self.accepted += 1;
                    if !theirs.contains(place) {
                        self.disagreements
                            .push(format!("accepted at {place:?} only with one ID named: {}", show()));
                    }
                }
                Err(Error::SecondLockUnsupported { what }) => {
                    *self.unsupported.entry(what.clone()).or_default() += 1;
                }
                Err(error @ Error::SecondLockDisagrees { .. }) => {
                    self.disagreements.push(format!("{error} at {place:?}: {}", show()));
                }
                Err(_) => {}
            }
        }
        for place in &theirs {
            if let Some(code) = ours.refused(place) {
                *self.only_ours.entry(code.clone()).or_default() += 1;
                self.examples.entry(code).or_insert_with(show);
            }
        }
    }

    fn assert_permitted(&self) {
        assert!(
            self.disagreements.is_empty(),
            "{} disagreements in {} documents:\n{}",
            self.disagreements.len(),
            self.documents,
            self.disagreements.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
        );
        for what in self.unsupported.keys() {
            assert!(what.ends_with("-rsa-MGF1") || what.starts_with("a PrefixList"), "unsupported: {what}");
        }
        let permitted = permitted();
        let others: Vec<_> = self.examples.iter().filter(|(code, _)| !permitted.contains(*code)).collect();
        assert!(others.is_empty(), "refused only by us, and exceptions.toml does not say why: {others:#?}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documents, signatures, accepted, unsupported, only_ours, .. } = self;
        write!(f, "{documents} documents, {signatures} signatures, {accepted} accepted by both, ")?;
        write!(f, "unsupported {unsupported:?}, refused only by us {only_ours:?}")
    }
}

/// What our engine says of each element that carries a signature.
struct Ours {
    /// The code with which the document is no document.
    unread: Option<String>,
    verdicts: BTreeMap<Place, Result<(), Error>>,
}

impl Ours {
    fn of(document: &[u8], question: &Question) -> Self {
        let parsed =
            xml::parse(document.to_vec(), question.profile, &XmlLimits::METADATA, &mut Budget::new());
        let document = match parsed {
            Ok(document) => document,
            Err(error) => {
                return Self { unread: Some(code_of(error)), verdicts: BTreeMap::new() };
            }
        };
        let mut verdicts = BTreeMap::new();
        let mut open = vec![(Place::new(), document.root())];
        while let Some((place, element)) = open.pop() {
            if element.children().any(|child| child.is(xmldsig::NAMESPACE, "Signature")) {
                verdicts.insert(place.clone(), verify(element, &question.keys));
            }
            for (position, child) in element.children().enumerate() {
                open.push(([place.as_slice(), &[position]].concat(), child));
            }
        }
        Self { unread: None, verdicts }
    }

    /// The code of a refusal; `None` where the element is accepted or refused by the second lock alone.
    fn refused(&self, place: &Place) -> Option<String> {
        match (&self.unread, self.verdicts.get(place)) {
            (Some(code), _) => Some(code.clone()),
            (
                None,
                Some(Ok(()) | Err(Error::SecondLockDisagrees { .. } | Error::SecondLockUnsupported { .. })),
            ) => None,
            (None, Some(Err(error))) => Some(error.code().to_owned()),
            (None, None) => Some("no signature there".to_owned()),
        }
    }
}

fn verify(element: Element<'_>, keys: &TrustedKeys) -> Result<(), Error> {
    let policy = SignaturePolicy { legacy: Legacy::Allow };
    xmldsig::verify(element, keys, policy, &Limits::default(), &mut Budget::new()).map(|_| ())
}

fn metadata_keys(case: &serde_json::Value) -> Option<TrustedKeys> {
    let certificates = case["trusted_certificates"].as_array()?.iter();
    let parsed = certificates.filter_map(|text| Certificate::parse(text.as_str()?.as_bytes()).ok());
    TrustedKeys::new(parsed.map(TrustedKey::from)).ok()
}

/// The code, and the rule where one code has many.
fn code_of(error: xml::Error) -> String {
    let rule = match &error {
        xml::Error::Malformed { rule, .. } | xml::Error::Namespace { rule, .. } => format!(": {rule}"),
        _ => String::new(),
    };
    format!("{}{rule}", saml::Error::from(error).code())
}

/// What `[[xmlsec]]` permits in `exceptions.toml`: codes, with a colon and the rule where the entry names one.
fn permitted() -> BTreeSet<String> {
    let value = |line: &str, key: &str| {
        let value = line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?;
        Some(value.trim().trim_matches('"').to_owned())
    };
    let mut codes = Vec::new();
    for line in include_str!("../../exceptions.toml").lines() {
        codes.extend(value(line, "code"));
        if let (Some(rule), Some(code)) = (value(line, "rule"), codes.last_mut()) {
            *code = format!("{code}: {rule}");
        }
    }
    codes.into_iter().collect()
}

fn number_from<N: std::str::FromStr>(variable: &str) -> Option<N> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}
