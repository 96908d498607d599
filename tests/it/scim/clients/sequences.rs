//! The shared request sequences, without a network. Their format is described beside them.

use http::Request;
use serde_json::{Map, Value};

use super::{Scene, TOKEN, tenant};
use crate::shared;

#[test]
fn every_shared_sequence_passes() {
    let mut failed = Vec::new();
    let mut run = 0;
    for file in ["okta", "entra", "jumpcloud", "onelogin", "google"] {
        let Some(cases) = shared::json_lines(&format!("corpus/scim/{file}.jsonl")) else { return };
        let scene = Scene::new();
        for case in cases {
            run += 1;
            if let Err(reason) = sequence(&scene, &case, run) {
                failed.push(format!("{}: {reason}", case["name"]));
            }
        }
    }
    assert!(run > 50, "{run} sequences");
    assert!(failed.is_empty(), "{} of {run} failed:\n{}", failed.len(), failed.join("\n"));
}

fn sequence(scene: &Scene, case: &Value, run: usize) -> Result<(), String> {
    let mut variables = Map::from_iter([
        ("run".to_owned(), Value::from(format!("t{run:04}x"))),
        ("RUN".to_owned(), Value::from(format!("T{run:04}X"))),
        ("guid".to_owned(), Value::from(format!("7f2e1a34-0000-4000-8000-{run:012}"))),
    ]);
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let at = |reason: String| format!("step {}: {reason}", number + 1);
        let request = fill(&step["request"], &variables);
        let expect = fill(&step["expect"], &variables);
        let answer = scene.send(&built(scene, &request));
        if !expect["status"].as_array().unwrap().contains(&Value::from(answer.status)) {
            return Err(at(format!("status {}: {}", answer.status, answer.body)));
        }
        if !answer.body.is_null() {
            check(&answer.body, &expect).map_err(at)?;
        } else if answer.status != 204
            && expect.as_object().unwrap().keys().any(|key| key.starts_with("body_"))
        {
            return Err(at("no body".to_owned()));
        }
        for (name, path) in step["save"].as_object().into_iter().flatten() {
            let value = pick(&answer.body, path.as_str().unwrap());
            variables.insert(name.clone(), value.cloned().ok_or_else(|| at(format!("nothing at {path}")))?);
        }
        if let Some(after) = expect.get("after") {
            let target =
                format!("/{}s/{}", after["resource"].as_str().unwrap(), after["id"].as_str().unwrap());
            let read = scene.send(&built(scene, &serde_json::json!({"method": "GET", "path": target})));
            let mut left = values(read.body["members"].as_array().map(Vec::as_slice).unwrap_or_default());
            let mut wanted: Vec<_> =
                after["members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
            left.sort_unstable();
            wanted.sort_unstable();
            if left != wanted {
                return Err(at(format!("members left {left:?}, wanted {wanted:?}")));
            }
        }
    }
    Ok(())
}

fn values(members: &[Value]) -> Vec<&str> {
    members.iter().map(|member| member["value"].as_str().unwrap()).collect()
}

fn check(body: &Value, expect: &Value) -> Result<(), String> {
    if let Some(wanted) = expect.get("body_contains").filter(|wanted| !contains(body, wanted)) {
        return Err(format!("{wanted} is not in {body}"));
    }
    if let Some(unwanted) = expect.get("body_not_contains").filter(|unwanted| contains(body, unwanted)) {
        return Err(format!("{unwanted} is in {body}"));
    }
    for path in expect["body_lacks"].as_array().into_iter().flatten() {
        if pick(body, path.as_str().unwrap()).is_some_and(|value| !value.is_null()) {
            return Err(format!("{path} is in {body}"));
        }
    }
    for (path, size) in expect["body_count"].as_object().into_iter().flatten() {
        let found = pick(body, path).and_then(Value::as_array).map_or(0, Vec::len);
        if size.as_u64() != u64::try_from(found).ok() {
            return Err(format!("{path} has {found} values, wanted {size}"));
        }
    }
    Ok(())
}

fn built(scene: &Scene, request: &Value) -> Request<Vec<u8>> {
    let base = scene.store.config().tenant_url(&tenant());
    let query = request["query"].as_str().map(|query| format!("?{query}")).unwrap_or_default();
    let uri = format!("{base}{}{query}", request["path"].as_str().unwrap());
    let mut headers = Map::from_iter([
        ("authorization".to_owned(), Value::from(format!("Bearer {TOKEN}"))),
        ("accept".to_owned(), Value::from("application/scim+json")),
        ("content-type".to_owned(), Value::from("application/scim+json; charset=utf-8")),
    ]);
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        headers.insert(name.to_ascii_lowercase(), value.clone());
    }
    let mut built = Request::builder().method(request["method"].as_str().unwrap()).uri(uri);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_null()) {
        built = built.header(name, value.as_str().unwrap());
    }
    let body = request.get("body").filter(|body| !body.is_null());
    built.body(body.map(|body| body.to_string().into_bytes()).unwrap_or_default()).unwrap()
}

/// Puts variables in; a text that is one variable alone takes its type.
fn fill(value: &Value, variables: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let alone = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
            if let Some(value) = alone.and_then(|name| variables.get(name)) {
                return value.clone();
            }
            Value::from(variables.iter().fold(text.clone(), |text, (name, value)| {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text.replace(&format!("{{{{{name}}}}}"), &shown)
            }))
        }
        Value::Array(values) => values.iter().map(|value| fill(value, variables)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let name = fill(&Value::from(name.as_str()), variables);
                (name.as_str().unwrap().to_owned(), fill(value, variables))
            })
            .collect(),
        value => value.clone(),
    }
}

/// Every wanted member is there and equal; every wanted element is in some element.
fn contains(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Object(actual), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| actual.get(name).is_some_and(|actual| contains(actual, wanted))),
        (Value::Array(actual), Value::Array(wanted)) => {
            wanted.iter().all(|wanted| actual.iter().any(|actual| contains(actual, wanted)))
        }
        (actual, wanted) => actual == wanted,
    }
}

/// The value at a path such as `Resources[0].name.givenName` or `["urn:…"].manager.value`.
fn pick<'v>(mut value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (name, after) = quoted.split_once("\"]")?;
            (value, rest) = (value.get(name)?, after);
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            (value, rest) = (value.get(index.parse::<usize>().ok()?)?, after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            (value, rest) = (value.get(&rest[..end])?, &rest[end..]);
        }
    }
    Some(value)
}
