//! Parameters of lists: pages, sorting, projections, and searches by POST.

use super::{Case, FILTER, SYNTAX, VALUE, case};

pub(super) fn cases() -> Vec<Case> {
    let get = |name, query: &str, expected| case(name, "GET", &format!("/Users?{query}"), "", expected);
    let search = |name, body: &str, expected| {
        let body =
            body.replacen('{', r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"#, 1);
        case(name, "POST", "/Users/.search", body, expected)
    };
    let cursor = (400, "invalidCursor");
    vec![
        get("start_index_word", "startIndex=first", VALUE),
        get("start_index_empty", "startIndex=", VALUE),
        get("start_index_fraction", "startIndex=1.5", VALUE),
        get("start_index_exponent", "startIndex=1e3", VALUE),
        get("start_index_hexadecimal", "startIndex=0x1", VALUE),
        get("start_index_two_signs", "startIndex=--1", VALUE),
        get("start_index_other_digits", "startIndex=%D9%A1", VALUE),
        get("count_word", "count=all", VALUE),
        get("count_empty", "count=", VALUE),
        get("count_fraction", "count=0.5", VALUE),
        get("count_space", "count=+1", VALUE),
        get("count_list", "count=1,2", VALUE),
        get("twice_start_index", "startIndex=1&startIndex=1", SYNTAX),
        get("twice_count", "count=1&count=2", SYNTAX),
        get("twice_filter", "filter=title%20pr&filter=title%20pr", SYNTAX),
        get("twice_sort_by", "sortBy=title&sortBy=title", SYNTAX),
        get("twice_attributes", "attributes=title&attributes=emails", SYNTAX),
        get("twice_cursor", "cursor=&cursor=", SYNTAX),
        get("twice_encoded_name", "count=1&%63ount=1", SYNTAX),
        get("not_utf8_filter", "filter=%ff", SYNTAX),
        get("not_utf8_attributes", "attributes=%C0%AF", SYNTAX),
        get("badly_encoded_filter", "filter=%zz", SYNTAX),
        get("badly_encoded_cursor", "cursor=%2", SYNTAX),
        get("sort_order_sideways", "sortBy=title&sortOrder=sideways", VALUE),
        get("cursor_nonsense", "cursor=nonsense", cursor),
        get("cursor_dot", "cursor=.", cursor),
        get("cursor_number", "cursor=2", cursor),
        get("cursor_cut", "cursor={cursor}x&count=1", cursor),
        get("cursor_changed", "cursor=A{cursor}&count=1", cursor),
        get("cursor_of_another_filter", "cursor={cursor}&count=1&filter=title%20pr", cursor),
        get("cursor_of_another_sort", "cursor={sorted_cursor}&count=1", cursor),
        case("cursor_of_another_type", "GET", "/Groups?cursor={cursor}&count=1", "", cursor),
        case(
            "cursor_of_another_connection",
            "GET",
            "!/scim/v2/connections/other/Users?cursor={cursor}&count=1",
            "",
            cursor,
        )
        .header("authorization", b"Bearer another token"),
        get("cursor_expired", "cursor={old_cursor}&count=1", (400, "expiredCursor")),
        get("cursor_of_another_count", "cursor={cursor}&count=2", (400, "invalidCount")),
        get("cursor_without_its_count", "cursor={cursor}", (400, "invalidCount")),
        get("cursor_and_start_index", "cursor=&startIndex=1", VALUE),
        case("cursor_of_all_types", "GET", "/?cursor=", "", VALUE),
        case("filter_of_all_types", "GET", "/?filter=and", "", FILTER),
        search("search_array_inside", r#"{"filter":["title pr"]}"#, VALUE),
        search("search_filter_number", r#"{"filter":1}"#, VALUE),
        search("search_filter_malformed", r#"{"filter":"title"}"#, FILTER),
        search("search_start_index_text", r#"{"startIndex":"1"}"#, VALUE),
        search("search_start_index_fraction", r#"{"startIndex":1.5}"#, VALUE),
        search("search_count_true", r#"{"count":true}"#, VALUE),
        search("search_count_object", r#"{"count":{}}"#, VALUE),
        search("search_attributes_number", r#"{"attributes":1}"#, VALUE),
        search("search_attributes_of_numbers", r#"{"attributes":[1]}"#, VALUE),
        search("search_sort_by_list", r#"{"sortBy":["title"]}"#, VALUE),
        search("search_cursor_nonsense", r#"{"cursor":"x"}"#, cursor),
        search("search_twice_in_other_case", r#"{"count":1,"COUNT":1}"#, SYNTAX),
        search("strict_search_unknown_member", r#"{"limit":1}"#, SYNTAX).in_strict(),
        case("strict_search_without_schemas", "POST", "/.search", "{}", SYNTAX).in_strict(),
        get("strict_both_projections", "attributes=title&excludedAttributes=emails", VALUE).in_strict(),
        get("strict_filter_in_attributes", "attributes=emails%5Btype%20eq%20%22work%22%5D", VALUE)
            .in_strict(),
    ]
}
