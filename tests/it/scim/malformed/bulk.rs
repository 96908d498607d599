//! Bulk requests that fail as a whole, and operations of them that fail.

use serde_json::{Value, json};

use super::{
    Case, FORBIDDEN, GROUP, METHOD, NOT_FOUND, OTHER_VERSION, Refused, SYNTAX, TOO_LARGE, UNIQUENESS, USER,
    VALUE, case,
};

pub(super) fn cases() -> Vec<Case> {
    let whole = |name, mut body: Value, expected| {
        body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
        case(name, "POST", "/Bulk", body.to_string(), expected)
    };
    let parts = |name, operations: Value, expected| Case {
        refused: Refused::AsOperation,
        ..whole(name, json!({"Operations": operations}), expected)
    };
    let part = |name, operation: Value, expected| parts(name, json!([operation]), expected);
    let user = |name: &str| json!({"schemas": [USER], "userName": name});
    let post = |bulk_id: Value, data: Value| json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data});
    let many: Vec<Value> = (0..1_001).map(|_| json!({"method": "DELETE", "path": "/Users/nobody"})).collect();
    let group = |members: Value| {
        json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": {
            "schemas": [GROUP], "displayName": "new", "members": members,
        }})
    };
    vec![
        whole("bulk_no_operations", json!({}), SYNTAX),
        whole("bulk_operations_null", json!({"Operations": null}), SYNTAX),
        whole("bulk_operations_object", json!({"Operations": {}}), SYNTAX),
        whole("bulk_operations_text", json!({"Operations": "POST"}), SYNTAX),
        whole("bulk_operations_1001", json!({"Operations": many}), TOO_LARGE),
        whole("bulk_fail_on_errors_0", json!({"Operations": [], "failOnErrors": 0}), VALUE),
        whole("bulk_fail_on_errors_negative", json!({"Operations": [], "failOnErrors": -1}), VALUE),
        whole("bulk_fail_on_errors_text", json!({"Operations": [], "failOnErrors": "1"}), VALUE),
        whole("bulk_fail_on_errors_fraction", json!({"Operations": [], "failOnErrors": 1.5}), VALUE),
        case("strict_bulk_without_schemas", "POST", "/Bulk", r#"{"Operations":[]}"#, SYNTAX).in_strict(),
        part("bulk_operation_text", json!("POST"), SYNTAX),
        part("bulk_operation_null", Value::Null, SYNTAX),
        part("bulk_operation_list", json!([]), SYNTAX),
        part("bulk_operation_empty", json!({}), SYNTAX),
        part("bulk_method_missing", json!({"path": "/Users/{ada}"}), SYNTAX),
        part("bulk_method_get", json!({"method": "GET", "path": "/Users/{ada}"}), METHOD),
        part("bulk_method_number", json!({"method": 1, "path": "/Users/{ada}"}), SYNTAX),
        part("bulk_method_unknown", json!({"method": "BREW", "path": "/Users/{ada}"}), METHOD),
        part("bulk_path_missing", json!({"method": "DELETE"}), SYNTAX),
        part("bulk_path_number", json!({"method": "DELETE", "path": 7}), SYNTAX),
        part("bulk_path_unknown", json!({"method": "DELETE", "path": "/Printers/1"}), NOT_FOUND),
        part("bulk_path_nobody", json!({"method": "DELETE", "path": "/Users/nobody"}), NOT_FOUND),
        part(
            "bulk_path_of_another_connection",
            json!({"method": "DELETE", "path": "/Users/{stranger}"}),
            NOT_FOUND,
        ),
        part(
            "bulk_path_climbs_out",
            json!({"method": "DELETE", "path": "/../other/Users/{stranger}"}),
            NOT_FOUND,
        ),
        part(
            "bulk_path_bulk",
            json!({"method": "POST", "path": "/Bulk", "bulkId": "b", "data": {}}),
            NOT_FOUND,
        ),
        part(
            "bulk_path_search",
            json!({"method": "POST", "path": "/.search", "bulkId": "b", "data": {}}),
            NOT_FOUND,
        ),
        part("bulk_path_me", json!({"method": "DELETE", "path": "/Me"}), NOT_FOUND),
        part("bulk_path_all_users", json!({"method": "DELETE", "path": "/Users"}), METHOD),
        part("bulk_id_missing", json!({"method": "POST", "path": "/Users", "data": user("new")}), VALUE),
        part("bulk_id_number", post(json!(1), user("new")), VALUE),
        part("bulk_id_empty", post(json!(""), user("new")), VALUE),
        part("bulk_id_unknown_in_members", group(json!([{"value": "bulkId:nobody"}])), VALUE),
        part("bulk_id_unknown_in_path", json!({"method": "DELETE", "path": "/Users/bulkId:nobody"}), VALUE),
        parts("bulk_id_twice", json!([post(json!("a"), user("ada")), post(json!("a"), user("new"))]), VALUE),
        part("bulk_data_missing", json!({"method": "POST", "path": "/Users", "bulkId": "b"}), SYNTAX),
        part("bulk_data_text", post(json!("b"), json!("x")), SYNTAX),
        part("bulk_data_list", post(json!("b"), json!([])), SYNTAX),
        part("bulk_data_without_name", post(json!("b"), json!({"schemas": [USER]})), VALUE),
        part("bulk_data_name_taken", post(json!("b"), user("ada")), UNIQUENESS),
        part("bulk_data_put_missing", json!({"method": "PUT", "path": "/Users/{ada}"}), SYNTAX),
        part("bulk_data_patch_empty", json!({"method": "PATCH", "path": "/Users/{ada}", "data": {}}), SYNTAX),
        part("bulk_member_unknown", group(json!([{"value": "nobody"}])), VALUE),
        part(
            "bulk_version_other",
            json!({"method": "DELETE", "path": "/Users/{ada}", "version": "W/\"999\""}),
            OTHER_VERSION,
        ),
        part("bulk_delete_protected", json!({"method": "DELETE", "path": "/Users/{root}"}), FORBIDDEN),
        parts(
            "bulk_depends_on_a_failed_one",
            json!([post(json!("u"), user("ada")), group(json!([{"value": "bulkId:u"}]))]),
            (409, ""),
        ),
    ]
}
