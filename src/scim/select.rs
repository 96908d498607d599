//! [`ListQuery::select`]: a part of a list, selected in memory.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{
    fetch::{ListQuery, Selected},
    filter::Filter,
    page::{PageRequest, Position},
    sort::Sort,
};

impl ListQuery {
    /// Selects the part among rows, each with its [`representation`](super::respond::representation): for a host that
    /// evaluates filter and order itself. The rows come by identifier; without filter and order, `id` is enough of a
    /// representation.
    #[must_use]
    pub fn select<R>(&self, rows: impl IntoIterator<Item = (R, Map<String, Value>)>) -> Selected<R> {
        let matches = |(_, whole): &(R, Map<String, Value>)| {
            self.filter.as_ref().is_none_or(|filter| filter.matches(whole))
        };
        let mut rows: Vec<_> = rows.into_iter().filter(matches).collect();
        if let Some(sort) = &self.sort {
            rows.sort_by(|(_, one), (_, other)| sort.compare(one, other));
        }
        let total = rows.len();
        let sort = self.sort.as_ref();
        let (start, count, is_cursor) = match &self.page {
            PageRequest::Index { start_index, count } => (start_index.saturating_sub(1), *count, false),
            PageRequest::Cursor { after: None, count } => (0, *count, true),
            PageRequest::Cursor { after: Some(position), count } => {
                (rows.partition_point(|(_, whole)| compare(sort, whole, position).is_le()), *count, true)
            }
        };
        let more = is_cursor && start.saturating_add(count) < total;
        let mut next = None;
        let part = rows.into_iter().skip(start).take(count);
        let rows = part.map(|(row, whole)| {
            next = more.then(|| position(sort, &whole));
            row
        });
        let rows = rows.collect();
        Selected { total, rows, next }
    }

    /// Whether filter or order look at this attribute of the type's own schema: relations such as `members` are needed
    /// for [`select`](Self::select) only then.
    #[must_use]
    pub fn looks_at(&self, attribute: &str) -> bool {
        self.filter.as_ref().is_some_and(|filter| names(filter, attribute))
            || self.sort.as_ref().is_some_and(|sort| sort.by.attribute == attribute)
    }
}

/// The place of a row: its identifier, and the attribute that the list is sorted by as JSON.
fn position(sort: Option<&Sort>, whole: &Map<String, Value>) -> Position {
    let sort_key = sort.map(|sort| {
        let name = sort.by.extension.as_ref().unwrap_or(&sort.by.attribute);
        let key = whole.get(name).map(|value| (name.clone(), value.clone()));
        Value::Object(Map::from_iter(key)).to_string()
    });
    Position { sort_key, id: id(whole).to_owned() }
}

fn compare(sort: Option<&Sort>, whole: &Map<String, Value>, position: &Position) -> Ordering {
    let Some(sort) = sort else { return id(whole).cmp(&position.id) };
    let key = position.sort_key.as_deref().and_then(|key| serde_json::from_str(key).ok());
    let mut key: Map<String, Value> = key.unwrap_or_default();
    key.insert("id".to_owned(), Value::from(position.id.as_str()));
    sort.compare(whole, &key)
}

fn id(whole: &Map<String, Value>) -> &str {
    whole.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn names(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(|filter| names(filter, name)),
        Filter::Not(filter) => names(filter, name),
        Filter::Test(operand, _) => operand.extension.is_none() && operand.attribute == name,
        Filter::Values { attribute, .. } => attribute.extension.is_none() && attribute.attribute == name,
    }
}
