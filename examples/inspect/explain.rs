//! Words for the codes of notes and hints, until the set-up assistant has better ones for each identity provider.

use admittance::saml::Hint;

/// What a note means, and what to do about it.
pub(super) struct Explanation {
    pub(super) message: &'static str,
    pub(super) remedy: &'static str,
}

/// The words for the code of a note.
pub(super) fn explain(code: &str) -> Explanation {
    let (message, remedy) =
        EXPLANATIONS.iter().find(|(known, ..)| *known == code).map_or(
            ("the library noticed something", "see the library's documentation of this code"),
            |row| (row.1, row.2),
        );
    Explanation { message, remedy }
}

/// What may explain that two texts differ.
pub(super) fn hint(hint: Hint) -> Option<&'static str> {
    match hint {
        Hint::TrailingSlash => Some("they differ by a slash at the end"),
        Hint::Case => Some("they differ by upper and lower case"),
        Hint::Scheme => Some("they differ by http and https"),
        Hint::WhiteSpace => Some("they differ by white space"),
        Hint::EqualsAcsUrl => {
            Some("the address of the assertion consumer service stands where a name belongs")
        }
        Hint::SeveralAcsUrls => Some("several sign-on URLs are set at the identity provider"),
        _ => None,
    }
}

const EXPLANATIONS: [(&str, &str, &str); 29] = [
    ("saml.text_trimmed", "white space at the ends was removed", "remove it at the identity provider"),
    (
        "saml.clock_skew_large",
        "the allowed difference of clocks is large",
        "set the clocks and allow 180 seconds",
    ),
    (
        "saml.certificate_expired",
        "the signing certificate has expired; its key still counts",
        "renew it at the identity provider and keep both for a while",
    ),
    (
        "saml.certificate_not_yet_valid",
        "the signing certificate is not valid yet; its key counts already",
        "check the clocks and the certificate",
    ),
    ("saml.certificate_invalid", "a certificate cannot be read and was left out", "upload it again"),
    (
        "saml.confirmation_not_before",
        "a bearer confirmation has a NotBefore, which it should not have",
        "nothing: it was checked",
    ),
    (
        "saml.name_id_transient",
        "the identifier lasts for one session and cannot be the key of an account",
        "choose a persistent Name ID at the identity provider",
    ),
    (
        "saml.weak_algorithm",
        "an outdated algorithm or a short key was used",
        "set RSA-SHA256 at the identity provider",
    ),
    ("saml.time_without_zone", "a time names no zone and was read as UTC", "nothing: SAML means UTC"),
    (
        "saml.time_invalid",
        "a duration cannot be read and counts as absent",
        "correct it at the identity provider",
    ),
    ("saml.issued_in_future", "the message was made in the future", "set the clocks"),
    ("saml.relay_state_long", "the RelayState is longer than the binding allows", "nothing: it was read"),
    ("claims.name_missing", "there is no value for Name, so Login is shown", "add the name attribute"),
    ("claims.name_multiple", "there are several values for Name, so the first is shown", "send one"),
    ("claims.alias_used", "the attribute came under another common name", "use the name of the mapping"),
    ("claims.value_dropped", "a value that is no text was left out", "send text"),
    ("claims.email_missing", "there is no value for Email", "add the email attribute"),
    ("groups.attribute_missing", "there is no groups attribute", "add the groups attribute"),
    ("groups.empty", "the groups attribute is empty", "assign the user to a group"),
    (
        "groups.overage",
        "there are too many groups for the message, so the identity provider sent a link instead",
        "choose the groups that are assigned to the application",
    ),
    (
        "groups.possibly_truncated",
        "as many groups came as the provider sends at most: some may be missing",
        "narrow the filter of the groups claim",
    ),
    (
        "oidc.clock_skew_large",
        "the allowed difference of clocks is large",
        "set the clocks and allow 60 seconds",
    ),
    (
        "oidc.email_verified_invalid",
        "email_verified is neither true nor false and counts as false",
        "send a boolean",
    ),
    ("oidc.group_ignored", "members of the groups claim that are no text were left out", "send names"),
    (
        "oidc.key_private",
        "a published key holds private members",
        "publish the public key alone, and replace the key",
    ),
    (
        "oidc.key_skipped",
        "a published key cannot be used and was left out",
        "nothing, if the others are enough",
    ),
    (
        "oidc.other_origin",
        "an endpoint is at another host than the issuer",
        "check that it is the provider's",
    ),
    ("oidc.pkce_not_advertised", "the provider does not list PKCE with S256; it was used", "nothing"),
    ("oidc.scope_reduced", "a scope that was asked for was not granted", "allow it for this application"),
];
