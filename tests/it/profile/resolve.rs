//! Which account a sign-in belongs to: each branch, and each way not to take one.

use admittance::note::Note;
use admittance::profile::{
    self, AccountPolicy, AccountRefusal, Activity, Binding, Candidate, Creation, IdentityKey, Profile,
    Provisioning, Resolution,
};
use admittance::testing::ClaimsBuilder;
use admittance::time::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::{map, mapping};

const CONNECTION: &str = "okta-acme";

/// Groups and accounts come from sign-in.
const SIGN_IN: AccountPolicy =
    AccountPolicy { provisioning: Provisioning::Off, creation: Creation::WithGroups };
/// Accounts come from provisioning alone.
const PROVISIONED: AccountPolicy =
    AccountPolicy { provisioning: Provisioning::On, creation: Creation::Never };
const JUST_IN_TIME: AccountPolicy =
    AccountPolicy { provisioning: Provisioning::On, creation: Creation::JustInTime };

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

fn key_of(connection: &str, issuer: &str, subject: &str) -> IdentityKey {
    let claims = ClaimsBuilder::new(issuer, subject).build();
    profile::identity(&connection.into(), &mapping(), &claims).unwrap()
}

fn key(subject: &str) -> IdentityKey {
    key_of(CONNECTION, "https://idp.example", subject)
}

fn profile_of(login: &str) -> Profile {
    let claims = ClaimsBuilder::new("https://idp.example", "00u1")
        .attribute("login", [login])
        .attribute("email", ["ada@example.com"])
        .build();
    map(&mapping(), &claims).0
}

/// An account that has signed in.
fn bound(account: &str, identity: IdentityKey) -> Candidate {
    Candidate {
        account: account.into(),
        identity: Some(identity),
        provisioned_by: None,
        user_name: None,
        activity: Activity::Active,
    }
}

/// An account that was provisioned and has never signed in.
fn waiting(account: &str, user_name: &str) -> Candidate {
    Candidate {
        account: account.into(),
        identity: None,
        provisioned_by: Some(CONNECTION.into()),
        user_name: Some(user_name.into()),
        activity: Activity::Active,
    }
}

fn inactive(candidate: Candidate) -> Candidate {
    Candidate { activity: Activity::Inactive, ..candidate }
}

/// Login `ada`, subject `00u1`.
fn resolve(candidates: &[Candidate], policy: AccountPolicy) -> Resolution {
    profile::resolve(&key("00u1"), &profile_of("ada"), candidates, policy, now())
}

fn refused(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Refuse(refusal) => refusal.code(),
        other => panic!("{other:?}"),
    }
}

mod known {
    use super::*;

    #[test]
    fn m8_known_by_identity_key() {
        let candidates = [bound("a1", key("00u1")), bound("a2", key("00u2"))];
        for policy in [SIGN_IN, PROVISIONED, JUST_IN_TIME] {
            assert_eq!(resolve(&candidates, policy), Resolution::Known("a1".into()));
        }
    }

    #[test]
    fn m8_known_goes_before_bind() {
        let candidates = [waiting("a2", "ada"), bound("a1", key("00u1"))];
        assert_eq!(resolve(&candidates, PROVISIONED), Resolution::Known("a1".into()));
    }

    #[test]
    fn a_known_account_that_is_switched_off_is_refused() {
        for policy in [SIGN_IN, PROVISIONED, JUST_IN_TIME] {
            let candidates = [inactive(bound("a1", key("00u1"))), waiting("a2", "ada")];
            assert_eq!(refused(resolve(&candidates, policy)), "account.inactive");
        }
    }

    #[test]
    fn two_accounts_with_one_key_are_refused() {
        let candidates = [bound("a1", key("00u1")), bound("a2", key("00u1"))];
        let refusal = AccountRefusal::Ambiguous { count: 2 };
        assert_eq!(resolve(&candidates, SIGN_IN), Resolution::Refuse(refusal));
    }

    #[test]
    fn an_account_given_twice_counts_once() {
        let candidates = [bound("a1", key("00u1")), bound("a1", key("00u1"))];
        assert_eq!(resolve(&candidates, SIGN_IN), Resolution::Known("a1".into()));
    }

    #[test]
    fn the_key_compares_byte_for_byte() {
        assert_eq!(resolve(&[bound("a1", key("00U1"))], SIGN_IN), Resolution::Create);
    }
}

mod bind {
    use super::*;

    fn bound_to(account: &str) -> Resolution {
        Resolution::Bind(Binding { account: account.into(), identity: key("00u1"), at: now() })
    }

    #[test]
    fn m8_bind_the_provisioned_account_whose_user_name_is_the_login_but_for_case() {
        for user_name in ["ada", "Ada", "ADA"] {
            assert_eq!(resolve(&[waiting("a1", user_name)], PROVISIONED), bound_to("a1"));
            assert_eq!(resolve(&[waiting("a1", user_name)], JUST_IN_TIME), bound_to("a1"));
        }
    }

    #[test]
    fn m8_another_user_name_is_not_bound() {
        for user_name in ["", "ad", "ada ", "ada@example.com", "a\u{301}da"] {
            let resolution = resolve(&[waiting("a1", user_name)], PROVISIONED);
            assert_eq!(refused(resolution), "account.not_provisioned", "{user_name:?}");
        }
        let nameless = Candidate { user_name: None, ..waiting("a1", "") };
        assert_eq!(refused(resolve(&[nameless], PROVISIONED)), "account.not_provisioned");
    }

    #[test]
    fn m8_bind_once_an_account_with_a_key_is_not_bound_again() {
        let taken = Candidate { identity: Some(key("00u9")), ..waiting("a1", "ada") };
        assert_eq!(refused(resolve(std::slice::from_ref(&taken), PROVISIONED)), "account.not_provisioned");
        assert_eq!(resolve(&[taken, waiting("a2", "ada")], PROVISIONED), bound_to("a2"));
    }

    #[test]
    fn m8_two_candidates_refuse() {
        let candidates = [waiting("a1", "ada"), waiting("a2", "Ada")];
        for policy in [PROVISIONED, JUST_IN_TIME] {
            assert_eq!(refused(resolve(&candidates, policy)), "account.ambiguous");
        }
    }

    #[test]
    fn m8_only_an_active_account_is_bound() {
        let off = || inactive(waiting("a1", "ada"));
        assert_eq!(refused(resolve(&[off()], PROVISIONED)), "account.not_provisioned");
        assert_eq!(resolve(&[off(), waiting("a2", "ada")], PROVISIONED), bound_to("a2"));
    }

    #[test]
    fn m8_never_across_connections() {
        let other = Candidate { provisioned_by: Some("entra-acme".into()), ..waiting("a1", "ada") };
        let nobody = Candidate { provisioned_by: None, ..waiting("a2", "ada") };
        let candidates = [other, nobody];
        assert_eq!(refused(resolve(&candidates, PROVISIONED)), "account.not_provisioned");
        let elsewhere = [bound("a3", key_of("entra-acme", "https://idp.example", "00u1"))];
        assert_eq!(refused(resolve(&elsewhere, PROVISIONED)), "account.not_provisioned");
        let other_issuer = [bound("a4", key_of(CONNECTION, "https://other.example", "00u1"))];
        assert_eq!(refused(resolve(&other_issuer, PROVISIONED)), "account.not_provisioned");
    }

    #[test]
    fn m8_never_by_email() {
        let by_email = waiting("a1", "ada@example.com");
        assert_eq!(refused(resolve(&[by_email], PROVISIONED)), "account.not_provisioned");
    }

    #[test]
    fn m8_only_where_provisioning_is_on() {
        assert_eq!(resolve(&[waiting("a1", "ada")], SIGN_IN), Resolution::Create);
    }
}

mod create {
    use super::*;

    #[test]
    fn m8_n60_create_where_groups_come_from_sign_in() {
        assert_eq!(resolve(&[], SIGN_IN), Resolution::Create);
        let both = AccountPolicy { provisioning: Provisioning::On, ..SIGN_IN };
        assert_eq!(resolve(&[], both), Resolution::Create);
    }

    #[test]
    fn m8_create_just_in_time_where_that_is_allowed() {
        assert_eq!(resolve(&[], JUST_IN_TIME), Resolution::Create);
    }

    #[test]
    fn an_account_that_provisioning_switched_off_is_not_replaced_by_a_new_one() {
        let off = [inactive(waiting("a1", "Ada"))];
        assert_eq!(refused(resolve(&off, JUST_IN_TIME)), "account.inactive");
    }
}

mod refuse {
    use super::*;

    #[test]
    fn m8_refuse_whom_provisioning_did_not_make() {
        let resolution = resolve(&[], PROVISIONED);
        assert_eq!(resolution, Resolution::Refuse(AccountRefusal::NotProvisioned));
        assert_eq!(refused(resolution), "account.not_provisioned");
    }
}

#[test]
fn d39_a_key_that_has_changed_is_noted_and_the_account_not_taken() {
    let notes =
        |candidates: &[Candidate]| profile::identity_notes(&key("00u1"), &profile_of("ada"), candidates);
    let renamed = Candidate { user_name: Some("ADA".into()), ..bound("a1", key("00u9")) };
    let changed = Note::new("saml.name_id_changed").field("identity").actual("a1");
    assert_eq!(notes(&[renamed.clone(), renamed.clone()]), [changed]);
    let folded = Note::new("saml.name_id_case_changed").field("identity").actual("a2");
    assert_eq!(notes(&[bound("a2", key("00U1"))]), [folded]);
    assert_eq!(notes(&[bound("a3", key("00u1")), renamed]), [], "known all the same");
    assert_eq!(notes(&[bound("a4", key("00u9")), waiting("a5", "ada")]), []);
    assert_eq!(notes(&[bound("a6", key_of("entra-acme", "https://idp.example", "00U1"))]), []);
}

#[test]
fn resolutions_as_json() {
    let binding = resolve(&[waiting("a1", "ada")], PROVISIONED);
    let stored =
        json!({ "bind": { "account": "a1", "identity": key("00u1"), "at": "2026-11-22T00:01:00.000Z" } });
    assert_eq!(serde_json::to_value(&binding).unwrap(), stored);
    for (resolution, stored) in [
        (Resolution::Known("a1".into()), json!({ "known": "a1" })),
        (Resolution::Create, json!("create")),
        (
            Resolution::Refuse(AccountRefusal::Ambiguous { count: 2 }),
            json!({ "refuse": { "ambiguous": { "count": 2 } } }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&resolution).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Resolution>(stored).unwrap(), resolution);
    }
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let connection = prop::sample::select(vec![CONNECTION, "entra-acme"]);
    let identity = prop::option::of(
        (connection.clone(), prop::sample::select(vec!["00u1", "00U1", "00u2"]))
            .prop_map(|(connection, subject)| key_of(connection, "https://idp.example", subject)),
    );
    let user_name = prop::option::of(prop::sample::select(vec!["ada", "Ada", "bob"]).prop_map(str::to_owned));
    let activity = prop_oneof![Just(Activity::Active), Just(Activity::Inactive)];
    ((0..4_u32), identity, prop::option::of(connection), user_name, activity).prop_map(
        |(n, identity, provisioned_by, user_name, activity)| Candidate {
            account: format!("a{n}").into(),
            identity,
            provisioned_by: provisioned_by.map(Into::into),
            user_name,
            activity,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is given: an account that is taken is active, of this connection, and the only one that fits; and
    /// the order of candidates does not matter.
    #[test]
    fn nobody_gets_an_account_that_is_not_theirs(
        mut candidates in prop::collection::vec(candidate(), 0..6),
        provisioning in prop::sample::select(vec![Provisioning::On, Provisioning::Off]),
        creation in prop::sample::select(vec![Creation::WithGroups, Creation::JustInTime, Creation::Never]),
    ) {
        let policy = AccountPolicy { provisioning, creation };
        let resolution = resolve(&candidates, policy);
        candidates.reverse();
        prop_assert_eq!(&resolve(&candidates, policy), &resolution);
        let rows = |account: &str| -> Vec<&Candidate> {
            candidates.iter().filter(|candidate| candidate.account.as_str() == account).collect()
        };
        match &resolution {
            Resolution::Known(account) => {
                let own = rows(account.as_str());
                prop_assert!(own.iter().any(|row| row.identity == Some(key("00u1"))));
                let active = |row: &&Candidate| row.activity == Activity::Active;
                prop_assert!(own.iter().filter(|row| row.identity == Some(key("00u1"))).all(active));
            }
            Resolution::Bind(binding) => {
                prop_assert_eq!(provisioning, Provisioning::On);
                let fits = |row: &&Candidate| {
                    row.identity.is_none()
                        && row.activity == Activity::Active
                        && row.provisioned_by == Some(CONNECTION.into())
                        && row.user_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("ada"))
                };
                prop_assert!(rows(binding.account.as_str()).iter().any(fits));
                prop_assert!(!candidates.iter().any(|row| row.identity == Some(key("00u1"))));
            }
            Resolution::Create => prop_assert_ne!(creation, Creation::Never),
            Resolution::Refuse(_) => {}
        }
    }
}
