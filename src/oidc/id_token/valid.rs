use std::{collections::BTreeSet, fmt};

use super::{EmailVerified, SessionRef, claims, email::EMAIL_VERIFIED};
use crate::{
    claims::{Claim, Claims, Overage, Stability, SubjectId},
    json::Object,
    note::Note,
    oidc::{Error, userinfo::ValidUserinfo},
    time::Timestamp,
};

/// A sign-in of which every rule is kept. Only [`validate`](super::validate) and
/// [`validate_refreshed`](super::validate_refreshed) make one.
#[derive(Clone)]
pub struct ValidIdToken {
    pub(super) claims: Claims,
    pub(super) session: SessionRef,
    pub(super) expires_at: Timestamp,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    pub(super) entra: Option<EntraIdentity>,
    pub(super) email: Email,
    pub(super) notes: Vec<Note>,
}

/// The key of an account: who, at which provider. An e-mail address or a name is never part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityKey<'t> {
    /// The provider. Google's two spellings are one, and Entra's contains the tenant.
    pub issuer: &'t str,
    /// The person, as the provider names it, to us alone or to everybody.
    pub subject: &'t str,
}

/// The key of an account at Microsoft Entra ID that every application of an enterprise shares, for hosts that know
/// people by it from elsewhere: `sub` is another one for each application.
///
/// It is as good as the tenant: keep it beside the connection, and let no other connection write to the same accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntraIdentityKey<'t> {
    /// The tenant (`tid`), the one in the issuer.
    pub tenant: &'t str,
    /// The person's object (`oid`).
    pub object: &'t str,
}

/// What [`EntraIdentityKey`] is made of.
#[derive(Clone)]
pub(super) struct EntraIdentity {
    pub(super) tid: String,
    pub(super) oid: String,
}

/// The address and what is said about it, both from one source.
#[derive(Clone)]
pub(super) struct Email {
    pub(super) address: Option<String>,
    pub(super) verified: EmailVerified,
    /// Domains of which the administrator vouches for addresses that the provider says nothing about.
    pub(super) trusted_domains: BTreeSet<String>,
}

impl ValidIdToken {
    /// Every claim in the order sent, those of UserInfo behind those of the token. What the provider has left out
    /// because there is too much of it is in [`Claims::overages`].
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The provider. Google's is `https://accounts.google.com` in either spelling.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.session.issuer
    }

    /// The person, as the provider names it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.session.subject
    }

    /// The key of the person's account.
    #[must_use]
    pub fn identity_key(&self) -> IdentityKey<'_> {
        IdentityKey { issuer: self.issuer(), subject: self.subject() }
    }

    /// Another key of the person's account at Microsoft Entra ID; `None` at every other provider.
    #[must_use]
    pub fn entra_identity_key(&self) -> Option<EntraIdentityKey<'_>> {
        self.entra.as_ref().map(|entra| EntraIdentityKey { tenant: &entra.tid, object: &entra.oid })
    }

    /// The provider's name for the session.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.session.sid.as_deref()
    }

    /// When the person authenticated, where the provider says so.
    #[must_use]
    pub fn auth_time(&self) -> Option<Timestamp> {
        self.session.auth_time
    }

    /// How the person authenticated, as a class.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// How the person authenticated, method by method.
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// Until when the token could be shown to us. It says nothing about how long our own session may last.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether the provider says that it has verified the e-mail address.
    #[must_use]
    pub fn email_verified(&self) -> EmailVerified {
        self.email.verified
    }

    /// The e-mail address, if the provider says that it has verified it, or says nothing and the address is of a
    /// domain that the connection vouches for
    /// ([`Policy::trust_email_for_domains`](crate::oidc::Policy::trust_email_for_domains)). It is a place to write
    /// to, not a key.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        let address = self.email.address.as_deref()?;
        let vouched = || {
            // With a second `@` two readers may see two domains.
            let domain =
                address.split_once('@').map(|(_, domain)| domain).filter(|domain| !domain.contains('@'));
            domain.is_some_and(|domain| self.email.trusted_domains.contains(&domain.to_ascii_lowercase()))
        };
        match self.email.verified {
            EmailVerified::True => Some(address),
            EmailVerified::Absent if vouched() => Some(address),
            EmailVerified::False | EmailVerified::Absent => None,
        }
    }

    /// What to keep for refresh and logout.
    #[must_use]
    pub fn session(&self) -> &SessionRef {
        &self.session
    }

    /// What was noticed.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Adds what the UserInfo endpoint says about this person. The token's own claims stay as they are, and the claims
    /// that tell whose token it is are never taken from there (Core 5.3).
    ///
    /// # Errors
    /// [`Error::UserinfoSubjectMismatch`] when the answer was validated for another sign-in.
    pub fn with_userinfo(mut self, userinfo: ValidUserinfo) -> Result<Self, Error> {
        if userinfo.issuer != self.issuer() || userinfo.subject != self.subject() {
            return Err(Error::UserinfoSubjectMismatch);
        }
        let mut notes = Vec::new();
        let email = Email::read(&userinfo.claims, self.entra.is_some(), &mut notes);
        let other_address = self.email.address.is_some() && self.email.address != email.address;
        let mut claims = claims::read(userinfo.claims, &mut notes);
        claims.retain(|claim| {
            // What is said about an address belongs to that address.
            let of_another_address = other_address && claim.name == EMAIL_VERIFIED;
            !NEVER_FROM_USERINFO.contains(&claim.name.as_str()) && !of_another_address
        });
        let (claims, overages) = claims::merge(&self.claims, claims);
        notes.extend(claims::possibly_truncated(self.issuer(), &claims));
        notes.retain(|note| !self.notes.contains(note));
        self.notes.append(&mut notes);
        self.email.merge(email);
        self.claims = claims_of(&self.session, claims, overages);
        Ok(self)
    }
}

impl Email {
    pub(super) fn read(claims: &Object, of_entra: bool, notes: &mut Vec<Note>) -> Self {
        let verified = match EmailVerified::read(claims, notes) {
            EmailVerified::Absent if of_entra => EmailVerified::read_xms_edov(claims),
            said => said,
        };
        let address = claims.get("email").and_then(|email| email.as_str()).map(str::to_owned);
        Self { address, verified, trusted_domains: BTreeSet::new() }
    }

    /// Takes the address of UserInfo where the token has none, and what is said about an address from where the
    /// address is, or else from where anything is said about the same address.
    fn merge(&mut self, userinfo: Self) {
        let said = |first: EmailVerified, then: EmailVerified| match first {
            EmailVerified::Absent => then,
            said => said,
        };
        if self.address.is_none() {
            self.address = userinfo.address;
            self.verified = said(userinfo.verified, self.verified);
        } else if self.address == userinfo.address {
            self.verified = said(self.verified, userinfo.verified);
        }
    }
}

/// INVARIANT (claims are verified): the claims are those of a valid token, and of UserInfo bound to it.
pub(super) fn claims_of(session: &SessionRef, claims: Vec<Claim>, overages: Vec<Overage>) -> Claims {
    let subject = SubjectId {
        value: session.subject.clone(),
        format: None,
        name_qualifier: None,
        sp_name_qualifier: None,
        stability: Stability::Stable,
    };
    Claims::new(session.issuer.clone(), subject, claims, overages)
}

/// They say whose token it is and for how long; the token alone answers that.
const NEVER_FROM_USERINFO: [&str; 8] = ["iss", "sub", "aud", "exp", "iat", "nonce", "azp", "sid"];

impl fmt::Debug for ValidIdToken {
    /// Who, and the names of the claims.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.claims.claims().iter().map(|claim| claim.name.as_str()).collect();
        f.debug_struct("ValidIdToken")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("claims", &names)
            .finish_non_exhaustive()
    }
}
