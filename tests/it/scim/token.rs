//! Bearer tokens: scim.md K1–K8, T3.

use std::{collections::BTreeSet, time::Duration};

use admittance::{
    crypto::{DigestAlgorithm, Secret, digest},
    entropy::{Entropy, EntropyError},
    scim::{
        Error,
        access::{Scope, Scopes},
        token::{
            Bearer, GenerateError, MAX_LIVE_TOKENS, NewToken, TokenError, TokenRecord, ValidToken,
            authenticate, generate,
        },
    },
    time::Timestamp,
};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

/// Counts up, so that every token is another one and its bytes are known.
#[derive(Default)]
struct Counter {
    next: u8,
    taken: usize,
}

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes.iter_mut() {
            *byte = self.next;
            self.next = self.next.wrapping_add(1);
        }
        self.taken += bytes.len();
        Ok(())
    }
}

struct Dry;

impl Entropy for Dry {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::new())
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap().at
}

fn now() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

fn new() -> NewToken<'static> {
    NewToken { prefix: "acme", label: "Okta", scopes: Scopes::all(), expires_at: None }
}

fn made() -> (Secret, TokenRecord) {
    generate(new(), &[], &mut Counter::default(), now()).unwrap()
}

fn header(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
}

fn bearer(text: &str) -> Bearer {
    Bearer::from_headers(&header(&format!("Bearer {text}"))).unwrap()
}

fn check(text: &str, records: &[TokenRecord], now: Timestamp) -> Result<ValidToken, TokenError> {
    authenticate(&bearer(text), records, "c1", now)
}

#[test]
fn k1_a_token_is_prefix_id_and_32_random_bytes() {
    let mut entropy = Counter::default();
    let (text, record) = generate(new(), &[], &mut entropy, now()).unwrap();
    let secret: String = (0..32).map(|byte: u8| format!("{byte:02x}")).collect();
    let id: String = (32..40).map(|byte: u8| format!("{byte:02x}")).collect();
    assert_eq!(text.expose(), format!("acme_{id}_{secret}"));
    assert_eq!(record.id, id);
    assert_eq!(entropy.taken, 40);
}

#[test]
fn k1_no_token_is_made_without_random_bytes() {
    let failed = generate(new(), &[], &mut Dry, now()).unwrap_err();
    assert_eq!(failed, GenerateError::Entropy(EntropyError::new()));
    assert_eq!(failed.code(), "entropy.failed");
}

#[test]
fn k1_a_prefix_may_hold_the_separator_and_nothing_that_a_header_or_console_would_change() {
    let with =
        |prefix: &'static str| generate(NewToken { prefix, ..new() }, &[], &mut Counter::default(), now());
    let (text, record) = with("acme_scim-1").unwrap();
    assert_eq!(check(text.expose(), std::slice::from_ref(&record), now()).unwrap().id, record.id);
    for prefix in ["", "a b", "a.b", "ä", "a\n", "a/b"] {
        assert_eq!(with(prefix).unwrap_err().code(), "scim.token_prefix", "{prefix:?}");
    }
}

#[test]
fn k2_the_record_holds_the_digest_and_never_the_secret() {
    let (text, record) = made();
    let secret = text.expose().rsplit('_').next().unwrap();
    let expected: String = digest(DigestAlgorithm::Sha256, secret.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(record.secret_sha256, expected);
    let stored = serde_json::to_string(&record).unwrap();
    assert!(!stored.contains(secret));
    assert_eq!(serde_json::from_str::<TokenRecord>(&stored).unwrap(), record);
    assert_eq!((record.label.as_str(), record.created_at), ("Okta", now()));
    for shown in [format!("{record:?}"), format!("{:?}", bearer(text.expose())), format!("{text:?}")] {
        assert!(!shown.contains(secret) && !shown.contains(&expected), "{shown}");
    }
}

#[test]
fn k3_only_the_whole_secret_of_that_id_is_accepted() {
    let (text, record) = made();
    let (other, other_record) =
        generate(new(), std::slice::from_ref(&record), &mut Counter { next: 100, taken: 0 }, now()).unwrap();
    let records = [record.clone(), other_record];
    let text = text.expose();
    assert_eq!(check(text, &records, now()).unwrap().id, record.id);

    let other_secret = other.expose().rsplit('_').next().unwrap();
    let (known, secret) = text.rsplit_once('_').unwrap();
    let refused = [
        ("the secret of another token", format!("{known}_{other_secret}")),
        ("an unknown id", format!("acme_0000000000000000_{secret}")),
        ("a secret cut short", text[..text.len() - 1].to_owned()),
        ("a secret with more", format!("{text}0")),
        ("a secret in upper case", format!("{known}_{}", secret.to_uppercase())),
        ("the stored digest in place of the secret", format!("{known}_{}", record.secret_sha256)),
        ("no secret", format!("{known}_")),
        ("no prefix", text.trim_start_matches("acme_").to_owned()),
        ("something else", "secret".to_owned()),
        ("separators alone", "__".to_owned()),
    ];
    for (name, token) in refused {
        assert_eq!(check(&token, &records, now()), Err(TokenError::Wrong), "{name}");
    }
}

#[test]
fn k3_an_unknown_id_never_matches_the_dummy() {
    // A record whose digest is that of the dummy comparison is no help: its identifier has to be known as well.
    let zeros = TokenRecord::new("x", "0".repeat(64), "", Scopes::all(), now());
    assert_eq!(check("acme_y_anything", std::slice::from_ref(&zeros), now()), Err(TokenError::Wrong));
    assert_eq!(check("acme_x_anything", &[zeros], now()), Err(TokenError::Wrong));
    assert_eq!(check("acme_x_anything", &[], now()), Err(TokenError::Wrong));
}

#[test]
fn k4_several_live_tokens_make_rotation_without_a_gap() {
    let mut entropy = Counter::default();
    let (old, old_record) = generate(new(), &[], &mut entropy, now()).unwrap();
    let mut records = vec![old_record];
    let (fresh, fresh_record) = generate(new(), &records, &mut entropy, now()).unwrap();
    records.push(fresh_record);
    assert!(check(old.expose(), &records, now()).is_ok());
    assert!(check(fresh.expose(), &records, now()).is_ok());
    records[0].revoke(now());
    assert_eq!(check(old.expose(), &records, now()).unwrap_err().code(), "scim.token_revoked");
    assert!(check(fresh.expose(), &records, now()).is_ok());
}

#[test]
fn k4_five_tokens_may_be_live() {
    let mut entropy = Counter::default();
    let mut records = Vec::new();
    for _ in 0..MAX_LIVE_TOKENS {
        records.push(generate(new(), &records, &mut entropy, now()).unwrap().1);
    }
    assert_eq!(records.len(), 5);
    let ids: BTreeSet<_> = records.iter().map(|record| &record.id).collect();
    assert_eq!(ids.len(), 5);
    let refused = generate(new(), &records, &mut entropy, now()).unwrap_err();
    assert_eq!(refused, GenerateError::TooMany { live: 5, limit: 5 });
    assert_eq!(refused.code(), "scim.too_many_tokens");
    // Neither a revoked nor an expired one counts.
    records[3].revoke(now());
    assert!(generate(new(), &records, &mut entropy, now()).is_ok());
    records[3].revoked_at = None;
    records[4].expires_at = Some(now());
    assert!(generate(new(), &records, &mut entropy, now()).is_ok());
}

#[test]
fn k4_the_last_use_is_recorded_once_a_minute() {
    let (_, mut record) = made();
    assert_eq!(record.last_used_at, None);
    assert!(record.used(now()));
    assert_eq!(record.last_used_at, Some(now()));
    let later = now().saturating_add(Duration::from_secs(59));
    assert!(!record.used(later));
    assert_eq!(record.last_used_at, Some(now()));
    let later = now().saturating_add(Duration::from_secs(60));
    assert!(record.used(later));
    assert_eq!(record.last_used_at, Some(later));
}

#[test]
fn k5_a_token_has_its_scopes_and_no_other() {
    let scopes: Scopes = [Scope::UsersRead, Scope::GroupsWrite].into_iter().collect();
    let (text, record) = generate(NewToken { scopes, ..new() }, &[], &mut Counter::default(), now()).unwrap();
    let access = check(text.expose(), &[record], now()).unwrap().access;
    assert_eq!(access.check(Scope::UsersRead), Ok(()));
    assert_eq!(access.check(Scope::GroupsWrite), Ok(()));
    let missing = access.check(Scope::UsersWrite).unwrap_err();
    assert_eq!(missing, Error::Forbidden { scope: "users:write" });
    assert_eq!((missing.status(), missing.to_string().contains("users:write")), (403, true));
    assert_eq!(access.check(Scope::GroupsRead), Err(Error::Forbidden { scope: "groups:read" }));
}

#[test]
fn k5_stored_scopes_are_a_list_so_a_later_one_is_not_gained() {
    let (_, record) = made();
    let mut stored = serde_json::to_value(&record).unwrap();
    let all = serde_json::json!(["users:read", "users:write", "groups:read", "groups:write"]);
    assert_eq!(stored["scopes"], all);
    // As if it had been made when there was no scope for groups.
    stored["scopes"] = serde_json::json!(["users:read", "users:write"]);
    let early: TokenRecord = serde_json::from_value(stored.clone()).unwrap();
    assert!(!early.scopes.contains(Scope::GroupsRead));
    stored.as_object_mut().unwrap().remove("scopes");
    assert!(serde_json::from_value::<TokenRecord>(stored).is_err(), "no scopes never means all of them");
}

#[test]
fn k6_an_expired_token_is_refused_from_its_end_on() {
    let end = now().saturating_add(days(90));
    let new = NewToken { expires_at: Some(end), ..new() };
    let (text, record) = generate(new, &[], &mut Counter::default(), now()).unwrap();
    let records = [record];
    let before = end.saturating_sub(Duration::from_millis(1));
    assert!(check(text.expose(), &records, before).is_ok());
    let refused = check(text.expose(), &records, end).unwrap_err();
    assert_eq!(refused, TokenError::Expired { id: records[0].id.clone(), expired_at: end });
    assert_eq!(refused.code(), "scim.token_expired");
    assert_eq!(Error::from(refused), Error::Unauthorized);
    // Whoever has not the secret learns nothing of it.
    let (known, _) = text.expose().rsplit_once('_').unwrap();
    assert_eq!(check(&format!("{known}_0"), &records, end), Err(TokenError::Wrong));
}

#[test]
fn k6_the_end_is_warned_about_from_30_days_before() {
    let end = now().saturating_add(days(90));
    let (text, mut record) = made();
    let noted = |record: &TokenRecord, now| {
        let notes = check(text.expose(), std::slice::from_ref(record), now).unwrap().notes;
        notes.into_iter().map(|note| (note.code, note.field, note.actual)).collect::<Vec<_>>()
    };
    assert_eq!(noted(&record, now()), [], "without end, no warning");
    record.expires_at = Some(end);
    let first = end.saturating_sub(days(30));
    assert_eq!(noted(&record, first.saturating_sub(Duration::from_millis(1))), []);
    let warning = ("scim.token_expires_soon".to_owned(), Some("Okta".to_owned()), Some(end.to_string()));
    assert_eq!(noted(&record, first), [warning]);
    assert_eq!(record.expires_soon(first), Some(end));
    assert_eq!(record.expires_soon(end), None, "it has expired");
}

#[test]
fn k6_a_token_that_would_have_expired_is_not_made() {
    let new = NewToken { expires_at: Some(now()), ..new() };
    let refused = generate(new, &[], &mut Counter::default(), now()).unwrap_err();
    assert_eq!(refused.code(), "scim.token_would_be_expired");
}

#[test]
fn k7_the_scheme_is_read_in_any_case() {
    let (text, record) = made();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for space in [" ", "   "] {
            let bearer = Bearer::from_headers(&header(&format!("{scheme}{space}{}", text.expose()))).unwrap();
            assert!(authenticate(&bearer, [&record], "c1", now()).is_ok(), "{scheme}{space}");
            assert_eq!(bearer.id(), Some(record.id.as_str()));
        }
    }
}

#[test]
fn k7_what_is_no_bearer_header_gives_no_token() {
    let text = made().0;
    let text = text.expose();
    let missing = [String::new(), text.to_owned(), format!("Basic {text}"), format!("Bearer\t{text}")];
    for value in missing.iter().chain([&"Bearer".to_owned(), &"Bearer ".to_owned()]) {
        let refused = Bearer::from_headers(&header(value)).unwrap_err();
        assert_eq!(refused, TokenError::Missing, "{value:?}");
    }
    assert_eq!(Bearer::from_headers(&HeaderMap::new()).unwrap_err().code(), "scim.token_missing");
    let mut twice = header(&format!("Bearer {text}"));
    twice.append(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {text}")).unwrap());
    assert_eq!(Bearer::from_headers(&twice).unwrap_err(), TokenError::Wrong);
    let long = format!("Bearer {}", "a".repeat(513));
    assert_eq!(Bearer::from_headers(&header(&long)).unwrap_err(), TokenError::Wrong);
}

#[test]
fn k7_a_token_of_another_kind_is_compared_by_the_host() {
    let presented = bearer("chosen-by-hand");
    assert!(presented.is(&Secret::new("chosen-by-hand")));
    assert!(!presented.is(&Secret::new("chosen-by-hanD")));
    assert_eq!(presented.id(), None);
}

#[test]
fn k8_t3_a_token_stands_for_its_connection_and_no_person() {
    let (text, record) = made();
    let access = check(text.expose(), std::slice::from_ref(&record), now()).unwrap().access;
    assert_eq!(access.tenant.as_str(), "c1");
    assert_eq!(access.me, None);
    // The tokens of another connection do not hold it.
    let others = [generate(new(), &[], &mut Counter { next: 9, taken: 0 }, now()).unwrap().1];
    assert_eq!(check(text.expose(), &others, now()), Err(TokenError::Wrong));
}

#[test]
fn a_revoked_token_stays_revoked_since_the_first_time() {
    let (text, mut record) = made();
    record.revoke(now());
    record.revoke(now().saturating_add(days(1)));
    assert_eq!(record.revoked_at, Some(now()));
    assert!(!record.is_live(now()));
    let refused = check(text.expose(), std::slice::from_ref(&record), now()).unwrap_err();
    assert_eq!(refused, TokenError::Revoked { id: record.id, revoked_at: now() });
    assert_eq!(Error::from(refused).status(), 401);
}
