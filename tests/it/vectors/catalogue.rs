//! The rows of saml.md §5 and §6 by their names, what stands for each, and the README that says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{ALL, Outcome, Vector, every_path};
use crate::shared;

/// §5: the names of each row.
const ATTACKS: &[&[&str]] = &[
    &["xsw1", "xsw2", "xsw3", "xsw4", "xsw5", "xsw6", "xsw7", "xsw8", "xsw9"],
    &["xsw_logout_request", "xsw_logout_response"],
    &["smuggled_digest_value"],
    &["two_assertions", "plain_plus_encrypted", "injected_encrypted_assertion"],
    &["assertion_in_extensions", "assertion_in_status_detail", "assertion_in_attribute_value"],
    &["signed_elsewhere_read_here"],
    &[
        "comment_in_name_id",
        "comment_in_audience",
        "comment_in_recipient",
        "comment_in_issuer",
        "comment_in_digest_value",
    ],
    &["pi_in_name_id", "pi_in_attribute"],
    &["cdata_split_name_id"],
    &["parser_differential_doctype", "parser_differential_quotes", "parser_differential_namespace"],
    &["round_trip_unstable_names"],
    &["void_c14n_relative_namespace", "void_c14n_empty_digest"],
    &["prefixed_id_attribute", "xml_id", "two_id_spellings", "default_namespace_swap"],
    &["entity_hides_duplicate_id"],
    &["xxe_file", "xxe_parameter_entity", "billion_laughs", "quadratic_entity"],
    &[
        "reference_uri_empty",
        "reference_uri_xpointer_root",
        "reference_uri_external",
        "reference_uri_missing",
        "reference_uri_other_element",
    ],
    &["two_signed_info", "comment_in_signed_digest", "two_signature_values"],
    &["two_references", "zero_references"],
    &["hmac_with_public_key", "hmac_truncated", "unknown_algorithm"],
    &["embedded_key_only", "embedded_certificate_untrusted", "duplicate_key_info"],
    &[
        "transform_xslt",
        "transform_xpath",
        "transform_xpath_filter2",
        "transform_base64",
        "transform_c14n_only",
        "transform_three",
        "ds_object",
    ],
    &["prefix_list_long", "c14n_with_comments", "c14n_explicit_inclusive"],
    &["unsigned_all", "signature_removed", "metadata_without_keys", "metadata_encryption_key_only"],
    &["other_idp_signature", "issuer_swapped", "artifact_other_idp"],
    &[
        "redirect_duplicate_param",
        "redirect_request_and_response",
        "redirect_signature_other_param",
        "redirect_unsigned",
    ],
    &["inflate_bomb", "inflate_ratio", "deflated_post"],
    &["deep_nesting", "many_attributes", "many_namespaces", "wide_prefix_context"],
    &["gcm_short_tag", "gcm_empty_tag", "gcm_iv_16"],
    &["cbc_padding", "cbc_bitflip_name_id", "rsa15_default", "oaep_label", "encrypted_unsigned"],
    &["cipher_reference", "retrieval_method_external", "many_encrypted_keys"],
    &["replayed_assertion", "one_time_use_replayed"],
    &[
        "unsolicited_denied",
        "in_response_to_other",
        "unsigned_in_response_to",
        "unsolicited_with_in_response_to",
    ],
    &["policy_gap_unsolicited"],
    &["recipient_substring", "recipient_missing", "destination_prefix", "destination_empty"],
    &["audience_other", "audience_second_restriction", "audience_empty", "audience_missing"],
    &["confirmation_no_expiry", "confirmation_holder_of_key_only", "condition_unknown", "no_authn_statement"],
    &["expired", "not_yet_valid", "session_expired", "time_garbage"],
    &["email_as_identity", "other_idp_same_name_id"],
    &["attribute_injection_output"],
    &[
        "metadata_javascript_url",
        "metadata_http_url",
        "metadata_expired",
        "metadata_signature_wrong_key",
        "metadata_wrapped",
        "metadata_duplicate_entity",
    ],
    &["sha1_default", "rsa_1024_default", "md5", "des3"],
];

/// §6: the names of each row.
const QUIRKS: &[&[&str]] = &[
    &["redirect_lowercase_percent"],
    &["logout_post_not_deflated", "redirect_undeflated"],
    &["base64_wrapped_76", "base64_crlf", "base64_entity_cr"],
    &["crlf_document", "cr_reference_kept"],
    &["prefix_list_xs", "prefix_list_default", "prefix_list_on_signed_info"],
    &["namespaces_on_response_only", "decrypted_inherits_namespaces"],
    &["default_namespace_redeclared", "prefixes_renamed", "superfluous_namespaces"],
    &["id_leading_digit", "id_okta", "id_upper_case"],
    &["time_7_digits", "time_9_digits", "time_no_fraction", "time_offset", "time_no_zone"],
    &["issuer_whitespace", "audience_whitespace"],
    &["attribute_empty", "attribute_nil", "attribute_no_xsi_type", "attribute_any_type"],
    &["attribute_nested_name_id"],
    &["attribute_statements_several", "attribute_name_repeated"],
    &["groups_overage_saml"],
    &["issuer_trailing_slash"],
    &["assertion_signed_only", "response_signed_only", "both_signed"],
    &["several_signing_certs", "old_and_new_cert"],
    &["expired_certificate"],
    &["encrypted_key_sibling_retrieval_method"],
    &["no_key_info", "no_recipient_cert", "oaep_no_digest_method"],
    &["unsigned_response_no_destination"],
    &["key_info_rsa_key_value"],
    &["embedded_random_cert"],
    &["signature_last_child"],
    &["encrypted_unsigned_response", "gcm_128/192/256", "cbc_128/256", "oaep_mgf1_sha1/sha256"],
    &["plaintext_leading_newline", "plaintext_xml_declaration"],
    &["advice_with_assertion"],
    &["several_audiences", "audience_acs_url"],
    &["confirmation_second_bearer_ok", "confirmation_not_before_past"],
    &["in_response_to_empty"],
    &["unsolicited_with_in_response_to"],
    &["idp_status_no_authn_context", "idp_status_request_denied"],
    &["metadata_keycloak_entities", "metadata_mixed_roles", "metadata_ws_federation_roles"],
    &[
        "metadata_key_without_use",
        "metadata_several_certs_in_key_info",
        "metadata_cert_whitespace",
        "metadata_duplicate_cert",
    ],
    &["metadata_utf16", "metadata_bom", "metadata_comments"],
    &["metadata_response_location", "metadata_two_idp_roles"],
    &["relay_state_long"],
    &["transient_name_id"],
];

/// Tests instead of files, because they are about calls and not about one message.
const TESTS: &[&str] = &[
    "replayed_assertion",
    "one_time_use_replayed",
    "email_as_identity",
    "other_idp_same_name_id",
    "attribute_injection_output",
    "artifact_other_idp",
];

/// Rules that need a call of their own, with the code that they give.
const RULE_TESTS: &[(&str, &str, &str)] = &[
    ("rule_message_too_large", "2.1 #1", "saml.message_too_large"),
    ("rule_issuer_unpinned", "§1, manual set-up", "saml.issuer_unpinned"),
    ("rule_certificates_enforced", "§1.1", "saml.certificate_expired"),
    ("rule_force_authn", "2.1 #37", "saml.authn_instant_invalid"),
    ("rule_max_authn_age", "2.1 #37", "saml.authn_too_old"),
    ("rule_authn_context", "2.1 #38", "saml.authn_context_mismatch"),
    ("rule_keys_per_signature", "S10", "saml.xml_limit"),
];

/// Codes of the rules that no vector can have, or not yet.
const NOT_HERE: &[(&str, &str)] = &[
    ("saml.reference_target", "the reference names its parent, whose ID no other element has"),
    ("saml.replayed", "the host's answer"),
    ("saml.decryption_failed", "next, encryption"),
    ("saml.no_decryption_key", "next, encryption"),
    ("saml.encryption_algorithm", "next, encryption"),
];

/// Names that wait for the feature that they are about.
const NEXT: &[(&str, &str)] = &[
    ("gcm_short_tag", "encryption"),
    ("gcm_empty_tag", "encryption"),
    ("gcm_iv_16", "encryption"),
    ("cbc_padding", "encryption"),
    ("cbc_bitflip_name_id", "encryption"),
    ("rsa15_default", "encryption"),
    ("oaep_label", "encryption"),
    ("encrypted_unsigned", "encryption"),
    ("cipher_reference", "encryption"),
    ("retrieval_method_external", "encryption"),
    ("many_encrypted_keys", "encryption"),
    ("des3", "encryption"),
    ("decrypted_inherits_namespaces", "encryption"),
    ("encrypted_key_sibling_retrieval_method", "encryption"),
    ("no_recipient_cert", "encryption"),
    ("oaep_no_digest_method", "encryption"),
    ("encrypted_unsigned_response", "encryption"),
    ("gcm_128/192/256", "encryption"),
    ("cbc_128/256", "encryption"),
    ("oaep_mgf1_sha1/sha256", "encryption"),
    ("plaintext_leading_newline", "encryption"),
    ("plaintext_xml_declaration", "encryption"),
];

/// The name of the tables that a vector belongs to: its own, or the longest that it begins with.
fn name_of(vector: &str) -> Option<&'static str> {
    let names = ATTACKS.iter().chain(QUIRKS).copied().flatten().copied();
    let begins =
        |name: &&str| vector.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    names.filter(begins).max_by_key(|name| name.len())
}

/// The first name of the row that a vector belongs to.
pub(super) fn row_of(vector: &str) -> Option<&'static str> {
    let name = name_of(vector)?;
    ATTACKS.iter().chain(QUIRKS).find(|row| row.contains(&name)).map(|row| row[0])
}

pub(super) fn readme(vectors: &[Vector]) -> String {
    let mut text = String::from(PREAMBLE);
    for (title, rows) in [("Attacks (saml.md §5)", ATTACKS), ("Quirks (saml.md §6)", QUIRKS)] {
        write!(text, "\n## {title}\n\n| Row | Vectors, tests, and what is next |\n|---|---|\n").unwrap();
        for row in rows {
            let names: Vec<String> = row.iter().map(|name| format!("`{name}`")).collect();
            let entries: Vec<String> = row.iter().flat_map(|name| entries(name, vectors)).collect();
            writeln!(text, "| {} | {} |", names.join(", "), entries.join(", ")).unwrap();
        }
    }
    text.push_str("\n## Rules (saml.md §2.1, §2.3, §2.4, §3.1)\n\n| Rule | Vector | Code |\n|---|---|---|\n");
    for vector in vectors.iter().filter(|vector| vector.name.starts_with("rule_")) {
        let code = match vector.outcome {
            Outcome::Accept { .. } => "accepted".to_owned(),
            Outcome::Reject { code, .. } => format!("`{code}`"),
        };
        writeln!(text, "| {} | {} | {code} |", vector.row, link(vector)).unwrap();
    }
    for (name, rule, code) in RULE_TESTS {
        writeln!(text, "| {rule} | test `{name}` | `{code}` |").unwrap();
    }
    for (code, reason) in NOT_HERE {
        writeln!(text, "| – | none: {reason} | `{code}` |").unwrap();
    }
    text.push_str("\n## Found\n\nKept as fuzzing or a report brought them: ");
    let found: Vec<String> = every_path()
        .iter()
        .filter(|path| path.contains("/found_") && !path.ends_with(".json"))
        .map(|path| format!("[{path}]({path})"))
        .collect();
    writeln!(text, "{}.", if found.is_empty() { "none yet".to_owned() } else { found.join(", ") }).unwrap();
    text.push_str("\n## Twins\n\nAccepted, because something that differs in one thing is rejected: ");
    let twins: Vec<String> =
        vectors.iter().filter(|vector| vector.name.starts_with("twin_")).map(link).collect();
    writeln!(text, "{}.", twins.join(", ")).unwrap();
    text
}

fn entries(name: &str, vectors: &[Vector]) -> Vec<String> {
    let mut entries: Vec<String> =
        vectors.iter().filter(|vector| name_of(&vector.name) == Some(name)).map(link).collect();
    entries.extend(metadata_files(name));
    if TESTS.contains(&name) {
        entries.push(format!("test `{name}`"));
    }
    if let Some((_, feature)) = NEXT.iter().find(|(next, _)| *next == name) {
        entries.push(format!("next: `{name}` ({feature})"));
    }
    entries
}

/// The files about metadata that belong to a name.
fn metadata_files(name: &str) -> Vec<String> {
    let vector = |path: &String| {
        let vector = path.split_once('/')?.1.strip_suffix(".xml")?;
        (vector.starts_with("metadata_") && name_of(vector) == Some(name))
            .then(|| format!("[{vector}]({path})"))
    };
    every_path().iter().filter_map(vector).collect()
}

fn link(vector: &Vector) -> String {
    let file = vector.files()[0].0.clone();
    format!("[{}]({file})", vector.name)
}

const PREAMBLE: &str = "\
# SAML vectors

Each file is one message that breaks, or shows, one thing. `accept/` and `reject/` hold pairs: `NAME.xml` is the
decoded message (`NAME.b64` the form field exactly as posted, `NAME.query` the query of a redirect), `NAME.json` says what
it is:

- `row`: the first name of its row in the tables below, or the rule; `shows`: the one thing;
- `code` (reject): the code of the refusal; `twin` (reject): the accepted vector that is the same without it;
- `notes` (accept): the codes of the notes, in order, each once; `attributes`, `subject`, `profile`, `logout` (accept): what
  the report must say;
- `case`: members that override `base.json`, one level deep; `null` takes one away.

`metadata_*.xml` is metadata, signed with the keys in `../keys`; `tests/it/metadata.rs` says how each is read, and what
comes of it. Everything else is signed with the published keys of `testing::saml_idp`. The files are made by `tests/it/vectors`:
`ADMITTANCE_WRITE_VECTORS=1 cargo test --test it files_are_what` writes them, and this list, anew.
";

#[test]
fn every_row_has_vectors_or_says_why_not() {
    let api = [include_str!("api.rs"), include_str!("../artifact.rs")].concat();
    for name in ATTACKS.iter().chain(QUIRKS).copied().flatten() {
        let made =
            ALL.iter().any(|vector| name_of(&vector.name) == Some(name)) || !metadata_files(name).is_empty();
        let tested = TESTS.contains(name) && api.contains(&format!("fn {name}("));
        let next = NEXT.iter().any(|(next, _)| next == name);
        assert!(made || tested || next, "{name} has no vector");
        assert!(!(next && (made || tested)), "{name} is not next, it is there");
    }
    for vector in ALL.iter() {
        let expected = row_of(&vector.name).unwrap_or(vector.row);
        assert_eq!(vector.row, expected, "{}", vector.name);
        let listed = ["rule_", "twin_"].iter().any(|prefix| vector.name.starts_with(prefix));
        assert!(listed || row_of(&vector.name).is_some(), "{} belongs to no row", vector.name);
        assert!(!vector.row.is_empty(), "{} has no rule", vector.name);
    }
}

#[test]
fn the_rows_are_those_of_the_specification() {
    let Some(specification) = shared::read("spec/saml.md") else { return };
    let known: BTreeSet<&str> = ATTACKS.iter().chain(QUIRKS).copied().flatten().copied().collect();
    let tables = specification.split_once("\n## 5.").unwrap().1.split_once("\n## 7.").unwrap().0;
    for row in tables.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        for name in cell.split('`').skip(1).step_by(2) {
            let found = match name.strip_prefix('_') {
                Some(end) => known.iter().any(|known| known.ends_with(end)),
                None => known.contains(name),
            };
            assert!(found, "{name} of the specification is not in the catalogue");
        }
    }
}

#[test]
fn every_code_of_the_rules_has_a_vector() {
    let Some(specification) = shared::read("spec/saml.md") else { return };
    let section =
        |from: &str, to: &str| specification.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let rules = [section("\n### 2.1 ", "\n## 3."), section("\n### 3.1 ", "\n### 3.2 ")];
    let api = include_str!("api.rs");
    let mut covered: BTreeSet<&str> = NOT_HERE.iter().map(|(code, _)| *code).collect();
    for vector in ALL.iter() {
        match &vector.outcome {
            Outcome::Reject { code, .. } => covered.extend([*code]),
            Outcome::Accept { notes, .. } => covered.extend(notes),
        }
    }
    for tests in [include_str!("../metadata.rs"), include_str!("../artifact.rs")] {
        covered.extend(tests.split('"').filter(|text| text.starts_with("saml.")));
    }
    for (name, _, code) in RULE_TESTS {
        assert!(api.contains(&format!("fn {name}(")) && api.contains(code), "{name}");
        covered.insert(code);
    }
    let rules = rules.concat();
    let named: BTreeSet<&str> =
        rules.split('`').skip(1).step_by(2).filter(|name| name.starts_with("saml.")).collect();
    assert!(named.len() > 50, "{named:?}");
    let missing: Vec<_> = named.difference(&covered).collect();
    assert!(missing.is_empty(), "codes without vector: {missing:?}");
}
