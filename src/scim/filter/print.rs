use std::fmt;

use super::{Filter, Literal, Operand, Test};

/// As a filter is sent; what is printed parses to an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(filters) => joined(f, filters, " and "),
            Self::Or(filters) => joined(f, filters, " or "),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Test(operand, Test::Present) => write!(f, "{operand} pr"),
            Self::Test(operand, Test::Absent) => write!(f, "{operand} eq null"),
            Self::Test(operand, Test::Compare(operator, literal)) => {
                write!(f, "{operand} {} {literal}", operator.as_str())
            }
            Self::Values { attribute, filter } => write!(f, "{attribute}[{filter}]"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.extension {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute)?;
        match &self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::DateTime(_, text) => {
                // A JSON text: quotes and what has to be escaped.
                write!(f, "{}", serde_json::Value::from(text.as_str()))
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

/// In parentheses where the parts bind less or as strongly.
fn joined(f: &mut fmt::Formatter<'_>, filters: &[Filter], with: &str) -> fmt::Result {
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(with)?;
        }
        match filter {
            Filter::And(_) | Filter::Or(_) => write!(f, "({filter})")?,
            _ => write!(f, "{filter}")?,
        }
    }
    Ok(())
}
