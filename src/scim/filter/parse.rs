use serde_json::Value;

use super::{Filter, Kind, Literal, Operand, Operator, Test};
use crate::{
    scim::{
        error::{Error, shown},
        leniency::Deviation,
        path::{Named, resolve},
        resource::Reading,
        schema::{Attribute, ResourceType},
    },
    time::Timestamp,
};

/// Reads a filter for resources of this type.
///
/// # Errors
/// [`Error::Filter`] with the byte position, for what does not parse, is longer or deeper than allowed, names what
/// cannot be filtered by, or compares a value of another type. A name that is no attribute compares as missing where
/// [`Deviation::UnknownInFilter`] is read.
pub fn parse(text: &str, resource_type: &ResourceType, reading: &mut Reading<'_>) -> Result<Filter, Error> {
    Parser::new(text, Scope::Resource(resource_type), reading).whole()
}

/// Reads the filter inside of the brackets of `attribute[…]`; its operands are parts of the attribute.
///
/// # Errors
/// As for [`parse`].
pub fn parse_values(text: &str, attribute: &Attribute, reading: &mut Reading<'_>) -> Result<Filter, Error> {
    Parser::new(text, Scope::Parts(attribute), reading).whole()
}

/// What names mean.
#[derive(Clone, Copy)]
enum Scope<'t> {
    /// Attributes of a resource.
    Resource(&'t ResourceType),
    /// Parts of a value.
    Parts(&'t Attribute),
    /// Nothing: parts of what is no attribute.
    Nothing,
}

struct Parser<'p, 'c> {
    text: &'p str,
    /// INVARIANT (position): on a boundary of characters, at most the length.
    position: usize,
    scope: Scope<'p>,
    reading: &'p mut Reading<'c>,
    terms: usize,
    depth: usize,
}

impl<'p, 'c> Parser<'p, 'c> {
    fn new(text: &'p str, scope: Scope<'p>, reading: &'p mut Reading<'c>) -> Self {
        Self { text, position: 0, scope, reading, terms: 0, depth: 0 }
    }

    fn whole(mut self) -> Result<Filter, Error> {
        if self.text.len() > self.reading.limits().filter {
            return Err(self.wrong("the filter is too long"));
        }
        let filter = self.any()?;
        self.space();
        if self.rest().is_empty() { Ok(filter) } else { Err(self.wrong("the filter should end here")) }
    }

    /// `or` binds weakest.
    fn any(&mut self) -> Result<Filter, Error> {
        let mut filters = vec![self.all()?];
        while self.joined_by("or") {
            filters.push(self.all()?);
        }
        Ok(one_or(filters, Filter::Or))
    }

    fn all(&mut self) -> Result<Filter, Error> {
        let mut filters = vec![self.one()?];
        while self.joined_by("and") {
            filters.push(self.one()?);
        }
        Ok(one_or(filters, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, Error> {
        self.space();
        if self.symbol('(') {
            return self.group();
        }
        let start = self.position;
        if self.keyword("not") {
            self.space();
            if self.symbol('(') {
                return Ok(Filter::Not(Box::new(self.group()?)));
            }
            // An attribute may bear the name `not`.
            self.position = start;
        }
        self.term()
    }

    /// After an opening parenthesis.
    fn group(&mut self) -> Result<Filter, Error> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.reading.limits().filter_depth {
            return Err(self.wrong("the filter is nested too deeply"));
        }
        let filter = self.any()?;
        self.space();
        if !self.symbol(')') {
            return Err(self.wrong("a closing parenthesis is missing"));
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(filter)
    }

    fn term(&mut self) -> Result<Filter, Error> {
        self.terms = self.terms.saturating_add(1);
        if self.terms > self.reading.limits().filter_terms {
            return Err(self.wrong("the filter has too many comparisons"));
        }
        let start = self.position;
        let name = self.word(is_name_character);
        if name.is_empty() {
            return Err(self.wrong("an attribute is missing"));
        }
        if self.symbol('[') {
            return self.values(name, start);
        }
        let operand = self.operand(name, start)?;
        let (operand, test) = self.test(operand)?;
        Ok(Filter::Test(operand, test))
    }

    /// After `attribute[`: a filter of parts, and perhaps `].part` with a test of its own.
    fn values(&mut self, name: &str, start: usize) -> Result<Filter, Error> {
        let Scope::Resource(resource_type) = self.scope else {
            return Err(self.wrong("brackets do not nest"));
        };
        let (attribute, parts) = match resolve(resource_type, name, self.reading) {
            Ok(Named::Attribute { found, sub: None })
                if found.attribute.is_complex() && found.attribute.is_readable() =>
            {
                (Operand::of(&found), Scope::Parts(found.attribute))
            }
            Ok(_) => return Err(self.wrong_at(start, "only a complex attribute takes brackets")),
            Err(_) => (self.unknown(name, start)?, Scope::Nothing),
        };
        let outer = std::mem::replace(&mut self.scope, parts);
        let mut filter = self.any()?;
        self.space();
        if !self.symbol(']') {
            return Err(self.wrong("a closing bracket is missing"));
        }
        if self.symbol('.') {
            let start = self.position;
            let part = self.word(is_name_character);
            let operand = self.operand(part, start)?;
            let (operand, test) = self.test(operand)?;
            filter = one_or(vec![filter, Filter::Test(operand, test)], Filter::And);
        }
        self.scope = outer;
        Ok(Filter::Values { attribute, filter: Box::new(filter) })
    }

    fn operand(&mut self, name: &str, start: usize) -> Result<Operand, Error> {
        let resolved = match self.scope {
            Scope::Nothing => None,
            Scope::Parts(attribute) => match attribute.sub_attribute(name) {
                Some(part) if !part.is_readable() => {
                    return Err(self.wrong_at(start, "this attribute cannot be filtered by"));
                }
                part => part.map(|part| Operand {
                    extension: None,
                    attribute: part.name.clone(),
                    part: None,
                    kind: Kind::of(part.kind, part.case_exact),
                    multi_valued: part.multi_valued,
                }),
            },
            Scope::Resource(resource_type) => match resolve(resource_type, name, self.reading) {
                Ok(Named::Attribute { found, sub }) => {
                    // RFC 7643 §7: what is never returned cannot be found out by asking.
                    if !found.attribute.is_readable() || sub.is_some_and(|part| !part.is_readable()) {
                        return Err(self.wrong_at(start, "this attribute cannot be filtered by"));
                    }
                    let mut operand = Operand::of(&found);
                    if let Some(part) = sub {
                        operand.part = Some(part.name.clone());
                        operand.kind = Kind::of(part.kind, part.case_exact);
                        operand.multi_valued |= part.multi_valued;
                    }
                    Some(operand)
                }
                Ok(Named::Extension(_)) => {
                    return Err(self.wrong_at(start, "a schema is no attribute"));
                }
                Err(_) => None,
            },
        };
        match resolved {
            Some(operand) => Ok(operand),
            None => self.unknown(name, start),
        }
    }

    fn unknown(&mut self, name: &str, start: usize) -> Result<Operand, Error> {
        if !is_attribute_path(name) {
            return Err(self.wrong_at(start, "the name of an attribute is malformed"));
        }
        let position = start;
        self.reading.tolerate(Deviation::UnknownInFilter, name, || Error::Filter {
            position,
            reason: format!("{} is no attribute", shown(name)),
        })?;
        Ok(Operand {
            extension: None,
            attribute: name.to_owned(),
            part: None,
            kind: Kind::Unknown,
            multi_valued: false,
        })
    }

    fn test(&mut self, operand: Operand) -> Result<(Operand, Test), Error> {
        self.space();
        let start = self.position;
        let word = self.word(|c| c.is_ascii_alphabetic());
        if word.eq_ignore_ascii_case("pr") {
            return Ok((operand, Test::Present));
        }
        let Some(operator) = Operator::read(word) else {
            return Err(self.wrong_at(start, "an operator is missing"));
        };
        if !self.rest().starts_with(' ') {
            return Err(self.wrong("a space is missing"));
        }
        self.space();
        let operand = self.compared(operand)?;
        let start = self.position;
        let literal = self.literal()?;
        let test = typed(&operand, operator, literal)
            .map_err(|reason| Error::Filter { position: start, reason: reason.to_owned() })?;
        Ok((operand, test))
    }

    /// A complex attribute compares by its `value`.
    fn compared(&mut self, operand: Operand) -> Result<Operand, Error> {
        if operand.kind != Kind::Complex {
            return Ok(operand);
        }
        let attribute = match self.scope {
            Scope::Resource(resource_type) => match operand.extension.as_deref() {
                None => resource_type.own(&operand.attribute),
                Some(urn) => resource_type.qualified(urn, &operand.attribute),
            }
            .map(|found| found.attribute),
            Scope::Parts(_) | Scope::Nothing => None,
        };
        match attribute.and_then(|attribute| attribute.sub_attribute("value")) {
            Some(value) if operand.part.is_none() => Ok(Operand {
                part: Some(value.name.clone()),
                kind: Kind::of(value.kind, value.case_exact),
                ..operand
            }),
            _ => Err(self.wrong("a complex attribute compares by one of its parts")),
        }
    }

    fn literal(&mut self) -> Result<Value, Error> {
        let rest = self.rest();
        if rest.starts_with('"') {
            let end = end_of_text(rest).ok_or_else(|| self.wrong("a closing quote is missing"))?;
            let (text, _) = rest.split_at_checked(end).unwrap_or_default();
            let value = serde_json::from_str::<String>(text);
            let value = value.map_err(|_| self.wrong("the value is no JSON text"))?;
            self.position = self.position.saturating_add(end);
            return Ok(Value::String(value));
        }
        let start = self.position;
        let word = self.word(|c| c != ' ' && c != ')' && c != ']');
        match word {
            "" => Err(self.wrong("a value is missing")),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            word => match serde_json::from_str::<serde_json::Number>(word) {
                Ok(number) => Ok(Value::Number(number)),
                Err(_) => {
                    let refused = Error::Filter {
                        position: start,
                        reason:
                            "the value is neither a JSON text in quotes nor a number, true, false or null"
                                .to_owned(),
                    };
                    // A stray quote, a list and an object are mistakes and no unquoted text.
                    if word.contains('"') || word.starts_with(['[', '{']) {
                        return Err(refused);
                    }
                    self.reading.tolerate(Deviation::UnquotedFilterValue, "filter", || refused)?;
                    Ok(Value::String(word.to_owned()))
                }
            },
        }
    }

    fn rest(&self) -> &'p str {
        self.text.split_at_checked(self.position).unwrap_or_default().1
    }

    fn space(&mut self) {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches(' ');
        self.position = self.position.saturating_add(rest.len().saturating_sub(trimmed.len()));
    }

    fn symbol(&mut self, symbol: char) -> bool {
        let there = self.rest().starts_with(symbol);
        if there {
            self.position = self.position.saturating_add(symbol.len_utf8());
        }
        there
    }

    /// `and` or `or`, apart from what stands before and after it.
    fn joined_by(&mut self, keyword: &str) -> bool {
        let start = self.position;
        let before = self.text.split_at_checked(start).unwrap_or_default().0;
        let apart = before.ends_with(')') || self.rest().starts_with(' ');
        let there = apart && self.keyword(keyword) && self.rest().starts_with([' ', '(']);
        if !there {
            self.position = start;
        }
        there
    }

    /// A word, in any case, that ends where no name goes on.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.position;
        self.space();
        let word = self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-' | '$' | '['));
        if word.eq_ignore_ascii_case(keyword) {
            return true;
        }
        self.position = start;
        false
    }

    fn word(&mut self, of: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let end = rest.find(|c| !of(c)).unwrap_or(rest.len());
        self.position = self.position.saturating_add(end);
        rest.split_at_checked(end).unwrap_or_default().0
    }

    fn wrong(&self, reason: &str) -> Error {
        self.wrong_at(self.position, reason)
    }

    fn wrong_at(&self, position: usize, reason: &str) -> Error {
        Error::Filter { position, reason: reason.to_owned() }
    }
}

/// RFC 7644 table 3: which values an operator takes for which attributes.
fn typed(operand: &Operand, operator: Operator, value: Value) -> Result<Test, &'static str> {
    use Operator as O;
    if value.is_null() {
        return match operator {
            O::Equal => Ok(Test::Absent),
            O::NotEqual => Ok(Test::Present),
            _ => Err("null is equal or not, nothing else"),
        };
    }
    let literal = match (operand.kind, value) {
        (Kind::Exact | Kind::Folded | Kind::Binary, Value::String(text)) => Literal::Text(text),
        (Kind::DateTime, Value::String(text)) => match Timestamp::parse(&text) {
            Ok(parsed) => Literal::DateTime(parsed.at, text),
            Err(_) => return Err("a date and time is needed"),
        },
        (Kind::Boolean, Value::Bool(value)) => Literal::Boolean(value),
        (Kind::Number, Value::Number(number)) => Literal::Number(number),
        (Kind::Unknown, Value::String(text)) => Literal::Text(text),
        (Kind::Unknown, Value::Bool(value)) => Literal::Boolean(value),
        (Kind::Unknown, Value::Number(number)) => Literal::Number(number),
        (Kind::Exact | Kind::Folded | Kind::Binary, _) => return Err("a text in quotes is needed"),
        (Kind::DateTime, _) => return Err("a date and time is needed"),
        (Kind::Boolean, _) => return Err("true or false is needed"),
        (Kind::Number, _) => return Err("a number is needed"),
        (Kind::Complex, _) | (Kind::Unknown, _) => return Err("this cannot be compared"),
    };
    let fits = match operator {
        O::Equal | O::NotEqual => true,
        O::Contains | O::StartsWith | O::EndsWith => {
            matches!(operand.kind, Kind::Exact | Kind::Folded | Kind::Unknown)
        }
        O::Greater | O::GreaterOrEqual | O::Less | O::LessOrEqual => {
            !matches!(operand.kind, Kind::Boolean | Kind::Binary)
        }
    };
    if fits { Ok(Test::Compare(operator, literal)) } else { Err("the operator does not fit the attribute") }
}

/// Where a JSON text ends that the input begins with, its closing quote included.
fn end_of_text(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at.checked_add(1),
            _ => {}
        }
    }
    None
}

fn one_or(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            join(filters)
        }
        None => join(filters),
    }
}

/// RFC 7644 figure 1: names with a dot between them, after a URN where there is one.
fn is_attribute_path(name: &str) -> bool {
    let path = name.rsplit_once(':').map_or(name, |(_, path)| path);
    path.split('.').all(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$'))
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-' | '$')
}
