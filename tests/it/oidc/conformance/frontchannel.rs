//! Logout in the browser.

use admittance::oidc::logout::{frontchannel, rp_initiated};
use admittance::testing::oidc_provider::{Fault, FrontChannelFault, OidcProvider};

use super::{Rp, session};

/// The relying party asks for the logout, and the provider's page loads ours.
#[test]
fn oidcc_client_test_rp_frontchannel_rpinitlogout() {
    logout(101, |rp, signed_in| {
        let provider = rp.provider().unwrap();
        let options = rp_initiated::LogoutOptions::default();
        let (url, _) =
            rp_initiated::begin(&provider, &rp.client, signed_in.id.session(), &options, &mut rp.entropy)
                .unwrap();
        assert_eq!(rp.op.end_session(&url), Ok(None));
    });
}

/// The provider ends the session, and its page loads ours.
#[test]
fn oidcc_client_test_rp_frontchannel_opinitlogout() {
    logout(102, |_, _| ());
}

fn logout(seed: u64, begin: impl Fn(&mut Rp, &super::SignedIn)) {
    let mut rp = Rp::new(OidcProvider::new(seed));
    rp.registration().frontchannel_logout_uri = Some("https://rp.example/frontchannel?a=b".to_owned());
    rp.client.registered.frontchannel_logout_session_required = true;
    let signed_in = rp.sign_in().unwrap();
    let session = session(&rp, &signed_in);
    begin(&mut rp, &signed_in);

    let provider = rp.provider().unwrap();
    let url = rp.op.frontchannel_logout(&session).unwrap();
    let logout = frontchannel::parse(url.query().unwrap(), &provider, &rp.client).unwrap();
    assert_eq!(logout.sid(), signed_in.id.sid());
    assert!(logout.is_of(signed_in.id.session()));
    for fault in FrontChannelFault::ALL {
        rp.op.fault = Some(Fault::FrontChannel(*fault));
        let url = rp.op.frontchannel_logout(&session).unwrap();
        let refused = frontchannel::parse(url.query().unwrap(), &provider, &rp.client);
        assert_eq!(refused.err().map(|error| error.code()), fault.code(), "{fault:?}");
    }
}
