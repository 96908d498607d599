//! The key of an account: each rule, and each claim that gives none.

use admittance::claims::{Stability, SubjectId};
use admittance::id::ConnectionId;
use admittance::profile::{
    self, Alias, IdentityError, IdentityKey, IdentityRule, Mapping, Person, Rule, Source, Transform,
};
use admittance::testing::ClaimsBuilder;
use serde_json::json;

use super::{mapping, person};

fn by(rule: IdentityRule) -> Mapping {
    let mut mapping = mapping();
    mapping.identity = rule;
    mapping
}

fn key(mapping: &Mapping, claims: ClaimsBuilder) -> Result<IdentityKey, IdentityError> {
    profile::identity(&ConnectionId::from("okta-acme"), mapping, &claims.build())
}

fn attribute(name: &str) -> IdentityRule {
    IdentityRule::Attribute(name.to_owned())
}

fn subject(value: &str) -> SubjectId {
    SubjectId {
        value: value.into(),
        format: Some("persistent".into()),
        name_qualifier: Some("https://idp.example".into()),
        sp_name_qualifier: Some("https://sp.example".into()),
        stability: Stability::Stable,
    }
}

#[test]
fn m2_the_key_is_connection_issuer_and_subject_with_its_qualifiers() {
    let key = |subject| key(&mapping(), person().subject(subject)).unwrap();
    let ada = key(subject("00u1"));
    assert_eq!((ada.connection().as_str(), ada.issuer()), ("okta-acme", "https://idp.example"));
    let expected = Person::Subject {
        value: "00u1".into(),
        format: Some("persistent".into()),
        name_qualifier: Some("https://idp.example".into()),
        sp_name_qualifier: Some("https://sp.example".into()),
    };
    assert_eq!(ada.person(), &expected);
    for other in [
        SubjectId { value: "00U1".into(), ..subject("") },
        SubjectId { format: None, ..subject("00u1") },
        SubjectId { name_qualifier: None, ..subject("00u1") },
        SubjectId { sp_name_qualifier: Some("https://other.example".into()), ..subject("00u1") },
    ] {
        assert_ne!(key(other.clone()), ada, "{other:?}");
    }
}

#[test]
fn m2_another_connection_or_issuer_is_another_key() {
    let claims = |issuer| ClaimsBuilder::new(issuer, "00u1").build();
    let key = |connection: &str, issuer| {
        profile::identity(&connection.into(), &mapping(), &claims(issuer)).unwrap()
    };
    assert_eq!(key("c", "i"), key("c", "i"));
    assert_ne!(key("c", "i"), key("d", "i"));
    assert_ne!(key("c", "i"), key("c", "j"));
}

#[test]
fn m2_a_transient_subject_is_no_key() {
    let transient = SubjectId { stability: Stability::Transient, ..subject("_once") };
    let error = key(&mapping(), person().subject(transient)).unwrap_err();
    assert_eq!((&error, error.code()), (&IdentityError::Transient, "saml.name_id_transient"));
}

#[test]
fn a_chosen_attribute_takes_the_place_of_the_subject_transient_or_not() {
    let transient = SubjectId { stability: Stability::Transient, ..subject("_once") };
    let claims = || person().attribute("employeeNumber", ["4711", "", "4711"]);
    let rule = by(attribute("employeeNumber"));
    let ada = key(&rule, claims()).unwrap();
    assert_eq!(ada.person(), &Person::Attribute { name: "employeeNumber".into(), value: "4711".into() });
    assert_eq!(key(&rule, claims().subject(transient)).unwrap(), ada);
}

#[test]
fn a_chosen_attribute_has_exactly_one_value() {
    let rule = by(attribute("employeeNumber"));
    let missing = |claims| match key(&rule, claims).unwrap_err() {
        IdentityError::Missing { expected, .. } => assert_eq!(expected, "employeeNumber"),
        other => panic!("{other}"),
    };
    missing(person());
    missing(person().attribute("employeeNumber", ["", " "]));
    missing(person().json("employeeNumber", json!({ "value": "4711" })));
    missing(person().attribute("EmployeeNumber", ["4711"]));
    let several = key(&rule, person().attribute("employeeNumber", ["1", "2"])).unwrap_err();
    assert_eq!(several, IdentityError::Multiple { attribute: "employeeNumber".into(), count: 2 });
    assert_eq!(several.code(), "identity.multiple");
}

#[test]
fn m2_never_email_never_login() {
    let refused = |mapping: &Mapping, name: &str, field| {
        let error = key(mapping, person().attribute(name, ["x"])).unwrap_err();
        assert_eq!(error, IdentityError::Reassigned { attribute: name.into(), field }, "{name}");
        assert_eq!(error.code(), "identity.reassigned");
    };
    for (name, field) in [
        ("email", "email"),
        ("login", "login"),
        ("mail", "email"),
        ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "email"),
        ("userprincipalname", "login"),
        ("uid", "login"),
        ("preferred_username", "login"),
    ] {
        refused(&by(attribute(name)), name, field);
    }
    let mut own = by(attribute("address"));
    own.email = Rule::attr("address").alias(Alias::Known);
    refused(&own, "address", "email");
    let mut fallback = by(attribute("badge"));
    fallback.login = Rule::attr("x").transform(Transform::Or(vec![Source::Attr("badge".into())]));
    refused(&fallback, "badge", "login");
    let mut joined = by(attribute("badge"));
    joined.login = Rule::attr("x")
        .transform(Transform::Join { attributes: vec!["badge".into()], separator: String::new() });
    refused(&joined, "badge", "login");
}

#[test]
fn m2_entra_objects_are_keyed_by_tid_and_oid() {
    let rule = by(IdentityRule::EntraObject);
    let claims = |sub| {
        ClaimsBuilder::new("https://login.microsoftonline.com/t/v2.0", sub)
            .attribute("tid", ["t"])
            .attribute("oid", ["o"])
    };
    let ada = key(&rule, claims("pairwise-1")).unwrap();
    assert_eq!(ada.person(), &Person::EntraObject { tenant: "t".into(), object: "o".into() });
    assert_eq!(key(&rule, claims("pairwise-2")).unwrap(), ada, "another application of the tenant");
    assert_ne!(key(&mapping(), claims("o")).unwrap(), ada);
    for (kept, missing) in [("tid", "oid"), ("oid", "tid")] {
        let error = key(&rule, person().attribute(kept, ["x"])).unwrap_err();
        assert!(matches!(&error, IdentityError::Missing { expected, .. } if expected == missing), "{error}");
    }
}

#[test]
fn a_blank_subject_is_no_key() {
    for blank in ["", " "] {
        let error = key(&mapping(), ClaimsBuilder::new("i", blank)).unwrap_err();
        assert_eq!((&error, error.code()), (&IdentityError::Blank, "identity.blank"));
    }
}

#[test]
fn rules_and_keys_as_json() {
    for (rule, stored) in [
        (IdentityRule::EntraObject, json!("entra_object")),
        (attribute("employeeNumber"), json!({ "attribute": "employeeNumber" })),
    ] {
        assert_eq!(serde_json::to_value(by(rule.clone())).unwrap()["identity"], stored);
        assert_eq!(serde_json::from_value::<IdentityRule>(stored).unwrap(), rule);
    }
    let key = key(&mapping(), person()).unwrap();
    let text =
        r#"{"connection":"okta-acme","issuer":"https://idp.example","person":{"subject":{"value":"00u1"}}}"#;
    assert_eq!(serde_json::to_string(&key).unwrap(), text);
    assert_eq!(serde_json::from_str::<IdentityKey>(text).unwrap(), key);
}
