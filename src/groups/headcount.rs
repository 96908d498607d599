//! [`Headcount`]: who is in an organization before and after some changes.

use super::accounts::Accounts;

/// Counts the groups of one organization that affected accounts are in. Made once, used for one organization after
/// the other.
///
/// A membership of an organization is derived: whoever is in one of its ordinary groups is in the organization.
pub(super) struct Headcount {
    /// A bit for each account, by number. All are clear between two uses.
    affected: Vec<u64>,
    /// Groups joined less groups left, by number of the account. All are 0 between two uses.
    net: Vec<i32>,
}

/// In how many ordinary groups of an organization an account is before the changes.
#[derive(Clone, Copy)]
pub(super) struct Before {
    number: u32,
    groups: u32,
}

/// What changes for one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Gained(u32),
    Lost(u32),
}

impl Headcount {
    pub(super) fn new(accounts: &Accounts) -> Self {
        let words = accounts.len().div_ceil(64);
        Self { affected: vec![0; words], net: vec![0; accounts.len()] }
    }

    /// Where affected accounts are before the changes, by number; `groups` are the members of each ordinary group.
    pub(super) fn before<'a>(
        &mut self,
        mut affected: Vec<u32>,
        groups: impl Iterator<Item = &'a [u32]>,
    ) -> Vec<Before> {
        if affected.is_empty() {
            return Vec::new();
        }
        affected.sort_unstable();
        affected.dedup();
        for number in &affected {
            if let Some((word, bit)) = self.bit(*number) {
                *word |= bit;
            }
        }
        let mut before: Vec<Before> =
            affected.iter().map(|number| Before { number: *number, groups: 0 }).collect();
        for members in groups {
            // This runs for every membership, and hardly anybody is affected: several are looked at together.
            for several in members.chunks(8) {
                if several.iter().fold(0, |any, number| any | self.is_affected(*number)) == 0 {
                    continue;
                }
                for number in several.iter().filter(|number| self.is_affected(**number) != 0) {
                    if let Ok(slot) = affected.binary_search(number)
                        && let Some(before) = before.get_mut(slot)
                    {
                        before.groups += 1;
                    }
                }
            }
        }
        for number in &affected {
            if let Some((word, _)) = self.bit(*number) {
                *word = 0;
            }
        }
        before
    }

    /// Who gains or loses the organization, by number, when accounts join and leave groups of it.
    pub(super) fn settle(
        &mut self,
        before: &[Before],
        joined: impl Iterator<Item = u32>,
        left: impl Iterator<Item = u32>,
    ) -> Vec<Standing> {
        for number in joined {
            self.shift(number, 1);
        }
        for number in left {
            self.shift(number, -1);
        }
        let standing = |Before { number, groups }: &Before| {
            let net = usize::try_from(*number).ok().and_then(|number| self.net.get_mut(number));
            let after = groups.saturating_add_signed(net.map(std::mem::take).unwrap_or_default());
            match (*groups, after) {
                (0, 1..) => Some(Standing::Gained(*number)),
                (1.., 0) => Some(Standing::Lost(*number)),
                _ => None,
            }
        };
        before.iter().filter_map(standing).collect()
    }

    /// 1 or 0.
    fn is_affected(&self, number: u32) -> u64 {
        let word = usize::try_from(number / 64).ok().and_then(|word| self.affected.get(word));
        word.copied().unwrap_or_default() >> (number % 64) & 1
    }

    fn bit(&mut self, number: u32) -> Option<(&mut u64, u64)> {
        let word = self.affected.get_mut(usize::try_from(number / 64).ok()?)?;
        Some((word, 1 << (number % 64)))
    }

    fn shift(&mut self, number: u32, by: i32) {
        if let Some(net) = usize::try_from(number).ok().and_then(|number| self.net.get_mut(number)) {
            *net += by;
        }
    }
}
