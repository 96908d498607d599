//! Bodies of resources whose values are not what their attributes take.

use serde_json::{Value, json};

use super::{Case, ENTERPRISE, GROUP, SYNTAX, TOO_LARGE, UNIQUENESS, USER, VALUE, case};

pub(super) fn cases() -> Vec<Case> {
    let post = |name, body: &Value| case(name, "POST", "/Users", body.to_string(), VALUE);
    let user = |attribute: &str, value: Value| {
        let mut body = json!({"schemas": [USER, ENTERPRISE], "userName": "new"});
        body[attribute] = value;
        body
    };
    let post_twisted = |name, body: &Value| case(name, "POST", "/Users", body.to_string(), SYNTAX);
    let group = |members: Value| json!({"schemas": [GROUP], "displayName": "new", "members": members});
    let post_group = |name, body: &Value| case(name, "POST", "/Groups", body.to_string(), VALUE);
    let put = |name, body: &Value, expected| case(name, "PUT", "/Users/{ada}", body.to_string(), expected);
    let expecting = |expected: (u16, &'static str), case: Case| Case {
        status: expected.0,
        scim_type: expected.1,
        ..case
    };
    let many: Vec<Value> = (0..20_001).map(|one| json!({"value": one.to_string()})).collect();
    let strict = |name, body: &Value, expected| expecting(expected, post(name, body)).in_strict();
    let mut cases = vec![
        post("user_name_missing", &json!({"schemas": [USER]})),
        post("user_name_null", &user("userName", Value::Null)),
        post("user_name_empty", &user("userName", json!(""))),
        post("user_name_list_of_two", &user("userName", json!(["a", "b"]))),
        post("user_name_list_of_lists", &user("userName", json!([["a"]]))),
        post("user_name_object", &user("userName", json!({"value": "a"}))),
        post("user_name_long", &user("userName", json!("x".repeat(8 * 1024 + 1)))),
        post("external_id_object", &user("externalId", json!({}))),
        post("title_object", &user("title", json!({"a": 1}))),
        post("title_list_of_two", &user("title", json!(["a", "b"]))),
        post("title_long", &user("title", json!("é".repeat(5_000)))),
        post("name_number", &user("name", json!(1))),
        post("name_text", &user("name", json!("Ada Lovelace"))),
        post("name_list_of_two", &user("name", json!([{}, {}]))),
        post("name_part_object", &user("name", json!({"givenName": {"a": 1}}))),
        post("active_word", &user("active", json!("yes"))),
        post("active_empty", &user("active", json!(""))),
        post("active_number", &user("active", json!(1))),
        post("active_object", &user("active", json!({"value": true}))),
        post("active_list_of_two", &user("active", json!([true, false]))),
        post("emails_number", &user("emails", json!(5))),
        post("emails_list_of_numbers", &user("emails", json!([5]))),
        post("emails_list_of_booleans", &user("emails", json!([true]))),
        post("emails_list_of_lists", &user("emails", json!([["a@example.com"]]))),
        post("emails_value_object", &user("emails", json!([{"value": {"value": "a"}}]))),
        post("emails_primary_word", &user("emails", json!([{"value": "a", "primary": "first"}]))),
        post(
            "emails_two_primary",
            &user(
                "emails",
                json!([
                    {"value": "a", "primary": true}, {"value": "b", "primary": true}
                ]),
            ),
        ),
        post_twisted("emails_part_twice", &user("emails", json!([{"value": "a", "VALUE": "b"}]))),
        post("photos_value_object", &user("photos", json!([{"value": {}}]))),
        post("addresses_number", &user("addresses", json!([1]))),
        post("certificate_not_base64", &user("x509Certificates", json!([{"value": "no base64!"}]))),
        post("certificate_number", &user("x509Certificates", json!([{"value": 7}]))),
        post("profile_url_number", &user("profileUrl", json!(7))),
        post("role_long", &user("roles", json!([{"value": "x".repeat(64 * 1024 + 1)}]))),
        post("password_object", &user("password", json!({"value": "secret"}))),
        post("password_list_of_two", &user("password", json!(["a", "b"]))),
        post("extension_text", &user(ENTERPRISE, json!("x"))),
        post("extension_list", &user(ENTERPRISE, json!([{"department": "a"}]))),
        post("extension_value_object", &user(ENTERPRISE, json!({"department": {"a": 1}}))),
        post_twisted(
            "extension_value_twice",
            &user(ENTERPRISE, json!({"department": "a", "DEPARTMENT": "b"})),
        ),
        post("manager_number", &user(ENTERPRISE, json!({"manager": 7}))),
        post("manager_list_of_two", &user(ENTERPRISE, json!({"manager": [{"value": "a"}, {"value": "b"}]}))),
        post("manager_unknown", &user(ENTERPRISE, json!({"manager": {"value": "nobody"}}))),
        post("manager_of_another_connection", &user(ENTERPRISE, json!({"manager": {"value": "{stranger}"}}))),
        post("manager_is_a_group", &user(ENTERPRISE, json!({"manager": {"value": "{team}"}}))),
        post("manager_is_a_local_account", &user(ENTERPRISE, json!({"manager": {"value": "{local}"}}))),
        post_twisted("schemas_number", &user("schemas", json!(1))),
        post_twisted("schemas_list_of_numbers", &user("schemas", json!([1]))),
        post_twisted("schemas_object", &user("schemas", json!({}))),
        post_group("group_name_missing", &json!({"schemas": [GROUP]})),
        post_group("group_name_null", &json!({"schemas": [GROUP], "displayName": null})),
        post_group("group_name_empty", &json!({"schemas": [GROUP], "displayName": ""})),
        post_group("members_number", &group(json!(1))),
        post_group("members_list_of_numbers", &group(json!([1]))),
        post_group("members_list_of_lists", &group(json!([["{ada}"]]))),
        post_group("member_value_object", &group(json!([{"value": {"id": "{ada}"}}]))),
        post_group("member_value_missing", &group(json!([{"display": "Ada"}]))),
        post_group("member_unknown", &group(json!([{"value": "{ada}"}, {"value": "nobody"}]))),
        post_group("member_of_another_connection", &group(json!([{"value": "{stranger}"}]))),
        post_group("member_is_a_local_account", &group(json!([{"value": "{local}"}]))),
        post_group("member_is_an_external_id", &group(json!([{"value": "ext-ada"}]))),
        expecting(TOO_LARGE, post_group("members_20001", &group(Value::Array(many)))),
        expecting(UNIQUENESS, post("user_name_taken", &user("userName", json!("ada")))),
        expecting(UNIQUENESS, post("user_name_taken_in_other_case", &user("userName", json!("ADA")))),
        expecting(UNIQUENESS, post("user_name_of_a_local_account", &user("userName", json!("Local")))),
        expecting(
            UNIQUENESS,
            post_group("group_name_taken", &json!({"schemas": [GROUP], "displayName": "TEAM"})),
        ),
        put("put_name_taken", &user("userName", json!("boss")), UNIQUENESS),
        put("put_name_of_a_local_account", &user("userName", json!("local")), UNIQUENESS),
        put("put_without_user_name", &json!({"schemas": [USER], "title": "x"}), VALUE),
        put("put_active_word", &user("active", json!("on")), VALUE),
        put("put_manager_unknown", &user(ENTERPRISE, json!({"manager": {"value": "nobody"}})), VALUE),
        case(
            "put_member_unknown",
            "PUT",
            "/Groups/{team}",
            group(json!([{"value": "nobody"}])).to_string(),
            VALUE,
        ),
        case("put_a_user_as_group", "PUT", "/Groups/{team}", user("title", json!("x")).to_string(), VALUE),
    ];
    cases.extend([
        strict("strict_schemas_missing", &json!({"userName": "new"}), SYNTAX),
        strict("strict_schema_unknown", &user("schemas", json!([USER, "urn:example:unknown"])), VALUE),
        strict("strict_schema_pre_standard", &user("schemas", json!(["urn:scim:schemas:core:2.0"])), VALUE),
        strict("strict_attribute_unknown", &user("shoeSize", json!("44")), SYNTAX),
        strict("strict_attribute_of_an_extension", &user("department", json!("R&D")), SYNTAX),
        strict("strict_part_unknown", &user("name", json!({"nickName": "a"})), SYNTAX),
        strict("strict_text_boolean", &user("active", json!("True")), VALUE),
        strict("strict_list_of_one", &user("title", json!(["a"])), VALUE),
        strict("strict_bare_element", &user("emails", json!({"value": "a"})), VALUE),
        strict("strict_bare_text", &user("emails", json!("a@example.com")), VALUE),
        strict("strict_bare_manager", &user(ENTERPRISE, json!({"manager": "{boss}"})), VALUE),
        strict("strict_number_as_text", &user("title", json!(1)), VALUE),
        strict("strict_boolean_as_text", &user("userName", json!(true)), VALUE),
        strict("strict_not_canonical", &user("emails", json!([{"value": "a", "type": "spare"}])), VALUE),
    ]);
    cases
}
