//! A part of a list, selected in memory.

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    scim::{
        access::{Access, Scopes},
        fetch::{ListQuery, Target},
        machine::{Context, Step, begin},
        page::{PageRequest, Position},
        service::{ServiceConfig, Tenancy},
    },
    time::Timestamp,
};
use serde_json::{Map, Value, json};

/// The query that a request for users leads to.
fn query(parameters: &str) -> ListQuery {
    let now = Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at;
    let config =
        ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath).unwrap();
    let config =
        config.with_cursors(Secret::new("k".repeat(32)), std::time::Duration::from_secs(60)).unwrap();
    let request = http::Request::get(format!("/scim/v2/connections/acme/Users?{parameters}"));
    let context = Context::new(Some(Access::new("acme", Scopes::all())), now);
    let step = begin(&config, &context, &request.body(Vec::new()).unwrap());
    let Step::Need(need) = step else { panic!("{step:?}") };
    let Target::List(query) = need.fetch().target.clone() else { panic!("{need:?}") };
    *query
}

fn rows() -> Vec<(usize, Map<String, Value>)> {
    let names = ["dora", "anna", "carl", "bert"];
    let whole = |(number, name): (usize, &str)| {
        let whole = json!({ "id": format!("u{number}"), "userName": name });
        (number, whole.as_object().unwrap().clone())
    };
    names.into_iter().enumerate().map(whole).collect()
}

#[test]
fn by_place() {
    let selected = query("startIndex=2&count=2").select(rows());
    assert_eq!((selected.total, selected.rows, selected.next), (4, vec![1, 2], None));
    let selected = query("startIndex=2&count=2&sortBy=userName").select(rows());
    assert_eq!((selected.total, selected.rows), (4, vec![3, 2]));
    let selected = query("filter=userName%20ne%20%22anna%22&count=0").select(rows());
    assert_eq!((selected.total, selected.rows.len()), (3, 0));
}

#[test]
fn by_cursor_each_row_once() {
    for (parameters, order) in [
        ("", [0, 1, 2, 3]),
        ("&sortBy=userName", [1, 3, 2, 0]),
        ("&sortBy=userName&sortOrder=descending", [0, 2, 3, 1]),
    ] {
        let mut query = query(&format!("cursor&count=3{parameters}"));
        let first = query.select(rows());
        assert_eq!(first.rows, order[..3], "{parameters}");
        query.page = PageRequest::Cursor { after: first.next, count: 3 };
        let last = query.select(rows());
        assert_eq!((last.rows, last.next), (vec![order[3]], None), "{parameters}");
    }
}

#[test]
fn after_a_row_that_is_gone() {
    let mut query = query("cursor&count=3");
    query.page =
        PageRequest::Cursor { after: Some(Position { sort_key: None, id: "u1x".to_owned() }), count: 3 };
    assert_eq!(query.select(rows()).rows, [2, 3]);
}

#[test]
fn relations_are_looked_at_where_they_are_named() {
    for (parameters, looks) in [
        ("filter=groups.value%20eq%20%22g1%22", true),
        ("filter=not%20(groups%5Bvalue%20eq%20%22g1%22%5D)", true),
        ("filter=userName%20eq%20%22anna%22&sortBy=groups", true),
        ("filter=userName%20eq%20%22groups%22", false),
    ] {
        assert_eq!(query(parameters).looks_at("groups"), looks, "{parameters}");
    }
}
