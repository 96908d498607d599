//! The rules and rows of scim.md by their identifiers, and the test functions that show each.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::shared;

/// Rule or row, and its tests; `f` and `g` rows are shown by the tests of other rules too.
const RULES: &[(&str, &[&str])] = &[
    ("F1", &["f1_f2_the_attributes_of_the_standard"]),
    ("F2", &["f1_f2_the_attributes_of_the_standard", "h12_manager"]),
    (
        "F3",
        &[
            "f3_custom_types_and_extensions_follow_the_same_rules",
            "f3_a_type_of_the_host_follows_the_same_rules",
            "f3_f4_a_schema_of_the_host",
        ],
    ),
    ("F4", &["f4_service_provider_config", "f4_resource_types", "f4_schemas_are_the_data_of_the_rules"]),
    ("F5", &["q1_operators_words_and_precedence", "q3_forms_of_attributes"]),
    ("F6", &["p1_order"]),
    ("F7", &["p2_start_and_count_are_brought_into_range", "p5_p7_cursors"]),
    ("F8", &["j1_always_and_named_or_default_less_named"]),
    (
        "F9",
        &[
            "status_and_headers_of_a_resource",
            "c3_put_replaces_every_attribute",
            "patch_answers",
            "c8_delete",
        ],
    ),
    ("F10", &["b2_references_backwards_and_forwards", "b3_cycles"]),
    ("F11", &["v2_if_match", "v2_if_none_match"]),
    ("F12", &["f12_search", "f12_search_of_all_types"]),
    ("F13", &["f13_me"]),
    ("F14", &["a1_returned_under_each_operation", "a1_uniqueness_under_each_operation"]),
    ("F15", &["z1_malformed_requests_are_client_errors_in_interop"]),
    ("F16", &["t1_every_fetch_and_change_carries_the_tenant"]),
    ("F17", &["k1_a_token_is_prefix_id_and_32_random_bytes"]),
    ("R1", &["r1_media_types"]),
    ("R2", &["r2_names_in_any_case", "r2_names_are_read_in_any_case_and_once"]),
    ("R3", &["r3_parameters"]),
    ("R4", &["r4_slashes"]),
    ("R5", &["r5_spaces"]),
    ("R6", &["r6_numbers_and_texts"]),
    ("R7", &["r7_bodies", "r7_limits_of_a_body"]),
    ("R8", &["r8_endpoints_and_methods"]),
    ("R9", &["r9_filter_on_discovery"]),
    ("Q1", &["q1_operators_words_and_precedence"]),
    ("Q2", &["q2_values_are_json"]),
    ("Q3", &["q3_forms_of_attributes"]),
    ("Q4", &["q4_one_value_is_enough_and_brackets_mean_the_same_value"]),
    ("Q5", &["q5_missing_attributes"]),
    ("Q6", &["q6_case_counts_where_the_schema_says"]),
    ("Q7", &["q7_types_decide_what_can_be_compared"]),
    ("Q8", &["q8_unknown_attributes_compare_as_missing_or_are_refused"]),
    ("Q9", &["q9_what_does_not_parse_is_refused_with_its_place"]),
    (
        "Q10",
        &["q10_length_terms_and_depth_are_bounded", "q10_printing_and_parsing_again_gives_the_same_filter"],
    ),
    ("Q11", &["q11_passwords_cannot_be_asked_for", "a1_q11_parts_that_nobody_reads"]),
    ("P1", &["p1_order"]),
    ("P2", &["p2_start_and_count_are_brought_into_range"]),
    ("P3", &["p3_p4_totals_and_numbers_of_a_page"]),
    ("P4", &["p3_p4_totals_and_numbers_of_a_page"]),
    ("P5", &["p5_p7_cursors", "p5_to_p7_cursors_are_good_for_what_they_were_made_for"]),
    ("P6", &["p5_to_p7_cursors_are_good_for_what_they_were_made_for"]),
    ("P7", &["p5_p7_cursors", "t2_a_cursor_of_another_tenant"]),
    ("P8", &["p8_pagination"]),
    ("P9", &["p9_pages_by_cursor_give_each_row_once", "p9_pages_by_index_give_each_once"]),
    ("J1", &["j1_always_and_named_or_default_less_named", "j1_what_is_never_returned_is_not_by_default"]),
    ("J2", &["j2_j3_excluded_members_are_absent_and_never_loaded"]),
    ("J3", &["j2_j3_excluded_members_are_absent_and_never_loaded", "j3_what_is_left_out_need_not_be_loaded"]),
    ("J4", &["j4_parts_urns_and_both_at_once"]),
    ("J5", &["j5_projection_of_every_answer", "a1_returned_under_each_operation"]),
    ("C1", &["c1_id_meta_and_groups_are_the_services", "c1_z2_an_external_id_is_no_id"]),
    ("C2", &["c2_unassigned_is_one_state", "c2_absent_null_and_empty_are_one_state"]),
    ("C3", &["c3_put_replaces_every_attribute", "c3_read_only_values_stay_and_given_ones_are_ignored"]),
    ("C4", &["c4_required", "c4_required_attributes"]),
    ("C5", &["c5_active_on_create"]),
    ("C6", &["c6_password_goes_to_the_host_alone"]),
    ("C7", &["c7_adopts_what_a_sign_in_made", "c7_adopts_nobody_elses_account", "c7_m8_never_a_duplicate"]),
    ("C8", &["c8_delete", "c8_a_deleted_user_leaves_every_group_and_every_manager"]),
    ("H1", &["h1_all_or_nothing_and_in_order"]),
    ("H2", &["h2_the_form_of_a_request"]),
    ("H3", &["h3_add", "h3_replace", "h3_remove", "h3_a_value_left_empty_is_dropped"]),
    ("H4", &["h4_adding_what_is_there_changes_nothing"]),
    ("H5", &["h5_a_filter_that_matches_nothing_in_strict"]),
    ("H6", &["h6_a_removal_is_never_widened"]),
    ("H7", &["h7_a_value_without_members_leaves_them"]),
    ("H8", &["h8_one_primary_value", "h8_two_primary_values_are_refused"]),
    ("H9", &["h9_what_may_not_change"]),
    ("H10", &["h10_paths_and_values"]),
    ("H11", &["h11_a_patch_that_changes_nothing"]),
    ("H12", &["h12_manager", "h12_every_shape_of_manager_reads_as_one"]),
    ("H13", &["h13_each_patch_of_a_client_twice"]),
    ("B1", &["b1_limits", "b1_fail_on_errors"]),
    ("B2", &["b2_references_backwards_and_forwards", "b2_references_in_paths_filters_and_texts"]),
    ("B3", &["b3_cycles", "b3_a_cycle_that_cannot_be_completed_leaves_nothing"]),
    ("B4", &["b4_bulk_ids", "b4_what_depends_on_a_failure_is_not_run"]),
    ("B5", &["b5_results"]),
    ("V1", &["v1_versions_are_the_hosts"]),
    ("V2", &["v2_if_match", "v2_if_none_match"]),
    ("V3", &["v3_a_conflict_at_commit", "v3_the_commit_is_told_the_version"]),
    (
        "A1",
        &[
            "a1_read_only_under_each_operation",
            "a1_immutable_under_each_operation",
            "a1_write_only_under_each_operation",
            "a1_read_write_under_each_operation",
            "a1_returned_under_each_operation",
            "a1_uniqueness_under_each_operation",
        ],
    ),
    ("A2", &["a2_the_unique_index_decides", "a2_claims_of_every_scope"]),
    ("A3", &["a3_group_names"]),
    ("A4", &["a4_canonical_values_advise", "a4_other_than_canonical_keeps_the_clients_case"]),
    ("A5", &["a5_strings_as_received", "a5_texts_are_stored_as_received"]),
    ("T1", &["t1_every_fetch_and_change_carries_the_tenant"]),
    ("T2", &["t2_what_belongs_to_another_tenant_does_not_exist", "t2_a_cursor_of_another_tenant"]),
    ("T3", &["t3_a_token_is_for_one_connection"]),
    ("T4", &["t4_addresses_are_the_configured_ones"]),
    ("K1", &["k1_a_token_is_prefix_id_and_32_random_bytes"]),
    ("K2", &["k2_the_record_holds_the_digest_and_never_the_secret"]),
    ("K3", &["k3_only_the_whole_secret_of_that_id_is_accepted", "k3_an_unknown_id_never_matches_the_dummy"]),
    ("K4", &["k4_several_live_tokens_make_rotation_without_a_gap", "k4_five_tokens_may_be_live"]),
    (
        "K5",
        &[
            "k5_scopes",
            "k5_discovery_needs_any_token_or_none",
            "k5_stored_scopes_are_a_list_so_a_later_one_is_not_gained",
        ],
    ),
    (
        "K6",
        &["k6_an_expired_token_is_refused_from_its_end_on", "k6_the_end_is_warned_about_from_30_days_before"],
    ),
    ("K7", &["k7_the_scheme_is_read_in_any_case", "k7_a_token_in_the_address_is_never_read"]),
    (
        "K8",
        &[
            "k8_t3_a_token_stands_for_its_connection_and_no_person",
            "k8_no_request_locks_the_owner_of_its_token_out",
        ],
    ),
    ("X1", &["x1_the_same_inputs_give_the_same_bytes", "imports_only_point_to_lower_layers"]),
    ("X2", &["z7_clients_that_add_different_members_at_once_lose_none"]),
    ("X3", &["x3_each_step_is_a_value", "x3_another_answer_than_asked_for"]),
    (
        "X4",
        &[
            "x4_sqlite_finds_what_matches_in_memory",
            "x4_what_cannot_be_said_is_an_error",
            "x4_the_text_of_each_condition",
        ],
    ),
    ("X5", &["x5_unique_look_ups", "x5_unique_lookups_are_recognised"]),
    ("X6", &["x6_the_last_operation_decides_for_each_member", "x6_the_delta_gives_what_the_operations_give"]),
    ("X7", &["x7_effects_for_real_changes_alone", "x7_members_really_added_and_removed"]),
    ("X8", &["x8_references_in_one_fetch", "x8_groups_within_groups"]),
    ("L1", &["l1_operation_case"]),
    ("L2", &["l2_text_boolean"]),
    ("L3", &["l3_remove_by_value"]),
    ("L4", &["l4_list_of_one"]),
    ("L5", &["l5_bare_element"]),
    ("L6", &["l6_bare_value"]),
    ("L7", &["l7_unqualified_extension", "l7_extension_attributes_without_their_urn"]),
    ("L8", &["l8_path_keys"]),
    ("L9", &["l9_create_on_filter"]),
    ("L10", &["l10_read_only_in_body"]),
    ("L11", &["l11_schemas_absent"]),
    ("L12", &["l12_unquoted_values"]),
    ("L13", &["l13_unknown_and_former_schemas"]),
    ("L14", &["l14_unknown_attribute", "l14_unknown_attribute_and_extension_at_top_level"]),
    ("L15", &["l15_json_in_a_role_is_stored_as_sent_and_read_for_the_host"]),
    ("L16", &["l16_scalar_as_text"]),
    ("L17", &["l17_group_put_without_members"]),
    ("L18", &["l18_null_unassigns", "l18_adding_null_takes_nothing_out"]),
    ("L19", &["l19_empty_text"]),
    ("L20", &["l20_removing_what_is_absent_changes_nothing"]),
    ("L21", &["l21_filters_in_names"]),
    (
        "Z1",
        &[
            "z1_malformed_requests_are_client_errors_in_interop",
            "z1_malformed_requests_are_client_errors_in_strict",
            "z1_long_chains_and_cycles",
        ],
    ),
    ("Z2", &["c1_z2_an_external_id_is_no_id"]),
    ("Z3", &["z3_the_sql_is_the_same_whatever_is_compared"]),
    (
        "Z4",
        &[
            "z4_deletion_ends_access_everywhere",
            "g8_deactivation_ends_access_everywhere_and_activation_gives_it_back",
        ],
    ),
    ("Z5", &["z5_mass_removal"]),
    ("Z6", &["z6_protected_accounts", "z6_the_rest_goes_on", "z6_the_last_administrator_stays"]),
    ("Z7", &["z7_two_changes_of_members_at_once_both_hold", "z7_two_patches_of_one_group_at_once_both_hold"]),
    (
        "G1",
        &[
            "n68_b3_pushed_groups_decide_by_default_and_never_where_sign_in_does",
            "n67_n88_a_plan_speaks_of_groups_and_members_alone",
        ],
    ),
    ("G2", &["provisioning_waits_for_single_sign_on"]),
    (
        "G3",
        &[
            "g3_g5_a_group_is_pushed_then_mapped",
            "n80_only_groups_that_are_pushed_and_mapped_are_provisioned",
        ],
    ),
    (
        "G4",
        &[
            "n81_n83_one_group_in_several_organizations",
            "n82_n86_a_mapping_changes_at_any_time_organization_by_organization",
        ],
    ),
    (
        "G5",
        &[
            "g3_g5_a_group_is_pushed_then_mapped",
            "g5_a_mapped_group_is_created",
            "b22_adoption_needs_the_exact_name",
        ],
    ),
    ("G6", &["n84_b18_an_existing_group_gets_the_idps_members_and_loses_other_sso_members"]),
    ("G7", &["n85_map_all_is_every_group_in_every_organization"]),
    ("G8", &["g8_deactivation_ends_access_everywhere_and_activation_gives_it_back"]),
    ("G9", &["x7_effects_for_real_changes_alone"]),
    ("G10", &["c7_provisioning_adopts_what_a_sign_in_made"]),
    (
        "G11",
        &[
            "g11_a_renamed_group_keeps_members_and_mapping",
            "a_taken_name_is_noted_and_the_group_keeps_its_own",
        ],
    ),
    ("G12", &["g12_a_deleted_group_is_unlinked", "on_unlink_keep_leaves_all"]),
    ("G13", &["each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    ("G14", &["n62_a_pushed_group_with_the_default_groups_name_is_not_synchronized"]),
    ("Y1", &["y1_a_page_asks_for_no_more_than_it_shows"]),
    ("Y2", &["x7_members_really_added_and_removed"]),
    ("Y3", &["y3_a_request_takes_a_few_fetches"]),
];

/// The rows of the tables that have no identifiers, by what stands in their first cell.
const ROWS: &[(&str, &[&str])] = &[
    // §1.2
    ("GET one", &["status_and_headers_of_a_resource", "v2_if_none_match"]),
    ("GET list, `.search`", &["list_response", "x3_too_many_and_unsupported", "f12_search"]),
    ("POST", &["status_and_headers_of_a_resource", "a2_the_unique_index_decides"]),
    ("PUT", &["c3_put_replaces_every_attribute", "v2_if_match"]),
    ("PATCH", &["patch_answers", "patch_answer_with_members"]),
    ("DELETE", &["c8_delete", "delete_twice"]),
    ("Bulk", &["b1_limits", "b5_results"]),
    // §1.7
    ("add", &["h3_add"]),
    ("replace", &["h3_replace"]),
    ("remove", &["h3_remove"]),
    // §1.11
    (
        "400",
        &["z1_the_battery_has_150_names", "sensitive_filters_in_addresses", "r8_versions_of_the_protocol"],
    ),
    ("401", &["t3_a_token_is_for_one_connection"]),
    ("403", &["k5_scopes"]),
    ("404, 405, 409 (`uniqueness`), 412, 413, 429", &["r8_endpoints_and_methods", "errors_of_the_host"]),
    ("500", &["x3_another_answer_than_asked_for"]),
    // §2
    ("parse", &["x3_each_step_is_a_value"]),
    ("plan", &["x8_references_in_one_fetch"]),
    ("load", &["x3_another_answer_than_asked_for"]),
    ("apply", &["x7_effects_for_real_changes_alone"]),
    ("commit", &["a2_other_outcomes_of_a_commit"]),
    ("respond", &["status_and_headers_of_a_resource"]),
    // §5
    ("body", &["r7_limits_of_a_body"]),
    ("JSON depth", &["r7_limits_of_a_body"]),
    ("filter length / terms / depth", &["q10_length_terms_and_depth_are_bounded"]),
    ("PATCH operations", &["h2_the_form_of_a_request", "z1_malformed_requests_are_client_errors_in_interop"]),
    ("members in one request", &["z1_malformed_requests_are_client_errors_in_interop"]),
    ("page", &["p2_start_and_count_are_brought_into_range"]),
    ("unfiltered result that the host cannot page", &["x3_too_many_and_unsupported"]),
    ("Bulk operations", &["b1_limits"]),
    ("string value", &["long_texts_are_refused_and_roles_may_be_longer"]),
    ("live tokens", &["k4_five_tokens_may_be_live"]),
];

#[test]
fn every_rule_and_row_has_its_test() {
    let tests: BTreeSet<String> = functions().into_values().flatten().collect();
    let named = RULES.iter().chain(ROWS).flat_map(|(_, tests)| *tests);
    let missing: Vec<_> = named.filter(|name| !tests.contains(**name)).collect();
    assert!(missing.is_empty(), "there is no test of this name: {missing:?}");
    assert!(RULES.iter().chain(ROWS).all(|(_, tests)| !tests.is_empty()));
    let ids: BTreeSet<&str> = RULES.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), RULES.len(), "a rule stands there twice");
}

#[test]
fn the_rules_are_those_of_the_specification() {
    let Some(specification) = shared::read("spec/scim.md") else { return };
    let known: BTreeSet<&str> = RULES.iter().map(|(id, _)| *id).collect();
    let mut found = BTreeSet::new();
    let mut rows = BTreeSet::new();
    let clients = section(&specification, "\n## 3.", "\n## 4.");
    for line in specification.replace(clients, "").lines() {
        let first = match line.strip_prefix("- ") {
            Some(rule) => rule.split_once(". ").map(|(id, _)| id.to_owned()),
            None => line.strip_prefix("| ").and_then(|row| row.split(" | ").next()).map(str::to_owned),
        };
        match first {
            Some(id) if is_id(&id) => {
                found.insert(id);
            }
            // The heads of tables are no rows.
            Some(cell) if line.starts_with("| ") && !HEADS.contains(&cell.as_str()) => {
                rows.insert(cell);
            }
            _ => {}
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, known);
    let named: BTreeSet<String> = ROWS.iter().map(|(row, _)| (*row).to_owned()).collect();
    assert_eq!(rows, named);
}

/// §3: the test of a row is a function of that name in the client's module.
#[test]
fn every_request_of_a_client_has_its_test() {
    let Some(specification) = shared::read("spec/scim.md") else { return };
    let functions = functions();
    let mut rows = 0;
    for line in section(&specification, "\n## 3.", "\n## 4.").lines() {
        let Some(cell) = line.strip_prefix("| ").and_then(|row| row.split(" | ").next()) else { continue };
        let mut client = None;
        // `okta.deactivate_patch, okta.reactivate_patch` and `entra.manager_string, manager_array`.
        for name in cell.split(", ").filter(|name| *name != "Test") {
            let name = match name.split_once('.') {
                Some((of, name)) => {
                    client = Some(of);
                    name
                }
                None => name,
            };
            let file = format!("scim/clients/{}.rs", client.unwrap());
            let (_, tests) = functions.iter().find(|(path, _)| path.ends_with(&file)).unwrap();
            assert!(tests.contains(name), "{file} has no test {name}");
            rows += 1;
        }
    }
    assert_eq!(rows, 70);
}

/// Where each deviation is read, and what the standard says instead.
#[test]
fn every_leniency_has_a_vector_in_strict() {
    let text: String = functions()
        .keys()
        .filter(|path| is_scim(path))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for deviation in admittance::scim::leniency::Deviation::ALL {
        let code = deviation.code();
        let name = format!("Deviation::{deviation:?}");
        assert!(text.contains(&format!("\"{code}\"")) || text.contains(&name), "no test shows {code}");
    }
}

fn is_id(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| "FRQPJCHBVATKXLZGY".contains(first))
        && text.len() > 1
        && chars.all(|one| one.is_ascii_digit())
}

fn is_scim(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "scim")
}

fn section<'s>(specification: &'s str, from: &str, to: &str) -> &'s str {
    specification.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// The test functions of each file.
fn functions() -> BTreeMap<PathBuf, BTreeSet<String>> {
    let mut functions = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("catalogue.rs")
            {
                let names = tests_of(&fs::read_to_string(&path).unwrap());
                functions.insert(path, names);
            }
        }
    }
    functions
}

fn tests_of(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if let Some(name) = line.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next()) {
            if is_test {
                names.insert(name.to_owned());
            }
            is_test = false;
        } else if line.starts_with("#[test]") {
            is_test = true;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            is_test = false;
        }
    }
    names
}

const HEADS: &[&str] = &["Id", "Request", "Op", "Status", "Step", "Limit"];
