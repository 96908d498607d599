//! [`Accounts`]: who a plan for many users may speak of.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::membership::Origin;
use crate::id::{ConnectionId, Revision, UserId};
use crate::profile::Activity;

/// An account of the enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The account.
    pub user: UserId,
    /// Where its identity comes from. Only accounts of the connection itself are ever added or removed.
    pub origin: Origin,
    /// Whether it may be used. One that may not is a member of nothing.
    pub activity: Activity,
    /// Whether its memberships are left as they are, so that a wrong push cannot lock an administrator out.
    #[serde(default)]
    pub protected: bool,
}

/// The accounts of one connection, numbered once, so that millions of memberships are numbers and no texts.
///
/// A clone is the same table, and cheap. Pushed groups and stored memberships that go into one plan must be read with
/// the same table.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Table>);

#[derive(Debug)]
struct Table {
    connection: ConnectionId,
    revision: Revision,
    /// Sorted: the order of numbers is the order of identifiers.
    users: Vec<UserId>,
    numbers: HashMap<UserId, u32>,
    /// By number.
    standings: Vec<Standing>,
}

/// What a plan may do with an account of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) activity: Activity,
    pub(super) protected: bool,
}

/// Why accounts make no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountsError {
    /// Two accounts that differ have one identifier.
    #[error("two different accounts have the identifier '{}'", .user.as_str().escape_debug())]
    DuplicateAccount {
        /// The identifier.
        user: UserId,
    },
    /// More than 2³² accounts.
    #[error("more accounts than can be numbered")]
    TooMany,
}

impl Accounts {
    /// Numbers the accounts of `connection`. Others may be among them and are left out; order and repetition do not
    /// matter.
    ///
    /// # Errors
    /// [`AccountsError`] when one identifier stands for two accounts that differ.
    pub fn new(
        connection: impl Into<ConnectionId>,
        revision: impl Into<Revision>,
        accounts: impl IntoIterator<Item = Account>,
    ) -> Result<Self, AccountsError> {
        let connection = connection.into();
        let mut accounts: Vec<Account> = accounts.into_iter().collect();
        accounts.sort_unstable();
        accounts.dedup();
        for pair in accounts.windows(2) {
            match pair {
                [one, other] if one.user == other.user => {
                    return Err(AccountsError::DuplicateAccount { user: one.user.clone() });
                }
                _ => {}
            }
        }
        accounts.retain(|account| matches!(&account.origin, Origin::Idp(origin) if *origin == connection));
        let mut numbers = HashMap::with_capacity(accounts.len());
        for (number, account) in accounts.iter().enumerate() {
            let number = u32::try_from(number).map_err(|_| AccountsError::TooMany)?;
            numbers.insert(account.user.clone(), number);
        }
        let standing =
            |account: &Account| Standing { activity: account.activity, protected: account.protected };
        let standings = accounts.iter().map(standing).collect();
        let users = accounts.into_iter().map(|account| account.user).collect();
        Ok(Self(Arc::new(Table { connection, revision: revision.into(), users, numbers, standings })))
    }

    /// Whose accounts these are.
    #[must_use]
    pub fn connection(&self) -> &ConnectionId {
        &self.0.connection
    }

    /// The state in which they were read.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.0.revision
    }

    /// How many accounts the connection has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.users.len()
    }

    /// Whether the connection has no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.users.is_empty()
    }

    pub(super) fn number(&self, user: &str) -> Option<u32> {
        self.0.numbers.get(user).copied()
    }

    pub(super) fn user(&self, number: u32) -> Option<&UserId> {
        self.0.users.get(usize::try_from(number).ok()?)
    }

    pub(super) fn standing(&self, number: u32) -> Option<Standing> {
        self.0.standings.get(usize::try_from(number).ok()?).copied()
    }

    /// Whether two values hold the same numbers.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Account {
    /// An account of `connection` that is active and not protected.
    pub fn of(connection: impl Into<ConnectionId>, user: impl Into<UserId>) -> Self {
        let origin = Origin::Idp(connection.into());
        Self { user: user.into(), origin, activity: Activity::Active, protected: false }
    }
}
