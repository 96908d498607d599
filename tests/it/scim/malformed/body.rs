//! Bodies that are no JSON object of bounded size with one member a name.

use super::{Case, SYNTAX, TOO_LARGE, case};

pub(super) fn cases() -> Vec<Case> {
    let post = |name, body: &[u8]| case(name, "POST", "/Users", body, SYNTAX);
    let with =
        |inner: &str| format!(r#"{{"schemas":["{}"],"userName":"new",{inner}}}"#, super::USER).into_bytes();
    let utf16: Vec<u8> = r#"{"userName":"new"}"#.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let nested = |open: &str, close: &str, times: usize| {
        with(&format!(r#""title":{}1{}"#, open.repeat(times), close.repeat(times)))
    };
    let many: Vec<String> = (0..1_001).map(|one| format!(r#""a{one}":1"#)).collect();
    let large = with(&format!(r#""title":"{}""#, "x".repeat(4 * 1024 * 1024)));
    let large_bulk = format!(r#"{{"Operations":[],"x":"{}"}}"#, "x".repeat(8 * 1024 * 1024));
    vec![
        post("body_empty", b""),
        case("body_empty_put", "PUT", "/Users/{ada}", "", SYNTAX),
        case("body_empty_patch", "PATCH", "/Users/{ada}", "", SYNTAX),
        case("body_empty_bulk", "POST", "/Bulk", "", SYNTAX),
        case("body_empty_search", "POST", "/.search", "", SYNTAX),
        post("body_space", b" \r\n\t"),
        post("body_text", b"userName=new"),
        post("body_html", b"<html></html>"),
        post("body_xml", b"<?xml version=\"1.0\"?><User/>"),
        post("body_array", br#"[{"userName":"new"}]"#),
        post("body_string", br#""new""#),
        post("body_number", b"1"),
        post("body_null", b"null"),
        post("body_true", b"true"),
        case("body_array_put", "PUT", "/Users/{ada}", "[]", SYNTAX),
        case("body_array_patch", "PATCH", "/Groups/{team}", "[]", SYNTAX),
        post("body_cut", br#"{"userName":"new""#),
        post("body_cut_in_text", br#"{"userName":"ne"#),
        post("body_trailing_comma", br#"{"userName":"new",}"#),
        post("body_comma_missing", br#"{"userName":"new" "title":"x"}"#),
        post("body_colon_missing", br#"{"userName" "new"}"#),
        post("body_text_after_it", br#"{"userName":"new"} x"#),
        post("body_two_objects", br#"{"userName":"new"}{"userName":"newer"}"#),
        post("body_single_quotes", b"{'userName':'new'}"),
        post("body_name_without_quotes", br#"{userName:"new"}"#),
        post("body_comment", br#"{"userName":"new" /* no */}"#),
        post("body_nan", &with(r#""title":NaN"#)),
        post("body_infinity", &with(r#""title":-Infinity"#)),
        post("body_leading_zero", &with(r#""title":01"#)),
        post("body_plus_sign", &with(r#""title":+1"#)),
        post("body_hexadecimal", &with(r#""title":0x1"#)),
        post("body_number_out_of_range", &with(r#""title":1e999"#)),
        post("body_byte_order_mark", b"\xef\xbb\xbf{\"userName\":\"new\"}"),
        post("body_not_utf8", b"{\"userName\":\"ne\xff\"}"),
        post("body_overlong_utf8", b"{\"userName\":\"ne\xc0\xaf\"}"),
        post("body_surrogate_bytes", b"{\"userName\":\"ne\xed\xa0\x80\"}"),
        post("body_utf16", &utf16),
        post("body_nul", b"{\"userName\":\"new\"}\0"),
        post("body_control_in_text", b"{\"userName\":\"ne\x01\"}"),
        post("body_line_feed_in_text", b"{\"userName\":\"ne\nw\"}"),
        post("body_escape_unknown", &with(r#""title":"\x41""#)),
        post("body_escape_cut", &with(r#""title":"\u00""#)),
        post("body_lone_surrogate", &with(r#""title":"\ud800""#)),
        post("body_surrogates_swapped", &with(r#""title":"\udc00\ud800""#)),
        post("body_compressed", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
        post("duplicate_member", br#"{"userName":"new","userName":"newer"}"#),
        post("duplicate_member_escaped", br#"{"userName":"new","\u0075serName":"newer"}"#),
        post("duplicate_member_within", &with(r#""name":{"givenName":"a","givenName":"b"}"#)),
        post("duplicate_member_in_a_list", &with(r#""emails":[{"value":"a","value":"b"}]"#)),
        post("duplicate_schemas", &with(&format!(r#""schemas":["{}"]"#, super::USER))),
        case(
            "duplicate_op",
            "PATCH",
            "/Users/{ada}",
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations":[{"op":"add","op":"remove","path":"title","value":"x"}]}"#,
            SYNTAX,
        ),
        post("depth_lists_17", &nested("[", "]", 16)),
        post("depth_lists_100000", &nested("[", "]", 100_000)),
        post("depth_objects_17", &nested(r#"{"a":"#, "}", 16)),
        post("depth_objects_100000", &nested(r#"{"a":"#, "}", 100_000)),
        post("depth_open_alone", &b"[".repeat(1_000_000)),
        case(
            "depth_in_a_patch",
            "PATCH",
            "/Users/{ada}",
            format!(
                r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations":[{{"op":"add","value":{}{}}}]}}"#,
                r#"{"a":"#.repeat(20),
                "1".to_owned() + &"}".repeat(20)
            ),
            SYNTAX,
        ),
        post("members_1001", format!("{{{}}}", many.join(",")).as_bytes()),
        case("size_of_body", "POST", "/Users", large.as_slice(), TOO_LARGE),
        case("size_of_body_put", "PUT", "/Users/{ada}", large.as_slice(), TOO_LARGE),
        case("size_of_body_patch", "PATCH", "/Users/{ada}", large.as_slice(), TOO_LARGE),
        case("size_of_body_search", "POST", "/Users/.search", large.as_slice(), TOO_LARGE),
        case("size_of_body_bulk", "POST", "/Bulk", large_bulk, TOO_LARGE),
    ]
}
