//! [`check`] and [`check_fetch`]: which URLs of a peer are followed.
//!
//! URLs come from metadata, from administrators and from messages. [`check`] is for those that a browser is
//! sent to; [`check_fetch`] for those that the host itself will fetch, where an address inside of its own
//! network would turn it against itself. Both look at the text alone: no name is resolved.

use core::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, ParseError, SyntaxViolation, Url};

/// Which schemes are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlPolicy {
    /// `https` alone.
    #[default]
    Https,
    /// `https`, and `http` to `localhost`, 127.0.0.0/8 and `[::1]`: for development.
    HttpOnLoopback,
    /// `https` and `http` to anywhere: everybody on the way can read and change what is sent.
    DangerAnyHttp,
}

/// Why a URL is not followed. Each variant holds the URL as given, without user name and password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not a URL, or one that browsers read differently from how it is written (white space at the ends,
    /// backslashes, missing slashes).
    #[error("not a URL: {reason}: {url}")]
    Invalid {
        /// The text.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A relative reference.
    #[error("not an absolute URL: {url}")]
    NotAbsolute {
        /// The text.
        url: String,
    },
    /// A scheme that the policy does not allow.
    #[error("scheme {scheme} is not allowed: {url}")]
    Scheme {
        /// The URL.
        url: String,
        /// Its scheme.
        scheme: String,
    },
    /// No host.
    #[error("no host: {url}")]
    NoHost {
        /// The URL.
        url: String,
    },
    /// A user name or a password.
    #[error("a user name or password in the URL: {url}")]
    UserInfo {
        /// The URL without them.
        url: String,
    },
    /// A fragment.
    #[error("a fragment in the URL: {url}")]
    Fragment {
        /// The URL.
        url: String,
    },
    /// An address that is not on the public internet.
    #[error("{host} is not a public address: {url}")]
    NotPublic {
        /// The URL.
        url: String,
        /// Its host.
        host: String,
    },
}

/// Reads an absolute URL with a scheme that the policy allows, a host, no user name or password, and no
/// fragment. What is written must be what browsers read: no white space, no backslashes, no missing slashes.
///
/// Identifiers are compared as text elsewhere; the returned [`Url`] is normalised and is for following only.
///
/// # Errors
/// [`EndpointError`] names the first rule that the URL breaks.
pub fn check(text: &str, policy: UrlPolicy) -> Result<Url, EndpointError> {
    let shown = without_user_info(text);
    let url = parse(text, &shown)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::UserInfo { url: shown });
    }
    let Some(host) = url.host() else { return Err(EndpointError::NoHost { url: shown }) };
    if !scheme_is_allowed(url.scheme(), &host, policy) {
        return Err(EndpointError::Scheme { scheme: url.scheme().to_owned(), url: shown });
    }
    if url.fragment().is_some() {
        return Err(EndpointError::Fragment { url: shown });
    }
    Ok(url)
}

/// As [`check`], for a URL that the host will fetch: the host part must not be `localhost` or the literal of
/// an address that is not public (private, loopback, link-local, shared, multicast, reserved, or an IPv6 form
/// of one). [`UrlPolicy::HttpOnLoopback`] and [`UrlPolicy::DangerAnyHttp`] allow loopback and nothing else of
/// these.
///
/// A name may still resolve to such an address. The host must look at the address that it connects to, and
/// must pass every redirect through here again, or follow none.
///
/// # Errors
/// As for [`check`], and [`EndpointError::NotPublic`].
pub fn check_fetch(text: &str, policy: UrlPolicy) -> Result<Url, EndpointError> {
    let url = check(text, policy)?;
    let Some(host) = url.host() else { return Err(EndpointError::NoHost { url: without_user_info(text) }) };
    let allowed = match policy {
        UrlPolicy::Https => is_public(&host),
        UrlPolicy::HttpOnLoopback | UrlPolicy::DangerAnyHttp => is_loopback(&host) || is_public(&host),
    };
    if allowed {
        Ok(url)
    } else {
        Err(EndpointError::NotPublic { host: host.to_string(), url: without_user_info(text) })
    }
}

impl EndpointError {
    /// The rule that failed: `endpoint.invalid`, `endpoint.not_absolute`, `endpoint.scheme`,
    /// `endpoint.no_host`, `endpoint.user_info`, `endpoint.fragment` or `endpoint.not_public`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "endpoint.invalid",
            Self::NotAbsolute { .. } => "endpoint.not_absolute",
            Self::Scheme { .. } => "endpoint.scheme",
            Self::NoHost { .. } => "endpoint.no_host",
            Self::UserInfo { .. } => "endpoint.user_info",
            Self::Fragment { .. } => "endpoint.fragment",
            Self::NotPublic { .. } => "endpoint.not_public",
        }
    }

    /// The URL as given, without user name and password.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Invalid { url, .. }
            | Self::NotAbsolute { url }
            | Self::Scheme { url, .. }
            | Self::NoHost { url }
            | Self::UserInfo { url }
            | Self::Fragment { url }
            | Self::NotPublic { url, .. } => url,
        }
    }
}

/// The WHATWG parser repairs much; what it repairs is refused, but for characters in path and query that it
/// only percent-encodes.
fn parse(text: &str, shown: &str) -> Result<Url, EndpointError> {
    let invalid = |reason: &str| EndpointError::Invalid { url: shown.to_owned(), reason: reason.to_owned() };
    if text.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(invalid("white space or a control character"));
    }
    let repaired = std::cell::Cell::new(None);
    let note = |violation| match violation {
        SyntaxViolation::NonUrlCodePoint | SyntaxViolation::PercentDecode => {}
        // Found again in the parsed URL, which gives the better error.
        SyntaxViolation::EmbeddedCredentials => {}
        other => repaired.set(Some(other)),
    };
    let url =
        Url::options().syntax_violation_callback(Some(&note)).parse(text).map_err(|error| match error {
            ParseError::RelativeUrlWithoutBase => EndpointError::NotAbsolute { url: shown.to_owned() },
            ParseError::EmptyHost => EndpointError::NoHost { url: shown.to_owned() },
            other => invalid(&other.to_string()),
        })?;
    match repaired.get() {
        Some(violation) => Err(invalid(violation.description())),
        None => Ok(url),
    }
}

fn scheme_is_allowed(scheme: &str, host: &Host<&str>, policy: UrlPolicy) -> bool {
    match (scheme, policy) {
        ("https", _) | ("http", UrlPolicy::DangerAnyHttp) => true,
        ("http", UrlPolicy::HttpOnLoopback) => is_loopback(host),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name != "localhost" && !name.ends_with(".localhost")
        }
        Host::Ipv4(address) => is_public_v4(*address),
        Host::Ipv6(address) => is_public_v6(*address),
    }
}

/// The IANA registry of special-purpose IPv4 addresses, and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast();
    !special
}

/// Only 2000::/3 is in use for the internet; in it, and in the translation prefix, IPv4 addresses are
/// embedded.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // 64:ff9b::/96
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        // 6to4
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo and the other protocol assignments; documentation
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

/// The text without what stands before `@` in its authority, even when it is no URL.
fn without_user_info(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else { return text.to_owned() };
    let authority = rest.trim_start_matches(['/', '\\']);
    let end = authority.find(['/', '\\', '?', '#']).unwrap_or(authority.len());
    let (authority, path) = authority.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => text.to_owned(),
    }
}
