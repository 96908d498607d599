//! The login URL and return paths.

use admittance::connection::{State, invitation_link, login_url, return_path, sign_in_connection};
use url::Url;

use super::fixture::{in_state, new};

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
fn unknown_enterprise_keys_are_refused_like_disabled_connections() {
    let enabled = in_state(State::Enabled);
    assert!(sign_in_connection("acme", Some(&enabled)).is_ok());
    let unknown = sign_in_connection("other", None).unwrap_err();
    assert_eq!(unknown.code, "login.unknown_enterprise_key");
    assert!(unknown.message.contains("'other'"), "{}", unknown.message);
    assert_eq!(sign_in_connection("Acme", Some(&enabled)).unwrap_err().code, "login.unknown_enterprise_key");
    let disabled = in_state(State::Disabled);
    assert_eq!(sign_in_connection("acme", Some(&disabled)).unwrap_err().code, "connection.disabled");
}
