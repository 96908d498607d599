//! The mapping that a preset begins with.

use super::preset::{Preset, Protocol};
use crate::profile::{AttributeNames, IdentityRule, Mapping};

/// The version of the attribute mapping that the assistant shows today. It grows when a name of the default mappings
/// changes; connections that were set up before then get the warning `connection.mapping_outdated`.
pub const MAPPING_VERSION: u32 = 1;

/// The mapping that a preset begins with: the names that the assistant shows for pasting over SAML, standard claims
/// over OpenID Connect.
#[must_use]
pub fn default_mapping(preset: Preset) -> Mapping {
    let names = match preset.protocol() {
        Protocol::Saml => AttributeNames { name: "name", login: "login", email: "email", groups: "groups" },
        Protocol::Oidc => {
            AttributeNames { name: "name", login: "preferred_username", email: "email", groups: "groups" }
        }
    };
    let mut mapping = Mapping::exact(names);
    if preset == Preset::EntraOidc {
        // The subject differs from one application of a tenant to the next
        mapping.identity = IdentityRule::EntraObject;
    }
    mapping
}
