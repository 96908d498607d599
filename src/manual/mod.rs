//! The manual: why the crate is as it is, and what it leaves to its host. Pages without code; each has a part for
//! every protocol that is built.

#[doc = include_str!("design.md")]
#[cfg_attr(feature = "saml", doc = "", doc = include_str!("design_saml.md"))]
#[cfg_attr(feature = "oidc", doc = "", doc = include_str!("design_oidc.md"))]
#[cfg_attr(feature = "scim", doc = "", doc = include_str!("design_scim.md"))]
pub mod design {}

#[doc = include_str!("defaults.md")]
#[cfg_attr(feature = "saml", doc = "", doc = include_str!("defaults_saml.md"))]
#[cfg_attr(feature = "oidc", doc = "", doc = include_str!("defaults_oidc.md"))]
#[cfg_attr(feature = "scim", doc = "", doc = include_str!("defaults_scim.md"))]
pub mod defaults {}

#[doc = include_str!("past_attacks.md")]
#[cfg_attr(feature = "saml", doc = "", doc = include_str!("past_attacks_saml.md"))]
#[cfg_attr(feature = "oidc", doc = "", doc = include_str!("past_attacks_oidc.md"))]
#[cfg_attr(feature = "scim", doc = "", doc = include_str!("past_attacks_scim.md"))]
pub mod past_attacks {}

#[doc = include_str!("host_duties.md")]
#[cfg_attr(feature = "saml", doc = "", doc = include_str!("host_duties_saml.md"))]
#[cfg_attr(feature = "oidc", doc = "", doc = include_str!("host_duties_oidc.md"))]
#[cfg_attr(feature = "scim", doc = "", doc = include_str!("host_duties_scim.md"))]
#[cfg_attr(any(feature = "saml", feature = "oidc"), doc = "", doc = include_str!("host_duties_connection.md"))]
pub mod host_duties {}

#[cfg(all(feature = "saml", feature = "oidc", feature = "scim"))]
#[doc = include_str!("scaling.md")]
pub mod scaling {}
