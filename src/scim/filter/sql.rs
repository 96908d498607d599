//! A filter as a condition of SQL: [`Columns`] says where attributes are stored, [`lower`] writes the condition.
//!
//! The text holds the host's own column names and nothing of the filter: every value is bound. A condition is true or
//! false and never unknown, so `NOT` means here what it means in a filter, and rows found are those that
//! [`Filter::matches`] finds. What cannot be said in these columns is [`Unsupported`], never left out.

use std::{collections::BTreeMap, fmt};

use super::{Filter, Kind, Literal, Operand, Operator, Test};
use crate::fold;

/// Where the attributes of a resource type are stored.
///
/// Names and conditions are the host's own SQL and are written as they are: never make them of what a client sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    single: BTreeMap<String, Column>,
    several: BTreeMap<String, Table>,
}

/// A column, by what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Column {
    /// Text as sent, for attributes whose case counts.
    Exact(String),
    /// Text that went through [`fold`](crate::fold::fold) before it was stored, for attributes whose case does not
    /// count.
    Folded(String),
    /// True or false.
    Boolean(String),
    /// A number.
    Number(String),
    /// Milliseconds since 1970-01-01T00:00:00Z, as a whole number.
    Milliseconds(String),
}

/// A table with one row for each value of a multi-valued attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The table, with an alias where the columns use one: `user_emails e`.
    pub from: String,
    /// Which of its rows belong to the resource: `e.user_id = u.id`.
    pub belongs: String,
    /// Its columns, by part: `value`, `type`.
    pub columns: BTreeMap<String, Column>,
}

/// The database's own ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite, whose text compares byte by byte: `?1`, `instr`.
    Sqlite,
    /// PostgreSQL: `$1`, `position`, and the collation `C`.
    PostgreSql,
}

/// A condition for `WHERE`, in parentheses where it needs them.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// SQL with numbered placeholders.
    pub sql: String,
    /// The values of the placeholders, in their order.
    pub binds: Vec<Bind>,
}

/// A value to bind.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Bind {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// True or false.
    Boolean(bool),
}

/// The filter asks for what these columns cannot answer. Evaluate it in memory, or refuse it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operand} cannot be filtered by in the database")]
pub struct Unsupported {
    /// What the filter looks at.
    pub operand: String,
}

impl Columns {
    /// No columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where an attribute, or a part of a complex one, is stored: `userName`, `name.familyName`, or with the
    /// extension's URN and a colon before it. The spelling is the schema's.
    #[must_use]
    pub fn with(mut self, path: &str, column: Column) -> Self {
        self.single.insert(path.to_owned(), column);
        self
    }

    /// Says where the values of a multi-valued attribute are stored.
    #[must_use]
    pub fn with_table(mut self, attribute: &str, table: Table) -> Self {
        self.several.insert(attribute.to_owned(), table);
        self
    }
}

/// Writes the condition of a filter. Placeholders are numbered from `first`.
///
/// # Errors
/// [`Unsupported`].
pub fn lower(
    filter: &Filter,
    columns: &Columns,
    dialect: Dialect,
    first: usize,
) -> Result<Condition, Unsupported> {
    let mut writer = Writer { columns, dialect, next: first, sql: String::new(), binds: Vec::new() };
    writer.filter(filter, None)?;
    Ok(Condition { sql: writer.sql, binds: writer.binds })
}

struct Writer<'c> {
    columns: &'c Columns,
    dialect: Dialect,
    next: usize,
    sql: String,
    binds: Vec<Bind>,
}

impl Writer<'_> {
    /// `table` is that of the attribute whose brackets the filter stands in.
    fn filter(&mut self, filter: &Filter, table: Option<&Table>) -> Result<(), Unsupported> {
        match filter {
            Filter::And(filters) => self.joined(filters, " AND ", table),
            Filter::Or(filters) => self.joined(filters, " OR ", table),
            Filter::Not(filter) => {
                self.sql.push_str("NOT (");
                self.filter(filter, table)?;
                self.sql.push(')');
                Ok(())
            }
            Filter::Test(operand, test) if operand.kind == Kind::Unknown => {
                // A missing attribute: only these are true of it.
                let holds = matches!(test, Test::Absent | Test::Compare(Operator::NotEqual, _));
                self.sql.push_str(if holds { "(1 = 1)" } else { "(1 = 0)" });
                Ok(())
            }
            Filter::Test(operand, test) => match table {
                Some(table) => {
                    let column = table.columns.get(&operand.attribute);
                    self.column_test(column.ok_or_else(|| unsupported(operand))?, operand, test)
                }
                None if operand.multi_valued => self.any_value(operand, test),
                None => {
                    let column = self.columns.single.get(&operand.to_string());
                    self.column_test(column.ok_or_else(|| unsupported(operand))?, operand, test)
                }
            },
            Filter::Values { attribute, .. } if attribute.kind == Kind::Unknown => {
                self.sql.push_str("(1 = 0)");
                Ok(())
            }
            Filter::Values { attribute, filter } => {
                let table = self.columns.several.get(&attribute.to_string());
                let table = table.ok_or_else(|| unsupported(attribute))?;
                self.exists(table);
                self.sql.push_str(" AND ");
                self.filter(filter, Some(table))?;
                self.sql.push(')');
                Ok(())
            }
        }
    }

    fn joined(&mut self, filters: &[Filter], with: &str, table: Option<&Table>) -> Result<(), Unsupported> {
        self.sql.push('(');
        for (index, filter) in filters.iter().enumerate() {
            if index > 0 {
                self.sql.push_str(with);
            }
            self.filter(filter, table)?;
        }
        self.sql.push(')');
        Ok(())
    }

    /// A test of a multi-valued attribute: one row passes; `ne` and `eq null` also where there is none.
    fn any_value(&mut self, operand: &Operand, test: &Test) -> Result<(), Unsupported> {
        let whole = Operand { part: None, ..operand.clone() };
        let table = self.columns.several.get(&whole.to_string()).ok_or_else(|| unsupported(operand))?;
        let part = operand.part.as_deref();
        match (test, part) {
            (Test::Present | Test::Absent, None) => {
                if *test == Test::Absent {
                    self.sql.push_str("NOT ");
                }
                self.exists(table);
                self.sql.push(')');
                return Ok(());
            }
            (_, None) => return Err(unsupported(operand)),
            _ => {}
        }
        let column = part.and_then(|part| table.columns.get(part)).ok_or_else(|| unsupported(operand))?;
        let row_test = match test {
            Test::Absent => Test::Present,
            other => other.clone(),
        };
        if matches!(test, Test::Absent) {
            self.sql.push_str("NOT ");
        }
        if let Test::Compare(Operator::NotEqual, _) = test {
            // True where no row has a value, or one has another.
            let has_value = format!(" AND {} IS NOT NULL", column.name());
            self.sql.push_str("(NOT ");
            self.exists(table);
            self.sql.push_str(&has_value);
            self.sql.push_str(") OR ");
            self.exists(table);
            self.sql.push_str(&has_value);
            self.sql.push_str(" AND ");
            self.column_test(column, operand, test)?;
            self.sql.push_str("))");
            return Ok(());
        }
        self.exists(table);
        self.sql.push_str(" AND ");
        self.column_test(column, operand, &row_test)?;
        self.sql.push(')');
        Ok(())
    }

    fn exists(&mut self, table: &Table) {
        self.sql.push_str(&format!("EXISTS (SELECT 1 FROM {} WHERE {}", table.from, table.belongs));
    }

    fn column_test(&mut self, column: &Column, operand: &Operand, test: &Test) -> Result<(), Unsupported> {
        let name = column.name();
        let (operator, literal) = match test {
            Test::Present => {
                self.sql.push_str(&match column {
                    Column::Exact(name) | Column::Folded(name) => {
                        format!("({name} IS NOT NULL AND {name} <> '')")
                    }
                    other => format!("({} IS NOT NULL)", other.name()),
                });
                return Ok(());
            }
            Test::Absent => {
                self.sql.push_str(&match column {
                    Column::Exact(name) | Column::Folded(name) => format!("({name} IS NULL OR {name} = '')"),
                    other => format!("({} IS NULL)", other.name()),
                });
                return Ok(());
            }
            Test::Compare(operator, literal) => (*operator, literal),
        };
        let bind = match (column, literal) {
            (Column::Exact(_), Literal::Text(text)) if operand.kind != Kind::Folded => {
                Bind::Text(text.clone())
            }
            (Column::Folded(_), Literal::Text(text)) if operand.kind == Kind::Folded => {
                Bind::Text(fold::fold(text))
            }
            (Column::Boolean(_), Literal::Boolean(value)) => Bind::Boolean(*value),
            (Column::Number(_), Literal::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Bind::Integer(whole),
                (None, Some(real)) => Bind::Real(real),
                (None, None) => return Err(unsupported(operand)),
            },
            (Column::Milliseconds(_), Literal::DateTime(at, _)) => Bind::Integer(at.to_unix_millis()),
            // No folded column for a text whose case does not count, or a column of another type.
            _ => return Err(unsupported(operand)),
        };
        let is_text = matches!(bind, Bind::Text(_));
        if self.dialect == Dialect::PostgreSql && matches!(&bind, Bind::Text(text) if text.contains('\0')) {
            // PostgreSQL has no such text, and fails on one that is bound.
            return Err(unsupported(operand));
        }
        let place = self.bind(bind);
        let collate = if is_text && self.dialect == Dialect::PostgreSql { " COLLATE \"C\"" } else { "" };
        let compared = match (operator, self.dialect) {
            (Operator::Equal, _) => format!("{name} = {place}"),
            (Operator::NotEqual, _) => {
                self.sql.push_str(&format!("({name} IS NULL OR {name} <> {place})"));
                return Ok(());
            }
            (Operator::Greater, _) => format!("{name}{collate} > {place}"),
            (Operator::GreaterOrEqual, _) => format!("{name}{collate} >= {place}"),
            (Operator::Less, _) => format!("{name}{collate} < {place}"),
            (Operator::LessOrEqual, _) => format!("{name}{collate} <= {place}"),
            // The empty text is in every text; `instr` and `position` say so too.
            (Operator::Contains, Dialect::Sqlite) => format!("instr({name}, {place}) > 0"),
            (Operator::Contains, Dialect::PostgreSql) => format!("position({place} IN {name}) > 0"),
            (Operator::StartsWith, Dialect::Sqlite) => format!("instr({name}, {place}) = 1"),
            (Operator::StartsWith, Dialect::PostgreSql) => {
                format!("substr({name}, 1, length({place})) = {place}")
            }
            // In bytes: the length of a text ends at a NUL for SQLite. Of no bytes, `substr` gives NULL.
            (Operator::EndsWith, Dialect::Sqlite) => {
                let (name, end) = (format!("CAST({name} AS BLOB)"), format!("CAST({place} AS BLOB)"));
                format!(
                    "length({name}) >= length({end}) AND (length({end}) = 0 \
                     OR substr({name}, length({name}) - length({end}) + 1) = {end})"
                )
            }
            (Operator::EndsWith, Dialect::PostgreSql) => format!(
                "length({name}) >= length({place}) \
                 AND substr({name}, length({name}) - length({place}) + 1) = {place}"
            ),
        };
        self.sql.push_str(&format!("({name} IS NOT NULL AND {compared})"));
        Ok(())
    }

    fn bind(&mut self, bind: Bind) -> String {
        self.binds.push(bind);
        let place = match self.dialect {
            Dialect::Sqlite => format!("?{}", self.next),
            Dialect::PostgreSql => format!("${}", self.next),
        };
        self.next = self.next.saturating_add(1);
        place
    }
}

impl Column {
    fn name(&self) -> &str {
        match self {
            Self::Exact(name)
            | Self::Folded(name)
            | Self::Boolean(name)
            | Self::Number(name)
            | Self::Milliseconds(name) => name,
        }
    }
}

impl fmt::Debug for Bind {
    /// Of which type it is: the value is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Integer(_) => "Integer",
            Self::Real(_) => "Real",
            Self::Boolean(_) => "Boolean",
        })
    }
}

fn unsupported(operand: &Operand) -> Unsupported {
    Unsupported { operand: operand.to_string() }
}
