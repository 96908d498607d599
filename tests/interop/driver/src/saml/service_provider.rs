//! The service provider: one for each thing that identity providers decide by a service provider's metadata.

use std::sync::Arc;

use admittance::crypto::{Certificate, DecryptionKey, SigningKey};
use admittance::endpoint::UrlPolicy;
use admittance::saml::bindings::{Binding, Endpoint};
use admittance::saml::metadata::sp::{RsaDigest, SignAuthnRequests, SpConfig};

use crate::OUR_BASE;

/// What a service provider is for. The peers know by its name how to protect their responses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The peer signs the Response alone.
    SignedResponse,
    /// The peer signs the Assertion alone.
    SignedAssertion,
    /// The peer signs both.
    SignedBoth,
    /// The peer encrypts the Assertion.
    Encrypted,
    /// Our metadata promises signed requests.
    SignedRequests,
    /// The peer encrypts the NameID, in assertions and in logout requests.
    EncryptedNameId,
    /// The peer signs with RSA-SHA512, and so do we.
    Sha512,
    /// Logout messages come in by HTTP-POST, else by HTTP-Redirect.
    LogoutPost,
}

impl Variant {
    pub const ALL: [Self; 8] = [
        Self::SignedResponse,
        Self::SignedAssertion,
        Self::SignedBoth,
        Self::Encrypted,
        Self::SignedRequests,
        Self::EncryptedNameId,
        Self::Sha512,
        Self::LogoutPost,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedResponse => "signed-response",
            Self::SignedAssertion => "signed-assertion",
            Self::SignedBoth => "signed-both",
            Self::Encrypted => "encrypted",
            Self::SignedRequests => "signed-requests",
            Self::EncryptedNameId => "encrypted-name-id",
            Self::Sha512 => "sha512",
            Self::LogoutPost => "logout-post",
        }
    }

    /// # Panics
    /// Where the keys of the tests cannot be read.
    pub fn sp(self) -> SpConfig {
        let name = self.name();
        let mut sp = SpConfig::new(format!("{OUR_BASE}{name}"), format!("{OUR_BASE}{name}/acs"));
        sp.urls = UrlPolicy::HttpOnLoopback;
        sp.signing_certificates = vec![certificate()];
        if matches!(self, Self::Encrypted | Self::EncryptedNameId) {
            sp.encryption_certificates = vec![certificate()];
        }
        if matches!(self, Self::SignedRequests | Self::Sha512) {
            sp.sign_authn_requests = SignAuthnRequests::Always;
        }
        if self == Self::Sha512 {
            sp.rsa_digest = RsaDigest::Sha512;
        }
        let binding = if self == Self::LogoutPost { Binding::HttpPost } else { Binding::HttpRedirect };
        sp.slo =
            vec![Endpoint { binding, location: format!("{OUR_BASE}{name}/slo"), response_location: None }];
        let signing_key = SigningKey::from_pem(KEY).expect("the key of the tests");
        let decryption_key = DecryptionKey::from_pem(KEY).expect("the key of the tests");
        sp.with_signing_key(signing_key).with_decrypter(Arc::new(decryption_key))
    }
}

/// # Panics
/// Where it cannot be read.
pub fn certificate() -> Certificate {
    Certificate::parse(CERTIFICATE).expect("the certificate of the tests")
}

const KEY: &[u8] = include_bytes!("../../../../corpus/keys/rsa2048.key.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../../corpus/keys/rsa2048.cert.pem");
