//! Sign-ins that begin elsewhere.

use admittance::oidc::initiated_login;
use admittance::testing::oidc_provider::OidcProvider;

use super::Rp;

#[test]
fn oidcc_client_test_3rd_party_init_login() {
    let mut rp = Rp::new(OidcProvider::new(51));
    rp.registration().initiate_login_uri = Some("https://rp.example/start".to_owned());
    let target = "https://rp.example/projects/7";
    let url = rp.op.initiate_login("client-1", Some("ada@corp.example"), Some(target)).unwrap();

    let limits = &rp.client.policy.limits;
    let issuers = ["https://other-op.example", "https://op.example"];
    let (start, notes) =
        initiated_login::parse(url.query().unwrap(), &issuers, &["https://rp.example/"], limits).unwrap();
    assert_eq!(start.issuer(), rp.op.issuer);
    assert!(notes.is_empty(), "{notes:?}");
    rp.options.login_hint = start.login_hint().map(str::to_owned);
    rp.options.return_to = start.target_link_uri().map(ToString::to_string);

    let (url, pending) = rp.begin().unwrap();
    let request = rp.op.read_request(&url, rp.now).unwrap();
    assert_eq!(request.parameter("login_hint"), Some("ada@corp.example"));
    assert_eq!(pending.return_to(), Some(target));
    assert!(rp.sign_in().is_ok());
}
