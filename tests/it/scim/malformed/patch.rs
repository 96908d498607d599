//! Changes that are none, that go where nothing is, or that nobody may make.

use serde_json::{Value, json};

use super::{Case, ENTERPRISE, MUTABILITY, NO_TARGET, PATH, SYNTAX, TOO_LARGE, UNIQUENESS, VALUE, case};

pub(super) fn cases() -> Vec<Case> {
    let ops = |name, target: &str, operations: Value, expected| {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        case(name, "PATCH", target, body.to_string(), expected)
    };
    let user = |name, operation: Value, expected| ops(name, "/Users/{ada}", json!([operation]), expected);
    let group = |name, operation: Value, expected| ops(name, "/Groups/{team}", json!([operation]), expected);
    let whole = |name, body: Value| case(name, "PATCH", "/Users/{ada}", body.to_string(), SYNTAX);
    let path = |name, path: &str| user(name, json!({"op": "replace", "path": path, "value": "x"}), PATH);
    let set = |path: &str, value: Value| json!({"op": "replace", "path": path, "value": value});
    let add = |path: &str, value: Value| json!({"op": "add", "path": path, "value": value});
    let remove = |path: &str| json!({"op": "remove", "path": path});
    let many: Vec<Value> = (0..1_001).map(|_| set("title", json!("x"))).collect();
    let members: Vec<Value> = (0..20_001).map(|one| json!({"value": one.to_string()})).collect();
    let deep = format!("emails[{}type pr{}]", "(".repeat(17), ")".repeat(17));
    let long = format!("emails[value eq \"{}\"]", "x".repeat(8 * 1024));
    let mut cases = vec![
        whole("patch_empty_object", json!({"schemas": [PATCH_OP]})),
        whole("patch_no_operations", json!({"schemas": [PATCH_OP], "Operations": []})),
        whole("patch_operations_null", json!({"schemas": [PATCH_OP], "Operations": null})),
        whole("patch_operations_object", json!({"schemas": [PATCH_OP], "Operations": {"op": "add"}})),
        whole("patch_operations_text", json!({"schemas": [PATCH_OP], "Operations": "add"})),
        whole("patch_operation_text", json!({"schemas": [PATCH_OP], "Operations": ["add"]})),
        whole("patch_operation_null", json!({"schemas": [PATCH_OP], "Operations": [null]})),
        whole("patch_operation_list", json!({"schemas": [PATCH_OP], "Operations": [[]]})),
        whole(
            "patch_of_another_message",
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [set("title", json!("x"))],
            }),
        ),
        user("op_missing", json!({"path": "title", "value": "x"}), SYNTAX),
        user("op_unknown", json!({"op": "move", "path": "title", "value": "x"}), SYNTAX),
        user("op_empty", json!({"op": "", "path": "title", "value": "x"}), SYNTAX),
        user("op_number", json!({"op": 1, "path": "title", "value": "x"}), SYNTAX),
        user("op_null", json!({"op": null, "path": "title", "value": "x"}), SYNTAX),
        user("op_list", json!({"op": ["add"], "path": "title", "value": "x"}), SYNTAX),
        user("op_with_space", json!({"op": "add ", "path": "title", "value": "x"}), SYNTAX),
        user(
            "path_number",
            set("title", json!("x"))
                .as_object()
                .map(|_| json!({"op": "add", "path": 1, "value": "x"}))
                .unwrap(),
            SYNTAX,
        ),
        user("path_object", json!({"op": "add", "path": {}, "value": "x"}), SYNTAX),
        path("path_empty", ""),
        path("path_space", " "),
        path("path_unknown", "shoeSize"),
        path("path_unknown_part", "name.shoeSize"),
        path("path_unknown_urn", "urn:example:X:colour"),
        path("path_part_of_text", "title.value"),
        path("path_dot_at_start", ".title"),
        path("path_dot_at_end", "name."),
        path("path_dots", "name..givenName"),
        path("path_too_many_parts", "name.givenName.first"),
        path("path_json_pointer", "/name/givenName"),
        path("path_wild_card", "*"),
        path("path_bracket_open", "emails[type eq \"work\""),
        path("path_bracket_closes", "emails]"),
        path("path_bracket_empty", "emails[]"),
        path("path_bracket_index", "emails[0]"),
        path("path_bracket_twice", "emails[type eq \"work\"][value pr]"),
        path("path_bracket_in_bracket", "emails[emails[type eq \"work\"]]"),
        path("path_bracket_on_text", "userName[value eq \"ada\"]"),
        path("path_bracket_on_complex", "name[givenName eq \"Ada\"].familyName"),
        path("path_bracket_on_extension", &format!("{ENTERPRISE}[department pr]")),
        path("path_bracket_filter_cut", "emails[type eq]"),
        path("path_bracket_filter_unknown_operator", "emails[type is \"work\"]"),
        path("path_bracket_part_unknown", "emails[type eq \"work\"].colour"),
        path("path_bracket_dot_at_end", "emails[type eq \"work\"]."),
        path("path_bracket_text_after_it", "emails[type eq \"work\"]value"),
        path("path_bracket_depth_17", &deep),
        path("path_bracket_long", &long),
        path("path_nul", "title\0"),
        user("value_missing_add", json!({"op": "add", "path": "title"}), VALUE),
        user("value_missing_replace", json!({"op": "replace", "path": "title"}), VALUE),
        user("value_missing_without_path", json!({"op": "replace"}), VALUE),
        user("value_text_without_path", json!({"op": "add", "value": "x"}), VALUE),
        user("value_list_without_path", json!({"op": "add", "value": [{"title": "x"}]}), VALUE),
        user("value_null_without_path", json!({"op": "replace", "value": null}), VALUE),
        user("value_object_for_text", set("title", json!({"a": 1})), VALUE),
        user("value_word_for_boolean", set("active", json!("maybe")), VALUE),
        user("value_number_for_boolean", set("active", json!(0)), VALUE),
        user("value_number_for_complex", set("name", json!(1)), VALUE),
        user("value_number_for_list", add("emails", json!(1)), VALUE),
        user("value_lists_for_list", add("emails", json!([["a"]])), VALUE),
        user("value_text_for_extension", set(ENTERPRISE, json!("x")), VALUE),
        user("value_long", set("title", json!("x".repeat(9_000))), VALUE),
        user(
            "value_two_primary",
            add("emails", json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}])),
            VALUE,
        ),
        user("value_part_wrong", set("emails[type eq \"work\"].primary", json!("first")), VALUE),
        user("required_null", set("userName", Value::Null), VALUE),
        user("required_empty", set("userName", json!("")), VALUE),
        user("required_null_without_path", json!({"op": "replace", "value": {"userName": null}}), VALUE),
        user("required_removed", remove("userName"), VALUE),
        group("required_removed_group", remove("displayName"), VALUE),
        user("name_taken", set("userName", json!("boss")), UNIQUENESS),
        user("name_taken_in_other_case", set("userName", json!("BOSS")), UNIQUENESS),
        group("group_name_taken_by_rename", set("displayName", json!("Crew")), UNIQUENESS),
        user("read_only_id", set("id", json!("x")), MUTABILITY),
        user("read_only_id_removed", remove("id"), MUTABILITY),
        user("read_only_meta", set("meta.version", json!("W/\"1\"")), MUTABILITY),
        user("read_only_groups", add("groups", json!([{"value": "{team}"}])), MUTABILITY),
        user("read_only_groups_removed", remove("groups"), MUTABILITY),
        user(
            "read_only_manager_name",
            set(&format!("{ENTERPRISE}:manager.displayName"), json!("B")),
            MUTABILITY,
        ),
        user("ref_of_manager", set(&format!("{ENTERPRISE}:manager.$ref"), json!("../Users/x")), MUTABILITY),
        user("ref_of_manager_removed", remove(&format!("{ENTERPRISE}:manager.$ref")), MUTABILITY),
        group("ref_of_a_member", set("members[value eq \"{ada}\"].$ref", json!("../Users/x")), MUTABILITY),
        user("remove_without_path", json!({"op": "remove"}), NO_TARGET),
        user("remove_without_path_but_value", json!({"op": "remove", "value": {"title": "Dr"}}), NO_TARGET),
        group("remove_of_path_null", json!({"op": "remove", "path": null}), NO_TARGET),
        user("filter_without_match", set("emails[value co \"nobody\"].type", json!("work")), NO_TARGET),
        user(
            "filter_without_match_or",
            set("emails[type eq \"a\" or type eq \"b\"].value", json!("x")),
            NO_TARGET,
        ),
        user("filter_without_match_not", set("emails[not (type eq \"work\")].value", json!("x")), NO_TARGET),
        user(
            "manager_unknown_in_patch",
            set(&format!("{ENTERPRISE}:manager"), json!({"value": "nobody"})),
            VALUE,
        ),
        user(
            "manager_group_in_patch",
            set(&format!("{ENTERPRISE}:manager"), json!({"value": "{team}"})),
            VALUE,
        ),
        group("members_unknown_added", add("members", json!([{"value": "nobody"}])), VALUE),
        group("members_of_another_connection_added", add("members", json!([{"value": "{stranger}"}])), VALUE),
        group(
            "members_unknown_replaced",
            set("members", json!([{"value": "{boss}"}, {"value": "nobody"}])),
            VALUE,
        ),
        group("members_without_value", add("members", json!([{"display": "Ada"}])), VALUE),
        group("members_number_added", add("members", json!([1])), VALUE),
        group("members_number_removed", json!({"op": "remove", "path": "members", "value": [1]}), VALUE),
        group("members_20001_added", add("members", Value::Array(members.clone())), TOO_LARGE),
        group("members_20001_replaced", set("members", Value::Array(members)), TOO_LARGE),
        group("members_bracket_malformed", remove("members[value eq]"), PATH),
        group("members_bracket_open", remove("members[value eq \"{ada}\""), PATH),
        ops("operations_1001", "/Users/{ada}", Value::Array(many), TOO_LARGE),
        ops(
            "last_operation_fails",
            "/Users/{ada}",
            json!([set("title", json!("x")), set("active", json!("?"))]),
            VALUE,
        ),
        ops(
            "last_operation_finds_nobody",
            "/Groups/{team}",
            json!([
                remove("members"),
                set("displayName", json!("x")),
                add("members", json!([{"value": "nobody"}]))
            ]),
            VALUE,
        ),
        ops(
            "last_operation_removes_what_is_required",
            "/Groups/{team}",
            json!([remove("members[value eq \"{ada}\"]"), remove("displayName")]),
            VALUE,
        ),
    ];
    let strict = [
        user("strict_op_case", json!({"op": "Replace", "path": "title", "value": "x"}), SYNTAX),
        user("strict_list_of_one_in_patch", set("title", json!(["x"])), VALUE),
        user("strict_text_boolean_in_patch", set("active", json!("False")), VALUE),
        user("strict_path_unqualified", set("department", json!("x")), PATH),
        user("strict_path_keys", json!({"op": "replace", "value": {"name.givenName": "A"}}), PATH),
        user("strict_no_match", set("emails[type eq \"home\"].value", json!("x")), NO_TARGET),
        user("strict_id_without_path", json!({"op": "replace", "value": {"id": "x"}}), MUTABILITY),
        group(
            "strict_remove_by_value",
            json!({"op": "remove", "path": "members", "value": [{"value": "{ada}"}]}),
            VALUE,
        ),
        group("strict_members_text", add("members", json!("{boss}")), VALUE),
        case(
            "strict_patch_without_schemas",
            "PATCH",
            "/Users/{ada}",
            json!({"Operations": [set("title", json!("x"))]}).to_string(),
            SYNTAX,
        ),
    ];
    cases.extend(strict.into_iter().map(Case::in_strict));
    cases
}

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
