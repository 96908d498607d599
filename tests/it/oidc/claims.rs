//! What a token says about the person (oidc.md §2.4, §2.8).

use std::collections::BTreeSet;

use admittance::claims::{ClaimValue, Overage};
use admittance::note::Note;
use admittance::oidc::id_token::{EmailVerified, ValidIdToken};
use admittance::profile::GroupsClaim;
use serde_json::{Value, json};

use super::forge::{SignIn, groups_in, seconds};
use super::given;
use super::pitfalls::entra;

#[test]
fn claims_keep_their_order_and_their_names() {
    let sign_in = SignIn::new();
    let own = sign_in.payload();
    let sent = r#"{"zz":1,"https://corp.example/groups":["b","a","b"],"a.b/c~d":"x","":"y","#;
    let payload = own.replacen('{', sent, 1);
    let id = sign_in.with(|sign_in| sign_in.payload = Some(payload)).accepted();
    let names: Vec<&str> = id.claims().claims().iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(names[..4], ["zz", "https://corp.example/groups", "a.b/c~d", ""]);
    assert_eq!(
        names[4..].iter().copied().collect::<BTreeSet<_>>(),
        BTreeSet::from(["aud", "exp", "iat", "iss", "nonce", "sub", "upn"])
    );
    assert_eq!(texts(&id, "https://corp.example/groups"), ["b", "a", "b"]);
    assert_eq!((id.claims().issuer(), id.claims().subject().value.as_str()), (given::ISSUER, "248289761001"));
}

#[test]
fn values_are_text_but_for_objects_and_lists_in_lists() {
    let id = SignIn::new()
        .claim("text", "  as signed\n")
        .claim("whole", 42)
        .claim("fraction", 1.5)
        .claim("yes", true)
        .claim("nothing", Value::Null)
        .claim("object", json!({"roles": ["a"]}))
        .claim("list", json!(["a", 1, false, null, {"b": 1}, ["c"]]))
        .claim("empty", json!([]))
        .accepted();
    let json = ClaimValue::Json;
    let text = |text: &str| ClaimValue::Text(text.to_owned());
    for (name, values) in [
        ("text", vec![text("  as signed\n")]),
        ("whole", vec![text("42")]),
        ("fraction", vec![text("1.5")]),
        ("yes", vec![text("true")]),
        ("nothing", vec![json(Value::Null)]),
        ("object", vec![json(json!({"roles": ["a"]}))]),
        (
            "list",
            vec![
                text("a"),
                text("1"),
                text("false"),
                json(Value::Null),
                json(json!({"b": 1})),
                json(json!(["c"])),
            ],
        ),
        ("empty", vec![]),
    ] {
        assert_eq!(id.claims().claim(name).unwrap().values, values, "{name}");
    }
}

#[test]
fn groups_are_known_or_absent() {
    let groups = |value: Value| groups(&SignIn::new().claim("groups", value));
    assert_eq!(groups(json!(["a", "b", "a"])), GroupsClaim::from_names(["a", "b"]));
    assert_eq!(groups(json!("one")), GroupsClaim::from_names(["one"]));
    assert_eq!(groups(json!("a,b")), GroupsClaim::from_names(["a,b"]), "cut only by an explicit choice");
    assert_eq!(groups(json!([])), GroupsClaim::Empty);
    assert_eq!(groups(json!(null)), GroupsClaim::Missing);
    assert_eq!(groups(json!({"a": 1})), GroupsClaim::Missing, "keys only by an explicit choice");
    assert_eq!(self::groups(&SignIn::new()), GroupsClaim::Missing);
}

#[test]
fn members_of_another_type_are_dropped_with_a_note() {
    let sign_in = SignIn::new().claim("groups", json!(["a", 7, null, {"b": 1}, ["c"], true, "d"]));
    assert_eq!(groups(&sign_in), GroupsClaim::from_names(["a", "d"]));
    let note = Note::new("oidc.group_ignored").field("groups").expected("text").actual("5 of another type");
    assert_eq!(sign_in.accepted().notes(), [note]);
    // Where nothing is left, nothing is said: an empty list would take every membership away.
    for members in [json!([7]), json!([null]), json!([{}]), json!([[], false])] {
        let sign_in = SignIn::new().claim("groups", members.clone());
        assert_eq!(groups(&sign_in), GroupsClaim::Missing, "{members}");
        assert_eq!(sign_in.accepted().notes().len(), 1);
    }
    // UserInfo too.
    let id = SignIn::new().with_userinfo(&json!({"sub": "248289761001", "groups": ["a", 7]}));
    assert_eq!(mapped(&id), GroupsClaim::from_names(["a"]));
    assert_eq!(id.notes()[0].code, "oidc.group_ignored");
}

#[test]
fn an_overage_is_told_by_its_names() {
    let overages = |names: Value, sources: Value| {
        let id = SignIn::new().claim("_claim_names", names).claim("_claim_sources", sources).accepted();
        id.claims().overages().to_vec()
    };
    let overage =
        |name: &str, link: Option<&str>| Overage { name: name.to_owned(), link: link.map(str::to_owned) };
    let sources = json!({"src1": {"endpoint": "https://graph.windows.net/x"}});
    assert_eq!(
        overages(json!({"groups": "src1"}), sources.clone()),
        [overage("groups", Some("https://graph.windows.net/x"))]
    );
    assert_eq!(overages(json!({"groups": "src2"}), sources.clone()), [overage("groups", None)]);
    assert_eq!(overages(json!({"groups": ["src1"]}), sources.clone()), [overage("groups", None)]);
    assert_eq!(overages(json!({"groups": "src1"}), json!("none")), [overage("groups", None)]);
    assert_eq!(
        overages(json!({"groups": "src1"}), json!({"src1": {"JWT": "e30.e30.x"}})),
        [overage("groups", None)]
    );
    for no_names in [json!("groups"), json!(["groups"]), json!(null), json!({})] {
        assert_eq!(overages(no_names, sources.clone()), []);
    }
}

#[test]
fn groups_that_are_there_are_no_overage() {
    let names = json!({"groups": "src1"});
    let sent = SignIn::new().claim("_claim_names", names.clone()).claim("groups", json!(["a"]));
    assert_eq!(groups(&sent), GroupsClaim::from_names(["a"]));
    let unreadable = SignIn::new().claim("_claim_names", names.clone()).claim("groups", Value::Null);
    assert_eq!(groups(&unreadable), GroupsClaim::Overage { link: None, known: BTreeSet::new() });
    // Entra ID's flag says that what is sent is not everything.
    let flagged = SignIn::new().claim("hasgroups", true).claim("groups", json!(["a"]));
    assert_eq!(
        groups(&flagged),
        GroupsClaim::Overage { link: None, known: BTreeSet::from(["a".to_owned()]) }
    );

    // UserInfo may have what the token leaves out, and leave out what the token has not.
    let without = SignIn::new().claim("_claim_names", names.clone());
    let id = without.with_userinfo(&json!({"sub": "248289761001", "groups": ["a"]}));
    assert_eq!((mapped(&id), id.claims().overages()), (GroupsClaim::from_names(["a"]), [].as_slice()));
    let id = SignIn::new().with_userinfo(&json!({"sub": "248289761001", "_claim_names": {"groups": "src1"}}));
    assert_eq!(mapped(&id), GroupsClaim::Overage { link: None, known: BTreeSet::new() });
    let id = SignIn::new()
        .claim("_claim_names", json!({"address": "src1"}))
        .with_userinfo(&json!({"sub": "248289761001", "_claim_names": {"groups": "src1"}}));
    assert_eq!(mapped(&id), GroupsClaim::Overage { link: None, known: BTreeSet::new() });
    let id = without.with_userinfo(&json!({"sub": "248289761001"}));
    assert_eq!(mapped(&id), GroupsClaim::Overage { link: None, known: BTreeSet::new() });
}

#[test]
fn email_verified_has_three_states() {
    let verified = |value: Value| SignIn::new().claim("email_verified", value).accepted();
    for value in [json!(true), json!("true")] {
        assert_eq!(verified(value).email_verified(), EmailVerified::True);
    }
    for value in [json!(false), json!("false")] {
        let id = verified(value);
        assert_eq!((id.email_verified(), id.notes()), (EmailVerified::False, [].as_slice()));
    }
    for value in [json!("True"), json!("TRUE"), json!("yes"), json!(1), json!(null), json!([true]), json!("")]
    {
        let id = verified(value);
        assert_eq!(id.email_verified(), EmailVerified::False);
        assert_eq!(id.notes()[0].code, "oidc.email_verified_invalid");
    }
    assert_eq!(SignIn::new().accepted().email_verified(), EmailVerified::Absent);
}

#[test]
fn a_connection_vouches_for_its_own_domains_alone() {
    let vouching = |email: &str, verified: Option<Value>| {
        let mut sign_in = SignIn::new().claim("email", email).with(|sign_in| {
            sign_in.client.policy.trust_email_for_domains = BTreeSet::from(["corp.example".to_owned()]);
        });
        if let Some(verified) = verified {
            sign_in = sign_in.claim("email_verified", verified);
        }
        sign_in.accepted().verified_email().map(str::to_owned)
    };
    assert_eq!(vouching("ada@corp.example", None).as_deref(), Some("ada@corp.example"));
    assert_eq!(vouching("Ada@CORP.example", None).as_deref(), Some("Ada@CORP.example"));
    for email in [
        "ada@evil.example",
        "ada@sub.corp.example",
        "corp.example",
        "ada@corp.example@evil.example",
        "ada@evil.example@corp.example",
        "",
    ] {
        assert_eq!(vouching(email, None), None, "{email}");
    }
    assert_eq!(vouching("ada@corp.example", Some(json!(false))), None, "the provider says no");
    assert_eq!(vouching("ada@corp.example", Some(json!(0))), None, "the provider says something else");
    assert_eq!(vouching("ada@corp.example", Some(json!(null))), None);
    assert_eq!(vouching("ada@evil.example", Some(json!(true))).as_deref(), Some("ada@evil.example"));
}

#[test]
fn tenant_and_object_are_a_key_at_entra_alone() {
    let key = |sign_in: SignIn| {
        sign_in.accepted().entra_identity_key().map(|key| (key.tenant.to_owned(), key.object.to_owned()))
    };
    let (tid, oid) = ("3aa4a235-b6e2-48d5-9195-7fcf05b459b0", "690222be-ff1a-4d56-abd1-7e4f7d38e474");
    let expected = Some((tid.to_owned(), oid.to_owned()));
    assert_eq!(key(entra()), expected);
    assert_eq!(key(entra().without("oid")), None);
    let one_tenant = |issuer: &str| SignIn::new().issuer(issuer).claim("tid", tid).claim("oid", oid);
    assert_eq!(key(one_tenant(&format!("https://login.microsoftonline.com/{tid}/v2.0"))), expected);
    assert_eq!(key(one_tenant(&format!("https://sts.windows.net/{tid}/"))), expected);
    // Anybody can write these claims, and addresses that look like it.
    for issuer in [
        given::ISSUER.to_owned(),
        format!("https://evil.example/{tid}/v2.0"),
        format!("https://login.microsoftonline.com.evil.example/{tid}/v2.0"),
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0".to_owned(),
    ] {
        assert_eq!(key(one_tenant(&issuer)), None, "{issuer}");
    }
}

#[test]
fn a_session_is_stored_and_read_again() {
    let session = SignIn::new()
        .claim("sid", "s1")
        .claim("auth_time", seconds(given::now()))
        .accepted()
        .session()
        .clone();
    let stored = serde_json::to_value(&session).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(
        serde_json::from_value::<admittance::oidc::id_token::SessionRef>(stored.clone()).unwrap(),
        session
    );
    let mut later = stored;
    later["version"] = 2.into();
    assert!(serde_json::from_value::<admittance::oidc::id_token::SessionRef>(later).is_err());
}

fn texts(id: &ValidIdToken, name: &str) -> Vec<String> {
    let values = &id.claims().claim(name).unwrap().values;
    values.iter().map(|value| value.as_text().unwrap().to_owned()).collect()
}

fn groups(sign_in: &SignIn) -> GroupsClaim {
    mapped(&sign_in.accepted())
}

fn mapped(id: &ValidIdToken) -> GroupsClaim {
    groups_in(id, "groups")
}
