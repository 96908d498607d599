//! Sign-ins to measure: responses of the testing identity provider, with Response and Assertion signed by
//! RSA-2048.

use admittance::entropy::{Entropy, EntropyError};
use admittance::saml::metadata::idp::{self, ParseOptions};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso::{self, Policy};
use admittance::testing::saml_idp::{SamlIdp, SignedElements, User};
use admittance::time::Timestamp;

use crate::case::SignIn;

/// An acceptable sign-in of somebody in so many groups.
pub fn with_groups(groups: usize, signed: SignedElements) -> SignIn {
    let now = Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at;
    let sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
    let mut provider = SamlIdp::new(1);
    provider.style.signed = signed;
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = idp::parse(&metadata, &ParseOptions::default(), now).expect("a provider");
    let options = AuthnRequestOptions::default();
    let (outgoing, pending) = web_sso::begin(&sp, &idp, &options, &mut Sevens, now).expect("a request");
    let request = provider.receive(&outgoing, &sp).expect("the request is taken");
    let names = (0..groups).map(|number| format!("Engineering Team {number:04}"));
    let user = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(names);
    let response = provider.answer(&request, &user, now).expect("an answer");
    SignIn { sp, idp, pending: Some(pending), policy: Policy::new(), now, response }
}

/// An acceptable sign-in with a message of about this many bytes, or of as few more as such a message can have.
pub fn with_length(bytes: usize, signed: SignedElements) -> SignIn {
    let bytes_with = |groups| with_groups(groups, signed).response.len() / 4 * 3;
    let (none, hundred) = (bytes_with(0), bytes_with(100));
    with_groups(bytes.saturating_sub(none) * 100 / (hundred - none), signed)
}

struct Sevens;

impl Entropy for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}
