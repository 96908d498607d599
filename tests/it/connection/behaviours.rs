//! Behaviours #1 to #116 of the connection rules, each with the tests that show it. Where a host alone can show one
//! (a page, a licence, a person's own action), the function of the library that decides it stands beside.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

struct Behaviour {
    number: u16,
    what: &'static str,
    tests: &'static [&'static str],
    /// A function, method, type or constant of the library, by its path below the crate.
    decides: &'static [&'static str],
}

const fn shown(number: u16, what: &'static str, tests: &'static [&'static str]) -> Behaviour {
    Behaviour { number, what, tests, decides: &[] }
}

/// Shown by a host: the library's part is tested, the rest is a page or a person.
const fn hosted(
    number: u16,
    what: &'static str,
    tests: &'static [&'static str],
    decides: &'static [&'static str],
) -> Behaviour {
    Behaviour { number, what, tests, decides }
}

#[rustfmt::skip]
const BEHAVIOURS: &[Behaviour] = &[
    // Access and assistant
    hosted(1, "needs the Enterprise licence", &["connection::guards::the_licence_is_needed_to_set_up_and_not_to_leave"], &["connection::apply", "connection::Licence"]),
    shown(2, "only the enterprise administrator sets up", &["connection::guards::only_an_administrator_of_the_enterprise_gives_commands", "connection::set_up_links::a_link_does_its_tasks_and_nothing_else"]),
    hosted(3, "a connection belongs to an enterprise with a key", &["connection::login::unknown_enterprise_keys_are_refused_like_disabled_connections", "groups::organization_membership_is_derived_from_groups"], &["connection::sign_in_connection", "groups::Directory"]),
    shown(4, "groups are prepared before, said first", &["connection::assistant::preparing_groups_is_said_first_without_provisioning", "connection::presets::completion"]),
    hosted(5, "hub page with two tasks", &["connection::assistant::the_hub_has_two_tasks"], &["connection::assistant::hub"]),
    hosted(6, "first step: choose", &["connection::assistant::the_first_step_is_the_choice"], &["connection::assistant::steps"]),
    shown(7, "five steps over OIDC", &["connection::assistant::titles_and_last_actions"]),
    shown(8, "four steps over SAML", &["connection::assistant::titles_and_last_actions"]),
    shown(9, "Create Connection reaches the identity provider", &["connection::lifecycle::create_needs_what_was_fetched", "connection::assistant::statuses_follow_the_connection", "connection::idp::the_discovered_issuer_is_the_configured_one"]),
    shown(10, "copyable values", &["connection::presets::okta_oidc", "connection::presets::custom_saml", "connection::presets::scim_okta", "connection::assistant::names_to_paste_are_those_of_the_mapping"]),
    hosted(11, "after the test: provisioning, or enable", &["connection::assistant::the_hub_has_two_tasks"], &["connection::assistant::hub"]),
    hosted(12, "Terminate leads to completion", &["connection::presets::completion"], &["connection::assistant::completion_steps"]),
    // Okta OIDC
    shown(13, "app integration OIDC, Web application", &["connection::presets::okta_oidc"]),
    shown(14, "app name", &["connection::presets::okta_oidc"]),
    shown(15, "redirect URI is the Callback URL", &["connection::presets::okta_oidc", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(16, "Allow everyone, Federation Broker Mode", &["connection::presets::okta_oidc"]),
    shown(17, "Client ID, Client Secret, Okta Domain", &["connection::presets::okta_oidc", "connection::idp::okta_domains_in_every_spelling", "connection::idp::clients_need_an_identifier"]),
    shown(18, "groups claim: legacy configuration, Filter", &["connection::presets::okta_oidc"]),
    shown(19, "assign to groups", &["connection::presets::okta_oidc"]),
    shown(20, "the test result is JSON", &["connection::report::the_report_is_json_of_this_shape", "connection::report::y1_failed_exactly_when_there_is_an_error", "connection::report::over_openid_connect_the_same"]),
    // SAML, common
    shown(21, "per identity provider", &["connection::presets::okta_saml", "connection::presets::entra_saml", "connection::presets::jumpcloud_saml", "connection::presets::custom_saml"]),
    shown(22, "exactly one sign-on URL", &["connection::assistant::u2_a_field_for_one_value_says_so", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(23, "automatic or manual", &["connection::presets::custom_saml", "connection::idp::metadata_urls_must_be_public_https", "connection::idp::by_hand_with_certificates_in_any_form_and_a_helpful_no", "connection::idp::a_document_is_read_at_once"]),
    shown(24, "four attributes with Mapping names", &["connection::assistant::names_to_paste_are_those_of_the_mapping", "profile::m2_the_four_fields_and_the_subject_by_exact_name"]),
    shown(25, "at least one assigned; success leads to Enable", &["connection::presets::custom_saml", "connection::lifecycle::every_command_in_every_state"]),
    shown(26, "no IdP-initiated sign-in", &["connection::presets::okta_saml", "connection::diagnoses::o3_people_see_what_concerns_them"]),
    shown(27, "Okta: app name", &["connection::presets::okta_saml"]),
    shown(28, "Okta: Single sign on URL", &["connection::presets::okta_saml"]),
    shown(29, "Okta: Audience URI", &["connection::presets::okta_saml"]),
    shown(30, "Okta: Response signed", &["connection::presets::okta_saml"]),
    shown(31, "Okta: Assertion signed", &["connection::presets::okta_saml"]),
    shown(32, "Okta: RSA-SHA256", &["connection::presets::okta_saml"]),
    shown(33, "Okta: optional encryption", &["connection::presets::okta_saml"]),
    shown(34, "Okta: no Other Requestable SSO URLs", &["connection::presets::okta_saml"]),
    shown(35, "Okta: Feedback, Finish", &["connection::presets::okta_saml"]),
    shown(36, "Okta: metadata URL", &["connection::presets::okta_saml"]),
    shown(37, "Okta: Name, Login, Email", &["connection::presets::okta_saml"]),
    shown(38, "Okta: Groups", &["connection::presets::okta_saml"]),
    shown(39, "Entra: no nested groups", &["connection::presets::entra_saml", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(40, "Entra: groups are limited", &["connection::presets::entra_saml", "connection::diagnoses::d08_by_the_limit_of_each_provider"]),
    shown(41, "Entra: own application, not the gallery's", &["connection::presets::entra_saml", "connection::diagnoses::d27_tells_another_application_from_another_provider"]),
    shown(42, "Entra: Identifier", &["connection::presets::entra_saml"]),
    shown(43, "Entra: one Reply URL", &["connection::presets::entra_saml"]),
    shown(44, "Entra: Sign On URL is the one-click URL", &["connection::presets::entra_saml"]),
    shown(45, "Entra: App Federation Metadata Url", &["connection::presets::entra_saml"]),
    shown(46, "Entra: remove namespaced claims", &["connection::presets::entra_saml", "connection::report::several_causes_are_shown_at_once_and_one_only_once"]),
    shown(47, "Entra: Email from user.mail", &["connection::presets::entra_saml", "connection::diagnoses::remedies_use_the_words_of_the_console"]),
    shown(48, "Entra: Login from user.userprincipalname", &["connection::presets::entra_saml"]),
    shown(49, "Entra: Name from user.givenname or own", &["connection::presets::entra_saml", "connection::report::a_full_name_can_be_joined_where_the_preset_sends_the_first"]),
    shown(50, "Entra: group claim and its source", &["connection::presets::entra_saml"]),
    shown(51, "Entra: one group claim", &["connection::presets::entra_saml"]),
    shown(52, "JumpCloud: custom application, SAML", &["connection::presets::jumpcloud_saml"]),
    shown(53, "JumpCloud: IdP Entity ID keeps its default", &["connection::presets::jumpcloud_saml"]),
    shown(54, "JumpCloud: SP Entity ID is the Single Sign-On URL", &["connection::presets::jumpcloud_saml", "connection::assistant::jumpcloud_is_known_by_the_single_sign_on_url", "connection::diagnoses::d25_hints_at_what_was_pasted_instead"]),
    shown(55, "JumpCloud: one ACS Default URL", &["connection::presets::jumpcloud_saml"]),
    shown(56, "JumpCloud: Copy Metadata URL", &["connection::presets::jumpcloud_saml"]),
    shown(57, "JumpCloud: Name, Login, Email", &["connection::presets::jumpcloud_saml"]),
    shown(58, "JumpCloud: Include Group Attribute", &["connection::presets::jumpcloud_saml"]),
    shown(59, "other identity providers", &["connection::presets::custom_saml", "connection::presets::custom_oidc", "connection::presets::google_workspace", "connection::presets::adfs", "connection::presets::pingone", "connection::presets::onelogin", "connection::presets::keycloak"]),
    // Sign-in provisioning and group sync
    shown(60, "JIT applies without SCIM", &["groups::n60_b3_sign_in_decides_by_default_and_never_where_scim_does", "profile::resolve::m8_n60_create_where_groups_come_from_sign_in", "connection::report::judging_a_sign_in_gives_account_and_plan_or_the_reason"]),
    shown(61, "same case-sensitive name", &["groups::n61_b1_a_group_matches_by_exact_case_sensitive_name"]),
    shown(62, "the default group is excluded", &["groups::n62_the_default_group_is_excluded"]),
    shown(63, "groups must exist", &["groups::n63_a_name_without_a_group_creates_nothing"]),
    shown(64, "members join the group of that name", &["groups::n64_b2_the_seeds_two_spellings_do_not_match", "connection::diagnoses::d13_names_the_near_miss_of_the_seed"]),
    shown(65, "one name in several organizations", &["groups::n65_one_name_matches_in_every_organization"]),
    shown(66, "memberships are reset", &["groups::n66_memberships_are_reset_to_what_was_sent", "groups::above_the_limit_all_removals_are_withheld_and_additions_are_not"]),
    shown(67, "permissions stay local", &["groups::n67_a_plan_speaks_of_memberships_alone", "groups::mapped::n67_n88_a_plan_speaks_of_groups_and_members_alone"]),
    // SCIM
    shown(68, "users and groups are managed in the identity provider", &["groups::mapped::n68_b3_pushed_groups_decide_by_default_and_never_where_sign_in_does", "profile::resolve::m8_refuse_whom_provisioning_did_not_make"]),
    shown(69, "warnings of SSO first", &["connection::guards::w2_edits_of_an_enabled_connection_keep_it_enabled_and_block_provisioning", "connection::guards::w4_an_outdated_mapping_warns_blocks_provisioning_and_not_sign_in"]),
    shown(70, "SCIM needs working SSO", &["connection::lifecycle::every_command_in_every_state", "connection::assistant::provisioning_waits_for_single_sign_on"]),
    shown(71, "mapping changed: warning, update both sides", &["connection::guards::w4_an_outdated_mapping_warns_blocks_provisioning_and_not_sign_in", "connection::assistant::statuses_follow_the_connection"]),
    hosted(72, "Generate Token, shown once", &["connection::assistant::u1_steps_are_total_and_hold_no_stored_secret", "connection::lifecycle::a_token_is_made_and_checked_as_it_is_stored", "connection::lifecycle::five_live_tokens_at_most"], &["scim::token::TokenRecord"]),
    hosted(73, "Enable Connection on the hub", &["connection::assistant::the_hub_has_two_tasks", "connection::lifecycle::every_command_in_every_state"], &["connection::assistant::hub", "connection::apply"]),
    shown(74, "users and groups are provisioned and deprovisioned", &["groups::mapped::an_inactive_account_is_a_member_of_nothing", "profile::resolve::a_known_account_that_is_switched_off_is_refused"]),
    shown(75, "SCIM with Okta", &["connection::presets::scim_okta"]),
    shown(76, "SCIM with Entra", &["connection::presets::scim_entra"]),
    shown(77, "Entra: 40-minute cycle", &["connection::presets::scim_entra"]),
    shown(78, "SCIM with JumpCloud, no trailing slash", &["connection::presets::scim_jumpcloud"]),
    shown(79, "JumpCloud: group management unticked", &["connection::presets::scim_jumpcloud", "connection::lifecycle::one_group_source_at_a_time"]),
    shown(80, "provisioned is assigned and mapped", &["groups::mapped::n80_only_groups_that_are_pushed_and_mapped_are_provisioned", "connection::guards::what_has_come_over_provisioning_is_judged_where_it_counts"]),
    shown(81, "one group to several organizations", &["groups::mapped::n81_n83_one_group_in_several_organizations"]),
    shown(82, "mapping may change any time", &["groups::mapped::n82_n86_a_mapping_changes_at_any_time_organization_by_organization"]),
    shown(83, "mapping creates the groups", &["groups::mapped::n81_n83_one_group_in_several_organizations"]),
    shown(84, "existing groups of the same name", &["groups::mapped::n84_b18_an_existing_group_gets_the_idps_members_and_loses_other_sso_members", "groups::mapped::n84_b17_members_of_the_host_and_of_other_connections_stay"]),
    hosted(85, "map all, with confirmation", &["groups::mapped::n85_map_all_is_every_group_in_every_organization", "connection::lifecycle::mapping_all_is_every_pair_and_needs_a_confirmation"], &["connection::apply", "groups::reconcile_mapped"]),
    hosted(86, "custom mapping per organization", &["groups::mapped::n82_n86_a_mapping_changes_at_any_time_organization_by_organization", "connection::lifecycle::mapping_all_is_every_pair_and_needs_a_confirmation"], &["connection::apply"]),
    shown(87, "map only when SSO and provisioning are set up", &["connection::lifecycle::every_command_in_every_state", "connection::assistant::the_hub_has_two_tasks"]),
    shown(88, "then set permissions", &["connection::presets::scim_okta", "groups::mapped::n67_n88_a_plan_speaks_of_groups_and_members_alone"]),
    // Complete
    shown(89, "one-click link", &["connection::login::the_login_url_carries_the_key_percent_encoded", "connection::presets::completion"]),
    shown(90, "login URL for invitations", &["connection::login::the_login_url_carries_the_key_percent_encoded", "connection::presets::completion"]),
    hosted(91, "users check when they come from another sign-in method", &["connection::presets::completion", "connection::diagnoses::policies_turn_warnings_into_refusals"], &["connection::assistant::completion_steps", "connection::sign_in::HostFinding"]),
    hosted(92, "the old account grants enterprise administration", &["connection::presets::completion"], &["connection::assistant::completion_steps"]),
    hosted(93, "old accounts may be removed", &["connection::presets::completion"], &["connection::assistant::completion_steps"]),
    shown(94, "at least one non-SSO administrator", &["connection::guards::w1_somebody_must_be_able_to_sign_in_otherwise", "connection::presets::completion"]),
    hosted(95, "access can be recovered", &["connection::guards::w1_somebody_must_be_able_to_sign_in_otherwise", "connection::presets::completion"], &["connection::apply"]),
    // Troubleshooting
    shown(96, "invalid key or login URL", &["connection::login::unknown_enterprise_keys_are_refused_like_disabled_connections"]),
    shown(97, "user is in no organization", &["groups::losing_the_last_organization_is_noted", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(98, "group synchronization failed", &["connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not", "connection::report::the_report_is_json_of_this_shape"]),
    shown(99, "attribute mapping wrong, specifically email", &["connection::diagnoses::remedies_use_the_words_of_the_console", "connection::report::claims_are_shown_even_where_they_give_no_profile"]),
    shown(100, "other settings: test the connection", &["connection::report::a_refused_message_gives_a_report_with_the_reason_alone", "connection::diagnoses::d35_says_how_far_the_clocks_are_apart"]),
    hosted(101, "IP allow list of the code platform", &["connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"], &["connection::sign_in::HostFinding"]),
    shown(102, "403: several sign-on URLs", &["connection::assistant::u2_a_field_for_one_value_says_so", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(103, "SCIM fails: set-up warnings first", &["connection::guards::w2_edits_of_an_enabled_connection_keep_it_enabled_and_block_provisioning"]),
    hosted(104, "warnings stand on the hub", &["connection::assistant::the_hub_has_two_tasks", "connection::guards::w8_the_hub_shows_metadata_certificates_and_provisioning"], &["connection::assistant::hub", "connection::setup_warnings"]),
    shown(105, "mapping-changed warning", &["connection::guards::w4_an_outdated_mapping_warns_blocks_provisioning_and_not_sign_in"]),
    // Server edition, SCIM with Okta
    shown(106, "working SAML first", &["connection::assistant::provisioning_waits_for_single_sign_on"]),
    hosted(107, "switch on SCIM, save, confirm", &["connection::lifecycle::every_command_in_every_state"], &["connection::apply"]),
    shown(108, "base URL of the product's choice", &["connection::presets::scim_addresses_are_the_products_own"]),
    shown(109, "unique id userName", &["connection::presets::scim_okta", "connection::presets::scim_addresses_are_the_products_own"]),
    shown(110, "Push New Users, Profile Updates, Groups", &["connection::presets::scim_okta"]),
    shown(111, "HTTP header, bearer, better a local account", &["connection::presets::scim_okta", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(112, "push groups by name or by rule", &["connection::presets::scim_okta"]),
    shown(113, "Test Connector Configuration, green mark", &["connection::presets::scim_okta", "connection::lifecycle::what_each_state_lets_through"]),
    shown(114, "Create Users, Update User Attributes, Deactivate Users", &["connection::presets::scim_okta"]),
    shown(115, "suspended in Okta: unchanged", &["connection::presets::scim_okta", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
    shown(116, "assigned earlier: Provision User", &["connection::presets::scim_okta", "connection::diagnoses::each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not"]),
];

#[test]
fn every_behaviour_has_its_tests() {
    let mut wrong = Vec::new();
    let numbers: Vec<u16> = BEHAVIOURS.iter().map(|behaviour| behaviour.number).collect();
    assert_eq!(numbers, (1..=116).collect::<Vec<_>>(), "each behaviour once, in order");
    for Behaviour { number, what, tests, decides } in BEHAVIOURS {
        if tests.is_empty() {
            wrong.push(format!("#{number} {what}: no test"));
        }
        for test in *tests {
            if !is_a_test(test) {
                wrong.push(format!("#{number} {what}: there is no test {test}"));
            }
        }
        for item in *decides {
            if !is_public(item) {
                wrong.push(format!("#{number} {what}: the library has no {item}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_what_it_must_see() {
    assert!(is_a_test("connection::presets::okta_oidc"));
    assert!(!is_a_test("connection::presets::okta_oidc_of_another_age"));
    assert!(!is_a_test("connection::presets::chosen"), "a function, and no test");
    assert!(!is_a_test("nowhere::okta_oidc"));
    assert!(is_public("connection::apply") && is_public("connection::assistant::hub"));
    assert!(!is_public("connection::apply_later") && !is_public("connection::diagnosis"));
}

#[test]
fn every_test_of_connections_is_run() {
    let listed = fs::read_to_string(tests().join("connection.rs")).unwrap();
    let listed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    for entry in fs::read_dir(tests().join("connection")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(listed.contains(name.as_str()), "{name} is no module of the tests");
    }
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")
}

/// Whether `module::module::name` is a function below `#[test]`, or one of `proptest!`, in the file of the innermost
/// module that has one.
fn is_a_test(path: &str) -> bool {
    let Some((modules, name)) = path.rsplit_once("::") else { return false };
    let names: Vec<&str> = modules.split("::").collect();
    let files =
        (1..=names.len()).rev().map(|count| tests().join(names[..count].join("/")).with_extension("rs"));
    let Some(text) = files.into_iter().find_map(|file| fs::read_to_string(file).ok()) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_function = |line: &&str| line.starts_with(&format!("fn {name}("));
    lines.windows(2).any(|pair| pair[0] == "#[test]" && is_function(&pair[1]))
}

/// Whether the last name is a public item of a source below the module.
fn is_public(path: &str) -> bool {
    let Some((module, name)) = path.split_once("::") else { return false };
    let name = name.rsplit("::").next().unwrap_or(name);
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let items = ["pub fn", "pub struct", "pub enum", "pub const"];
            let declares = |line: &str| {
                items.iter().any(|item| {
                    let rest = line.strip_prefix(item).map(str::trim_start);
                    rest.and_then(|rest| rest.strip_prefix(name))
                        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                })
            };
            if text.lines().any(declares) {
                return true;
            }
        }
    }
    false
}
