//! Whose account it is.

use super::context::{HostFinding, SignInContext};
use crate::connection::configuration::Finding;
use crate::connection::diagnosis::Evidence;
use crate::profile::{
    AccountRefusal, Candidate, IdentityError, IdentityKey, Profile, Resolution, identity_notes, resolve,
    under_another_name,
};
use crate::time::Timestamp;

/// The account of the sign-in, and what was noticed about it. `None` where the host gave no candidates.
pub(super) fn account(
    identity: &IdentityKey,
    profile: &Profile,
    context: &SignInContext<'_>,
    now: Timestamp,
) -> (Option<Resolution>, Vec<Evidence>) {
    let mut found = Vec::new();
    if context.findings.contains(&HostFinding::EmailInUse) {
        let failed = context.connection.policy().email_in_use == Finding::Refuse;
        found.push(Evidence { failed, ..Evidence::new("account.email_in_use") });
    }
    let Some(candidates) = context.candidates else { return (None, found) };
    found.extend(identity_notes(identity, profile, candidates).iter().map(Evidence::from));
    let resolution = resolve(identity, profile, candidates, context.connection.account_policy(), now);
    if let Resolution::Refuse(refusal) = &resolution {
        found.push(refusal_evidence(refusal));
    }
    if context.connection.scim().is_some() {
        found.extend(not_provisioned(&resolution, identity, profile, candidates));
    }
    (Some(resolution), found)
}

/// D45: somebody whom provisioning did not bring. Where it brought an account under another of the person's names,
/// userName and Login have different sources; otherwise the person is not assigned.
fn not_provisioned(
    resolution: &Resolution,
    identity: &IdentityKey,
    profile: &Profile,
    candidates: &[Candidate],
) -> Option<Evidence> {
    let login = profile.login.as_str();
    let is_new = matches!(resolution, Resolution::Create);
    if !is_new && !matches!(resolution, Resolution::Refuse(AccountRefusal::NotProvisioned)) {
        return None;
    }
    if let Some(user_name) = under_another_name(identity, profile, candidates) {
        return Some(Evidence::new("scim.username_differs_from_login").expected(login).actual(user_name));
    }
    // A refusal says it already
    is_new.then(|| Evidence::new("scim.user_not_assigned").actual(login))
}

fn refusal_evidence(refusal: &AccountRefusal) -> Evidence {
    match refusal {
        AccountRefusal::NotProvisioned => Evidence::failure("account.not_provisioned"),
        AccountRefusal::Ambiguous { count } => {
            Evidence::failure("account.ambiguous").actual(format!("{count} accounts"))
        }
        AccountRefusal::Inactive => Evidence::failure("account.inactive"),
    }
}

pub(super) fn identity_evidence(error: &IdentityError) -> Evidence {
    let failure = Evidence::failure(error.code());
    match error {
        IdentityError::Transient | IdentityError::Blank => failure,
        IdentityError::Missing { expected, received } => {
            failure.expected(expected).actual(received.join(", "))
        }
        IdentityError::Multiple { attribute, count } => {
            failure.field(attribute).expected("1 value").actual(format!("{count} values"))
        }
        IdentityError::Reassigned { attribute, field } => failure.field(attribute).actual(*field),
    }
}
