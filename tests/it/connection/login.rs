//! The login URL, return paths, and when metadata is fetched anew.

use admittance::connection::{
    Command, IdpSource, Preset, Refresh, RefreshReason, State, invitation_link, login_url, metadata_refresh,
    return_path, sign_in_connection,
};
use admittance::time::Timestamp;
use url::Url;

use super::fixture::{in_state, later, metadata, new, now, run};

#[test]
fn the_login_url_carries_the_key_percent_encoded() {
    for (key, url) in [
        ("acme", "https://product.example/login/sso?enterprise_key=acme"),
        ("a b&c=d", "https://product.example/login/sso?enterprise_key=a%20b%26c%3Dd"),
        ("é/?#", "https://product.example/login/sso?enterprise_key=%C3%A9%2F%3F%23"),
    ] {
        assert_eq!(login_url("https://product.example", key), url);
        let parsed = Url::parse(url).unwrap();
        let pairs: Vec<_> = parsed.query_pairs().collect();
        assert_eq!(pairs, [("enterprise_key".into(), key.into())]);
    }
    assert_eq!(login_url("https://x.example/app/", "k"), "https://x.example/app/login/sso?enterprise_key=k");
    assert_eq!(
        invitation_link("https://product.example", &new()),
        "https://product.example/login/sso?enterprise_key=acme"
    );
}

#[test]
fn return_paths_stay_in_the_product() {
    for path in
        ["/", "/projects", "/projects?page=2&x=%2F%2Fevil.example#top", "/a/../b", "/@evil.example", "/:80"]
    {
        assert_eq!(return_path(path), Some(path));
    }
    for path in [
        "",
        "projects",
        "//evil.example",
        "///evil.example",
        r"/\evil.example",
        r"\\evil.example",
        "/\tevil",
        "/ /evil",
        "/\n/evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "?x",
        "#x",
        "http:/evil",
    ] {
        assert_eq!(return_path(path), None, "{path:?}");
    }
    assert_eq!(return_path(&format!("/{}", "a".repeat(4000))), None);
}

#[test]
fn unknown_keys_are_refused_like_disabled_connections() {
    let enabled = in_state(State::Enabled);
    assert!(sign_in_connection("acme", Some(&enabled)).is_ok());
    let unknown = sign_in_connection("other", None).unwrap_err();
    assert_eq!(unknown.code, "login.unknown_enterprise_key");
    assert!(unknown.message.contains("'other'"), "{}", unknown.message);
    assert_eq!(sign_in_connection("Acme", Some(&enabled)).unwrap_err().code, "login.unknown_enterprise_key");
    let disabled = in_state(State::Disabled);
    assert_eq!(sign_in_connection("acme", Some(&disabled)).unwrap_err().code, "connection.disabled");
}

#[test]
fn metadata_is_fetched_once_a_day_and_after_an_unknown_key() {
    let enabled = in_state(State::Enabled);
    let schedule = |attempted, at| metadata_refresh(&enabled, RefreshReason::Schedule, attempted, at);
    let unknown_key = |attempted, at| metadata_refresh(&enabled, RefreshReason::UnknownKey, attempted, at);
    const DAY: u64 = 24 * 60 * 60;
    assert_eq!(schedule(None, later(60)), Refresh::Later(later(DAY)));
    assert_eq!(schedule(None, later(DAY)), Refresh::Now);
    assert_eq!(schedule(Some(later(DAY)), later(DAY + 60)), Refresh::Later(later(2 * DAY)));
    assert_eq!(unknown_key(None, later(1)), Refresh::Now);
    assert_eq!(unknown_key(Some(later(1)), later(2)), Refresh::Later(later(301)));
    assert_eq!(unknown_key(Some(later(1)), later(301)), Refresh::Now);
    assert_eq!(schedule(Some(Timestamp::MAX), Timestamp::MAX), Refresh::Now, "no overflow");
}

#[test]
fn uploaded_metadata_is_not_fetched() {
    let document = IdpSource::MetadataDocument(String::from_utf8(metadata()).unwrap());
    let uploaded =
        run(new(), [Command::Choose(Preset::CustomSaml), Command::SetIdp { source: document, reach: None }]);
    assert_eq!(metadata_refresh(&uploaded, RefreshReason::UnknownKey, None, now()), Refresh::Never);
    assert_eq!(metadata_refresh(&new(), RefreshReason::Schedule, None, now()), Refresh::Never);
}

#[test]
fn metadata_may_ask_to_be_read_more_often() {
    let text = String::from_utf8(metadata()).unwrap();
    let hourly = text.replacen("entityID=", "cacheDuration=\"PT1H\" entityID=", 1);
    let refreshed = Command::Refresh(admittance::connection::Reach::Metadata(hourly.into_bytes()));
    let enabled = run(in_state(State::Enabled), [refreshed]);
    let at = |seconds| metadata_refresh(&enabled, RefreshReason::Schedule, Some(now()), later(seconds));
    assert_eq!(at(60), Refresh::Later(later(3600)));
    assert_eq!(at(3600), Refresh::Now);
}
