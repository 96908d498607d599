//! The rows of oidc.md §4 to §6 by their names, and the test function that shows each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shared;

/// §4: each name is that of its test.
const PITFALLS: &[&[&str]] = &[
    &["mix_up_other_issuer", "callback_iss_missing", "callback_iss_wrong"],
    &["state_missing", "state_wrong", "state_duplicate", "code_duplicate", "error_before_state"],
    &["nonce_missing", "nonce_wrong", "nonce_number"],
    &["alg_none", "alg_none_case", "alg_unknown", "alg_not_listed"],
    &["hs256_with_public_key", "hs256_with_jwks_oct", "hs256_public_client", "hs256_short_secret"],
    &["sig_flipped", "sig_empty", "sig_other_key", "sig_code_flow_skipped"],
    &["header_jwk", "header_jku", "header_x5u", "header_x5c", "kid_path", "kid_sql"],
    &["crit_unknown", "crit_empty", "b64_false", "header_duplicate_alg"],
    &["rsa_1024", "p256_key_for_es384", "enc_key_signs", "key_ops_without_verify", "alg_mismatch_jwk"],
    &["discovery_issuer_other", "discovery_issuer_slash", "discovery_http", "discovery_user_info"],
    &[
        "entra_tenant_other",
        "entra_tid_missing",
        "entra_iss_literal_template",
        "entra_iss_tid_differ",
        "entra_key_issuer_other",
    ],
    &["email_as_identity"],
    &["google_hd_missing", "google_hd_other"],
    &[
        "aud_other",
        "aud_extra",
        "aud_missing",
        "aud_number",
        "aud_mixed_array",
        "aud_empty_array",
        "azp_missing",
        "azp_other",
    ],
    &["iss_missing", "iss_array", "iss_number", "iss_case", "sub_missing", "sub_empty", "sub_number"],
    &[
        "exp_missing",
        "exp_string",
        "exp_past",
        "exp_null",
        "nbf_future",
        "nbf_string",
        "iat_missing",
        "iat_future",
    ],
    &["auth_time_missing", "auth_time_old", "acr_other"],
    &["at_hash_wrong", "c_hash_wrong"],
    &["userinfo_sub_other", "userinfo_sub_missing", "userinfo_overrides_iss", "userinfo_unsigned"],
    &["logout_token_as_id_token", "access_token_as_id_token", "id_token_as_logout_token"],
    &[
        "logout_no_event",
        "logout_event_not_object",
        "logout_with_nonce",
        "logout_no_subject",
        "logout_old",
        "logout_alg_none",
        "logout_wrong_iss",
        "logout_wrong_aud",
        "logout_replayed_jti",
    ],
    &["claim_source_fetch"],
    &["return_to_in_callback", "target_link_other_origin"],
    &["refresh_sub_other", "refresh_iss_other", "refresh_auth_time_other"],
    &["initiated_login_unknown_iss"],
    &["assertion_aud_is_issuer"],
    &["kid_flood"],
    &["duplicate_claim_sub", "duplicate_nested", "json_trailing", "json_bom", "json_deep"],
    &["base64_padded", "base64_trailing_bits", "parts_two", "parts_four", "token_huge"],
    &[
        "jwe_short_tag",
        "jwe_zip",
        "jwe_rsa1_5",
        "jwe_dir",
        "jwe_epk_other_curve",
        "jwe_nested_twice",
        "jwe_content_unsigned",
    ],
    &["overage_not_empty"],
    &["secret_in_debug"],
];

/// §6: each provider, and the tests named after it.
const QUIRKS: &[(&str, &[&str])] = &[
    ("Okta", &["okta"]),
    ("Entra ID", &["entra_versions", "entra_shared_authorities", "entra_claims"]),
    ("JumpCloud", &["jumpcloud"]),
    ("Google", &["google"]),
    ("Keycloak", &["keycloak"]),
    ("PingFederate, PingOne", &["ping_federate", "ping_one"]),
    ("ADFS", &["adfs"]),
    ("Auth0", &["auth0"]),
    ("Cognito", &["cognito"]),
    ("Zitadel", &["zitadel"]),
    ("LemonLDAP::NG", &["lemonldap"]),
    ("node oidc-provider", &["node_oidc_provider"]),
    ("Others", &["others"]),
];

/// Codes of the rules that no message from outside can bring about.
const NO_VECTOR: &[&str] = &[];

#[test]
fn every_row_has_its_test() {
    let tests = functions();
    let named = PITFALLS.iter().copied().flatten().chain(QUIRKS.iter().flat_map(|(_, tests)| *tests));
    let missing: Vec<_> = named.filter(|name| !tests.contains(**name)).collect();
    assert!(missing.is_empty(), "there is no test of this name: {missing:?}");
}

#[test]
fn the_rows_are_those_of_the_specification() {
    let Some(specification) = shared::read("spec/oidc.md") else { return };
    let section =
        |from: &str, to: &str| specification.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let known: BTreeSet<&str> = PITFALLS.iter().copied().flatten().copied().collect();
    let pitfalls = section("\n## 4.", "\n## 5.");
    let mut rows = 0;
    for row in pitfalls.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        for name in cell.split('`').skip(1).step_by(2) {
            assert!(known.contains(name), "{name} of the specification is not in the catalogue");
        }
        rows += 1;
    }
    assert_eq!(rows, PITFALLS.len());
    let quirks = section("\n## 6.", "\n## 7.");
    let providers: Vec<&str> = quirks
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| line.split(" | ").next())
        .collect();
    let expected: Vec<String> = QUIRKS.iter().map(|(provider, _)| format!("| {provider}")).collect();
    assert_eq!(providers[1..], expected, "without the head");
}

#[test]
fn every_module_of_the_plans_has_its_test() {
    let Some(specification) = shared::read("spec/oidc.md") else { return };
    let plans = specification.split_once("\n## 5.").unwrap().1.split_once("\n## 6.").unwrap().0;
    let tests = functions();
    let conformance: Vec<&String> = tests
        .iter()
        .filter(|name| name.starts_with("oidcc_client_test") || name.starts_with("fapi2_"))
        .collect();
    let mut missing = Vec::new();
    for row in plans.lines().filter(|line| line.starts_with("| ") && !line.contains("Not run")).skip(1) {
        let modules = row.split(" | ").nth(1).unwrap_or_default();
        // `-a (by value), …-b; -c`: what stands in brackets is no name, and a name may be cut at its beginning.
        for module in modules.split([',', ';']) {
            let module = module.split_once(" (").map_or(module, |(module, _)| module);
            let module = module.trim().trim_start_matches('…').trim_start_matches('-');
            let end = module.replace('-', "_");
            if !end.is_empty() && !conformance.iter().any(|name| name.ends_with(&end)) {
                missing.push(module.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "there is no test of these modules: {missing:?}");
}

#[test]
fn every_code_of_the_rules_is_in_a_test() {
    let Some(specification) = shared::read("spec/oidc.md") else { return };
    let rules = specification.split_once("\n## 2.").unwrap().1.split_once("\n## 4.").unwrap().0;
    let codes: BTreeSet<&str> = rules
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.starts_with("oidc.") || name.starts_with("groups."))
        .collect();
    assert!(codes.len() > 60, "{codes:?}");
    let mut text = String::new();
    for path in sources() {
        text += &fs::read_to_string(path).unwrap();
    }
    let missing: Vec<_> = codes
        .into_iter()
        .filter(|code| !text.contains(&format!("\"{code}\"")) && !NO_VECTOR.contains(code))
        .collect();
    assert!(missing.is_empty(), "no test shows these codes: {missing:?}");
}

/// The names of all test functions.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in sources() {
        let text = fs::read_to_string(path).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            if let Some(name) = line.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next()) {
                if is_test {
                    names.insert(name.to_owned());
                }
                is_test = false;
            } else if !line.starts_with("#[") && !line.starts_with("//") {
                is_test = false;
            } else if line.starts_with("#[test]") {
                is_test = true;
            }
        }
    }
    names
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("catalogue.rs")
            {
                files.push(path);
            }
        }
    }
    files
}
