//! [`Targets`]: which groups of one organization follow which pushed groups, and under which names.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::directory::{Group, GroupKind};
use super::pushed::{PushedGroup, PushedGroups};
use super::stored::StoredGroup;
use crate::id::{GroupId, GroupName, IdpGroupId, OrganizationId};
use crate::note::Note;

/// The groups of one organization, sorted by name and identifier, with what is stored about each.
#[derive(Clone, Copy)]
pub(super) struct Organization<'a> {
    pub(super) groups: &'a [Group],
    pub(super) stored: &'a [Option<&'a StoredGroup>],
}

impl<'a> Organization<'a> {
    pub(super) fn id(self) -> Option<&'a OrganizationId> {
        self.groups.first().map(|group| &group.organization)
    }

    pub(super) fn group(self, at: u32) -> Option<&'a Group> {
        self.groups.get(usize::try_from(at).ok()?)
    }

    pub(super) fn stored(self, at: usize) -> Option<&'a StoredGroup> {
        self.stored.get(at).copied().flatten()
    }
}

/// What a mapping makes of one organization. Groups are positions in it, in their order.
#[derive(Default)]
pub(super) struct Targets<'a> {
    /// Groups that follow a pushed group from now on.
    pub(super) follow: Vec<(usize, &'a PushedGroup)>,
    /// Those of them that follow it for the first time.
    pub(super) adopt: Vec<(usize, &'a IdpGroupId)>,
    /// Those of them that get its name.
    pub(super) rename: Vec<(usize, &'a IdpGroupId, &'a GroupName)>,
    /// Pushed groups that get a new group.
    pub(super) create: Vec<&'a PushedGroup>,
    /// Groups whose link ends.
    pub(super) unlink: Vec<(usize, &'a IdpGroupId)>,
    /// Mapped groups that were not pushed.
    pub(super) not_pushed: Vec<&'a IdpGroupId>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Targets<'a> {
    /// For each pair of the mapping: the group that is linked, else one of exactly that name to adopt, else a new
    /// one. Links of no pair end.
    pub(super) fn of(
        organization: Organization<'a>,
        wanted: &'a BTreeSet<IdpGroupId>,
        pushed: &'a PushedGroups,
        protected: &'a BTreeSet<GroupId>,
    ) -> Self {
        let mut work = Work { organization, protected, targets: Targets::default() };
        let mut pairs = work.pairs(wanted, pushed);
        let mut ending = work.links(&mut pairs);
        let mut wishes = Vec::new();
        for pair in &pairs {
            let Some(at) = pair.linked else { continue };
            if work.is_protected(at) {
                work.note("groups.protected_ignored", pair.pushed.name.as_str());
                continue;
            }
            work.targets.follow.push((at, pair.pushed));
            if work.name(at) != Some(&pair.pushed.name) {
                wishes.push(Wish { at, id: &pair.pushed.id, to: &pair.pushed.name });
            }
        }
        let without = work.adopt(&pairs, &mut ending);
        let granted = work.rename(wishes);
        work.create(&without, &granted);
        for (at, id) in ending {
            if work.is_protected(at) {
                let name = work.name(at).map(GroupName::as_str).unwrap_or_default();
                work.note("groups.protected_ignored", name);
            } else {
                work.targets.unlink.push((at, id));
            }
        }
        let mut targets = work.targets;
        targets.follow.sort_unstable_by_key(|(at, _)| *at);
        targets.adopt.sort_unstable();
        targets.create.sort_unstable_by_key(|pushed| (&pushed.name, &pushed.id));
        targets
    }
}

/// A pushed group that is mapped to the organization.
struct Pair<'a> {
    pushed: &'a PushedGroup,
    /// The group that is linked to it.
    linked: Option<usize>,
}

/// A linked group whose pushed group has another name.
struct Wish<'a> {
    at: usize,
    id: &'a IdpGroupId,
    to: &'a GroupName,
}

/// Which groups change their names, and which names are given away by that.
struct Granted<'a> {
    leaving: BTreeSet<usize>,
    names: BTreeSet<&'a GroupName>,
}

struct Work<'a> {
    organization: Organization<'a>,
    protected: &'a BTreeSet<GroupId>,
    targets: Targets<'a>,
}

impl<'a> Work<'a> {
    /// The groups of the mapping that were pushed, by identifier.
    fn pairs(&mut self, wanted: &'a BTreeSet<IdpGroupId>, pushed: &'a PushedGroups) -> Vec<Pair<'a>> {
        let mut pairs = Vec::with_capacity(wanted.len());
        for id in wanted {
            match pushed.group(id) {
                Some(pushed) => pairs.push(Pair { pushed, linked: None }),
                None => self.targets.not_pushed.push(id),
            }
        }
        pairs
    }

    /// Finds the group of each pair that is linked, and returns the links that end. Where several are linked, the
    /// first by identifier stays so: a name may change.
    fn links(&mut self, pairs: &mut [Pair<'a>]) -> BTreeMap<usize, &'a IdpGroupId> {
        let mut ending = BTreeMap::new();
        let rows = self.organization.groups.iter().zip(self.organization.stored);
        for (at, (group, stored)) in rows.enumerate() {
            let Some(id) = stored.and_then(|stored| stored.link.as_ref()) else { continue };
            if group.kind == GroupKind::Default {
                self.note("groups.default_ignored", group.name.as_str());
                continue;
            }
            let pair = pairs.binary_search_by(|pair| pair.pushed.id.cmp(id)).ok();
            let pair = pair.and_then(|pair| pairs.get_mut(pair));
            match pair {
                None => drop(ending.insert(at, id)),
                Some(pair) => {
                    if let Some(other) = pair.linked.replace(at) {
                        let (first, later) =
                            if self.id(other) < self.id(at) { (other, at) } else { (at, other) };
                        pair.linked = Some(first);
                        ending.insert(later, id);
                    }
                }
            }
        }
        ending
    }

    /// Adopts a group of exactly that name for each pair that has none, and returns the pairs that find none. What
    /// another pair follows is not to be had; what followed a group that is gone is.
    fn adopt(
        &mut self,
        pairs: &[Pair<'a>],
        ending: &mut BTreeMap<usize, &'a IdpGroupId>,
    ) -> Vec<&'a PushedGroup> {
        let mut without = Vec::new();
        if pairs.iter().all(|pair| pair.linked.is_some()) {
            return without;
        }
        let taken: BTreeSet<usize> = pairs.iter().filter_map(|pair| pair.linked).collect();
        // The groups of a name that are left to look at.
        let mut left = BTreeMap::new();
        for pair in pairs.iter().filter(|pair| pair.linked.is_none()) {
            let pushed = pair.pushed;
            let free = |at: &usize| self.is_ordinary(*at) && !self.is_protected(*at) && !taken.contains(at);
            match left.entry(&pushed.name).or_insert_with(|| self.named(&pushed.name)).find(free) {
                Some(at) => {
                    ending.remove(&at);
                    self.targets.adopt.push((at, &pushed.id));
                    self.targets.follow.push((at, pushed));
                }
                None => without.push(pushed),
            }
        }
        without
    }

    /// A wish is granted when, in the end, no other group of the organization has the name: those that leave it make
    /// room, in a ring too. Of several that want one name, the first by identifier may have it.
    fn rename(&mut self, wishes: Vec<Wish<'a>>) -> Granted<'a> {
        let mut first: BTreeMap<&GroupName, Wish<'a>> = BTreeMap::new();
        let mut denied: Vec<Wish<'a>> = Vec::new();
        for wish in wishes {
            match first.entry(wish.to) {
                Entry::Vacant(place) => {
                    place.insert(wish);
                }
                Entry::Occupied(_) => denied.push(wish),
            }
        }
        let leaving: BTreeSet<usize> = first.values().map(|wish| wish.at).collect();
        let blocked: Vec<&GroupName> = first
            .values()
            .filter(|wish| self.named(wish.to).any(|at| !leaving.contains(&at)))
            .map(|wish| wish.to)
            .collect();
        denied.extend(blocked.into_iter().filter_map(|name| first.remove(name)));
        while let Some(wish) = denied.pop() {
            let Some(kept) = self.name(wish.at) else { continue };
            let note = Note::new(NAME_TAKEN).field(self.field()).expected(wish.to.as_str());
            self.targets.notes.push(note.actual(kept.as_str()));
            denied.extend(first.remove(kept));
        }
        let leaving = first.values().map(|wish| wish.at).collect();
        self.targets.rename = first.values().map(|wish| (wish.at, wish.id, wish.to)).collect();
        self.targets.rename.sort_unstable();
        Granted { leaving, names: first.into_keys().collect() }
    }

    /// A new group for each pair that found none, unless its name is not to be had.
    fn create(&mut self, without: &[&'a PushedGroup], granted: &Granted<'a>) {
        // What is in the way of a name, looked at once.
        let mut seen: BTreeMap<&GroupName, Option<&str>> = BTreeMap::new();
        for pushed in without {
            let name = &pushed.name;
            let first = !seen.contains_key(name);
            match *seen.entry(name).or_insert_with(|| self.obstacle(name, granted)) {
                None if first => self.targets.create.push(pushed),
                Some(code) if code != NAME_TAKEN => self.note(code, name.as_str()),
                None | Some(_) => {
                    let note = Note::new(NAME_TAKEN).field(self.field()).expected(name.as_str());
                    self.targets.notes.push(note.actual(format!("no group for {}", pushed.id)));
                }
            }
        }
    }

    /// Why no group of this name can be made: the code that says so.
    fn obstacle(&self, name: &GroupName, granted: &Granted<'a>) -> Option<&'static str> {
        let holders = || self.named(name).filter(|at| !granted.leaving.contains(at));
        if holders().any(|at| !self.is_ordinary(at)) {
            Some("groups.default_ignored")
        } else if holders().any(|at| self.is_protected(at)) {
            Some("groups.protected_ignored")
        } else if holders().next().is_some() || granted.names.contains(name) {
            Some(NAME_TAKEN)
        } else {
            None
        }
    }

    /// The positions of the groups of exactly this name.
    fn named(&self, name: &GroupName) -> impl Iterator<Item = usize> + use<'a> {
        let groups = self.organization.groups;
        let start = groups.partition_point(|group| group.name < *name);
        let end = groups.partition_point(|group| group.name <= *name);
        start..end
    }

    fn name(&self, at: usize) -> Option<&'a GroupName> {
        self.organization.groups.get(at).map(|group| &group.name)
    }

    fn id(&self, at: usize) -> Option<&'a GroupId> {
        self.organization.groups.get(at).map(|group| &group.id)
    }

    fn is_ordinary(&self, at: usize) -> bool {
        self.organization.groups.get(at).is_some_and(|group| group.kind == GroupKind::Ordinary)
    }

    fn is_protected(&self, at: usize) -> bool {
        let group = || self.organization.groups.get(at);
        !self.protected.is_empty() && group().is_none_or(|group| self.protected.contains(&group.id))
    }

    /// A note about a name in this organization.
    fn note(&mut self, code: &str, name: &str) {
        self.targets.notes.push(Note::new(code).field(self.field()).actual(name));
    }

    fn field(&self) -> String {
        self.organization.id().map(OrganizationId::to_string).unwrap_or_default()
    }
}

const NAME_TAKEN: &str = "groups.name_taken";
