//! D25–D30, D32, D33, D35, D38, D40.

use std::time::Duration;

use admittance::crypto::{ContentCipher, DigestAlgorithm, SignatureAlgorithm};
use admittance::saml::web_sso::Signed;
use admittance::testing::saml_idp::{Fault, SignedElements, TestKey};

use super::{Vector, encrypted, expiring, fault, quiet, test, vector};

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector("saml.audience_mismatch", || fault(Fault::WrongAudience), quiet),
        vector("saml.destination_mismatch", || fault(Fault::WrongDestination), quiet),
        vector("saml.recipient_mismatch", || fault(Fault::WrongRecipient), quiet),
        vector("saml.issuer_mismatch", || fault(Fault::WrongResponseIssuer), quiet),
        vector(
            "saml.response_not_signed",
            || {
                test(|scene| {
                    scene.policy.saml.signed = Signed::Response;
                    scene.idp.style.signed = SignedElements::Assertion;
                })
            },
            || {
                test(|scene| {
                    scene.policy.saml.signed = Signed::Response;
                    scene.idp.style.signed = SignedElements::Response;
                })
            },
        ),
        vector(
            "saml.assertion_not_signed",
            || {
                test(|scene| {
                    scene.policy.saml.signed = Signed::Assertion;
                    scene.idp.style.signed = SignedElements::Response;
                })
            },
            || {
                test(|scene| {
                    scene.policy.saml.signed = Signed::Assertion;
                    scene.idp.style.signed = SignedElements::Assertion;
                })
            },
        ),
        vector("saml.signature_missing", || fault(Fault::Unsigned), quiet),
        vector(
            "saml.algorithm_not_allowed",
            || {
                test(|scene| {
                    scene.on_the_way = |message| {
                        let text = String::from_utf8(message).unwrap();
                        let weak = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
                        text.replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", weak).into_bytes()
                    };
                })
            },
            || {
                test(|scene| {
                    scene.idp.style.algorithm = Some(SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512));
                })
            },
        ),
        vector(
            "saml.weak_algorithm",
            || {
                encrypted(|scene| {
                    let encryption = scene.idp.style.encryption.as_mut().unwrap();
                    encryption.content = ContentCipher::Aes256Cbc;
                })
            },
            || encrypted(|_| {}),
        ),
        vector("saml.signature_invalid", || fault(Fault::WrongKey), quiet),
        vector("saml.certificate_expires_soon", || expiring(30), || expiring(70)),
        vector(
            "saml.certificate_expired",
            || {
                test(|scene| {
                    scene.idp.published_keys = vec![TestKey::ExpiredRsa];
                    scene.idp.style.key = TestKey::ExpiredRsa;
                })
            },
            || expiring(70),
        ),
        vector(
            "saml.certificate_not_yet_valid",
            || {
                test(|scene| {
                    scene.now =
                        TestKey::Rsa.certificate().not_before().saturating_sub(Duration::from_secs(86_400));
                })
            },
            quiet,
        ),
        vector("saml.not_yet_valid", || fault(Fault::NotYetValid), quiet),
        vector("saml.assertion_expired", || fault(Fault::Expired), quiet),
        vector("saml.confirmation_expired", || fault(Fault::ConfirmationExpired), quiet),
        vector("saml.confirmation_not_yet_valid", || fault(Fault::ConfirmationNotYetValid), quiet),
        vector("saml.idp_status", || fault(Fault::StatusNotSuccess), quiet),
        vector(
            "saml.no_decryption_key",
            || encrypted(|scene| scene.decryption_key = None),
            || encrypted(|_| {}),
        ),
        vector(
            "saml.decryption_failed",
            || encrypted(|scene| scene.decryption_key = Some(TestKey::OtherRsa.key_pem())),
            || encrypted(|_| {}),
        ),
        vector(
            "saml.encryption_algorithm",
            || {
                encrypted(|scene| {
                    let encryption = scene.idp.style.encryption.as_mut().unwrap();
                    encryption.transport = admittance::testing::saml_idp::KeyTransport::Rsa15;
                })
            },
            || encrypted(|_| {}),
        ),
    ]
}
