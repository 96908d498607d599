//! When metadata is fetched anew.

use std::time::Duration;

use super::configuration::Connection;
use super::identity_provider::{IdentityProvider, IdpSource};
use crate::time::Timestamp;

/// Why somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefreshReason {
    /// A task that runs now and then.
    Schedule,
    /// A sign-in was signed with a key that is not known (D32): perhaps the identity provider has a new one.
    UnknownKey,
}

/// Whether to fetch now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refresh {
    /// Fetch, and give the answer to [`Command::Refresh`](super::Command::Refresh).
    Now,
    /// Not before this time.
    Later(Timestamp),
    /// There is no address: the metadata was uploaded or entered by hand.
    Never,
}

/// Decides: once a day, or as often as the metadata itself says; after an unknown key at once, with at least 5
/// minutes between two attempts. `attempted_at` is the last attempt, whether or not it succeeded.
#[must_use]
pub fn metadata_refresh(
    connection: &Connection,
    reason: RefreshReason,
    attempted_at: Option<Timestamp>,
    now: Timestamp,
) -> Refresh {
    match connection.source() {
        Some(
            IdpSource::MetadataUrl(_)
            | IdpSource::OktaDomain(_)
            | IdpSource::EntraTenant(_)
            | IdpSource::Issuer(_),
        ) => {}
        Some(IdpSource::MetadataDocument(_) | IdpSource::Manual { .. }) | None => return Refresh::Never,
    }
    let after =
        |time: Option<Timestamp>, pause| time.map_or(Timestamp::MIN, |time| time.saturating_add(pause));
    let earliest = after(attempted_at, BETWEEN_ATTEMPTS);
    let due = match reason {
        RefreshReason::UnknownKey => earliest,
        RefreshReason::Schedule => {
            let daily = after(attempted_at.max(connection.reached_at()), DAY);
            own_schedule(connection).map_or(daily, |own| own.min(daily)).max(earliest)
        }
    };
    if now >= due { Refresh::Now } else { Refresh::Later(due) }
}

/// When the metadata itself asks to be read again.
fn own_schedule(connection: &Connection) -> Option<Timestamp> {
    match connection.provider()? {
        #[cfg(feature = "saml")]
        IdentityProvider::Saml(idp) => idp.refresh_at(),
        #[cfg(feature = "oidc")]
        IdentityProvider::Oidc(_) => None,
    }
}

const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(5 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
