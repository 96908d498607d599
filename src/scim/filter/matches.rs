use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::{Filter, Kind, Literal, Operand, Operator, Test};
use crate::{fold, time::Timestamp};

impl Filter {
    /// Whether a resource is meant. `resource` is its whole representation, `id` and `meta` included, in the form that
    /// [`Resource`](crate::scim::resource::Resource) has.
    ///
    /// A multi-valued attribute matches when any of its values does. A missing one makes each test false, except `ne`
    /// and `eq null`.
    #[must_use]
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        match self {
            Self::And(filters) => filters.iter().all(|filter| filter.matches(resource)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(resource)),
            Self::Not(filter) => !filter.matches(resource),
            Self::Test(operand, test) => test.passes(operand, &values(operand, resource)),
            Self::Values { attribute, filter } => values(attribute, resource)
                .into_iter()
                .any(|value| value.as_object().is_some_and(|parts| filter.matches(parts))),
        }
    }
}

impl Test {
    fn passes(&self, operand: &Operand, values: &[&Value]) -> bool {
        match self {
            Self::Present => values.iter().any(|value| is_present(value)),
            Self::Absent => !values.iter().any(|value| is_present(value)),
            Self::Compare(Operator::NotEqual, _) if values.is_empty() => true,
            Self::Compare(operator, literal) => {
                values.iter().any(|value| compares(operand.kind, *operator, value, literal))
            }
        }
    }
}

/// The values of an operand: none, one, or those of a list.
fn values<'r>(operand: &Operand, resource: &'r Map<String, Value>) -> Vec<&'r Value> {
    if operand.kind == Kind::Unknown {
        return Vec::new();
    }
    let attributes = match &operand.extension {
        None => Some(resource),
        Some(urn) => resource.get(urn).and_then(Value::as_object),
    };
    let value = attributes.and_then(|attributes| attributes.get(&operand.attribute));
    let values = match value {
        None => return Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    };
    match &operand.part {
        None => values,
        Some(part) => values.into_iter().filter_map(|value| value.get(part)).collect(),
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(kind: Kind, operator: Operator, value: &Value, literal: &Literal) -> bool {
    match (literal, value) {
        (Literal::Text(wanted), Value::String(text)) => match kind {
            Kind::Folded => compares_text(operator, &fold::fold(text), &fold::fold(wanted)),
            _ => compares_text(operator, text, wanted),
        },
        (Literal::Boolean(wanted), Value::Bool(value)) => fits(operator, value.cmp(wanted)),
        (Literal::Number(wanted), Value::Number(number)) => {
            compare_numbers(number, wanted).is_some_and(|order| fits(operator, order))
        }
        (Literal::DateTime(wanted, _), Value::String(text)) => {
            Timestamp::parse(text).is_ok_and(|parsed| fits(operator, parsed.at.cmp(wanted)))
        }
        _ => operator == Operator::NotEqual,
    }
}

fn compares_text(operator: Operator, text: &str, wanted: &str) -> bool {
    match operator {
        Operator::Contains => text.contains(wanted),
        Operator::StartsWith => text.starts_with(wanted),
        Operator::EndsWith => text.ends_with(wanted),
        operator => fits(operator, text.cmp(wanted)),
    }
}

fn fits(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

/// Whole numbers exactly, others as floating-point numbers.
fn compare_numbers(one: &Number, other: &Number) -> Option<Ordering> {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}
