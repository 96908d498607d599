//! Claims to a profile: each mapping rule, each transform, each state of the groups claim.

mod aliases;
mod email;
mod groups_claim;
mod identity;
mod properties;
mod resolve;
mod transforms;

use admittance::claims::Claims;
use admittance::note::Note;
use admittance::profile::{
    self, Alias, AttributeNames, EmailFlaw, GroupsClaim, Mapping, MappingError, Pointer, PointerError,
    Profile, Rule, Source, Transform,
};
use admittance::testing::ClaimsBuilder;
use serde_json::{Value, json};

pub(super) fn mapping() -> Mapping {
    Mapping::exact(AttributeNames { name: "name", login: "login", email: "email", groups: "groups" })
}

/// A person with a login and an address, and nothing else.
fn person() -> ClaimsBuilder {
    ClaimsBuilder::new("https://idp.example", "00u1")
        .attribute("login", ["ada"])
        .attribute("email", ["ada@example.com"])
}

fn named_person() -> ClaimsBuilder {
    person().attribute("name", ["Ada Lovelace"])
}

pub(super) fn map(mapping: &Mapping, claims: &Claims) -> (Profile, Vec<Note>) {
    let (profile, notes) = profile::map(mapping, claims);
    (profile.unwrap(), notes)
}

fn error(mapping: &Mapping, claims: &Claims) -> MappingError {
    profile::map(mapping, claims).0.unwrap_err()
}

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.code.as_str()).collect()
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

/// The groups that `rule` finds, and the codes of the notes about them.
fn groups(rule: Rule, claims: ClaimsBuilder) -> (GroupsClaim, Vec<String>) {
    let mut mapping = mapping();
    mapping.name = None;
    mapping.groups = Some(rule);
    let (profile, notes) = map(&mapping, &claims.build());
    (profile.groups, notes.into_iter().map(|note| note.code).collect())
}

fn values<const N: usize>(names: [&str; N]) -> GroupsClaim {
    GroupsClaim::from_names(names)
}

mod fields {
    use super::*;

    #[test]
    fn m2_the_four_fields_and_the_subject_by_exact_name() {
        let claims = named_person().attribute("groups", ["Reviewers", "Developers", "Reviewers"]).build();
        let (profile, notes) = map(&mapping(), &claims);
        assert_eq!(profile.subject, *claims.subject());
        assert_eq!(profile.name, "Ada Lovelace");
        assert_eq!(profile.login, "ada");
        assert_eq!(profile.email.as_str(), "ada@example.com");
        assert_eq!(profile.groups, values(["Developers", "Reviewers"]));
        assert_eq!(notes, []);
    }

    #[test]
    fn m3_names_match_case_sensitively() {
        let claims =
            ClaimsBuilder::new("i", "s").attribute("Login", ["ada"]).attribute("email", ["a@b.example"]);
        let error = error(&mapping(), &claims.build());
        assert_eq!(error.code(), "claims.login_missing");
        assert_eq!(
            error.to_string(),
            "no value for login: nothing received as 'login'; received: Login, email"
        );
    }

    #[test]
    fn m4_values_of_one_name_in_several_statements_are_joined_in_order() {
        let mut mapping = mapping();
        mapping.login = Rule::attr("login").transform(Transform::First);
        let claims = named_person().attribute("login", ["second"]).build();
        assert_eq!(map(&mapping, &claims).0.login, "ada");
    }

    #[test]
    fn m7_several_email_values_and_none_is_chosen() {
        let error = error(&mapping(), &named_person().attribute("email", ["countess@example.com"]).build());
        assert_eq!(error, MappingError::EmailMultiple { attribute: "email".into(), count: 2 });
        assert_eq!(error.code(), "claims.email_multiple");
    }

    #[test]
    fn m7_a_repeated_email_value_is_one_value() {
        let claims = named_person().attribute("email", ["ada@example.com", ""]).build();
        assert_eq!(map(&mapping(), &claims).0.email.as_str(), "ada@example.com");
    }

    #[test]
    fn m7_several_login_values_are_an_error() {
        let error = error(&mapping(), &named_person().attribute("login", ["countess"]).build());
        assert_eq!(error, MappingError::LoginMultiple { attribute: "login".into(), count: 2 });
        assert_eq!(error.code(), "claims.login_multiple");
    }

    #[test]
    fn m7_without_a_name_login_is_shown_and_noted() {
        let (profile, notes) = map(&mapping(), &person().attribute("groups", ["g"]).build());
        assert_eq!(profile.name, "ada");
        let note =
            Note::new("claims.name_missing").field("name").expected("name").actual("login, email, groups");
        assert_eq!(notes, [note]);
    }

    #[test]
    fn a_blank_name_is_no_name() {
        let claims = person().attribute("name", [" \u{a0}"]).attribute("groups", ["g"]).build();
        let (profile, notes) = map(&mapping(), &claims);
        assert_eq!((profile.name.as_str(), codes(&notes)), ("ada", vec!["claims.name_missing"]));
    }

    #[test]
    fn without_a_rule_for_name_login_is_shown_without_a_note() {
        let mut mapping = mapping();
        mapping.name = None;
        let (profile, notes) = map(&mapping, &named_person().attribute("groups", ["g"]).build());
        assert_eq!((profile.name.as_str(), notes), ("ada", vec![]));
    }

    #[test]
    fn of_several_names_the_first_is_shown_and_noted() {
        let claims = named_person().attribute("name", ["Countess"]).attribute("groups", ["g"]).build();
        let (profile, notes) = map(&mapping(), &claims);
        assert_eq!((profile.name.as_str(), codes(&notes)), ("Ada Lovelace", vec!["claims.name_multiple"]));
    }

    #[test]
    fn a_missing_email_names_what_was_received() {
        let claims =
            ClaimsBuilder::new("i", "s").attribute("login", ["ada"]).attribute("mail", ["a@b.example"]);
        let error = error(&mapping(), &claims.build());
        let received = vec!["login".to_owned(), "mail".to_owned()];
        assert_eq!(error, MappingError::EmailMissing { expected: "email".into(), received });
        assert_eq!(error.code(), "claims.email_missing");
    }

    #[test]
    fn an_email_without_a_value_is_missing() {
        let claims = ClaimsBuilder::new("i", "s").attribute("login", ["ada"]).attribute("email", ["", "  "]);
        assert_eq!(error(&mapping(), &claims.build()).code(), "claims.email_missing");
    }

    #[test]
    fn an_email_that_is_no_address_names_the_attribute_and_the_flaw_but_not_the_value() {
        let claims =
            ClaimsBuilder::new("i", "s").attribute("login", ["ada"]).attribute("email", ["lovelace"]);
        let error = error(&mapping(), &claims.build());
        assert_eq!(error, MappingError::EmailInvalid { attribute: "email".into(), flaw: EmailFlaw::NoAt });
        assert_eq!(error.code(), "claims.email_invalid");
        assert_eq!(error.to_string(), "the value of 'email' is no email address: no '@'");
    }

    #[test]
    fn nothing_received_is_said_so() {
        let error = error(&mapping(), &ClaimsBuilder::new("i", "s").build());
        assert_eq!(error.to_string(), "no value for login: nothing received as 'login'; received: nothing");
    }

    #[test]
    fn when_login_and_email_both_fail_the_second_failure_is_a_note() {
        let claims = ClaimsBuilder::new("i", "s").attribute("mail", ["x"]).build();
        let (profile, notes) = profile::map(&mapping(), &claims);
        assert_eq!(profile.unwrap_err().code(), "claims.login_missing");
        assert_eq!(
            codes(&notes),
            ["claims.name_missing", "groups.attribute_missing", "claims.email_missing"]
        );
        assert_eq!(
            notes[2],
            Note::new("claims.email_missing").field("email").expected("email").actual("mail")
        );
    }

    #[test]
    fn a_line_break_in_a_name_does_not_break_the_error_text() {
        let claims = ClaimsBuilder::new("i", "s").attribute("a\nERROR forged", ["x"]).build();
        assert!(!error(&mapping(), &claims).to_string().contains('\n'));
    }
}

mod verified_addresses {
    use admittance::profile::EmailVerified::{self, No, NotStated, Yes};

    use super::*;

    fn verified(mapping: &Mapping, claims: ClaimsBuilder) -> (EmailVerified, Vec<Note>) {
        let (profile, notes) =
            map(mapping, &claims.attribute("name", ["n"]).attribute("groups", ["g"]).build());
        (profile.email_verified, notes)
    }

    #[test]
    fn d20_three_states_by_boolean_and_by_text() {
        for (value, state) in [(json!(true), Yes), (json!(false), No)] {
            assert_eq!(verified(&mapping(), person().json("email_verified", value)).0, state);
        }
        for (value, state) in [("true", Yes), ("false", No), ("", NotStated)] {
            assert_eq!(verified(&mapping(), person().attribute("email_verified", [value])).0, state);
        }
        assert_eq!(verified(&mapping(), person()), (NotStated, vec![]));
    }

    #[test]
    fn d20_an_unverified_address_is_noted() {
        let (_, notes) = verified(&mapping(), person().json("email_verified", json!(false)));
        let note = Note::new("claims.email_unverified").field("email_verified").expected("true");
        assert_eq!(notes, [note.actual("false in email_verified")]);
    }

    #[test]
    fn d20_entra_says_it_in_a_claim_of_its_own() {
        let (state, notes) = verified(&mapping(), person().json("xms_edov", json!(false)));
        assert_eq!((state, codes(&notes)), (No, vec!["claims.email_unverified"]));
        let both = person().json("email_verified", json!(true)).json("xms_edov", json!(false));
        assert_eq!(verified(&mapping(), both).0, Yes, "the standard claim goes first");
    }

    #[test]
    fn another_spelling_is_read_where_the_mapping_says_so() {
        let claims = || person().attribute("verified", ["Yes"]);
        let mut own = mapping();
        own.email_verified = Some(Rule::attr("verified"));
        let (state, notes) = verified(&own, claims());
        assert_eq!((state, codes(&notes)), (NotStated, vec!["claims.value_dropped"]));
        own.email_verified = Some(Rule::attr("verified").transform(Transform::BoolString));
        assert_eq!(verified(&own, claims()), (Yes, vec![]));
    }

    #[test]
    fn a_contradiction_is_no_statement() {
        let (state, notes) = verified(&mapping(), person().attribute("email_verified", ["true", "false"]));
        assert_eq!((state, codes(&notes)), (NotStated, vec!["claims.value_dropped"]));
    }
}

mod sources {
    use super::*;

    fn keycloak() -> ClaimsBuilder {
        person().json(
            "realm_access",
            json!({ "roles": ["dev", "ops"], "a/b": "slash", "n": 7, "t": true, "z": null }),
        )
    }

    fn at(text: &str) -> (GroupsClaim, Vec<String>) {
        groups(Rule::new(Source::Pointer(pointer(text))), keycloak())
    }

    #[test]
    fn m1_attr_takes_texts_as_they_are() {
        let rule = Rule::attr("groups");
        assert_eq!(groups(rule, person().attribute("groups", [" a ", "A"])), (values([" a ", "A"]), vec![]));
    }

    #[test]
    fn m1_pointer_reads_inside_a_claim() {
        assert_eq!(at("/realm_access/roles"), (values(["dev", "ops"]), vec![]));
        assert_eq!(at("/realm_access/roles/1"), (values(["ops"]), vec![]));
        assert_eq!(at("/realm_access/a~1b"), (values(["slash"]), vec![]));
    }

    #[test]
    fn m1_pointer_into_a_list_of_objects_reads_each() {
        let claims = person().json("teams", json!({ "name": "dev" })).json("teams", json!({ "name": "ops" }));
        assert_eq!(
            groups(Rule::new(Source::Pointer(pointer("/teams/name"))), claims).0,
            values(["dev", "ops"])
        );
    }

    #[test]
    fn m1_pointer_to_a_whole_claim_equals_attr() {
        let name = "https://example.com/groups";
        let rule = Rule::new(Source::Pointer(pointer("/https:~1~1example.com~1groups")));
        assert_eq!(groups(rule, person().attribute(name, ["dev"])), (values(["dev"]), vec![]));
    }

    #[test]
    fn m1_pointer_to_nothing_is_missing() {
        for text in
            ["/realm_access/none", "/none", "/login/inside", "/realm_access/roles/01", "/realm_access/z"]
        {
            assert_eq!(
                at(text),
                (GroupsClaim::Missing, vec!["groups.attribute_missing".to_owned()]),
                "{text}"
            );
        }
    }

    #[test]
    fn m1_keys_are_the_names_of_an_objects_members() {
        let roles = json!({ "dev": { "org": "a" }, "ops": {} });
        let claims = || person().json("urn:zitadel:iam:org:project:roles", roles.clone());
        let keys = |path: &str| {
            let pointer = pointer(&format!("/urn:zitadel:iam:org:project:roles{path}"));
            groups(Rule::new(Source::Keys(pointer)), claims())
        };
        assert_eq!(keys(""), (values(["dev", "ops"]), vec![]));
        assert_eq!(keys("/dev"), (values(["org"]), vec![]));
        assert_eq!(keys("/ops"), (GroupsClaim::Empty, vec!["groups.empty".to_owned()]));
        let not_an_object = ["claims.value_dropped".to_owned(), "groups.attribute_missing".to_owned()];
        assert_eq!(keys("/dev/org"), (GroupsClaim::Missing, not_an_object.to_vec()));
    }

    #[test]
    fn m6_numbers_and_booleans_become_text() {
        assert_eq!(at("/realm_access/n").0, values(["7"]));
        assert_eq!(at("/realm_access/t").0, values(["true"]));
    }

    #[test]
    fn m6_an_object_reached_by_attr_is_dropped_with_a_note_and_does_not_count_as_empty() {
        let (claim, codes) = groups(Rule::attr("realm_access"), keycloak());
        assert_eq!(claim, GroupsClaim::Missing);
        assert_eq!(codes, ["claims.value_dropped", "groups.attribute_missing"]);
    }

    #[test]
    fn m6_a_list_keeps_its_texts_and_drops_its_objects() {
        let claims = person().json("groups", json!(["dev", { "name": "ops" }, ["nested"], 7]));
        let expected = (values(["dev", "7"]), vec!["claims.value_dropped".to_owned()]);
        assert_eq!(groups(Rule::attr("groups"), claims), expected);
    }

    #[test]
    fn m6_a_list_of_objects_alone_is_not_an_empty_list() {
        let claims = |value: Value| person().json("groups", value);
        assert_eq!(groups(Rule::attr("groups"), claims(json!([{}]))).0, GroupsClaim::Missing);
        assert_eq!(groups(Rule::attr("groups"), claims(json!([]))).0, GroupsClaim::Empty);
    }

    #[test]
    fn m6_a_single_string_is_one_value_unless_it_is_split() {
        let claims = || person().attribute("groups", ["dev,ops"]);
        assert_eq!(groups(Rule::attr("groups"), claims()).0, values(["dev,ops"]));
        let split = Rule::attr("groups").transform(Transform::SplitOn(','));
        assert_eq!(groups(split, claims()).0, values(["dev", "ops"]));
    }

    #[test]
    fn a_pointer_names_a_claim_and_has_whole_escapes() {
        assert_eq!(Pointer::parse("/a~1b~01/c").unwrap().claim(), "a/b~1");
        for (text, error) in [
            ("", PointerError::NoClaim),
            ("/", PointerError::NoClaim),
            ("//a", PointerError::NoClaim),
            ("groups", PointerError::NoClaim),
            ("/a~", PointerError::Escape),
            ("/a/b~2", PointerError::Escape),
        ] {
            assert_eq!(Pointer::parse(text), Err(error), "{text}");
        }
    }
}

mod stored {
    use super::*;

    #[test]
    fn the_plain_mapping_as_json() {
        let attr = |name: &str| json!({ "source": { "attr": name } });
        let expected = json!({
            "version": 1,
            "name": attr("name"), "login": attr("login"), "email": attr("email"), "groups": attr("groups"),
        });
        assert_eq!(serde_json::to_value(mapping()).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Mapping>(expected).unwrap(), mapping());
    }

    #[test]
    fn every_part_of_the_language_as_json() {
        let rule = Rule::new(Source::Pointer(pointer("/a/b")))
            .alias(Alias::Known)
            .alias(Alias::FriendlyName)
            .transform(Transform::StripPath)
            .transform(Transform::Or(vec![Source::Keys(pointer("/c"))]))
            .transform(Transform::Trim)
            .transform(Transform::Lower)
            .transform(Transform::SplitOn(';'))
            .transform(Transform::StripPrefix("p_".into()))
            .transform(Transform::Join { attributes: vec!["x".into(), "y".into()], separator: " ".into() })
            .transform(Transform::BoolString)
            .transform(Transform::OnlyAddresses)
            .transform(Transform::First);
        let expected = json!({
            "source": { "pointer": "/a/b" },
            "aliases": ["known", "friendly_name"],
            "transforms": [
                "strip_path", { "or": [{ "keys": "/c" }] }, "trim", "lower", { "split_on": ";" },
                { "strip_prefix": "p_" }, { "join": { "attributes": ["x", "y"], "separator": " " } },
                "bool_string", "only_addresses", "first",
            ],
        });
        assert_eq!(serde_json::to_value(&rule).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Rule>(expected).unwrap(), rule);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let attr = r#"{"source":{"attr":"a"}}"#;
        for (text, part) in [
            (format!(r#"{{"version":2,"login":{attr},"email":{attr}}}"#), "version 2"),
            (format!(r#"{{"login":{attr},"email":{attr}}}"#), "version"),
            (format!(r#"{{"version":1,"email":{attr}}}"#), "login"),
            (format!(r#"{{"version":1,"login":{attr},"email":{attr},"phone":{attr}}}"#), "phone"),
            (format!(r#"{{"version":1,"login":{attr},"email":{{"source":{{"regex":"."}}}}}}"#), "regex"),
            (format!(r#"{{"version":1,"login":{attr},"email":{{"source":{{"pointer":"a"}}}}}}"#), "pointer"),
            (
                format!(
                    r#"{{"version":1,"login":{attr},"email":{{"source":{{"attr":"a"}},"transform":[]}}}}"#
                ),
                "transform",
            ),
        ] {
            let error = serde_json::from_str::<Mapping>(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_profile_reads_well_as_json() {
        let (profile, _) = map(&mapping(), &named_person().attribute("groups", ["dev"]).build());
        let expected = json!({
            "subject": { "value": "00u1", "stability": "stable" },
            "name": "Ada Lovelace",
            "login": "ada",
            "email": "ada@example.com", "email_verified": "not_stated",
            "groups": { "values": ["dev"] },
        });
        assert_eq!(serde_json::to_value(profile).unwrap(), expected);
    }
}
