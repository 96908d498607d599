//! Sign-in that a third party asks for (Core 4).

use admittance::limits::Limits;
use admittance::note::Note;
use admittance::oidc::Error;
use admittance::oidc::initiated_login::{InitiatedLogin, parse};

const ISSUERS: [&str; 2] = ["https://idp.example", "https://other.example/"];
const BASES: [&str; 2] = ["https://rp.example/app", "http://localhost:3000"];

#[test]
fn a_portal_asks_for_a_sign_in() {
    let query = "iss=https%3A%2F%2Fidp.example&login_hint=ada%40corp.example&target_link_uri=https%3A%2F%2Frp.example%2Freports%3Fq%3D1&x=y";
    let (login, notes) = read(query).unwrap();
    assert_eq!(notes, []);
    assert_eq!(login.issuer(), "https://idp.example");
    assert_eq!(login.login_hint(), Some("ada@corp.example"));
    assert_eq!(login.target_link_uri().unwrap().as_str(), "https://rp.example/reports?q=1");

    let (login, notes) = read("iss=https://other.example/").unwrap();
    assert_eq!((login.login_hint(), login.target_link_uri(), notes), (None, None, vec![]));
}

/// §2.6 #12, §4.
#[test]
fn initiated_login_unknown_iss() {
    for iss in [
        "https://evil.example",
        "https://idp.example/",
        "https://other.example",
        "HTTPS://idp.example",
        "https://IDP.example",
        "https://idp.example%20",
        "",
    ] {
        let error = read(&format!("iss={iss}")).unwrap_err();
        assert_eq!(error.code(), "oidc.initiated_login_unknown_issuer", "{iss}");
        assert_eq!(error.expected().as_deref(), Some("https://idp.example, https://other.example/"));
    }
    let long = format!("https://evil.example/%0d%0a{}", "x".repeat(5000));
    let shown = read(&format!("iss={long}")).unwrap_err().actual().unwrap();
    assert!(shown.len() == 1024 && shown.starts_with("https://evil.example/xxx"), "{shown}");
    let error = read("login_hint=ada").unwrap_err();
    assert_eq!((error.code(), error.actual()), ("oidc.initiated_login_unknown_issuer", None));
}

/// §2.6 #12.
#[test]
fn a_parameter_is_there_twice() {
    for twice in ["iss=https://idp.example", "login_hint=a", "target_link_uri=https://rp.example"] {
        let error =
            read(&format!("iss=https://idp.example&login_hint=a&target_link_uri=https://rp.example&{twice}"));
        assert_eq!(error.unwrap_err().code(), "oidc.initiated_login_malformed", "{twice}");
    }
    let long = format!("iss=https://idp.example&x={}", "y".repeat(64 * 1024));
    for malformed in ["iss=%ff", "iss=%4", &long] {
        assert_eq!(read(malformed).unwrap_err().code(), "oidc.initiated_login_malformed");
    }
}

/// §2.6 #13, §4.
#[test]
fn target_link_other_origin() {
    for target in [
        "https://evil.example/",
        "https://rp.example.evil.example/",
        "https://rp.example:8443/",
        "https://rp.example@evil.example/",
        "https://user@rp.example/",
        "http://rp.example/",
        "http://localhost:3000/x",
        "//evil.example",
        "/reports",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ] {
        let (login, notes) = read(&format!("iss=https://idp.example&target_link_uri={target}")).unwrap();
        assert_eq!(login.target_link_uri(), None, "{target}");
        let note = Note::new("oidc.target_dropped").field("target_link_uri");
        assert_eq!(notes, [note.expected("https://rp.example/app, http://localhost:3000")]);
    }
    let same = "iss=https://idp.example&target_link_uri=https://RP.example:443/x";
    assert_eq!(read(same).unwrap().0.target_link_uri().unwrap().as_str(), "https://rp.example/x");
}

fn read(query: &str) -> Result<(InitiatedLogin, Vec<Note>), Error> {
    parse(query, &ISSUERS, &BASES, &Limits::default())
}
