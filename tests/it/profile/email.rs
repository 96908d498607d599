//! Which texts are email addresses.

use admittance::profile::{EmailAddress, EmailFlaw};

#[test]
fn addresses_that_directories_hold_are_valid() {
    let longest = format!("{}@{}.example", "a".repeat(64), "b".repeat(63));
    for address in [
        "ada@example.com",
        "Ada.Lovelace+sso@Mail.Example.co.uk",
        "o'brien@example.ie",
        "a#EXT#@tenant.onmicrosoft.example",
        "1@2.x3",
        "x@xn--bcher-kva.example",
        "jürgen@bücher.example",
        "用户@例子.例",
        "a@a-b.example",
        &longest,
    ] {
        let parsed = EmailAddress::parse(address).unwrap_or_else(|flaw| panic!("{address}: {flaw}"));
        assert_eq!(parsed.as_str(), address);
        assert_eq!(Some(parsed.domain()), address.split('@').nth(1));
    }
}

#[test]
fn each_flaw_has_its_name() {
    let (long_local, long_label) =
        (format!("{}@b.example", "a".repeat(65)), format!("a@{}.x", "b".repeat(64)));
    let long = format!("a@{}example", "b.".repeat(130));
    for (text, flaw) in [
        ("", EmailFlaw::NoAt),
        ("ada", EmailFlaw::NoAt),
        ("a@b@c.example", EmailFlaw::SeveralAt),
        (&long_local, EmailFlaw::TooLong),
        (&long, EmailFlaw::TooLong),
        ("@b.example", EmailFlaw::LocalPart),
        (".a@b.example", EmailFlaw::LocalPart),
        ("a.@b.example", EmailFlaw::LocalPart),
        ("a..b@c.example", EmailFlaw::LocalPart),
        ("a b@c.example", EmailFlaw::LocalPart),
        (" a@b.example", EmailFlaw::LocalPart),
        ("\"a\"@b.example", EmailFlaw::LocalPart),
        ("a,b@c.example", EmailFlaw::LocalPart),
        ("Ada <ada@example.com", EmailFlaw::LocalPart),
        ("a\n@b.example", EmailFlaw::LocalPart),
        ("a\u{0}@b.example", EmailFlaw::LocalPart),
        ("a\u{200b}@b.example", EmailFlaw::LocalPart),
        ("a\u{202e}@b.example", EmailFlaw::LocalPart),
        ("a\u{a0}b@c.example", EmailFlaw::LocalPart),
        ("a\u{ff20}b@c.example", EmailFlaw::LocalPart),
        ("a@", EmailFlaw::Domain),
        ("a@localhost", EmailFlaw::Domain),
        ("a@b.example.", EmailFlaw::Domain),
        ("a@.example", EmailFlaw::Domain),
        ("a@b..example", EmailFlaw::Domain),
        ("a@-b.example", EmailFlaw::Domain),
        ("a@b-.example", EmailFlaw::Domain),
        ("a@b_c.example", EmailFlaw::Domain),
        ("a@b.example ", EmailFlaw::Domain),
        ("a@192.0.2.1", EmailFlaw::Domain),
        ("a@[192.0.2.1]", EmailFlaw::Domain),
        ("a@b.exam%70le", EmailFlaw::Domain),
        ("a@bü.exam%70le", EmailFlaw::Domain),
        ("a@bü\u{200b}", EmailFlaw::Domain),
        ("a@bü", EmailFlaw::Domain),
        (&long_label, EmailFlaw::Domain),
    ] {
        assert_eq!(EmailAddress::parse(text), Err(flaw), "{text:?}");
    }
}

#[test]
fn a_stored_address_is_checked_on_the_way_in() {
    assert!(serde_json::from_str::<EmailAddress>(r#""ada@example.com""#).is_ok());
    assert!(serde_json::from_str::<EmailAddress>(r#""ada""#).is_err());
}
