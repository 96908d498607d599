//! What may name a namespace: a URI (RFC 3986 §3), without references to resolve.

/// Whether the text is an absolute URI with a scheme, as its grammar has it.
///
/// Stricter than the grammar in two places: a port has one to five digits, and `&` does not occur. libxml2, for one,
/// reads `&amp;` in a namespace name as five characters, so that two readers would disagree about the name.
pub(super) fn is_uri(text: &str) -> bool {
    let (text, fragment) = cut(text, '#');
    let (text, query) = cut(text, '?');
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_scheme(scheme)
        && is_authority(authority)
        && holds(path, "/:@")
        && holds(query, "/?:@")
        && holds(fragment, "/?:@")
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// `[userinfo "@"] host [":" port]`
fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.split_once('@').unwrap_or(("", authority));
    let (host, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, port))
            if address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')) =>
        {
            ("", port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        Some(_) => return false,
        None => host.split_once(':').map_or((host, Some("0")), |(host, port)| (host, Some(port))),
    };
    let is_port = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    holds(user, ":") && holds(host, "") && port.is_some_and(is_port)
}

/// Whether the text has only unreserved characters, escapes, `sub-delims` and those named.
fn holds(text: &str, also: &str) -> bool {
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let allowed = match byte {
            b'%' => [rest.next(), rest.next()].iter().all(|b| b.is_some_and(|b| b.is_ascii_hexdigit())),
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$'()*+,;=".contains(&byte)
                    || also.as_bytes().contains(&byte)
            }
        };
        if !allowed {
            return false;
        }
    }
    true
}

/// What stands before the mark, and what behind it.
fn cut(text: &str, mark: char) -> (&str, &str) {
    text.split_once(mark).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::is_uri;

    #[test]
    fn absolute_uris_and_nothing_else() {
        for uri in [
            "urn:oasis:names:tc:SAML:2.0:assertion",
            "http://www.w3.org/2001/XMLSchema#",
            "http://user:pw@[::1]:65535/p?q=/?#f/?",
            "http://h",
            "file:///etc",
            "x:",
            "x-1.y+z:/%7e//;a=b,c@:!$'()*+~",
        ] {
            assert!(is_uri(uri), "{uri}");
        }
        for text in [
            "",
            "a",
            "/a",
            "#a",
            "1:a",
            ":a",
            "\u{e9}:a",
            "a b:c",
            "x:a b",
            "x:\u{e9}",
            "x:{a}",
            "x:%2",
            "x:%g0",
            "x:a#b#c",
            "x:[a]",
            "http://h:/",
            "http://h:a/",
            "http://h:123456/",
            "http://[::1",
            "http://[x]/",
            "http://[::1]a/",
            "http://a@b@c/",
            "x:\"",
            "x:\\",
            "x:^",
            "x:|",
            "x:`",
            "x:<",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
