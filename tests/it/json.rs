//! Strict JSON: what is read, in which order, and each thing that is refused.

use admittance::json::{self, JsonError, Object};
use admittance::limits::{JsonLimits, Limits, Resource};
use serde_json::{Value, json};

fn limits() -> JsonLimits {
    Limits::default().json
}

fn object(text: &str) -> Result<Object, JsonError> {
    json::parse_object(text.as_bytes(), &limits())
}

fn code(text: &str) -> &'static str {
    object(text).map_or_else(|error| error.code(), |read| panic!("{text} is read as {read:?}"))
}

#[test]
fn members_keep_the_order_read() {
    let read = object(r#" {"z":1,"a":{"b":"\u00e9","y":[true,null]},"m":-2.5} "#).unwrap();
    let names: Vec<_> = read.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["z", "a", "m"]);
    assert_eq!((read.len(), read.is_empty()), (3, false));
    assert_eq!(read.get("a"), Some(&json!({"y": [true, null], "b": "é"})));
    assert_eq!(read.get("A"), None);
    assert_eq!(read.to_json(), r#"{"z":1,"a":{"b":"é","y":[true,null]},"m":-2.5}"#);
}

#[test]
fn an_object_is_built_and_changed_in_order() {
    let mut built = Object::new().with("b", 1).with("a", "x");
    built.insert("b", 2);
    built.insert("c", vec!["y"]);
    assert_eq!(built.to_json(), r#"{"b":2,"a":"x","c":["y"]}"#);
    assert_eq!(built.remove("a"), Some(json!("x")));
    assert_eq!(built.remove("a"), None);
    assert_eq!(built.to_json(), r#"{"b":2,"c":["y"]}"#);
    let stored: Object = serde_json::from_str(&built.to_json()).unwrap();
    assert_eq!(stored, built);
    assert!(serde_json::from_str::<Object>(r#"{"a":{"b":1,"b":2}}"#).is_err());
    assert!(serde_json::from_value::<Object>(json!([1])).is_err());
}

#[test]
fn numbers_are_those_of_64_bits() {
    let read = object(r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1e3,"d":0.5}"#).unwrap();
    assert_eq!(read.get("a").and_then(Value::as_u64), Some(u64::MAX));
    assert_eq!(read.get("b").and_then(Value::as_i64), Some(i64::MIN));
    assert_eq!(read.get("c").and_then(Value::as_f64), Some(1000.0));
    assert_eq!(read.get("d").and_then(Value::as_f64), Some(0.5));
    for number in ["1e400", "-1e999", "01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "-"] {
        assert_eq!(code(&format!("{{\"a\":{number}}}")), "json.invalid", "{number}");
    }
}

#[test]
fn a_second_member_of_a_name_is_refused_at_every_level() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"\u0061":3}"#,
        r#"{"x":{"a":1,"a":2}}"#,
        r#"{"x":[[{"a":1,"b":{"a":1},"a":2}]]}"#,
    ] {
        assert_eq!(object(text), Err(JsonError::DuplicateMember { name: "a".to_owned() }), "{text}");
    }
    // The same name at two levels, or in another case, is no duplicate.
    assert!(object(r#"{"a":{"a":[{"a":1},{"a":2}]},"A":1}"#).is_ok());
    let long = "n".repeat(300);
    let error = object(&format!("{{\"{long}\":1,\"{long}\":2}}")).unwrap_err();
    assert_eq!(error, JsonError::DuplicateMember { name: "n".repeat(64) });
}

#[test]
fn nothing_may_follow_or_precede_the_document() {
    for text in
        ["{} {}", "{}x", "{},", "{}\0", "{}\u{FEFF}", "\u{FEFF}{}", "\u{A0}{}", "//\n{}", "{}#", "\u{b}{}"]
    {
        let error = object(text).unwrap_err();
        assert!(matches!(error, JsonError::Invalid { .. } | JsonError::NotAnObject), "{text:?}: {error}");
    }
    assert!(object("\t\r\n {} \n").is_ok());
    let error = object("\u{FEFF}{}").unwrap_err().to_string();
    assert!(error.contains("byte-order mark"), "{error}");
    assert!(object("{} x").unwrap_err().to_string().contains("follows"));
}

#[test]
fn a_text_is_well_formed_unicode() {
    for text in [
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\ud800x"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"\udc00\ud800"}"#,
        r#"{"\ud83d":1}"#,
        r#"{"a":["\ud800\u0041"]}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12"}"#,
        "{\"a\":\"\n\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\u{1f}\"}",
        "{'a':1}",
    ] {
        assert_eq!(code(text), "json.invalid", "{text}");
    }
    assert_eq!(object(r#"{"a":"\ud83d\ude00"}"#).unwrap().get("a"), Some(&json!("😀")));
    for bytes in
        [b"{\"a\":\"\xff\"}".as_slice(), b"{\"a\":\"\xc0\x80\"}", b"{\"a\":\"\xed\xa0\x80\"}", b"\xff{}"]
    {
        let error = json::parse_object(bytes, &limits()).unwrap_err();
        assert_eq!(error, JsonError::Invalid { reason: "it is not UTF-8", line: 0, column: 0 });
    }
    // UTF-16.
    assert!(json::parse_object(b"{\0}\0", &limits()).is_err());
}

#[test]
fn syntax_that_some_readers_forgive_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "{\"a\":1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":/**/1}",
        "{\"a\":undefined}",
        "{\"a\":[1}",
    ] {
        assert_eq!(code(text), "json.invalid", "{text}");
    }
    let error = object("{\"a\":\n  x}").unwrap_err();
    assert_eq!(error, JsonError::Invalid { reason: "a syntax error", line: 2, column: 3 });
    assert_eq!(object("{\"a\":").unwrap_err().to_string(), "not JSON: it ends early (line 1, column 5)");
}

#[test]
fn only_an_object_is_an_object() {
    for text in ["[]", "[{}]", "1", "\"{}\"", "null", "true", "x"] {
        assert_eq!(object(text), Err(JsonError::NotAnObject), "{text}");
    }
    assert_eq!(json::parse(b"[{\"a\":1},2]", &limits()).unwrap(), json!([{"a": 1}, 2]));
    assert_eq!(json::parse(b" 1 ", &limits()).unwrap(), json!(1));
    assert_eq!(json::parse(b"{\"a\":1,\"a\":1}", &limits()).unwrap_err().code(), "json.duplicate_member");
    assert_eq!(json::parse(b"1 2", &limits()).unwrap_err().code(), "json.invalid");
}

/// Each bound by the largest document that keeps it, and by one that passes it.
#[test]
fn every_bound_holds() {
    let limits = limits();
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let members = |count: usize| {
        format!("{{{}}}", (0..count).map(|n| format!("\"{n}\":0")).collect::<Vec<_>>().join(","))
    };
    let inner_members = |count: usize| format!("{{\"a\":{}}}", members(count));
    let list = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    let lists = |count: usize| format!("{{\"a\":[{},{}]}}", list(count - 12), list(10));
    let string = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length));
    let name = |length: usize| format!("{{\"{}\":1}}", "x".repeat(length));
    let values = |count: usize| {
        format!("{{\"a\":{},\"b\":{},\"c\":{}}}", list(20_000), list(20_000), list(count - 40_004))
    };
    let bytes = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    type Document<'d> = &'d dyn Fn(usize) -> String;
    let cases: [(Resource, usize, Document<'_>); 9] = [
        (Resource::JsonDepth, limits.depth, &nested),
        (Resource::JsonDepth, limits.depth, &objects),
        (Resource::JsonMembers, limits.members, &members),
        (Resource::JsonMembers, limits.members, &inner_members),
        (Resource::JsonArrayMembers, limits.array_members, &lists),
        (Resource::JsonString, limits.string, &string),
        (Resource::JsonString, limits.string, &name),
        (Resource::JsonValues, limits.values, &values),
        (Resource::Bytes, limits.bytes, &bytes),
    ];
    for (resource, limit, document) in cases {
        assert!(object(&document(limit)).is_ok(), "{resource}");
        match object(&document(limit + 1)) {
            Err(JsonError::Limit(exceeded)) => {
                assert_eq!((exceeded.resource, exceeded.limit), (resource, limit))
            }
            other => panic!("{resource}: {other:?}"),
        }
    }
    assert_eq!(object(&nested(100_000)).unwrap_err().code(), "json.limit");
    assert_eq!(object(&objects(100_000)).unwrap_err().code(), "json.limit");
    assert_eq!(object(&"{\"a\":{}".repeat(2)).unwrap_err().code(), "json.invalid");
    // The lists of two members do not add up.
    assert!(object(&format!("{{\"a\":{},\"b\":{}}}", list(20_000), list(20_000))).is_ok());
}

#[test]
fn a_name_that_the_parser_uses_itself_is_refused() {
    for text in [
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"{"a":{"$serde_json::private::Number":"1"}}"#,
        r#"{"a":{"\u0024serde_json::private::Number":"1"}}"#,
    ] {
        assert_eq!(code(text), "json.invalid", "{text}");
    }
}

#[test]
fn nothing_shows_a_value() {
    let read = object(r#"{"access_token":"sesame","n":{"password":"sesame"}}"#).unwrap();
    assert_eq!(format!("{read:?}"), r#"{"access_token", "n"}"#);
    for text in [r#"{"a":"sesame",}"#, r#"{"a":"sesame","b":"#, r#"{"a":"sesame","a":1}"#] {
        let error = object(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
    }
}
