//! An element that nobody reads: it must follow the same rules, and nothing of it is kept.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::Reader;

use super::part::{Around, Spare};
use super::{NOT_CLOSED, Open, Parser, Profile, Step, malformed};
use crate::limits::{Budget, XmlLimits};
use crate::xml::document::NodeId;
use crate::xml::error::Error;

/// Start tags that follow the rules, each with what was in scope. Documents of many entities repeat most of theirs,
/// and the same letters in the same scope need no second look. Its size has a bound.
pub(in crate::xml) struct GoodTags {
    /// By a hash of scope and letters.
    tags: Vec<GoodTag>,
    /// What is declared in a scope's element, by the scope around it.
    scopes: BTreeMap<(Scope, String), Scope>,
    last: Scope,
}

#[derive(Clone, Default)]
struct GoodTag {
    scope: Scope,
    /// Empty where there is none: a tag has a name.
    content: String,
    /// Hash of the last good tag that was not this one. Coming again, it takes the place, so that tags that come
    /// once do not.
    candidate: u64,
}

/// Stands for the declarations at one place: the same value means the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::xml) struct Scope(u64);

/// What came of an attempt to check an element in a text that may end within it.
pub(in crate::xml) enum Checked {
    /// It follows the rules, and ends here.
    Whole(Spare, usize),
    /// The text ends within it, or it never does; the error if there is no more text.
    Cut(Spare, Error),
}

/// Checks the element with whose start tag `text` begins, up to its end, as `parse_part` does. None of `identifiers`
/// may stand in it.
pub(in crate::xml) fn check_part(
    text: &str,
    around: Around<'_>,
    spare: Spare,
    (good, scope): (&mut GoodTags, Scope),
    identifiers: &[String],
    limits: &XmlLimits,
) -> Result<Checked, Error> {
    let (own_text, arena) = spare.declaring(around.namespaces);
    let mut budget = Budget::new();
    let mut parser = Parser::new(text, arena, around.has_cr, Profile::Metadata, limits, &mut budget);
    (parser.outer_depth, parser.good, parser.in_scope) = (around.depth, Some(good), scope);
    let (mut reader, mut end) = (Reader::from_str(text), 0);
    let cut = loop {
        match parser.step(&mut reader, end)? {
            Step::To(behind) => end = behind,
            Step::Cut(rule) => break Some(malformed(end, rule)),
            Step::End => break Some(malformed(text.len(), NOT_CLOSED)),
        }
        if parser.open.is_empty() {
            break None;
        }
    };
    for (_, span, _) in &parser.arena.ids {
        let id = parser.str(*span);
        if identifiers.iter().any(|root| root == id) {
            return Err(Error::DuplicateId { id: id.chars().take(64).collect() });
        }
    }
    let spare = Spare::of(own_text, parser.arena);
    Ok(match cut {
        Some(error) => Checked::Cut(spare, error),
        None => Checked::Whole(spare, end),
    })
}

impl Parser<'_, '_> {
    /// The start tag at `range`, which is without `<` and `>`, of an element that is not kept.
    pub(super) fn check_tag(&mut self, range: Range<usize>, empty: bool) -> Result<(), Error> {
        let (outer_scope, outer) = (self.scope.len(), self.in_scope);
        let content = self.slice(range.start, range.end);
        let hash = hash(outer, content);
        if !self.good.as_ref().is_some_and(|good| good.has(outer, content, hash)) {
            let (ids, declared) = (self.arena.ids.len(), self.arena.declarations.len());
            self.read_tag(None, NodeId(0), range)?;
            self.arena.tags.clear();
            self.arena.attributes.clear();
            let declares = self.declared_since(declared);
            // A tag with an identifier may be there once, so it is looked at each time.
            let has_id = self.arena.ids.len() > ids;
            match self.good.as_deref_mut() {
                Some(good) if !declares.is_empty() => self.in_scope = good.enter(outer, declares),
                Some(good) if !has_id => good.add(outer, content, hash),
                Some(_) | None => {}
            }
        }
        if empty {
            self.leave(outer_scope, outer);
        } else {
            self.open.push(Open { node: NodeId(0), outer_scope, outer });
        }
        Ok(())
    }
}

impl Parser<'_, '_> {
    /// What has been declared, as a text that says nothing else.
    fn declared_since(&self, first: usize) -> String {
        let mut text = String::new();
        for declaration in self.arena.declarations.get(first..).unwrap_or_default() {
            text.extend([self.str(declaration.prefix), "\0", self.str(declaration.uri), "\0"]);
        }
        text
    }
}

impl GoodTags {
    pub(in crate::xml) fn new() -> Self {
        Self { tags: vec![GoodTag::default(); TAGS], scopes: BTreeMap::new(), last: Scope(0) }
    }

    /// A scope that nothing is known of.
    pub(in crate::xml) fn other_scope(&mut self) -> Scope {
        self.last.0 += 1;
        self.last
    }

    /// The scope in an element that declares this.
    fn enter(&mut self, outer: Scope, declares: String) -> Scope {
        if let Some(known) = self.scopes.get(&(outer, declares.clone())) {
            return *known;
        }
        if self.scopes.len() == SCOPES {
            self.scopes.clear();
        }
        let scope = self.other_scope();
        if declares.len() <= LONGEST {
            self.scopes.insert((outer, declares), scope);
        }
        scope
    }

    fn has(&self, scope: Scope, content: &str, hash: u64) -> bool {
        let tag = self.tags.get(slot(hash));
        tag.is_some_and(|tag| tag.scope == scope && tag.content.as_bytes() == content.as_bytes())
    }

    fn add(&mut self, scope: Scope, content: &str, hash: u64) {
        let Some(tag) = self.tags.get_mut(slot(hash)).filter(|_| content.len() <= LONGEST) else { return };
        if tag.candidate == hash {
            tag.scope = scope;
            tag.content.clear();
            tag.content.push_str(content);
        }
        tag.candidate = hash;
    }
}

/// Of some of the letters. Who makes all his tags look alike has each of them looked at, no more.
fn hash(scope: Scope, content: &str) -> u64 {
    let bytes = content.as_bytes();
    let word = |at: usize| {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
        word.map_or(0, |word| u64::from_le_bytes(*word))
    };
    let last = bytes.len().saturating_sub(8);
    let short = if last == 0 { bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) } else { 0 };
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let hash = mix(mix(scope.0 ^ short, word(0)), word(last));
    mix(mix(hash, word(last / 2)), u64::try_from(bytes.len()).unwrap_or_default())
}

fn slot(hash: u64) -> usize {
    usize::try_from(hash >> 48).unwrap_or_default() % TAGS
}

/// Tags that are kept, scopes, and bytes of each.
const TAGS: usize = 1024;
const SCOPES: usize = 64;
const LONGEST: usize = 256;
