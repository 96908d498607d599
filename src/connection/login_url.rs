//! The login URL of an enterprise: for the one-click link and for invitations.

use url::Url;

use super::configuration::Connection;
use super::diagnosis::{Diagnosis, Evidence};
use super::lifecycle::accepts_sign_in;
use crate::encoding::percent_encode;

/// `{base}/login/sso?enterprise_key={key}`, with the key percent-encoded. `base` is the product's public address.
///
/// ```
/// use admittance::connection::login_url;
///
/// assert_eq!(
///     login_url("https://product.example/", "acme & sons"),
///     "https://product.example/login/sso?enterprise_key=acme%20%26%20sons",
/// );
/// ```
#[must_use]
pub fn login_url(base: &str, key: &str) -> String {
    format!("{}/login/sso?enterprise_key={}", base.trim_end_matches('/'), percent_encode(key.as_bytes()))
}

/// The address that an invitation carries: it is the login URL.
#[must_use]
pub fn invitation_link(base: &str, connection: &Connection) -> String {
    login_url(base, connection.enterprise_key())
}

/// Where somebody wanted to go: kept when it is a path of the product, such as `/projects?page=2#top`, and dropped
/// when it could lead anywhere else.
#[must_use]
pub fn return_path(text: &str) -> Option<&str> {
    let foreign = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
    let is_path = text.starts_with('/') && !text.starts_with("//");
    if !is_path || text.len() > LONGEST_PATH || text.contains(foreign) {
        return None;
    }
    // As a browser reads it: the same origin, whatever the path does
    let product = Url::parse("https://product.invalid/").ok()?;
    let target = product.join(text).ok()?;
    (target.origin() == product.origin()).then_some(text)
}

/// The connection that a key of the login URL leads to, out of what the host has found under that very key.
///
/// Answer an unknown key and a connection that is not enabled with the same status, [`REFUSED_STATUS`], and after the
/// same look-ups.
///
/// # Errors
/// D01 for an unknown key, D02 for a connection that is not enabled.
pub fn sign_in_connection<'c>(
    key: &str,
    found: Option<&'c Connection>,
) -> Result<&'c Connection, Box<Diagnosis>> {
    match found {
        Some(connection) if connection.enterprise_key() == key => {
            accepts_sign_in(connection).map(|()| connection)
        }
        Some(_) | None => {
            let evidence = Evidence::failure("login.unknown_enterprise_key").actual(key);
            Err(Box::new(Diagnosis::of(&evidence, None)))
        }
    }
}

/// The HTTP status for a login URL that leads nowhere, whatever the reason.
pub const REFUSED_STATUS: u16 = 403;

/// Bytes of a return path.
const LONGEST_PATH: usize = 2048;
