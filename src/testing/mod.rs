//! testing

#[cfg(feature = "saml")]
pub mod saml_idp;
