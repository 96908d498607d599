//! One rule over claims: source, aliases, transforms.

use serde_json::Value;

use super::aliases::{Field, KnownName};
use super::email::EmailAddress;
use super::mapping::{Alias, Rule, Source};
use super::transform::{Transform, bool_string, strip_path};
use crate::claims::{Claim, ClaimValue, Claims};
use crate::note::Note;

/// What a rule found.
pub(super) struct Evaluation {
    /// The values and where they were; `None` when nothing that the rule names was sent.
    pub(super) found: Option<Found>,
    /// Whether the rule's own source was sent.
    pub(super) own_source: Presence,
    /// The names of the claims that were looked for.
    consulted: Vec<String>,
}

/// Values that were sent, without empty ones.
pub(super) struct Found {
    pub(super) attribute: String,
    pub(super) values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Sent,
    NotSent,
}

/// Reads one field by its rule.
pub(super) fn evaluate(rule: &Rule, field: Field, claims: &Claims, notes: &mut Vec<Note>) -> Evaluation {
    let mut reader = Reader { claims, field, notes, consulted: Vec::new() };
    let own = reader.source(&rule.source);
    let own_source = if own.is_some() { Presence::Sent } else { Presence::NotSent };
    let mut found = own.or_else(|| rule.aliases.iter().find_map(|alias| reader.alias(*alias, &rule.source)));
    for transform in &rule.transforms {
        found = reader.transform(transform, found);
    }
    Evaluation { found, own_source, consulted: reader.consulted }
}

impl Evaluation {
    /// Whether the claim of this name was looked for.
    pub(super) fn consulted(&self, name: &str) -> bool {
        self.consulted.iter().any(|consulted| consulted == name)
    }
}

struct Reader<'a> {
    claims: &'a Claims,
    field: Field,
    notes: &'a mut Vec<Note>,
    consulted: Vec<String>,
}

impl Reader<'_> {
    fn source(&mut self, source: &Source) -> Option<Found> {
        let name = source.claim();
        self.consulted.push(name.to_owned());
        let claim = self.claims.claim(name)?;
        let mut reading = Reading::of(claim);
        match source {
            Source::Attr(_) => reading.claim(claim),
            Source::Pointer(pointer) if pointer.path().is_empty() => reading.claim(claim),
            Source::Pointer(pointer) => {
                json_values(claim)
                    .filter_map(|json| json.pointer(pointer.path()))
                    .for_each(|v| reading.json(v));
            }
            Source::Keys(pointer) => {
                json_values(claim)
                    .filter_map(|json| json.pointer(pointer.path()))
                    .for_each(|v| reading.keys(v));
            }
        }
        self.finish(name, reading)
    }

    fn alias(&mut self, alias: Alias, source: &Source) -> Option<Found> {
        let found = match alias {
            Alias::Known => self.field.known_names().iter().find_map(|known| self.known_name(*known)),
            Alias::FriendlyName => self.friendly_name(source),
        }?;
        self.notes.push(
            Note::new("claims.alias_used")
                .field(self.field.as_str())
                .expected(source.to_string())
                .actual(found.attribute.as_str()),
        );
        Some(found)
    }

    fn known_name(&mut self, known: KnownName) -> Option<Found> {
        match known {
            KnownName::Claim(name) => self.source(&Source::Attr(name.to_owned())),
            KnownName::FullName { given, surname } => {
                let given = self.source(&Source::Attr(given.to_owned())).filter(Found::has_value)?;
                let surname = self.source(&Source::Attr(surname.to_owned())).filter(Found::has_value)?;
                Some(Found::joined([given, surname], " "))
            }
        }
    }

    /// The claims whose second, human name is the rule's attribute name, joined in document order.
    fn friendly_name(&mut self, source: &Source) -> Option<Found> {
        let Source::Attr(name) = source else { return None };
        let mut named =
            self.claims.claims().iter().filter(|claim| claim.friendly_name.as_ref() == Some(name));
        let first = named.next()?;
        let mut reading = Reading::of(first);
        reading.claim(first);
        named.for_each(|claim| reading.claim(claim));
        self.consulted.push(first.name.clone());
        self.finish(&first.name, reading)
    }

    fn finish(&mut self, name: &str, reading: Reading) -> Option<Found> {
        if reading.dropped {
            self.dropped("text", format!("a JSON value of another shape in {name}"));
        }
        reading.readable.then(|| Found::new(name, reading.values))
    }

    fn transform(&mut self, transform: &Transform, found: Option<Found>) -> Option<Found> {
        match transform {
            Transform::StripPath => found.map(|found| found.each(|value| strip_path(&value))),
            Transform::Or(sources) => self.or(sources, found),
            Transform::Trim => found.map(|found| found.each(|value| value.trim().to_owned())),
            Transform::Lower => found.map(|found| found.each(|value| value.to_lowercase())),
            Transform::SplitOn(separator) => found.map(|found| {
                let parts = found.values.iter().flat_map(|value| value.split(*separator)).map(str::to_owned);
                Found::new(&found.attribute, parts.collect())
            }),
            Transform::StripPrefix(prefix) => found.map(|found| {
                found.each(|value| match value.strip_prefix(prefix.as_str()) {
                    Some(rest) => rest.to_owned(),
                    None => value,
                })
            }),
            Transform::Join { attributes, separator } => {
                let parts: Vec<Found> = attributes
                    .iter()
                    .filter_map(|name| self.source(&Source::Attr(name.clone())))
                    .filter(Found::has_value)
                    .collect();
                if parts.is_empty() { found } else { Some(Found::joined(parts, separator)) }
            }
            Transform::BoolString => {
                found.map(|found| found.each(|value| bool_string(&value).map_or(value, str::to_owned)))
            }
            Transform::OnlyAddresses => found.map(|found| self.only_addresses(found)),
            Transform::First => found.map(|mut found| {
                found.values.truncate(1);
                found
            }),
        }
    }

    fn only_addresses(&mut self, mut found: Found) -> Found {
        let before = found.values.len();
        found.values.retain(|value| EmailAddress::parse(value).is_ok());
        if found.values.len() < before {
            let actual = format!("another text in {}", found.attribute);
            self.dropped("an email address", actual);
        }
        found
    }

    fn dropped(&mut self, expected: &str, actual: String) {
        let note = Note::new("claims.value_dropped").field(self.field.as_str());
        self.notes.push(note.expected(expected).actual(actual));
    }

    fn or(&mut self, sources: &[Source], found: Option<Found>) -> Option<Found> {
        let mut best = found;
        for source in sources {
            if best.as_ref().is_some_and(Found::has_value) {
                break;
            }
            let other = self.source(source);
            if best.is_none() || other.as_ref().is_some_and(Found::has_value) {
                best = other;
            }
        }
        best
    }
}

impl Found {
    /// INVARIANT (no empty value): every list of values passes through here.
    fn new(attribute: &str, mut values: Vec<String>) -> Self {
        values.retain(|value| !value.is_empty());
        Self { attribute: attribute.to_owned(), values }
    }

    fn has_value(&self) -> bool {
        !self.values.is_empty()
    }

    fn each(self, step: impl FnMut(String) -> String) -> Self {
        Self::new(&self.attribute, self.values.into_iter().map(step).collect())
    }

    fn joined(parts: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let (names, values): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|part| (part.attribute, part.values)).unzip();
        Self::new(&names.join(" + "), vec![values.concat().join(separator)])
    }
}

/// The texts of one claim, while they are collected.
struct Reading {
    values: Vec<String>,
    /// Something was stated, if only that there is no value. Objects and `null` state nothing.
    readable: bool,
    /// A value was left out because it is no text.
    dropped: bool,
}

impl Reading {
    fn of(claim: &Claim) -> Self {
        Self { values: Vec::new(), readable: claim.values.is_empty(), dropped: false }
    }

    fn claim(&mut self, claim: &Claim) {
        for value in &claim.values {
            match value {
                ClaimValue::Text(text) => self.text(text.clone()),
                ClaimValue::Json(json) => self.json(json),
            }
        }
    }

    fn json(&mut self, json: &Value) {
        match json {
            Value::Array(members) => {
                self.readable |= members.is_empty();
                members.iter().for_each(|member| self.scalar(member));
            }
            other => self.scalar(other),
        }
    }

    /// M6: numbers and booleans become text.
    fn scalar(&mut self, json: &Value) {
        match json {
            Value::String(text) => self.text(text.clone()),
            Value::Number(number) => self.text(number.to_string()),
            Value::Bool(truth) => self.text(truth.to_string()),
            Value::Null => {}
            Value::Array(_) | Value::Object(_) => self.dropped = true,
        }
    }

    fn keys(&mut self, json: &Value) {
        match json {
            Value::Object(members) => {
                self.readable = true;
                self.values.extend(members.keys().cloned());
            }
            Value::Null => {}
            _ => self.dropped = true,
        }
    }

    fn text(&mut self, text: String) {
        self.readable = true;
        self.values.push(text);
    }
}

/// The JSON values of a claim; text has no inside.
fn json_values(claim: &Claim) -> impl Iterator<Item = &Value> {
    claim.values.iter().filter_map(|value| match value {
        ClaimValue::Json(json) => Some(json),
        ClaimValue::Text(_) => None,
    })
}
