//! Aliases: which names stand in for a source that was not sent.

use admittance::note::Note;
use admittance::profile::{self, Alias, AttributeNames, Mapping, MappingError, Profile, Rule};
use admittance::testing::ClaimsBuilder;

use super::{codes, map, mapping, person, values};

const EMAIL_URI: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

fn with_email(rule: Rule, claims: ClaimsBuilder) -> (Result<Profile, MappingError>, Vec<Note>) {
    let mut mapping = mapping();
    (mapping.name, mapping.groups, mapping.email) = (None, None, rule);
    profile::map(&mapping, &claims.attribute("login", ["ada"]).build())
}

fn sent(attributes: &[(&str, &str)]) -> ClaimsBuilder {
    let empty = ClaimsBuilder::new("i", "s");
    attributes.iter().fold(empty, |claims, (name, value)| claims.attribute(name, [*value]))
}

#[test]
fn m3_no_alias_is_used_unless_the_mapping_allows_it() {
    let (profile, notes) = with_email(Rule::attr("sonar-email"), sent(&[("email", "a@b.example")]));
    assert_eq!((profile.unwrap_err().code(), notes), ("claims.email_missing", vec![]));
}

#[test]
fn m3_the_exact_name_comes_first() {
    let rule = Rule::attr("sonar-email").alias(Alias::Known);
    let (profile, notes) =
        with_email(rule, sent(&[("email", "a@b.example"), ("sonar-email", "c@d.example")]));
    assert_eq!((profile.unwrap().email.as_str(), notes), ("c@d.example", vec![]));
}

#[test]
fn m3_aliases_are_tried_in_order_and_noted() {
    let rule = Rule::attr("sonar-email").alias(Alias::Known);
    let (profile, notes) = with_email(rule, sent(&[(EMAIL_URI, "x@y.example"), ("mail", "a@b.example")]));
    assert_eq!(profile.unwrap().email.as_str(), "a@b.example");
    let note = Note::new("claims.alias_used").field("email").expected("sonar-email").actual("mail");
    assert_eq!(notes, [note]);
}

#[test]
fn m3_an_attribute_without_a_value_is_sent_and_gives_way_to_no_alias() {
    let rule = Rule::attr("sonar-email").alias(Alias::Known);
    let claims = sent(&[("sonar-email", ""), ("email", "a@b.example")]);
    assert_eq!(with_email(rule, claims).0.unwrap_err().code(), "claims.email_missing");
}

#[test]
fn m3_every_listed_alias_of_login_email_and_groups_is_found() {
    let lists: [(&str, &[&str]); 3] = [
        (
            "login",
            &[
                "login",
                "username",
                "userprincipalname",
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
                "uid",
                "urn:oid:0.9.2342.19200300.100.1.1",
                "preferred_username",
            ],
        ),
        ("email", &["email", "mail", "Email", EMAIL_URI, "urn:oid:0.9.2342.19200300.100.1.3"]),
        (
            "groups",
            &[
                "groups",
                "Groups",
                "memberOf",
                "Group",
                "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
                "http://schemas.xmlsoap.org/claims/Group",
                "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
            ],
        ),
    ];
    for (field, names) in lists {
        for name in names {
            let mut mapping = Mapping::exact(AttributeNames {
                name: "our-name",
                login: "our-login",
                email: "our-email",
                groups: "our-groups",
            });
            let mut claims = ClaimsBuilder::new("i", "s").attribute("our-name", ["n"]);
            let rules = [&mut mapping.login, &mut mapping.email, mapping.groups.as_mut().unwrap()];
            for (rule, ours) in rules.into_iter().zip(["login", "email", "groups"]) {
                rule.aliases.push(Alias::Known);
                let sent_as = if ours == field { (*name).to_owned() } else { format!("our-{ours}") };
                claims = claims.attribute(&sent_as, ["x@y.example"]);
            }
            let (profile, notes) = map(&mapping, &claims.build());
            assert_eq!(profile.login, "x@y.example");
            assert_eq!(profile.groups, values(["x@y.example"]));
            let expected = Note::new("claims.alias_used").field(field).expected(format!("our-{field}"));
            assert_eq!(notes, [expected.actual(*name)]);
        }
    }
}

#[test]
fn m3_the_last_alias_of_name_is_given_name_and_surname() {
    let mut mapping = mapping();
    mapping.groups = None;
    mapping.name = Some(Rule::attr("full-name").alias(Alias::Known));
    let ns = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    for (given, surname) in [
        ("given_name", "family_name"),
        ("givenName", "sn"),
        ("firstName", "lastName"),
        (&*format!("{ns}/givenname"), &*format!("{ns}/surname")),
        ("urn:oid:2.5.4.42", "urn:oid:2.5.4.4"),
    ] {
        let claims = person().attribute(surname, ["Lovelace"]).attribute(given, ["Ada"]).build();
        let (profile, notes) = map(&mapping, &claims);
        assert_eq!(profile.name, "Ada Lovelace");
        assert_eq!(notes[0].actual, Some(format!("{given} + {surname}")));
    }
    let claims = person().attribute("given_name", ["Ada"]).build();
    assert_eq!(codes(&map(&mapping, &claims).1), ["claims.name_missing"], "one of two is no full name");
    let claims = person().attribute("displayName", ["Countess"]).attribute("given_name", ["Ada"]).build();
    assert_eq!(map(&mapping, &claims).0.name, "Countess");
}

#[test]
fn m4_a_friendly_name_is_an_alias_only_when_asked() {
    let oid = "urn:oid:0.9.2342.19200300.100.1.3";
    let claims = || ClaimsBuilder::new("i", "s").friendly_attribute(oid, "eMail", ["a@b.example"]);
    let (refused, _) = with_email(Rule::attr("eMail"), claims());
    assert_eq!(refused.unwrap_err().code(), "claims.email_missing");
    let (profile, notes) = with_email(Rule::attr("eMail").alias(Alias::FriendlyName), claims());
    assert_eq!(profile.unwrap().email.as_str(), "a@b.example");
    assert_eq!(notes, [Note::new("claims.alias_used").field("email").expected("eMail").actual(oid)]);
}

#[test]
fn m4_two_attributes_of_one_friendly_name_are_several_values() {
    let claims = ClaimsBuilder::new("i", "s")
        .friendly_attribute("urn:a", "eMail", ["a@b.example"])
        .friendly_attribute("urn:b", "eMail", ["c@d.example"]);
    let (refused, _) = with_email(Rule::attr("eMail").alias(Alias::FriendlyName), claims);
    assert_eq!(refused.unwrap_err().code(), "claims.email_multiple");
}
