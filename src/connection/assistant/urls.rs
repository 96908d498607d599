//! [`Urls`]: the product's own addresses, which an assistant shows for copying.

use serde::{Deserialize, Serialize};

use crate::connection::configuration::{Connection, SpEntityId};
use crate::connection::login_url::login_url;
use crate::connection::preset_mapping::MAPPING_VERSION;

/// The product's own addresses and names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Urls {
    /// The product's name.
    pub product_name: String,
    /// Its public address.
    pub base: String,
    /// Where SAML responses of this connection come in.
    pub acs_url: String,
    /// The Service Provider Identity ID of this connection.
    pub sp_entity_id: String,
    /// Where OpenID Connect sign-ins of this connection come back to.
    pub callback_url: String,
    /// Where provisioning of this connection comes in.
    pub scim_url: String,
    /// Where our public certificate can be downloaded, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_certificate: Option<String>,
    /// The version of the attribute mapping that the product uses today.
    pub mapping_version: u32,
}

impl Urls {
    /// Addresses in the usual places below `base`, with the connection's identifier in them. Set those that are
    /// elsewhere.
    #[must_use]
    pub fn new(product_name: &str, base: &str, connection: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self {
            product_name: product_name.to_owned(),
            base: base.to_owned(),
            acs_url: format!("{base}/saml/{connection}/acs"),
            sp_entity_id: format!("{base}/saml/{connection}"),
            callback_url: format!("{base}/oidc/{connection}/callback"),
            scim_url: format!("{base}/scim/v2/connections/{connection}"),
            sp_certificate: None,
            mapping_version: MAPPING_VERSION,
        }
    }

    /// Our name over SAML, as this connection uses it.
    pub(super) fn entity_id_of(&self, connection: &Connection) -> &str {
        match connection.sp_entity_id() {
            SpEntityId::IdentityId => &self.sp_entity_id,
            SpEntityId::AcsUrl => &self.acs_url,
        }
    }

    /// The one-click link of the connection's enterprise.
    pub(super) fn login_url_of(&self, connection: &Connection) -> String {
        login_url(&self.base, connection.enterprise_key())
    }

    /// Without a slash at the end, which makes JumpCloud fail.
    pub(super) fn scim_url(&self) -> &str {
        self.scim_url.trim_end_matches('/')
    }
}
