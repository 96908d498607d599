use serde_json::{Map, Value, json};

use super::{Next, Task};
use crate::scim::{
    error::Error,
    fetch::{ListQuery, Load, Loaded, Page, Target},
    operation::{Listing, Op},
    page::{CursorScope, PageRequest},
    respond::{Answer, LIST_RESPONSE, shown},
};

/// What has been gathered of a list.
#[derive(Default)]
pub(super) struct Listed {
    /// Which part comes next.
    part: usize,
    total: Option<usize>,
    resources: Vec<Value>,
}

impl<'c> Task<'c> {
    /// Takes a part of a list, and asks for the next or answers.
    pub(super) fn listed(&mut self) -> Result<Next<'c>, Error> {
        let Op::List(listing) = &self.op else { return Err(Error::Host) };
        let page = match std::mem::replace(&mut self.loaded, Loaded::Nothing) {
            Loaded::Page(page) => page,
            Loaded::TooMany => return Err(Error::TooMany),
            Loaded::Unsupported(unsupported) => {
                return Err(Error::Filter { position: 0, reason: unsupported.to_string() });
            }
            _ => return Err(Error::Host),
        };
        let Some(part) = listing.parts.get(self.listed.part) else { return Err(Error::Host) };
        let Page { total, resources, next } = page;
        let most = self.wanted(listing);
        if resources.len() > most || (total.is_none() && matches!(listing.page, PageRequest::Index { .. })) {
            return Err(Error::Host);
        }
        if let Some(total) = total {
            self.listed.total = Some(self.listed.total.unwrap_or_default().saturating_add(total));
        }
        let resource_type = &part.served.resource_type;
        for stored in resources {
            let body = shown(
                self.config,
                &self.tenant,
                resource_type,
                &stored.facts,
                stored.resource,
                &part.projection,
            );
            self.listed.resources.push(Value::Object(body));
        }
        self.listed.part = self.listed.part.saturating_add(1);
        if self.listed.part < listing.parts.len() {
            return Ok(Next::Load(self.part_to_load(listing)));
        }
        let mut body = Map::new();
        body.insert("schemas".to_owned(), json!([LIST_RESPONSE]));
        if let Some(total) = self.listed.total {
            body.insert("totalResults".to_owned(), Value::from(total));
        }
        if let PageRequest::Index { start_index, .. } = listing.page {
            body.insert("startIndex".to_owned(), Value::from(start_index));
        }
        if let (PageRequest::Cursor { count, .. }, Some(position)) = (&listing.page, next) {
            let seal = self.config.cursor_seal().ok_or(Error::Host)?;
            let scope = CursorScope { tenant: self.tenant.as_str(), query: &listing.query, count: *count };
            body.insert("nextCursor".to_owned(), Value::from(seal.seal(position, &scope, self.now)));
        }
        body.insert("itemsPerPage".to_owned(), Value::from(self.listed.resources.len()));
        body.insert("Resources".to_owned(), Value::from(std::mem::take(&mut self.listed.resources)));
        Ok(Next::Answer(Answer::of_body(Value::Object(body))))
    }

    /// The next part of a list. Of several types, each is a list of its own, and the page goes on where the one before
    /// ends.
    pub(super) fn part_to_load(&self, listing: &Listing<'_>) -> Target {
        let Some(part) = listing.parts.get(self.listed.part) else { return Target::Nothing };
        let page = match &listing.page {
            PageRequest::Index { start_index, .. } => PageRequest::Index {
                start_index: start_index.saturating_sub(self.listed.total.unwrap_or_default()).max(1),
                count: self.wanted(listing),
            },
            cursor => cursor.clone(),
        };
        Target::List(Box::new(ListQuery {
            resource_type: part.served.resource_type.name.clone(),
            filter: part.filter.clone(),
            sort: part.sort.clone(),
            page,
            load: Load::shown(part.projection.clone()),
        }))
    }

    /// How many resources the page has room for.
    fn wanted(&self, listing: &Listing<'_>) -> usize {
        listing.page.count().saturating_sub(self.listed.resources.len())
    }
}

impl std::fmt::Debug for Listed {
    /// Nothing of the resources: they are personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { part, total, resources } = self;
        f.debug_struct("Listed")
            .field("part", part)
            .field("total", total)
            .field("resources", &resources.len())
            .finish()
    }
}
