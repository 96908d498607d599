//! `WWW-Authenticate` (RFC 9110 §11.6.1): why the provider refuses an access token (RFC 6750 §3, RFC 9449 §7.1).

use http::{Response, header::WWW_AUTHENTICATE};

use super::ProviderError;

/// The first error that a challenge names, whatever its scheme.
pub(in crate::oidc) fn error(response: &Response<Vec<u8>>) -> Option<ProviderError> {
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter().take(MOST_HEADERS);
    challenges.filter_map(|value| value.to_str().ok()).filter(|text| text.len() <= LONGEST_HEADER).find_map(
        |text| {
            let parameters = parameters(text);
            let value = |name: &str| {
                let found = parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.as_str())
            };
            value("error").map(|error| ProviderError::new(error, value("error_description")))
        },
    )
}

const MOST_HEADERS: usize = 8;
const LONGEST_HEADER: usize = 8 * 1024;

/// The parameters of all challenges in a header, in order. What is not of the form is passed over.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('=') {
        // `Bearer realm`, `, error`: the name is the last word.
        let name = before.rsplit([' ', ',', '\t']).find(|word| !word.is_empty()).unwrap_or_default();
        let after = after.trim_start_matches([' ', '\t']);
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = after.find([' ', ',', '\t']).unwrap_or(after.len());
                let (value, left) = after.split_at(end);
                (value.to_owned(), left)
            }
        };
        found.push((name.to_owned(), value));
        rest = left;
    }
    found
}

/// What stands up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => break,
            '\\' => value.extend(chars.next()),
            char => value.push(char),
        }
    }
    (value, chars.as_str())
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::error;

    #[test]
    fn the_first_error_of_any_scheme_is_found() {
        for (header, expected) in [
            (r#"Bearer error="invalid_token""#, Some(("invalid_token", None))),
            (
                r#"Bearer realm="a, error=\"x\"", error="insufficient_scope", scope="openid""#,
                Some(("insufficient_scope", None)),
            ),
            (
                r#"DPoP algs="ES256", error="use_dpop_nonce", error_description="a \"nonce\"""#,
                Some(("use_dpop_nonce", Some("a \"nonce\""))),
            ),
            ("bearer error = invalid_token , error_description=late", Some(("invalid_token", Some("late")))),
            (r#"Basic realm="x", Bearer ERROR="e""#, Some(("e", None))),
            (r#"Bearer error="unclosed"#, Some(("unclosed", None))),
            (r#"Bearer realm="error=x""#, None),
            ("Bearer", None),
            ("Negotiate abc==", None),
            ("=", None),
        ] {
            let response = Response::builder().header("WWW-Authenticate", header).body(Vec::new()).unwrap();
            let found = error(&response);
            let found = found.as_ref().map(|error| (error.error.as_str(), error.description.as_deref()));
            assert_eq!(found, expected, "{header}");
        }
    }
}
