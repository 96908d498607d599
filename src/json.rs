//! Strict JSON (RFC 8259): a document has one reading or none.
//!
//! [`parse_object`] gives an [`Object`] that keeps its members in the order read, [`parse`] any value. What readers
//! disagree about is refused: a member name that occurs twice, at any level; bytes after the document; a byte-order
//! mark; an escape that is half a surrogate pair; a number that no 64-bit type holds. Nothing is repaired.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::{Map, Number, Value, de::StrRead};

use crate::limits::{JsonLimits, LimitExceeded, Resource};

/// A JSON object whose members stay in the order read; objects inside a member are plain [`Value`]s.
///
/// INVARIANT (one member a name): no name occurs twice.
#[derive(Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<(String, Value)>,
}

/// Why a text is not taken as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, or more than one reading of it is possible.
    #[error("not JSON: {reason} (line {line}, column {column})")]
    Invalid {
        /// What is wrong.
        reason: &'static str,
        /// Line, from 1; 0 where the place is not known.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A member occurs twice in one object.
    #[error("the member {name:?} occurs twice in one object")]
    DuplicateMember {
        /// Its name, cut to 64 characters.
        name: String,
    },
    /// A value of another kind where an object is needed.
    #[error("the JSON document is no object")]
    NotAnObject,
    /// The document is larger than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

/// Reads a document that is one object.
///
/// # Errors
/// [`JsonError`].
pub fn parse_object(bytes: &[u8], limits: &JsonLimits) -> Result<Object, JsonError> {
    let first = bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    read(bytes, limits, |reader, tokens| {
        if first.is_some_and(|first| *first != b'{') {
            return Err(reader.refuse(JsonError::NotAnObject));
        }
        ObjectSeed { reader }.deserialize(tokens)
    })
}

/// Reads a document of any kind.
///
/// # Errors
/// [`JsonError`], [`JsonError::NotAnObject`] excepted.
pub fn parse(bytes: &[u8], limits: &JsonLimits) -> Result<Value, JsonError> {
    read(bytes, limits, |reader, tokens| ValueSeed { reader, depth: 1 }.deserialize(tokens))
}

impl Object {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the member with exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// Every member in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Sets a member: in its place where the name is there already, at the end otherwise.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        match self.members.iter_mut().find(|(member, _)| member == name) {
            Some((_, old)) => *old = value.into(),
            None => self.members.push((name.to_owned(), value.into())),
        }
    }

    /// [`insert`](Self::insert) for building an object in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.members.iter().position(|(member, _)| member == name)?;
        Some(self.members.remove(at).1)
    }

    /// The object as JSON without white space, members in order.
    #[must_use]
    pub fn to_json(&self) -> String {
        // INVARIANT (names are texts): an object of texts and values always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl JsonError {
    /// The rule that failed: `json.invalid`, `json.duplicate_member`, `json.not_an_object` or `json.limit`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "json.invalid",
            Self::DuplicateMember { .. } => "json.duplicate_member",
            Self::NotAnObject => "json.not_an_object",
            Self::Limit(_) => "json.limit",
        }
    }
}

impl fmt::Debug for Object {
    /// The names of the members alone: their values may be personal or secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members.iter().map(|(name, _)| name)).finish()
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    /// Reads what [`Serialize`] wrote, with the default limits.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut reader = Reader::new("", JsonLimits::default());
        let read = ObjectSeed { reader: &mut reader }.deserialize(deserializer);
        match reader.refused {
            Some(refused) => Err(de::Error::custom(refused)),
            None => read,
        }
    }
}

fn read<'i, T>(
    bytes: &'i [u8],
    limits: &JsonLimits,
    document: impl FnOnce(&mut Reader<'i>, &mut serde_json::Deserializer<StrRead<'i>>) -> serde_json::Result<T>,
) -> Result<T, JsonError> {
    if bytes.len() > limits.bytes {
        return Err(LimitExceeded { resource: Resource::Bytes, limit: limits.bytes }.into());
    }
    let text = str::from_utf8(bytes).map_err(|_| unplaced("it is not UTF-8"))?;
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(unplaced("it begins with a byte-order mark"));
    }
    let mut reader = Reader::new(text, *limits);
    let mut tokens = serde_json::Deserializer::from_str(text);
    let read = document(&mut reader, &mut tokens);
    if let Some(refused) = reader.refused {
        return Err(refused);
    }
    let value = read.map_err(|error| invalid(&error, "a syntax error"))?;
    tokens.end().map_err(|error| invalid(&error, "something follows the document"))?;
    Ok(value)
}

/// What is known while a document is read.
struct Reader<'i> {
    input: &'i str,
    limits: JsonLimits,
    values: usize,
    /// Members of lists below the current member of the outermost object.
    array_members: usize,
    /// Why reading stopped, if it was not the syntax.
    refused: Option<JsonError>,
}

impl<'i> Reader<'i> {
    fn new(input: &'i str, limits: JsonLimits) -> Self {
        Self { input, limits, values: 0, array_members: 0, refused: None }
    }

    /// Stops reading: serde carries no error of ours, so it waits in the reader.
    fn refuse<E: de::Error>(&mut self, refused: impl Into<JsonError>) -> E {
        self.refused.get_or_insert(refused.into());
        E::custom("refused")
    }

    fn within<E: de::Error>(&mut self, resource: Resource, size: usize, limit: usize) -> Result<(), E> {
        if size > limit { Err(self.refuse(LimitExceeded { resource, limit })) } else { Ok(()) }
    }

    fn value<E: de::Error>(&mut self) -> Result<(), E> {
        self.values = self.values.saturating_add(1);
        self.within(Resource::JsonValues, self.values, self.limits.values)
    }

    fn depth<E: de::Error>(&mut self, depth: usize) -> Result<(), E> {
        self.within(Resource::JsonDepth, depth, self.limits.depth)
    }

    fn string<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        self.within(Resource::JsonString, text.len(), self.limits.string)
    }

    fn duplicate<E: de::Error>(&mut self, name: &str) -> E {
        self.refuse(JsonError::DuplicateMember { name: name.chars().take(LONGEST_NAME_SHOWN).collect() })
    }
}

/// The outermost object.
struct ObjectSeed<'r, 'i> {
    reader: &'r mut Reader<'i>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_> {
    type Value = Object;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, '_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object, A::Error> {
        let reader = self.reader;
        reader.value()?;
        reader.depth(1)?;
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(name) = access.next_key_seed(NameSeed { reader })? {
            if name.is_number {
                return Err(reader.refuse(JsonError::NotAnObject));
            }
            reader.within(Resource::JsonMembers, members.len().saturating_add(1), reader.limits.members)?;
            reader.array_members = 0;
            let value = access.next_value_seed(ValueSeed { reader, depth: 2 })?;
            members.push((name.text, value));
        }
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let mut neighbours = names.iter().zip(names.iter().skip(1));
        if let Some((name, _)) = neighbours.find(|(name, next)| name == next) {
            return Err(reader.duplicate(name));
        }
        Ok(Object { members })
    }
}

/// Any value; `depth` is what it has if it is an object or a list.
struct ValueSeed<'r, 'i> {
    reader: &'r mut Reader<'i>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        self.reader.value()?;
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        self.reader.value()?;
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.reader.value()?;
        Ok(Value::from(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.reader.value()?;
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        self.reader.value()?;
        let number = Number::from_f64(value);
        number.map(Value::Number).ok_or_else(|| self.reader.refuse(unplaced("a number is out of range")))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        self.reader.value()?;
        self.reader.string(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let Self { reader, depth } = self;
        reader.value()?;
        reader.depth(depth)?;
        let mut values = Vec::new();
        while let Some(value) =
            access.next_element_seed(ValueSeed { reader, depth: depth.saturating_add(1) })?
        {
            reader.array_members = reader.array_members.saturating_add(1);
            reader.within(Resource::JsonArrayMembers, reader.array_members, reader.limits.array_members)?;
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let Self { reader, depth } = self;
        reader.value()?;
        let mut members = Map::new();
        while let Some(name) = access.next_key_seed(NameSeed { reader })? {
            if name.is_number {
                let digits: String = access.next_value()?;
                let number = number(&digits).ok_or_else(|| unplaced("a number is out of range"));
                return number.map_err(|refused| reader.refuse(refused));
            }
            reader.within(Resource::JsonMembers, members.len().saturating_add(1), reader.limits.members)?;
            if members.contains_key(&name.text) {
                return Err(reader.duplicate(&name.text));
            }
            reader.depth(depth)?;
            let value = access.next_value_seed(ValueSeed { reader, depth: depth.saturating_add(1) })?;
            members.insert(name.text, value);
        }
        reader.depth(depth)?;
        Ok(Value::Object(members))
    }
}

/// The name of a member.
struct NameSeed<'r, 'i> {
    reader: &'r mut Reader<'i>,
}

struct Name {
    text: String,
    /// No name at all: a build of `serde_json` with `arbitrary_precision`, which any crate of the host may turn on,
    /// gives every number as an object with one member of a name of its own.
    is_number: bool,
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_, '_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed<'_, '_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Name, E> {
        let of_document = self.reader.input.as_bytes().as_ptr_range().contains(&text.as_ptr());
        if text == NUMBER_NAME && !of_document {
            return Ok(Name { text: String::new(), is_number: true });
        }
        self.visit_str(text)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        if text == NUMBER_NAME {
            return Err(self.reader.refuse(unplaced("a member has a name that is reserved")));
        }
        self.reader.string(text)?;
        Ok(Name { text: text.to_owned(), is_number: false })
    }
}

/// A number as a build without `arbitrary_precision` holds it.
fn number(digits: &str) -> Option<Value> {
    let number: Number = digits.parse().ok()?;
    if let Some(number) = number.as_u64() {
        return Some(Value::from(number));
    }
    if let Some(number) = number.as_i64() {
        return Some(Value::from(number));
    }
    number.as_f64().and_then(Number::from_f64).map(Value::Number)
}

fn unplaced(reason: &'static str) -> JsonError {
    JsonError::Invalid { reason, line: 0, column: 0 }
}

fn invalid(error: &serde_json::Error, reason: &'static str) -> JsonError {
    let reason = if error.is_eof() { "it ends early" } else { reason };
    JsonError::Invalid { reason, line: error.line(), column: error.column() }
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';
/// What `serde_json` calls the one member of a number with `arbitrary_precision`.
const NUMBER_NAME: &str = "$serde_json::private::Number";
const LONGEST_NAME_SHOWN: usize = 64;
