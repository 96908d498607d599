use std::time::Duration;

use admittance::{
    crypto::Secret,
    scim::{
        Error,
        page::{CursorScope, CursorSeal, PageParameters, PageRequest, Position},
    },
    time::Timestamp,
};

use super::limits;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_780_000_000_000 + seconds * 1000).unwrap()
}

fn page(parameters: PageParameters<'_>) -> Result<PageRequest, Error> {
    PageRequest::parse(parameters, "acme", "users", None, &limits(), at(0))
}

fn index(start: Option<&str>, count: Option<&str>) -> (usize, usize) {
    match page(PageParameters { start_index: start, count, cursor: None }).unwrap() {
        PageRequest::Index { start_index, count } => (start_index, count),
        other => panic!("{other:?}"),
    }
}

#[test]
fn p2_start_and_count_are_brought_into_range() {
    assert_eq!(index(None, None), (1, 100));
    assert_eq!(index(Some("0"), Some("-3")), (1, 0));
    assert_eq!(index(Some("-7"), Some("0")), (1, 0));
    assert_eq!(index(Some("12"), Some("501")), (12, 500));
    assert_eq!(index(Some("99999999999999999999999"), Some("99999999999999999999999")), (usize::MAX, 500));
    for wrong in ["", "a", "1.5", "+1", "-", "0x1", " 1"] {
        let count = PageParameters { count: Some(wrong), ..PageParameters::default() };
        assert_eq!(page(count).unwrap_err().scim_type().unwrap().as_str(), "invalidValue", "{wrong}");
    }
}

#[test]
fn p5_to_p7_cursors_are_good_for_what_they_were_made_for() {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let seal = CursorSeal { key: &key, timeout: Duration::from_secs(600) };
    let position = Position { sort_key: Some("ada".to_owned()), id: "u1".to_owned() };
    let scope = CursorScope { tenant: "acme", query: "users", count: 10 };
    let cursor = seal.seal(position.clone(), &scope, at(0));
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{cursor}");

    let open = |tenant: &str, query: &str, count: &str, cursor: &str, seconds| {
        let parameters = PageParameters { count: Some(count), cursor: Some(cursor), start_index: None };
        PageRequest::parse(parameters, tenant, query, Some(seal), &limits(), at(seconds))
    };
    let code = |page: Result<PageRequest, Error>| page.unwrap_err().scim_type().unwrap().as_str();
    let expected = PageRequest::Cursor { after: Some(position), count: 10 };
    assert_eq!(open("acme", "users", "10", &cursor, 599).unwrap(), expected);
    assert_eq!(code(open("acme", "users", "10", &cursor, 600)), "expiredCursor");
    assert_eq!(code(open("acme", "users", "11", &cursor, 0)), "invalidCount");
    assert_eq!(code(open("other", "users", "10", &cursor, 0)), "invalidCursor");
    assert_eq!(code(open("acme", "users title", "10", &cursor, 0)), "invalidCursor");
    assert_eq!(code(open("acmeu", "sers", "10", &cursor, 0)), "invalidCursor");
    for at in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(code(open("acme", "users", "10", &changed, 0)), "invalidCursor", "{at}");
    }
    // The first page has no position; a start index is another way of paging.
    let first = open("acme", "users", "10", "", 0).unwrap();
    assert_eq!(first, PageRequest::Cursor { after: None, count: 10 });
    let both = PageParameters { start_index: Some("1"), count: None, cursor: Some("") };
    assert_eq!(page(both).unwrap_err().scim_type().unwrap().as_str(), "invalidValue");
}
