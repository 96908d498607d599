//! What two readings of metadata differ in.

use admittance::saml::metadata::diff::{KeyName, MetadataDiff};

use super::*;

fn read_text(text: &str) -> IdpConfig {
    parse(text.as_bytes(), &ParseOptions::default(), time(NOW)).unwrap().0
}

fn text(name: &str) -> String {
    String::from_utf8(vector("accept", name)).unwrap()
}

fn diff(old: &str, new: &str) -> MetadataDiff {
    MetadataDiff::between(&read_text(old), &read_text(new)).unwrap()
}

fn key(name: &str) -> KeyName {
    let certificate = certificate(name);
    KeyName {
        certificate: Some(certificate.sha256().to_string()),
        key: public_key(name).sha256().to_string(),
        not_after: Some(certificate.not_after()),
    }
}

#[test]
fn nothing_changes_by_reading_again() {
    let text = text("metadata_everything");
    let later = text.replace("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z");
    assert_ne!(text, later);
    for new in [&text, &later] {
        let diff = diff(&text, new);
        assert!(diff.is_empty(), "{diff:?}");
        assert_eq!(diff.keys.kept.len(), 1);
    }
}

#[test]
fn a_rollover_is_seen_from_key_to_key() {
    let old = text("metadata_plain");
    let both = text("metadata_several_certs_in_key_info");
    let new = old.replace(&base64(certificate("p256").der()), &base64(certificate("p384").der()));
    assert_ne!(old, new);

    let begins = diff(&old, &both);
    assert_eq!((&begins.keys.kept, begins.keys.removed.len()), (&vec![key("p256")], 0));
    assert_eq!(begins.keys.added, [key("rsa2048"), key("p384")]);
    let ends = diff(&both, &new);
    assert_eq!((&ends.keys.kept, ends.keys.added.len()), (&vec![key("p384")], 0));
    assert_eq!(ends.keys.removed, [key("p256"), key("rsa2048")]);
    let at_once = diff(&old, &new);
    assert!(at_once.keys.kept.is_empty() && !at_once.is_empty());
    assert!(begins.sso.is_empty() && begins.slo.is_empty());

    let bare = diff(&text("metadata_rsa_key_value"), &text("metadata_ec_key_value"));
    let sha256 = |name: &str| public_key(name).sha256().to_string();
    assert_eq!(bare.keys.added, [KeyName { certificate: None, key: sha256("p384"), not_after: None }]);
    assert_eq!(bare.keys.removed, [KeyName { certificate: None, key: sha256("rsa2048"), not_after: None }]);
}

#[test]
fn everything_else_is_seen() {
    let old = text("metadata_everything");
    let changed = |from: &str, to: &str| {
        let new = old.replace(from, to);
        assert_ne!(old, new, "{from}");
        let diff = diff(&old, &new);
        assert!(!diff.is_empty(), "{from}");
        diff
    };
    let sso = changed("https://idp.example/sso/post", "https://idp.example/login").sso;
    assert_eq!(sso.added[0].location, "https://idp.example/login");
    assert_eq!((sso.removed[0].location.as_str(), sso.reordered), ("https://idp.example/sso/post", false));
    let slo = changed("https://idp.example/slo/soap", "https://idp.example/logout/soap").slo;
    assert_eq!((slo.added.len(), slo.removed.len()), (1, 1));
    let artifact =
        changed("https://idp.example/artifact", "https://idp.example/artifacts").artifact_resolution;
    assert_eq!(artifact.added[0].location, "https://idp.example/artifacts");
    let formats = changed("nameid-format:persistent", "nameid-format:transient").name_id_formats;
    assert_eq!(formats.added, ["urn:oasis:names:tc:SAML:2.0:nameid-format:transient"]);
    let signed = changed("WantAuthnRequestsSigned=\"1\"", "WantAuthnRequestsSigned=\"0\"");
    assert_eq!(signed.want_authn_requests_signed, Some(false));

    let services = read_text(&old);
    let mut stored = serde_json::to_value(&services).unwrap();
    stored["sso"].as_array_mut().unwrap().reverse();
    let reversed: IdpConfig = serde_json::from_value(stored).unwrap();
    let diff = MetadataDiff::between(&services, &reversed).unwrap();
    assert!(diff.sso.reordered && diff.sso.added.is_empty() && !diff.is_empty());

    let unsigned = parse(&vector("accept", "metadata_signed"), &options(Plain), time(NOW)).unwrap().0;
    let signed = parse(&vector("accept", "metadata_signed"), &options(Signed), time(NOW)).unwrap().0;
    let diff = MetadataDiff::between(&signed, &unsigned).unwrap();
    assert_eq!(diff.signature, Some(MetadataSignature::NotChecked));
}

#[test]
fn another_entity_is_refused() {
    let old = text("metadata_plain");
    let new = read_text(&old.replace(IDP, "https://other.example"));
    let error = MetadataDiff::between(&read_text(&old), &new).unwrap_err();
    assert_eq!(error.code(), "saml.metadata_entity_changed");
    assert_eq!(
        (error.expected().as_deref(), error.actual().as_deref()),
        (Some(IDP), Some("https://other.example"))
    );

    let pem = fs::read(key_file("p256.cert.pem")).unwrap();
    let by_hand = |issuer| {
        let (sso_url, sso_binding) = ("https://idp.example/sso", Binding::HttpRedirect);
        let manual = ManualIdp { issuer, sso_url, sso_binding, certificates: &[&pem] };
        IdpConfig::manual(&manual, UrlPolicy::Https, &Limits::default(), time(NOW)).unwrap().0
    };
    let (unpinned, pinned) = (by_hand(IdpIssuer::IssuerUnpinned), by_hand(IdpIssuer::Pinned(IDP.to_owned())));
    assert!(MetadataDiff::between(&unpinned, &pinned).unwrap().is_empty());
    assert_eq!(MetadataDiff::between(&pinned, &unpinned).unwrap_err().code(), "saml.metadata_entity_changed");
}

#[test]
fn a_stored_difference_comes_back() {
    let diff = diff(&text("metadata_plain"), &text("metadata_everything"));
    let stored = serde_json::to_value(&diff).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(serde_json::from_value::<MetadataDiff>(stored.clone()).unwrap(), diff);
    let mut changed = stored;
    changed["version"] = serde_json::json!(2);
    assert!(serde_json::from_value::<MetadataDiff>(changed).is_err());
}
