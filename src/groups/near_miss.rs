//! [`NameIndex`]: which group a name that matches none may have meant.
//!
//! Nothing here changes a membership: names match byte for byte or not at all. This is for telling an administrator
//! why they do not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::directory::{Directory, GroupKind};
use super::edit_distance::{Match, Words};
use crate::fold::{self, fold};
use crate::id::GroupName;
use crate::profile::Transform;

/// The names of a directory's ordinary groups, indexed for near misses.
///
/// Building costs O(n log n) for n groups. A question costs a look-up, and where that finds nothing four searches of
/// at most 10 000 steps of O(log n) through the beginnings and endings that names share; where thousands of names are
/// alike, the search may end before it has found the nearest. Keep the index beside the directory.
#[derive(Clone, Debug)]
pub struct NameIndex {
    /// Spellings by what they are folded to.
    spellings: BTreeMap<String, BTreeSet<GroupName>>,
    /// The keys of `spellings`.
    keys: Words,
}

/// A name that was sent, and the group that it may have meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NearMiss {
    /// What was sent.
    pub sent: String,
    /// The nearest name that a group has.
    pub nearest: GroupName,
    /// How they differ.
    pub difference: Difference,
}

/// How two names differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Difference {
    /// In case alone.
    Case,
    /// In white space at an end alone.
    WhiteSpace,
    /// In the Unicode form of a character alone: `é` as one code point and as two.
    UnicodeForm,
    /// In several of these at once.
    Several,
    /// By this many characters that are inserted, left out or replaced, one or two, beside any of the above.
    Edits(u8),
}

/// What names that were sent look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NameFindings {
    /// Every name is an identifier of an object and none a name.
    pub object_ids: Option<ObjectIds>,
    /// The one value that was sent is a list.
    pub delimited: Option<Delimited>,
    /// Names that carry a path, and that no group has.
    pub paths: Vec<PathName>,
    /// Names that no group has, and that one has nearly.
    pub near: Vec<NearMiss>,
}

/// The kind of object identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectIds {
    /// `6b29fc40-ca47-1067-b31d-00dd010662da`.
    Guid,
    /// `S-1-5-21-1004336348-1177238915-682003330-512`.
    Sid,
    /// Some of both.
    Both,
}

/// One value that holds several names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Delimited {
    /// What was sent.
    pub sent: String,
    /// What stands between the names.
    pub separator: char,
    /// Those of the parts that a group has as its name, without white space around them.
    pub known: Vec<GroupName>,
}

/// A name that carries a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PathName {
    /// What was sent.
    pub sent: String,
    /// How the path is written.
    pub notation: PathNotation,
    /// What is left without the path.
    pub name: String,
    /// Whether a group has that name.
    pub known: bool,
}

/// How a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathNotation {
    /// `/staff/dev`.
    Slashes,
    /// `CN=dev,OU=staff`.
    DistinguishedName,
    /// `EXAMPLE\dev`.
    Domain,
}

impl NameIndex {
    /// Indexes the names of all ordinary groups.
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        let mut spellings: BTreeMap<String, BTreeSet<GroupName>> = BTreeMap::new();
        for group in directory.groups().iter().filter(|group| group.kind == GroupKind::Ordinary) {
            spellings.entry(key(group.name.as_str())).or_default().insert(group.name.clone());
        }
        let keys = Words::new(spellings.keys().map(String::as_str));
        Self { spellings, keys }
    }

    /// Whether a group has exactly this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.spellings.get(&key(name)).is_some_and(|spellings| spellings.contains(name))
    }

    /// The nearest name, where no group has exactly this one: equal but for case, white space or Unicode form, else
    /// the one with the fewest edits, two at most and fewer than either name has characters. Of equals, the first
    /// by name.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<NearMiss> {
        let key = key(name);
        let near = |nearest: &GroupName, difference| NearMiss {
            sent: name.to_owned(),
            nearest: nearest.clone(),
            difference,
        };
        if let Some(spellings) = self.spellings.get(&key) {
            if spellings.contains(name) {
                return None;
            }
            let difference = |spelling: &GroupName| difference(name, spelling.as_str());
            let best = spellings.iter().min_by_key(|spelling| (difference(spelling), *spelling))?;
            return Some(near(best, difference(best)));
        }
        let Match { word, distance } = self.keys.nearest(&key)?;
        Some(near(self.spellings.get(&word)?.first()?, Difference::Edits(distance)))
    }

    /// What the names that were sent look like, apart from those that a group has.
    #[must_use]
    pub fn examine(&self, names: &BTreeSet<String>) -> NameFindings {
        let mut findings = NameFindings { object_ids: object_ids(names), ..NameFindings::default() };
        if let (Some(sent), 1) = (names.first(), names.len()) {
            findings.delimited = self.delimited(sent);
        }
        for name in names.iter().filter(|name| !self.contains(name)) {
            findings.paths.extend(self.path(name));
            findings.near.extend(self.nearest(name));
        }
        findings
    }

    /// The separator that gives the most known names.
    fn delimited(&self, sent: &str) -> Option<Delimited> {
        if self.contains(sent) {
            return None;
        }
        let split = |separator: char| {
            let parts = sent.split(separator).map(str::trim).filter(|part| self.contains(part));
            let known: BTreeSet<GroupName> = parts.map(GroupName::from).collect();
            Delimited { sent: sent.to_owned(), separator, known: known.into_iter().collect() }
        };
        let separators = [';', ','].into_iter().filter(|separator| sent.contains(*separator));
        let best = separators.map(split).max_by_key(|delimited| delimited.known.len())?;
        (!best.known.is_empty()).then_some(best)
    }

    fn path(&self, sent: &str) -> Option<PathName> {
        let name = Transform::strip_path(sent);
        let notation = match sent {
            _ if name == sent => return None,
            _ if sent.starts_with('/') => PathNotation::Slashes,
            _ if sent.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("cn=")) => {
                PathNotation::DistinguishedName
            }
            _ => PathNotation::Domain,
        };
        let known = self.contains(&name);
        Some(PathName { sent: sent.to_owned(), notation, name, known })
    }
}

/// One spelling for names that differ in white space at the ends, Unicode form and case.
fn key(name: &str) -> String {
    let composed: String = name.trim().nfc().collect();
    let folded = fold(&composed);
    // Folding may undo the composition.
    folded.nfc().collect()
}

/// How two names of one key differ.
fn difference(sent: &str, name: &str) -> Difference {
    if fold::same(sent, name) {
        Difference::Case
    } else if sent.trim() == name.trim() {
        Difference::WhiteSpace
    } else if sent.nfc().eq(name.nfc()) {
        Difference::UnicodeForm
    } else {
        Difference::Several
    }
}

fn object_ids(names: &BTreeSet<String>) -> Option<ObjectIds> {
    let guids = names.iter().filter(|name| is_guid(name)).count();
    let sids = names.iter().filter(|name| is_sid(name)).count();
    match (guids, sids) {
        (0, 0) => None,
        _ if guids + sids < names.len() => None,
        (_, 0) => Some(ObjectIds::Guid),
        (0, _) => Some(ObjectIds::Sid),
        _ => Some(ObjectIds::Both),
    }
}

/// Five groups of 8, 4, 4, 4 and 12 hexadecimal digits, in braces or not.
fn is_guid(text: &str) -> bool {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let groups: Vec<&str> = bare.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `S-1-` and numbers.
fn is_sid(text: &str) -> bool {
    let numbers = text.strip_prefix("S-1-").or_else(|| text.strip_prefix("s-1-"));
    numbers.is_some_and(|numbers| {
        let mut numbers = numbers.split('-');
        numbers.clone().count() >= 2
            && numbers.all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
