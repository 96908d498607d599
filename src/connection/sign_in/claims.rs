//! What is wrong with a person's attributes beyond the mapping's own findings.

use crate::claims::Claims;
use crate::connection::configuration::{AllowedDomains, Connection};
use crate::connection::diagnosis::Evidence;
use crate::connection::domain::DomainName;
use crate::profile::{Mapping, Profile};

/// D24: only the long names came, and none of the mapping's own.
pub(super) fn namespaced(mapping: &Mapping, claims: &Claims) -> Option<Evidence> {
    let optional = [&mapping.name, &mapping.groups].into_iter().flatten();
    let sources: Vec<&str> = [&mapping.login, &mapping.email]
        .into_iter()
        .chain(optional)
        .map(|rule| rule.source.claim())
        .collect();
    if sources.iter().any(|source| claims.claim(source).is_some() || is_namespaced(source)) {
        return None;
    }
    let long: Vec<&str> =
        claims.claims().iter().map(|claim| claim.name.as_str()).filter(|name| is_namespaced(name)).collect();
    let is_field = |name: &&str| FIELDS.iter().any(|field| name.ends_with(field));
    long.iter().any(is_field).then(|| {
        Evidence::new("claims.namespaced_present").expected(sources.join(", ")).actual(long.join(", "))
    })
}

fn is_namespaced(name: &str) -> bool {
    name.starts_with("http://schemas.xmlsoap.org/") || name.starts_with("http://schemas.microsoft.com/")
}

/// The long names that carry a field of a profile.
const FIELDS: [&str; 6] = [
    "/claims/emailaddress",
    "/claims/name",
    "/claims/upn",
    "/claims/givenname",
    "/claims/groups",
    "/claims/Group",
];

/// D31: Login has white space, and Name looks like a login or an address.
pub(super) fn swapped(profile: &Profile) -> Option<Evidence> {
    let is_login = |text: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        !text.is_empty()
            && (text.chars().all(plain) || (text.contains('@') && !text.contains(char::is_whitespace)))
    };
    let swapped = profile.login.trim().contains(char::is_whitespace) && is_login(&profile.name);
    swapped.then(|| Evidence::new("claims.attributes_swapped"))
}

/// D19: a domain that is not one of the connection's.
pub(super) fn domain(profile: &Profile, connection: &Connection) -> Option<Evidence> {
    let domains = connection.domains();
    if domains.allowed == AllowedDomains::Any {
        return None;
    }
    let domain = DomainName::of(&profile.email);
    if domain.as_ref().is_some_and(|domain| domains.holds_verified(domain)) {
        return None;
    }
    let verified: Vec<&str> = domains.verified().map(|domain| domain.name().as_str()).collect();
    let expected = if verified.is_empty() { "no domain is verified".to_owned() } else { verified.join(", ") };
    let refused = Evidence::failure("claims.email_domain_not_allowed").expected(expected);
    Some(refused.actual(domain.map_or_else(|| profile.email.domain().to_owned(), String::from)))
}
