//! [`Headcount`]: who is in an organization before and after some changes.

use super::accounts::Accounts;

/// Counts the groups of one organization that affected accounts are in. Made once, used for one organization after
/// the other.
///
/// A membership of an organization is derived: whoever is in one of its ordinary groups is in the organization.
pub(super) struct Headcount {
    /// By number of the account.
    affected: Vec<Tally>,
    /// The numbers whose tally is not empty; may repeat.
    touched: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    /// Groups joined and left by the changes.
    joined: u32,
    left: u32,
    /// Groups that the account is in before.
    before: u32,
}

/// What changes for one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Gained(u32),
    Lost(u32),
}

impl Headcount {
    pub(super) fn new(accounts: &Accounts) -> Self {
        Self { affected: vec![Tally::default(); accounts.len()], touched: Vec::new() }
    }

    /// Accounts that join a group of the organization.
    pub(super) fn join(&mut self, numbers: &[u32]) {
        self.each(numbers, |tally| tally.joined += 1);
    }

    /// Accounts that leave a group of the organization.
    pub(super) fn leave(&mut self, numbers: &[u32]) {
        self.each(numbers, |tally| tally.left += 1);
    }

    /// Who gains or loses the organization, by number; `groups` are the members of each of its ordinary groups before
    /// the changes. Then everything is forgotten.
    pub(super) fn settle<'a>(&mut self, groups: impl Iterator<Item = &'a [u32]>) -> Vec<Standing> {
        if self.touched.is_empty() {
            return Vec::new();
        }
        for number in groups.flatten() {
            if let Some(tally) = self.tally(*number)
                && (tally.joined | tally.left) != 0
            {
                tally.before += 1;
            }
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut standings = Vec::new();
        for number in touched.iter().copied() {
            let Some(tally) = self.tally(number).map(std::mem::take) else { continue };
            let after = (tally.before + tally.joined).saturating_sub(tally.left);
            match (tally.before, after) {
                (0, 1..) => standings.push(Standing::Gained(number)),
                (1.., 0) => standings.push(Standing::Lost(number)),
                _ => {}
            }
        }
        touched.clear();
        self.touched = touched;
        standings
    }

    fn each(&mut self, numbers: &[u32], mut count: impl FnMut(&mut Tally)) {
        for number in numbers {
            if let Some(tally) = self.tally(*number) {
                count(tally);
                self.touched.push(*number);
            }
        }
    }

    fn tally(&mut self, number: u32) -> Option<&mut Tally> {
        self.affected.get_mut(usize::try_from(number).ok()?)
    }
}
