//! [`resolve`]: which account a sign-in belongs to.

use serde::{Deserialize, Serialize};

use super::identity::{IdentityKey, Person};
use super::map::Profile;
use crate::fold;
use crate::id::{ConnectionId, UserId};
use crate::note::Note;
use crate::time::Timestamp;

/// An account that may be the one that signs in: the host gives all that have the identity key, and all that this
/// connection's provisioning made under a user name equal to Login but for case. Others do no harm; those under the
/// email address or the identifier tell that user names come from another source than Login.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The account.
    pub account: UserId,
    /// Its key, once it has signed in.
    pub identity: Option<IdentityKey>,
    /// The connection whose provisioning made and keeps the account, where one does.
    pub provisioned_by: Option<ConnectionId>,
    /// The user name that provisioning gave it.
    pub user_name: Option<String>,
    /// Whether the account may be used.
    pub activity: Activity,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It may.
    Active,
    /// It was switched off, by provisioning or by the host.
    Inactive,
}

/// What a sign-in of this connection may do about accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPolicy {
    /// Whether provisioning makes accounts of this connection.
    pub provisioning: Provisioning,
    /// Whether a sign-in makes an account.
    pub creation: Creation,
}

/// Whether provisioning makes accounts of a connection, which the first sign-in then takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provisioning {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// Whether the first sign-in of a person makes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Creation {
    /// It does, because groups come from sign-in, and so do accounts.
    WithGroups,
    /// It does, because an administrator allows it beside provisioning.
    JustInTime,
    /// Only provisioning makes accounts.
    Never,
}

/// Which account a sign-in belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Resolution {
    /// This account, by its identity key.
    Known(UserId),
    /// An account that was provisioned and has not signed in before.
    Bind(Binding),
    /// A new account with this key and profile.
    Create,
    /// None.
    Refuse(AccountRefusal),
}

/// An identity key for an account that has none. Store it only while the account still has none, in one
/// transaction: an account is bound once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The account.
    pub account: UserId,
    /// Its key from now on.
    pub identity: IdentityKey,
    /// When it was bound.
    pub at: Timestamp,
}

/// Why a sign-in gets no account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountRefusal {
    /// Nobody has this key, none was provisioned under this login, and a sign-in makes none.
    #[error("no account was provisioned for this user")]
    NotProvisioned,
    /// Several accounts fit; none is chosen.
    #[error("{count} accounts fit this user, one is needed")]
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The account was switched off.
    #[error("the account of this user is switched off")]
    Inactive,
}

/// Finds the account of a sign-in (connection rules M8), in this order:
///
/// 1. The account that has the identity key. Switched off, it is refused.
/// 2. Where provisioning makes accounts: the one active account that *this* connection's provisioning made, that has
///    no key yet, and whose user name equals Login but for case. It is bound to the key, once. Two are refused.
/// 3. A new account, where policy says so. One that provisioning has switched off under the same user name is not
///    replaced by a new one.
/// 4. Otherwise nobody: `account.not_provisioned`.
///
/// Never across connections, never by e-mail address. An identifier made for one session makes no key
/// ([`IdentityError::Transient`](super::IdentityError::Transient)), so it never gets here.
pub fn resolve(
    identity: &IdentityKey,
    profile: &Profile,
    candidates: &[Candidate],
    policy: AccountPolicy,
    now: Timestamp,
) -> Resolution {
    let known = distinct(candidates, |candidate| candidate.identity.as_ref() == Some(identity));
    match known.as_slice() {
        [] => {}
        [one] if one.activity == Activity::Inactive => return Resolution::Refuse(AccountRefusal::Inactive),
        [one] => return Resolution::Known(one.account.clone()),
        several => return Resolution::Refuse(AccountRefusal::Ambiguous { count: several.len() }),
    }
    let mut waiting = Vec::new();
    if policy.provisioning == Provisioning::On {
        waiting = distinct(candidates, |candidate| waits_for(candidate, identity, profile));
    }
    let (active, inactive): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|candidate| candidate.activity == Activity::Active);
    match active.as_slice() {
        [] => {}
        [one] => {
            let (account, identity) = (one.account.clone(), identity.clone());
            return Resolution::Bind(Binding { account, identity, at: now });
        }
        several => return Resolution::Refuse(AccountRefusal::Ambiguous { count: several.len() }),
    }
    match policy.creation {
        Creation::Never => Resolution::Refuse(AccountRefusal::NotProvisioned),
        Creation::WithGroups | Creation::JustInTime if !inactive.is_empty() => {
            Resolution::Refuse(AccountRefusal::Inactive)
        }
        Creation::WithGroups | Creation::JustInTime => Resolution::Create,
    }
}

/// What candidates say about a key that nobody has: `saml.name_id_case_changed` where an account of this connection
/// has the same key but for case, `saml.name_id_changed` where one with the same login has another key. The person
/// is likely the same, the account is not taken.
#[must_use]
pub fn identity_notes(identity: &IdentityKey, profile: &Profile, candidates: &[Candidate]) -> Vec<Note> {
    if candidates.iter().any(|candidate| candidate.identity.as_ref() == Some(identity)) {
        return Vec::new();
    }
    let mut notes = Vec::new();
    for candidate in candidates {
        let Some(other) = candidate.identity.as_ref() else { continue };
        if other.connection() != identity.connection() || other.issuer() != identity.issuer() {
            continue;
        }
        let code = if differ_in_case(other.person(), identity.person()) {
            "saml.name_id_case_changed"
        } else if has_user_name(candidate, &profile.login) {
            "saml.name_id_changed"
        } else {
            continue;
        };
        notes.push(Note::new(code).field("identity").actual(candidate.account.as_str()));
    }
    notes.sort();
    notes.dedup();
    notes
}

/// The user name of an account that this connection's provisioning made, that nobody has bound, and that is called
/// like the person's email address or identifier and not like Login: the same person, it seems, under a name from
/// another source. It is for a message only and binds nothing.
#[must_use]
pub fn under_another_name<'a>(
    identity: &IdentityKey,
    profile: &Profile,
    candidates: &'a [Candidate],
) -> Option<&'a str> {
    let identifier = match identity.person() {
        Person::Subject { value, .. } | Person::Attribute { value, .. } => value,
        Person::EntraObject { object, .. } => object,
    };
    let email = profile.email.to_string();
    let mut waiting = candidates.iter().filter(|candidate| {
        candidate.identity.is_none()
            && candidate.activity == Activity::Active
            && candidate.provisioned_by.as_ref() == Some(identity.connection())
            && !has_user_name(candidate, &profile.login)
            && (has_user_name(candidate, &email) || has_user_name(candidate, identifier))
    });
    waiting.next()?.user_name.as_deref()
}

impl AccountRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotProvisioned => "account.not_provisioned",
            Self::Ambiguous { .. } => "account.ambiguous",
            Self::Inactive => "account.inactive",
        }
    }
}

/// Provisioned by the connection of the sign-in under this login, and not bound.
fn waits_for(candidate: &Candidate, identity: &IdentityKey, profile: &Profile) -> bool {
    candidate.identity.is_none()
        && candidate.provisioned_by.as_ref() == Some(identity.connection())
        && has_user_name(candidate, &profile.login)
}

fn has_user_name(candidate: &Candidate, login: &str) -> bool {
    candidate.user_name.as_deref().is_some_and(|user_name| fold::same(user_name, login))
}

/// Candidates by account, each account once. One that is given both active and inactive counts as inactive.
fn distinct(candidates: &[Candidate], fits: impl Fn(&Candidate) -> bool) -> Vec<&Candidate> {
    let mut fitting: Vec<&Candidate> = candidates.iter().filter(|candidate| fits(candidate)).collect();
    fitting.sort_by_key(|candidate| (&candidate.account, candidate.activity == Activity::Active));
    fitting.dedup_by_key(|candidate| &candidate.account);
    fitting
}

/// Whether two keys name a person alike, but for the case of the identifier.
fn differ_in_case(a: &Person, b: &Person) -> bool {
    match (a, b) {
        (
            Person::Subject { value: a, format: a_format, name_qualifier: a_by, sp_name_qualifier: a_for },
            Person::Subject { value: b, format: b_format, name_qualifier: b_by, sp_name_qualifier: b_for },
        ) => (a_format, a_by, a_for) == (b_format, b_by, b_for) && fold::same(a, b),
        (
            Person::EntraObject { tenant: a_tenant, object: a },
            Person::EntraObject { tenant: b_tenant, object: b },
        ) => fold::same(a_tenant, b_tenant) && fold::same(a, b),
        (Person::Attribute { name: a_name, value: a }, Person::Attribute { name: b_name, value: b }) => {
            a_name == b_name && fold::same(a, b)
        }
        _ => false,
    }
}
