//! Which issuers are the provider: the document's, the tokens' and the callback's.

use super::{EntraTenants, Error, IssuerPolicy, error::shown};

impl IssuerPolicy {
    /// Whether the discovery document that was asked for with `configured` may name itself `actual` (Discovery 4.3).
    pub(in crate::oidc) fn takes_document(&self, configured: &str, actual: &str) -> bool {
        match self {
            Self::Exact => actual == configured,
            Self::Google => actual == configured && actual == GOOGLE,
            Self::EntraTenants { .. } => match shared_authority(configured) {
                // Its document has the consumers' own tenant in the place of the template.
                Some("consumers") if actual == of_consumers(configured) => true,
                Some(_) => actual.matches(TENANT_PLACE).count() == 1,
                None => actual == configured,
            },
        }
    }

    /// The callback's issuer (RFC 9207 §2.4).
    ///
    /// # Errors
    /// [`Error::CallbackIssuerMismatch`], [`Error::TenantNotAllowed`].
    pub(in crate::oidc) fn check_callback(&self, provider: &str, actual: &str) -> Result<(), Error> {
        let is_provider = match self {
            Self::Exact => actual == provider,
            Self::Google => provider == GOOGLE && (actual == GOOGLE || actual == GOOGLE_WITHOUT_SCHEME),
            Self::EntraTenants { allowed } if provider.contains(TENANT_PLACE) => {
                match tenant_in(provider, actual).filter(|tenant| is_tenant_id(tenant)) {
                    Some(tenant) if allowed.contain(tenant) => true,
                    Some(tenant) => return Err(Error::TenantNotAllowed { actual: tenant.to_owned() }),
                    None => false,
                }
            }
            Self::EntraTenants { .. } => actual == provider,
        };
        if is_provider {
            return Ok(());
        }
        Err(Error::CallbackIssuerMismatch { expected: provider.to_owned(), actual: shown(actual) })
    }
}

impl EntraTenants {
    /// Whether accounts of this tenant may sign in.
    pub(in crate::oidc) fn contain(&self, tenant: &str) -> bool {
        match self {
            Self::Only(tenants) => tenants.contains(tenant),
            Self::Any => true,
        }
    }
}

/// What stands in `issuer` where `template` has `{tenantid}`, if they are equal elsewhere.
pub(in crate::oidc) fn tenant_in<'i>(template: &str, issuer: &'i str) -> Option<&'i str> {
    let (before, after) = template.split_once(TENANT_PLACE)?;
    issuer.strip_prefix(before)?.strip_suffix(after)
}

/// Whether a text is a GUID in lower case.
pub(in crate::oidc) fn is_tenant_id(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// What Entra puts in the place of a tenant's identifier.
pub(in crate::oidc) const TENANT_PLACE: &str = "{tenantid}";
pub(in crate::oidc) const GOOGLE: &str = "https://accounts.google.com";
pub(in crate::oidc) const GOOGLE_WITHOUT_SCHEME: &str = "accounts.google.com";

/// The tenant of Microsoft accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The authority in the path, if it is one of many tenants: `common` in `https://login.microsoftonline.com/common/v2.0`.
fn shared_authority(configured: &str) -> Option<&str> {
    let (_, rest) = configured.split_once("://")?;
    let authority = rest.split('/').nth(1)?;
    ["common", "organizations", "consumers"].contains(&authority).then_some(authority)
}

fn of_consumers(configured: &str) -> String {
    configured.replacen("/consumers", &format!("/{CONSUMERS}"), 1)
}
