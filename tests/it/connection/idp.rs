//! Who the identity provider is: by metadata URL, by document, by hand, by Okta domain, tenant or issuer.

use admittance::connection::{
    Command, Connection, IdentityProvider, IdpSource, Preset, Reach, State, TestStatus, apply,
};
use admittance::endpoint::UrlPolicy;
use admittance::oidc;
use admittance::testing::saml_idp::{SamlIdp, Shape, TestKey};

use super::fixture::{
    METADATA_URL, client, codes, create, facts, in_state, metadata, new, now, okta_oidc, refused, report,
    run, step,
};

fn set(source: IdpSource) -> Command {
    Command::SetIdp { source, reach: None }
}

fn url(text: &str) -> Command {
    set(IdpSource::MetadataUrl(text.to_owned()))
}

fn draft(preset: Preset) -> Connection {
    run(new(), [Command::Choose(preset)])
}

fn manual(certificates: Vec<String>, entity_id: Option<&str>) -> IdpSource {
    IdpSource::Manual {
        login_url: "https://idp.example/saml/sso".to_owned(),
        certificates,
        entity_id: entity_id.map(str::to_owned),
    }
}

fn certificate() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(TestKey::Rsa.certificate().der())
}

#[test]
fn metadata_urls_must_be_public_https() {
    let saml = draft(Preset::OktaSaml);
    for text in [
        "http://idp.example/metadata",
        "https://localhost/metadata",
        "https://10.0.0.1/metadata",
        "https://169.254.169.254/latest",
        "https://user:secret@idp.example/metadata",
        "ftp://idp.example/",
        "idp.example/metadata",
    ] {
        let why = refused(&saml, url(text));
        assert_eq!(codes(&why), ["saml.url_not_allowed"], "{text}");
        assert!(!format!("{why:?}").contains("secret"), "{why:?}");
    }
    assert!(run(saml, [url(METADATA_URL)]).source().is_some());
}

#[test]
fn a_document_is_read_at_once() {
    let google = draft(Preset::GoogleWorkspace);
    let html = set(IdpSource::MetadataDocument("<!DOCTYPE html><html></html>".to_owned()));
    assert_eq!(codes(&refused(&google, html)), ["saml.metadata_html"]);
    let document = String::from_utf8(metadata()).unwrap();
    let google =
        run(google, [set(IdpSource::MetadataDocument(document)), Command::Create(Reach::NothingToFetch)]);
    assert_eq!(google.state(), State::Created);
}

#[test]
fn by_hand_with_certificates_in_any_form_and_a_helpful_no() {
    let saml = draft(Preset::CustomSaml);
    let private = "-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----";
    let why = refused(&saml, set(manual(vec![private.to_owned()], None)));
    assert_eq!(codes(&why), ["saml.certificate_wrong_kind"]);
    assert!(why[0].message.contains("private key"), "{}", why[0].message);
    assert!(why[0].remedy.contains("Never upload a private key"), "{}", why[0].remedy);
    assert_eq!(codes(&refused(&saml, set(manual(vec![], None)))), ["saml.metadata_no_signing_key"]);
    let saml = run(saml, [set(manual(vec![certificate()], None)), Command::Create(Reach::NothingToFetch)]);
    assert_eq!(saml.provider().unwrap().issuer(), None);
}

#[test]
fn the_first_good_test_pins_an_issuer_that_nobody_entered() {
    let saml = draft(Preset::CustomSaml);
    let saml = run(saml, [set(manual(vec![certificate()], None)), Command::Create(Reach::NothingToFetch)]);
    let mut failed = report(&saml, TestStatus::Failed);
    failed.issuer = Some("https://idp.example/mistake".to_owned());
    let saml = run(saml, [Command::RecordTest(Box::new(failed))]);
    assert_eq!(saml.provider().unwrap().issuer(), None, "a failed test teaches nothing");
    let mut passed = report(&saml, TestStatus::Ok);
    passed.issuer = Some("https://idp.example/saml/metadata".to_owned());
    let (saml, events) = step(&saml, Command::RecordTest(Box::new(passed)));
    assert_eq!(saml.provider().unwrap().issuer(), Some("https://idp.example/saml/metadata"));
    assert!(events[0].changed.contains(&"issuer".to_owned()));
}

#[test]
fn nine_signing_keys_are_refused_in_words() {
    let mut provider = SamlIdp::new(1);
    provider.published_keys = vec![TestKey::Rsa];
    let metadata = String::from_utf8(provider.metadata().unwrap()).unwrap();
    let (before, rest) = metadata.split_once("<md:KeyDescriptor").unwrap();
    let after = rest.rsplit_once("</md:KeyDescriptor>").unwrap().1;
    let mut keys = String::new();
    for number in 0..9u8 {
        use base64::Engine as _;
        // Nine moduli that differ; nobody signs with them
        let mut modulus = vec![0xc1; 256];
        modulus[255] = 2 * number + 1;
        let modulus = base64::engine::general_purpose::STANDARD.encode(modulus);
        keys.push_str(&format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus>\
             <ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>"
        ));
    }
    let nine = format!("{before}{keys}{after}");
    let why = refused(&draft(Preset::OktaSaml), set(IdpSource::MetadataDocument(nine)));
    assert_eq!(codes(&why), ["saml.too_many_signing_keys"]);
    assert!(why[0].message.contains("than the 8 that"), "{}", why[0].message);
}

#[test]
fn okta_domains_in_every_spelling() {
    for (domain, issuer) in [
        ("acme.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com/", "https://acme.okta.com"),
        ("http://Acme.Okta.com", "https://acme.okta.com"),
        ("acme-admin.okta.com", "https://acme.okta.com"),
        ("https://acme-admin.okta.com/admin/dashboard", "https://acme.okta.com"),
        (" acme.oktapreview.com ", "https://acme.oktapreview.com"),
        ("login.acme.example", "https://login.acme.example"),
        ("acme.okta.com/oauth2/default", "https://acme.okta.com/oauth2/default"),
    ] {
        assert_eq!(IdpSource::OktaDomain(domain.to_owned()).issuer().as_deref(), Some(issuer), "{domain}");
    }
    let okta = draft(Preset::OktaOidc);
    for domain in
        ["", "acme", "acme..com", "https://user@acme.okta.com", "acme.okta.com:8443", "acme okta.com"]
    {
        let why = refused(&okta, set(IdpSource::OktaDomain(domain.to_owned())));
        assert_eq!(codes(&why), ["connection.invalid_setting"], "{domain}");
    }
}

#[test]
fn an_okta_domain_on_this_machine_is_for_development_alone() {
    let okta = draft(Preset::OktaOidc);
    for domain in ["localhost:8081", "http://localhost:8081", " LOCALHOST:8081/ "] {
        let source = IdpSource::OktaDomain(domain.to_owned());
        assert_eq!(source.issuer().as_deref(), Some("http://localhost:8081"), "{domain}");
        assert_eq!(codes(&refused(&okta, set(source.clone()))), ["saml.url_not_allowed"], "{domain}");
        let mut development = facts(&okta);
        development.urls = UrlPolicy::HttpOnLoopback;
        assert!(apply(&okta, set(source), &development, now()).is_ok(), "{domain}");
    }
    for domain in
        ["localhost", "localhost:", "localhost:0", "localhost:80a", "localhost.acme:80", "127.0.0.1:80"]
    {
        let why = refused(&okta, set(IdpSource::OktaDomain(domain.to_owned())));
        assert_eq!(codes(&why), ["connection.invalid_setting"], "{domain}");
    }
}

#[test]
fn entra_needs_a_tenant_and_never_common() {
    let entra = draft(Preset::EntraOidc);
    let tenant = "7F1D8A3E-58F2-4B0C-9F6E-0C1D2E3F4A5B";
    let source = IdpSource::EntraTenant(tenant.to_owned());
    let issuer = "https://login.microsoftonline.com/7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b/v2.0";
    assert_eq!(source.issuer().as_deref(), Some(issuer));
    assert!(run(entra.clone(), [set(source)]).source().is_some());
    for tenant in ["common", "organizations", "consumers", "acme.onmicrosoft.com", ""] {
        let why = refused(&entra, set(IdpSource::EntraTenant(tenant.to_owned())));
        assert_eq!(codes(&why), ["connection.invalid_setting"], "{tenant}");
    }
}

#[test]
fn settings_of_another_protocol_are_refused() {
    let why = refused(&draft(Preset::OktaOidc), url(METADATA_URL));
    assert_eq!(codes(&why), ["connection.wrong_protocol"]);
    let why = refused(&draft(Preset::OktaSaml), set(IdpSource::Issuer("https://idp.example".to_owned())));
    assert_eq!(codes(&why), ["connection.wrong_protocol"]);
    let why = refused(&draft(Preset::CustomOidc), set(IdpSource::OktaDomain("acme.okta.com".to_owned())));
    assert_eq!(codes(&why), ["connection.wrong_protocol"]);
    assert_eq!(
        codes(&refused(&draft(Preset::OktaSaml), Command::SetClient(client()))),
        ["connection.wrong_protocol"]
    );
}

#[test]
fn the_discovered_issuer_is_the_configured_one() {
    let provider = |issuer: &str| {
        oidc::Provider::new(
            issuer,
            "https://acme.okta.com/a",
            "https://acme.okta.com/t",
            "https://acme.okta.com/j",
        )
    };
    let discovery = |provider| Command::Create(Reach::Discovery(Box::new(provider)));
    let created = run(okta_oidc(), [discovery(Ok(provider("https://acme.okta.com")))]);
    assert_eq!(created.state(), State::Created);
    assert!(matches!(created.provider(), Some(IdentityProvider::Oidc(_))));

    let why = refused(&okta_oidc(), discovery(Ok(provider("https://acme.okta.com/oauth2/default"))));
    assert_eq!(codes(&why), ["oidc.discovery_issuer_mismatch"]);
    let not_found = oidc::Error::HttpStatus { message: oidc::Message::Discovery, expected: 200, actual: 404 };
    let why = refused(&okta_oidc(), discovery(Err(not_found)));
    assert_eq!(codes(&why), ["oidc.discovery_failed"]);
    assert!(why[0].message.contains("status 404"), "{}", why[0].message);
    let metadata = refused(&okta_oidc(), Command::Create(Reach::Metadata(metadata())));
    assert_eq!(codes(&metadata), ["connection.incomplete"]);
}

#[test]
fn w3_an_enabled_connection_keeps_its_issuer() {
    let other = SamlIdp::new(1).shaped(Shape::Keycloak).metadata().unwrap();
    let set_other = |other: &[u8]| Command::SetIdp {
        source: IdpSource::MetadataUrl("https://idp.example/other".to_owned()),
        reach: Some(Reach::Metadata(other.to_vec())),
    };
    let why = refused(&in_state(State::Enabled), set_other(&other));
    assert_eq!(codes(&why), ["connection.issuer_changed"]);
    assert!(why[0].remedy.contains("Disable the connection first"), "{}", why[0].remedy);
    let disabled = run(in_state(State::Disabled), [set_other(&other)]);
    assert_eq!(disabled.provider().unwrap().issuer(), Some(Shape::Keycloak.entity_id()));
    assert!(!disabled.test().is_fresh());
    let why = refused(&in_state(State::Enabled), url(METADATA_URL));
    assert_eq!(codes(&why), ["connection.incomplete"], "it takes effect at once, so it must be fetched");
}

#[test]
fn a_refresh_adds_certificates_and_never_leaves_none() {
    let mut provider = SamlIdp::new(1).shaped(Shape::Okta);
    let enabled = in_state(State::Enabled);
    let keys = |connection: &Connection| {
        connection.provider().unwrap().saml().unwrap().signing_keys().iter().count()
    };
    assert_eq!(keys(&enabled), 1);
    provider.published_keys = vec![TestKey::Rsa, TestKey::OtherRsa];
    let refresh = |provider: &SamlIdp| Command::Refresh(Reach::Metadata(provider.metadata().unwrap()));
    let (both, events) = step(&enabled, refresh(&provider));
    assert_eq!((keys(&both), &events[0].changed[..]), (2, &["certificates".to_owned()][..]));
    assert!(both.test().is_fresh(), "a refresh says nothing against the test");
    provider.published_keys = vec![TestKey::OtherRsa];
    let (new_one, _) = step(&both, refresh(&provider));
    assert_eq!(keys(&new_one), 1, "the old one has left the metadata");
    provider.published_keys = vec![];
    assert_eq!(codes(&refused(&new_one, refresh(&provider))), ["saml.metadata_no_signing_key"]);
    let other = SamlIdp::new(1).shaped(Shape::Keycloak);
    assert_eq!(codes(&refused(&new_one, refresh(&other))), ["connection.issuer_changed"]);
}

#[test]
fn clients_need_an_identifier() {
    let okta = draft(Preset::OktaOidc);
    let mut empty = client();
    empty.client_id = " ".to_owned();
    assert_eq!(codes(&refused(&okta, Command::SetClient(empty))), ["connection.invalid_setting"]);
    let (okta, events) = step(&okta, Command::SetClient(client()));
    assert_eq!(events[0].changed, ["client_id", "client_secret"]);
    let (_, events) = step(&okta, Command::SetClient(client()));
    assert!(events[0].changed.is_empty());
}

#[test]
fn refusals_change_nothing() {
    let draft = in_state(State::Draft);
    let text = serde_json::to_string(&draft).unwrap();
    assert!(apply(&draft, Command::Create(Reach::NothingToFetch), &facts(&draft), now()).is_err());
    assert_eq!(serde_json::to_string(&draft).unwrap(), text);
    assert_eq!(run(draft, [create()]).state(), State::Created);
}
