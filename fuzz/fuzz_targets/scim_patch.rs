//! PATCH requests of SCIM: whatever comes in is applied or refused as a whole, twice the same, and leaves a resource in
//! its one form; and of a group's members those stay that no operation names, unless the list goes as a whole.
#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use admittance::{
    json,
    limits::{JsonLimits, Limits, ScimLimits},
    scim::{
        Error,
        leniency::Leniency,
        patch::{self, Base, PATCH_OP},
        resource::{Purpose, Reading, Resource, read},
        schema::{ENTERPRISE_USER, ResourceType},
    },
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    for (resource_type, resource) in RESOURCES.iter() {
        for leniency in [Leniency::strict(), Leniency::interop()] {
            let _ = apply(resource_type, resource, data, leniency);
        }
    }
    let input = &mut Unstructured::new(data);
    let _ = members(input);
    let _ = attributes(input);
});

static LIMITS: LazyLock<ScimLimits> = LazyLock::new(|| Limits::default().scim);
static GROUP: LazyLock<ResourceType> = LazyLock::new(ResourceType::group);
static USER: LazyLock<ResourceType> = LazyLock::new(ResourceType::user);
static RESOURCES: LazyLock<Vec<(&ResourceType, Resource)>> =
    LazyLock::new(|| vec![(&*GROUP, group(["a", "b", "c"].into())), (&*USER, user())]);

/// Applies a request twice, and checks what holds of every one.
fn apply(
    resource_type: &ResourceType,
    before: &Resource,
    body: &[u8],
    leniency: Leniency,
) -> Option<Result<Resource, Error>> {
    let object = json::parse_object(body, &JsonLimits::default()).ok()?;
    let untouched = before.clone();
    let once = |body| {
        let mut reading = Reading::new(leniency, &LIMITS);
        patch::parse(resource_type, body, &mut reading)?.apply(before, &mut reading)
    };
    let after = once(object.clone());
    assert_eq!(*before, untouched);
    match (&after, once(object.clone())) {
        (Ok(one), Ok(other)) => assert_eq!(*one, other),
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        _ => panic!("applied once, refused once"),
    }
    match &after {
        Ok(after) => one_form(resource_type, after),
        Err(error) => assert!([400, 413].contains(&error.status()), "{error}"),
    }
    // What does not speak of members leaves them.
    if let Ok(after) = &after
        && !String::from_utf8_lossy(body).to_ascii_lowercase().contains("members")
        && !body.contains(&b'\\')
    {
        assert_eq!(after.attributes().get("members"), before.attributes().get("members"));
    }
    Some(after)
}

/// A resource is what reading its own body gives.
fn one_form(resource_type: &ResourceType, resource: &Resource) {
    let body = Value::Object(resource.attributes().clone()).to_string();
    let Ok(object) = json::parse_object(body.as_bytes(), &JsonLimits::default()) else { return };
    // An empty text is stored where the setting says so.
    let leniency = Leniency::interop().without(admittance::scim::leniency::Deviation::EmptyText);
    let mut reading = Reading::new(leniency, &LIMITS);
    match read(resource_type, object, Purpose::Create, &mut reading) {
        Ok(again) => assert_eq!(again.attributes(), resource.attributes()),
        Err(error) => panic!("{error}: {body}"),
    }
    let unknown = reading.into_notes().into_iter().any(|note| note.code == "scim.unknown_attribute");
    assert!(!unknown, "{body}");
}

/// Operations whose effect on the set of members is known.
fn members(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let mut expected = ids(input)?;
    let before = group(expected.iter().copied().collect());
    let mut operations = Vec::new();
    for _ in 0..input.int_in_range(1..=6)? {
        operations.push(operation(input, &mut expected)?);
    }
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let after = apply(&GROUP, &before, body.to_string().as_bytes(), Leniency::interop());
    let after = after.expect("JSON").expect("operations that hold");
    assert_eq!(named(&after), expected, "{body}");

    let object = json::parse_object(body.to_string().as_bytes(), &JsonLimits::default()).expect("JSON");
    let mut reading = Reading::new(Leniency::interop(), &LIMITS);
    let operations = patch::parse(&GROUP, object, &mut reading).expect("parsed before");
    if let Some(delta) = operations.membership_delta() {
        let mut by_delta: BTreeSet<&str> = match delta.base {
            Base::Empty => BTreeSet::new(),
            _ => named(&before),
        };
        by_delta.retain(|id| !delta.remove.iter().any(|removed| removed == id));
        by_delta.extend(delta.add.keys().map(String::as_str));
        assert_eq!(by_delta, expected, "by delta: {body}");
    }
    Ok(())
}

const IDS: [&str; 6] = ["a", "b", "c", "d", "A", "a\"]"];

fn ids(input: &mut Unstructured<'_>) -> arbitrary::Result<BTreeSet<&'static str>> {
    (0..input.int_in_range(0..=4)?).map(|_| input.choose(&IDS).copied()).collect()
}

fn operation(input: &mut Unstructured<'_>, members: &mut BTreeSet<&'static str>) -> arbitrary::Result<Value> {
    let some = ids(input)?;
    let id = *input.choose(&IDS)?;
    let quoted = Value::from(id);
    let list: Vec<_> = some.iter().map(|id| json!({"value": id, "display": "D", "$ref": null})).collect();
    let path =
        *input.choose(&["members", "Members", "urn:ietf:params:scim:schemas:core:2.0:Group:members"])?;
    Ok(match input.int_in_range(0..=13)? {
        0 => {
            members.extend(&some);
            json!({"op": "add", "path": path, "value": list})
        }
        1 => {
            members.extend(&some);
            json!({"op": "Add", "value": {"members": list}})
        }
        2 => {
            members.insert(id);
            json!({"op": "add", "path": path, "value": {"value": id}})
        }
        3 => {
            *members = some;
            json!({"op": "replace", "path": path, "value": list})
        }
        4 => {
            *members = some;
            json!({"op": "replace", "value": {"displayName": "New", "members": list}})
        }
        5 => {
            members.clear();
            json!({"op": "remove", "path": path})
        }
        6 => {
            members.retain(|id| !some.contains(id));
            json!({"op": "Remove", "path": path, "value": list})
        }
        7 => {
            members.remove(id);
            json!({"op": "remove", "path": format!("{path}[value eq {quoted}]")})
        }
        8 => {
            members.retain(|one| *one == id);
            json!({"op": "remove", "path": format!("{path}[not (value eq {quoted})]")})
        }
        9 => json!({"op": "remove", "path": format!("{path}[value eq {quoted} and value ne {quoted}]")}),
        // A list of nothing removes nothing.
        10 => {
            let nothing =
                input.choose(&[json!([]), json!([null]), json!([{}]), json!({}), json!([[]])])?.clone();
            if nothing == json!([[]]) {
                return operation(input, members);
            }
            json!({"op": "remove", "path": path, "value": nothing})
        }
        11 => json!({"op": "replace", "value": {"displayName": "Newer", "id": id}}),
        12 => json!({"op": "replace", "path": "externalId", "value": id}),
        _ => {
            members.remove(id);
            json!({"op": "remove", "path": path, "value": id})
        }
    })
}

fn named(group: &Resource) -> BTreeSet<&str> {
    let members = group.attributes().get("members").and_then(Value::as_array);
    members.into_iter().flatten().map(|member| member["value"].as_str().expect("a text")).collect()
}

/// Operations of every form on a user, most of them refused.
fn attributes(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let mut operations = Vec::new();
    for _ in 0..input.int_in_range(1..=4)? {
        let mut operation = json!({"op": input.choose(&["add", "replace", "remove", "Add", "REMOVE", "x"])?});
        if input.int_in_range(0..=5)? > 0 {
            operation["path"] = path(input)?.into();
        }
        if input.arbitrary()? {
            operation["value"] = value(input, 3)?;
        }
        operations.push(operation);
    }
    let body = json!({"schemas": [PATCH_OP], "Operations": operations}).to_string();
    for (resource_type, resource) in RESOURCES.iter() {
        for leniency in [Leniency::strict(), Leniency::interop()] {
            let after = apply(resource_type, resource, body.as_bytes(), leniency).expect("JSON");
            // The same again is refused, or changes nothing more than the first time did: removals never grow.
            if let Ok(after) = after {
                let _ = apply(resource_type, &after, body.as_bytes(), leniency);
            }
        }
    }
    Ok(())
}

fn path(input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let name = *input.choose(NAMES)?;
    Ok(match input.int_in_range(0..=3)? {
        0 => format!("{name}.{}", input.choose(NAMES)?),
        1 => format!("{name}[{}]", condition(input)?),
        2 => format!("{name}[{}].{}", condition(input)?, input.choose(NAMES)?),
        _ => name.to_owned(),
    })
}

fn condition(input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let one = |input: &mut Unstructured<'_>| {
        let name = *input.choose(NAMES)?;
        let operator = *input.choose(&["eq", "eq", "ne", "co", "sw", "gt"])?;
        Ok(match input.int_in_range(0..=5)? {
            0 => format!("{name} pr"),
            1 => format!("not ({name} pr)"),
            2 => format!("{name} {operator} {}", input.choose(&["true", "false", "null", "7"])?),
            _ => format!("{name} {operator} {}", Value::from(*input.choose(TEXTS)?)),
        })
    };
    let first = one(input)?;
    Ok(match input.int_in_range(0..=3)? {
        0 => format!("{first} and {}", one(input)?),
        1 => format!("{first} or {}", one(input)?),
        _ => first,
    })
}

fn value(input: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
    Ok(match input.int_in_range(0..=if depth == 0 { 3 } else { 7 })? {
        0 => Value::Null,
        1 => Value::from(input.arbitrary::<bool>()?),
        2 => Value::from(input.arbitrary::<i8>()?),
        3 => Value::from(*input.choose(TEXTS)?),
        4 => {
            let count = input.int_in_range(0..=3)?;
            Value::Array((0..count).map(|_| value(input, depth - 1)).collect::<Result<_, _>>()?)
        }
        _ => {
            let mut members = serde_json::Map::new();
            for _ in 0..input.int_in_range(0..=3)? {
                members.insert((*input.choose(NAMES)?).to_owned(), value(input, depth - 1)?);
            }
            Value::Object(members)
        }
    })
}

const NAMES: &[&str] = &[
    "value",
    "type",
    "primary",
    "display",
    "$ref",
    "emails",
    "emails",
    "phoneNumbers",
    "roles",
    "addresses",
    "locality",
    "name",
    "familyName",
    "title",
    "userName",
    "active",
    "password",
    "id",
    "meta",
    "schemas",
    "groups",
    "externalId",
    "displayName",
    "members",
    "members",
    "manager",
    "department",
    "x509Certificates",
    "name.givenName",
    "emails[type eq \"work\"].value",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
    ENTERPRISE_USER,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "colour",
];

const TEXTS: &[&str] =
    &["", "a", "b", "work", "home", "True", "ada@work.example", "AAAA", "2026-11-22T00:00:00Z"];

fn group(members: Vec<&str>) -> Resource {
    let members: Vec<_> = members.into_iter().map(|id| json!({"value": id})).collect();
    made(&GROUP, &json!({"displayName": "Engineers", "members": members}))
}

fn user() -> Resource {
    made(
        &USER,
        &json!({
            "userName": "ada", "title": "a", "name": {"familyName": "a", "givenName": "b"}, "active": true,
            "emails": [
                {"value": "ada@work.example", "type": "work", "primary": true},
                {"value": "b", "type": "home"},
            ],
            "roles": [{"value": "a", "primary": true}, {"value": "b", "display": "a"}],
            ENTERPRISE_USER: {"department": "a", "manager": {"value": "b"}},
        }),
    )
}

fn made(resource_type: &ResourceType, body: &Value) -> Resource {
    let object = json::parse_object(body.to_string().as_bytes(), &JsonLimits::default()).expect("JSON");
    read(resource_type, object, Purpose::Create, &mut Reading::new(Leniency::interop(), &LIMITS))
        .expect("a body")
}
