//! Tokens, paths, identifiers, methods, headers and media types.

use super::{Case, FORBIDDEN, METHOD, NOT_FOUND, OTHER_VERSION, SYNTAX, UNAUTHORIZED, case};

pub(super) fn cases() -> Vec<Case> {
    let get = |name, target: &str, expected| case(name, "GET", target, "", expected);
    let method = |name, method, target: &str| case(name, method, target, PUT, METHOD);
    let media =
        |name, media_type| case(name, "POST", "/Users", POST, SYNTAX).header("content-type", media_type);
    let token = |name, value| get(name, "/Users", UNAUTHORIZED).header("authorization", value);
    let if_match =
        |name, value| case(name, "PUT", "/Users/{ada}", PUT, OTHER_VERSION).header("if-match", value);
    let long = format!("/Users/{}", "x".repeat(10_000));
    let deep = format!("/Users{}", "/a".repeat(2_000));
    vec![
        token("token_absent", b""),
        token("token_wrong", b"Bearer b token"),
        token("token_of_another_connection", b"Bearer another token"),
        token("token_cut", b"Bearer a toke"),
        token("token_longer", b"Bearer a tokenx"),
        token("token_empty", b"Bearer "),
        token("token_without_scheme", b"a token"),
        token("token_basic", b"Basic YSB0b2tlbjo="),
        token("token_not_ascii", b"Bearer a token\xff"),
        token("token_quoted", b"Bearer \"a token\""),
        token("token_huge", &[b'B'; 9_000]),
        token("token_twice", b"Bearer a token").also_header("authorization", b"Bearer a token"),
        get("token_in_the_query", "/Users?access_token=a%20token", UNAUTHORIZED).header("authorization", b""),
        case("token_in_the_body", "POST", "/Users", r#"{"access_token":"a token"}"#, UNAUTHORIZED)
            .header("authorization", b""),
        get("connection_unknown", "!/scim/v2/connections/nobody/Users", UNAUTHORIZED),
        get("connection_in_other_case", "!/scim/v2/connections/ACME/Users", UNAUTHORIZED),
        get("connection_of_another_token", "!/scim/v2/connections/other/Users", UNAUTHORIZED),
        get("connection_left_out", "!/scim/v2/connections", NOT_FOUND),
        get("connection_empty", "!/scim/v2/connections//Users", NOT_FOUND),
        get("connection_not_utf8", "!/scim/v2/connections/%ff/Users", NOT_FOUND),
        get("connection_climbs_out", "!/scim/v2/connections/acme/../other/Users", NOT_FOUND),
        get("base_path_left_out", "!/Users", NOT_FOUND),
        get("base_path_longer", "!/scim/v2x/connections/acme/Users", NOT_FOUND),
        get("version_1", "!/scim/v1/connections/acme/Users", (400, "invalidVers")),
        get("version_12", "!/scim/v12/Users", (400, "invalidVers")),
        get("endpoint_unknown", "/Printers", NOT_FOUND),
        get("endpoint_in_singular", "/User", NOT_FOUND),
        get("endpoint_too_deep", "/Users/{ada}/emails", NOT_FOUND),
        get("endpoint_very_deep", &deep, NOT_FOUND),
        get("endpoint_not_utf8", "/Us%ffers", NOT_FOUND),
        get("endpoint_half_encoded", "/Users%2", NOT_FOUND),
        case("search_below_a_user", "POST", "/Users/{ada}/.search", "{}", NOT_FOUND),
        case("search_of_nothing", "POST", "/Printers/.search", "{}", NOT_FOUND),
        get("id_unknown", "/Users/nobody", NOT_FOUND),
        get("id_of_another_type", "/Groups/{ada}", NOT_FOUND),
        get("id_of_another_connection", "/Users/{stranger}", NOT_FOUND),
        get("id_of_a_local_account", "/Users/{local}", NOT_FOUND),
        get("id_is_external", "/Users/ext-ada", NOT_FOUND),
        get("id_is_a_name", "/Users/ada", NOT_FOUND),
        get("id_bulk_reference", "/Users/bulkId:ada", NOT_FOUND),
        get("id_not_utf8", "/Users/%ff%fe", NOT_FOUND),
        get("id_badly_encoded", "/Users/%zz", NOT_FOUND),
        get("id_nul", "/Users/%00", NOT_FOUND),
        get("id_line_feed", "/Users/{ada}%0A", NOT_FOUND),
        get("id_encoded_slash", "/Users/a%2Fb", NOT_FOUND),
        get("id_climbs_out", "/Users/..%2F..%2Fother%2FUsers", NOT_FOUND),
        get("id_sql", "/Users/'%20OR%20'1'='1", NOT_FOUND),
        get("id_huge", &long, NOT_FOUND),
        case("put_to_nobody", "PUT", "/Users/nobody", PUT, NOT_FOUND),
        case("patch_to_nobody", "PATCH", "/Users/nobody", PATCH, NOT_FOUND),
        case("put_to_another_connection", "PUT", "/Users/{stranger}", PUT, NOT_FOUND),
        case("patch_to_another_connection", "PATCH", "/Groups/{band}", PATCH_GROUP, NOT_FOUND),
        case("delete_nobody", "DELETE", "/Users/nobody", "", NOT_FOUND),
        case("delete_of_another_connection", "DELETE", "/Users/{stranger}", "", NOT_FOUND),
        case("delete_a_local_account", "DELETE", "/Users/{local}", "", NOT_FOUND),
        case("delete_protected", "DELETE", "/Users/{root}", "", FORBIDDEN),
        case("deactivate_protected", "PATCH", "/Users/{root}", DEACTIVATE, FORBIDDEN),
        get("me_without_a_user", "/Me", NOT_FOUND),
        case("patch_me_without_a_user", "PATCH", "/Me", PATCH, NOT_FOUND),
        get("schema_unknown", "/Schemas/urn:example:nothing", NOT_FOUND),
        get("resource_type_unknown", "/ResourceTypes/Printer", NOT_FOUND),
        get("provider_config_of_somebody", "/ServiceProviderConfig/1", NOT_FOUND),
        get("filter_on_schemas", "/Schemas?filter=id%20pr", FORBIDDEN),
        get("filter_on_resource_types", "/ResourceTypes?filter=nonsense", FORBIDDEN),
        get("filter_on_provider_config", "/ServiceProviderConfig?filter=a", FORBIDDEN),
        method("method_put_on_users", "PUT", "/Users"),
        method("method_patch_on_users", "PATCH", "/Users"),
        method("method_delete_on_users", "DELETE", "/Users"),
        method("method_delete_on_groups", "DELETE", "/Groups/"),
        method("method_post_on_a_user", "POST", "/Users/{ada}"),
        method("method_post_on_me", "POST", "/Me"),
        method("method_post_on_the_root", "POST", "/"),
        method("method_get_on_search", "GET", "/.search"),
        method("method_put_on_users_search", "PUT", "/Users/.search"),
        method("method_get_on_bulk", "GET", "/Bulk"),
        method("method_delete_on_bulk", "DELETE", "/Bulk"),
        method("method_post_on_schemas", "POST", "/Schemas"),
        method("method_delete_on_a_schema", "DELETE", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
        method("method_put_on_provider_config", "PUT", "/ServiceProviderConfig"),
        method("method_patch_on_resource_types", "PATCH", "/ResourceTypes"),
        method("method_trace", "TRACE", "/Users"),
        method("method_options", "OPTIONS", "/Users"),
        method("method_in_lower_case", "get", "/Users"),
        method("method_of_no_standard", "BREW", "/Users/{ada}"),
        media("media_type_text", b"text/plain"),
        media("media_type_form", b"application/x-www-form-urlencoded"),
        media("media_type_xml", b"application/xml"),
        media("media_type_json_patch", b"application/json-patch+json"),
        media("media_type_longer", b"application/scim+jsonx"),
        media("media_type_not_ascii", b"application/scim+json\xff"),
        media("media_type_semicolon_alone", b";"),
        media("media_type_two_in_one", b"text/html, application/scim+json"),
        media("media_type_twice", b"application/scim+json").also_header("content-type", b"text/plain"),
        if_match("if_match_other", b"W/\"999\""),
        if_match("if_match_without_quotes", b"1"),
        if_match("if_match_not_ascii", b"\"\xff\""),
        if_match("if_match_open_quote", b"W/\"1"),
        if_match("if_match_comma", b","),
        case("if_none_match_any_on_put", "PUT", "/Users/{ada}", PUT, OTHER_VERSION)
            .header("if-none-match", b"*"),
        case("if_match_other_on_patch", "PATCH", "/Users/{ada}", PATCH, OTHER_VERSION)
            .header("if-match", b"\"x\""),
        case("if_match_other_on_delete", "DELETE", "/Users/{ada}", "", OTHER_VERSION)
            .header("if-match", b"\"x\""),
    ]
}

const POST: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new"}"#;
const PUT: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"other"}"#;
const PATCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations":[{"op":"replace","path":"title","value":"Prof"}]}"#;
const PATCH_GROUP: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations":[{"op":"replace","path":"displayName","value":"x"}]}"#;
const DEACTIVATE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations":[{"op":"replace","path":"active","value":false}]}"#;
