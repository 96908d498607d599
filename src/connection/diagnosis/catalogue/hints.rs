//! What may explain a difference: sentences behind a message.

/// The sentence for a hint; `None` for one that nobody knows.
pub(in crate::connection::diagnosis) fn hint(code: &str) -> Option<&'static str> {
    HINTS.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}

const HINTS: &[(&str, &str)] = &[
    ("trailing_slash", "They differ only by a slash at the end."),
    ("case", "They differ only by upper and lower case."),
    ("scheme", "They differ only by http and https."),
    ("white_space", "They differ only by white space, as after copying."),
    ("equals_acs_url", "What came is our Single Sign-On URL, which belongs into another field."),
    (
        "equals_entity_id",
        "What came is our Service Provider Identity ID, where this connection uses the Single Sign-On URL.",
    ),
    ("several_acs_urls", "Another address of the same message is right, so several sign-on URLs are set."),
    ("same_provider", "It is another application of the same identity provider."),
    ("key_in_metadata", "The metadata has this key by now: the sign-in was before it was refreshed."),
    ("key_not_in_metadata", "The metadata that we have does not hold this key either."),
    ("name_id_policy", "The application cannot make the Name ID that was asked for."),
    ("request_denied", "The person or the application has no access there."),
    ("authn_failed", "The person could not be authenticated there."),
    ("okta_admin_domain", "The address is that of the Okta admin console: leave -admin out of it."),
    (
        "okta_default_server",
        "One of the two ends with /oauth2/default: that is another issuer of the same Okta organization.",
    ),
    (
        "entra_common",
        "An address with common or organizations is nobody's issuer: use the one of your tenant.",
    ),
    ("groups_kept", "The person's memberships stay as they are."),
    ("groups_cleared", "The person loses every synchronized group."),
    ("groups_none_removed", "No membership is taken away."),
    ("groups_denied", "The policy of this connection lets nobody in like that."),
    ("their_clock", "The identity provider's clock is behind or ahead, or ours is."),
];
