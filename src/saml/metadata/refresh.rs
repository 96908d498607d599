//! [`RefreshPlan`]: when to read metadata anew, and for how long what was read may be used.
//!
//! ```
//! use admittance::saml::metadata::{diff::MetadataDiff, idp, refresh::RefreshPlan};
//! # use admittance::{saml::Error, testing::saml_idp::SamlIdp, time::Timestamp};
//! # let now = Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at;
//! # let provider = SamlIdp::new(1);
//! # let published = provider.metadata().unwrap();
//!
//! // Federations publish everybody in one long document. It is read as it comes in, and one entity is kept.
//! let mut options = idp::ParseOptions::default();
//! options.entity = idp::EntityChoice::Named("https://idp.example/metadata".to_owned());
//! # options.entity = idp::EntityChoice::Only;
//! let (mut stored, _notes) = idp::parse_stream(&mut published.as_slice(), &options, now)?;
//! let mut plan = RefreshPlan::new(&stored, now);
//!
//! // Later, when it is time, or when somebody comes with a signature by an unknown key:
//! # let now = plan.refresh_at();
//! if plan.is_due(now) {
//!     let read = idp::parse_stream(&mut published.as_slice(), &options, now);
//!     match read.and_then(|(new, _notes)| Ok((MetadataDiff::between(&stored, &new)?, new))) {
//!         Ok((diff, new)) => {
//!             assert!(diff.is_empty()); // or tell the administrator which keys have come and gone
//!             plan = RefreshPlan::new(&new, now);
//!             stored = new;
//!         }
//!         Err(_) => plan = plan.failed(now),
//!     }
//! }
//! assert!(plan.is_usable(now));
//! # Ok::<(), Error>(())
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{saml::metadata::idp::IdpConfig, time::Timestamp, version::Version};

/// When metadata is read next, and until when the last reading may be used. The host keeps it beside the
/// [`IdpConfig`].
///
/// - After each reading that succeeded, and whose changes were taken over, make a [`new`](Self::new) plan.
/// - After one that failed, go on with [`failed`](Self::failed): the last good configuration stays as it is, and the
///   next attempt comes after 5 minutes, then 10, 20 and so on up to a day. A failure is everything that keeps the
///   new document from being used: no answer, an error of [`parse`](super::idp::parse), or
///   [`MetadataDiff::between`](super::diff::MetadataDiff::between) that refuses.
/// - From [`valid_until`](Self::valid_until) on, the configuration must not be used any more: nobody signs in by it
///   until a reading succeeds. Metadata that sets no such end may be used for as long as reading fails; the host
///   should tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshPlan {
    version: Version<1>,
    refresh_at: Timestamp,
    #[serde(default)]
    valid_until: Option<Timestamp>,
    last_attempt: Timestamp,
    #[serde(default)]
    failures: u32,
}

impl RefreshPlan {
    /// The plan after metadata has been read: the next reading is due after a day, or earlier where a `cacheDuration`
    /// asks for it, and no later than when half of the time to the earliest `validUntil` has passed, so that there
    /// is time for further attempts. It is never due within 5 minutes.
    #[must_use]
    pub fn new(idp: &IdpConfig, read_at: Timestamp) -> Self {
        let half_of_validity = idp
            .valid_until()
            .map(|end| read_at.saturating_add(end.duration_since(read_at).unwrap_or_default() / 2));
        let wishes = [Some(read_at.saturating_add(LONGEST)), idp.refresh_at(), half_of_validity];
        let earliest = read_at.saturating_add(SHORTEST);
        Self {
            version: Version,
            refresh_at: wishes.into_iter().flatten().min().map_or(earliest, |wish| wish.max(earliest)),
            valid_until: idp.valid_until(),
            last_attempt: read_at,
            failures: 0,
        }
    }

    /// The plan after an attempt that failed.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let wait = SHORTEST.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(LONGEST);
        let again = now.saturating_add(wait);
        // An attempt before its time, for an unknown key, does not put off what is due.
        let refresh_at = if self.refresh_at > now { self.refresh_at.min(again) } else { again };
        Self { refresh_at, last_attempt: now, failures, ..self }
    }

    /// Whether metadata should be read now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.refresh_at
    }

    /// Whether metadata should be read now because a signature was made by a key that is not in it
    /// (`saml.signature_invalid`): the identity provider may have a new one. No more often than every 5 minutes, or
    /// whoever sends made-up messages could have metadata read without end.
    #[must_use]
    pub fn is_due_for_unknown_key(&self, now: Timestamp) -> bool {
        now >= self.last_attempt.saturating_add(SHORTEST)
    }

    /// Whether the configuration may still be used.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|end| now < end)
    }

    /// When metadata is to be read next.
    #[must_use]
    pub fn refresh_at(&self) -> Timestamp {
        self.refresh_at
    }

    /// From when on the configuration must not be used any more.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// How many attempts have failed in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
