//! Which URLs are followed.

use admittance::endpoint::{EndpointError, UrlPolicy, check, check_fetch};
use proptest::prelude::*;

use UrlPolicy::{DangerAnyHttp, HttpOnLoopback, Https};

#[test]
fn schemes_by_policy() {
    for (text, policies) in [
        ("https://idp.example/sso?a=b%20c&d", &[Https, HttpOnLoopback, DangerAnyHttp][..]),
        ("HTTPS://IDP.example:8443", &[Https, HttpOnLoopback, DangerAnyHttp]),
        ("https://idp.example/{tenant}/sso", &[Https, HttpOnLoopback, DangerAnyHttp]),
        ("http://localhost:8080/sso", &[HttpOnLoopback, DangerAnyHttp]),
        ("http://127.0.0.1/sso", &[HttpOnLoopback, DangerAnyHttp]),
        ("http://127.9.9.9/sso", &[HttpOnLoopback, DangerAnyHttp]),
        ("http://[::1]:80/sso", &[HttpOnLoopback, DangerAnyHttp]),
        ("http://idp.example/sso", &[DangerAnyHttp]),
        ("http://localhost.example/sso", &[DangerAnyHttp]),
        ("http://10.0.0.1/sso", &[DangerAnyHttp]),
        ("http://[::ffff:127.0.0.1]/", &[DangerAnyHttp]),
        ("ftp://idp.example/", &[]),
        ("javascript://idp.example/%0aalert(1)", &[]),
        ("file://idp.example/etc/passwd", &[]),
        ("wss://idp.example/", &[]),
    ] {
        for policy in [Https, HttpOnLoopback, DangerAnyHttp] {
            match check(text, policy) {
                Ok(_) => assert!(policies.contains(&policy), "{text} {policy:?}"),
                Err(EndpointError::Scheme { url, .. }) => {
                    assert_eq!(url, text);
                    assert!(!policies.contains(&policy), "{text} {policy:?}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn each_rule_has_its_variant() {
    for (text, code) in [
        ("", "endpoint.not_absolute"),
        ("/sso", "endpoint.not_absolute"),
        ("idp.example/sso", "endpoint.not_absolute"),
        ("//idp.example/sso", "endpoint.not_absolute"),
        ("https://", "endpoint.no_host"),
        ("https://?x", "endpoint.no_host"),
        ("mailto:a@idp.example", "endpoint.no_host"),
        ("javascript:alert(1)", "endpoint.no_host"),
        ("urn:oid:1.2.3", "endpoint.no_host"),
        ("https://user@idp.example/", "endpoint.user_info"),
        ("https://user:secret@idp.example/", "endpoint.user_info"),
        ("https://:secret@idp.example/", "endpoint.user_info"),
        ("https://idp.example/#", "endpoint.fragment"),
        ("https://idp.example/sso#x", "endpoint.fragment"),
        (" https://idp.example/", "endpoint.invalid"),
        ("https://idp.example/ ", "endpoint.invalid"),
        ("https://idp.example/a b", "endpoint.invalid"),
        ("https://idp.ex\tample/", "endpoint.invalid"),
        ("https://idp.example/\u{0}", "endpoint.invalid"),
        ("https:\\\\idp.example/", "endpoint.invalid"),
        ("https://idp.example\\@evil.example/", "endpoint.invalid"),
        ("https:idp.example", "endpoint.invalid"),
        ("https:///idp.example", "endpoint.invalid"),
        ("https://idp.example:99999/", "endpoint.invalid"),
        ("https://[::1", "endpoint.invalid"),
        ("https://a@b@idp.example/", "endpoint.invalid"),
        ("https://999.1.1.1/", "endpoint.invalid"),
    ] {
        let error = check(text, Https).unwrap_err();
        assert_eq!(error.code(), code, "{text:?}: {error}");
    }
}

#[test]
fn evidence_holds_no_password() {
    for text in [
        "https://user:secret@idp.example/sso",
        "https://user:secret@idp.example:99999/sso",
        "https:\\\\user:secret@idp.example/sso",
        "https://user:secret@idp.example/#f",
        "ftp://user:secret@idp.example/",
        "https:user:secret@idp.example",
    ] {
        let error = check(text, Https).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        assert!(error.url().contains("idp.example"));
    }
}

#[test]
fn fetched_urls_name_no_inner_address() {
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[ff02::1]",
        "[fec0::1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:0a00:0001::]",
        "[2001::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[::8.8.8.8]",
    ] {
        let text = format!("https://{host}/jwks");
        let error = check_fetch(&text, Https).unwrap_err();
        assert_eq!(error.code(), "endpoint.not_public", "{host}");
        assert!(check(&text, Https).is_ok(), "{host}");
    }
    for host in [
        "idp.example",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "[2606:4700::1111]",
        "[2001:4860:4860::8888]",
        "[64:ff9b::8.8.8.8]",
        "[2002:0808:0808::]",
        "localhost.example",
    ] {
        assert!(check_fetch(&format!("https://{host}/jwks"), Https).is_ok(), "{host}");
    }
}

#[test]
fn loopback_is_fetched_when_the_policy_says_so() {
    for policy in [HttpOnLoopback, DangerAnyHttp] {
        for host in ["localhost:3000", "127.0.0.1", "[::1]"] {
            assert!(check_fetch(&format!("http://{host}/"), policy).is_ok(), "{host}");
            assert!(check_fetch(&format!("https://{host}/"), policy).is_ok(), "{host}");
        }
        assert!(check_fetch("https://10.0.0.1/", policy).is_err());
        assert!(check_fetch("https://169.254.169.254/", policy).is_err());
    }
}

#[test]
fn policy_is_a_word_in_configuration() {
    assert_eq!(UrlPolicy::default(), Https);
    for (policy, word) in
        [(Https, "https"), (HttpOnLoopback, "http_on_loopback"), (DangerAnyHttp, "danger_any_http")]
    {
        assert_eq!(serde_json::to_value(policy).unwrap(), word);
        assert_eq!(serde_json::from_value::<UrlPolicy>(word.into()).unwrap(), policy);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = check_fetch(&text, DangerAnyHttp);
    }

    #[test]
    fn what_passes_has_no_secret_place(text in "(https?|ftp)?:?[/\\\\]{0,3}[a-z:@.\\[\\]/?#%0-9]{0,24}") {
        if let Ok(url) = check(&text, Https) {
            prop_assert!(url.scheme() == "https" && url.has_host() && url.fragment().is_none());
            prop_assert!(url.username().is_empty() && url.password().is_none());
            prop_assert!(text.starts_with("https://"));
        }
    }
}
