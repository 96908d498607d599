//! What the dates of certificates say, and when.

use std::time::Duration;

use admittance::connection::{
    CertificateStatus, CertificateWarning, Command, Observations, Reach, State, certificate_status,
    own_certificate_warnings, setup_warnings,
};
use admittance::testing::saml_idp::{SamlIdp, Shape, TestKey};
use admittance::time::Timestamp;

use super::fixture::{codes, in_state, now, run};

const DAY: u64 = 24 * 60 * 60;

/// So long before the end of a certificate.
fn before_the_end(seconds: u64) -> Timestamp {
    TestKey::ExpiredRsa.certificate().not_after().saturating_sub(Duration::from_secs(seconds))
}

#[test]
fn the_status_by_date() {
    let certificate = TestKey::ExpiredRsa.certificate();
    for (at, status) in [
        (certificate.not_before().saturating_sub(Duration::from_secs(1)), CertificateStatus::NotYetValid),
        (certificate.not_before(), CertificateStatus::Ok),
        (before_the_end(61 * DAY), CertificateStatus::Ok),
        (before_the_end(61 * DAY - 1), CertificateStatus::ExpiresIn(60)),
        (before_the_end(60 * DAY), CertificateStatus::ExpiresIn(60)),
        (before_the_end(7 * DAY), CertificateStatus::ExpiresIn(7)),
        (before_the_end(DAY - 1), CertificateStatus::ExpiresIn(0)),
        (before_the_end(0), CertificateStatus::ExpiresIn(0)),
        (certificate.not_after().saturating_add(Duration::from_secs(1)), CertificateStatus::Expired),
        (now(), CertificateStatus::Expired),
    ] {
        assert_eq!(certificate_status(certificate, at), status, "{at}");
    }
}

#[test]
fn four_warnings_and_the_end_once_each() {
    let mut sent = None;
    let mut warnings = Vec::new();
    for days in (0..=70).rev() {
        let status = certificate_status(TestKey::ExpiredRsa.certificate(), before_the_end(days * DAY));
        if let Some(due) = status.warning_due(sent) {
            warnings.push((days, due));
            sent = Some(due);
        }
    }
    let status = certificate_status(TestKey::ExpiredRsa.certificate(), now());
    assert_eq!(status.warning_due(sent), Some(CertificateWarning::Expired));
    assert_eq!(status.warning_due(Some(CertificateWarning::Expired)), None);
    assert_eq!(
        warnings,
        [
            (60, CertificateWarning::Days60),
            (30, CertificateWarning::Days30),
            (7, CertificateWarning::Days7),
            (1, CertificateWarning::Days1),
        ]
    );
}

#[test]
fn a_missed_warning_is_not_made_up_for() {
    assert_eq!(CertificateStatus::ExpiresIn(5).warning_due(None), Some(CertificateWarning::Days7));
    assert_eq!(CertificateStatus::ExpiresIn(5).warning_due(Some(CertificateWarning::Days1)), None);
    assert_eq!(CertificateStatus::Ok.warning_due(None), None);
}

#[test]
fn the_hub_warns_unless_a_rollover_is_under_way() {
    let mut provider = SamlIdp::new(1).shaped(Shape::Okta);
    provider.published_keys = vec![TestKey::ExpiredRsa];
    let refresh = |provider: &SamlIdp| Command::Refresh(Reach::Metadata(provider.metadata().unwrap()));
    let enabled = run(in_state(State::Enabled), [refresh(&provider)]);
    let at = |time| codes_of(&setup_warnings(&enabled, &Observations::default(), time));
    assert_eq!(at(before_the_end(100 * DAY)), [""; 0]);
    assert_eq!(at(before_the_end(30 * DAY)), ["saml.certificate_expires_soon"]);
    assert_eq!(at(now()), ["saml.certificate_expired"]);
    assert_eq!(at(Timestamp::MIN), ["saml.certificate_not_yet_valid"]);
    let soon = &setup_warnings(&enabled, &Observations::default(), before_the_end(30 * DAY))[0];
    assert!(soon.message.contains("30 days from now"), "{}", soon.message);
    assert!(soon.remedy.contains("Sign On > SAML Signing Certificates"), "{}", soon.remedy);

    provider.published_keys = vec![TestKey::ExpiredRsa, TestKey::Rsa];
    let both = run(enabled, [refresh(&provider)]);
    assert!(setup_warnings(&both, &Observations::default(), now()).is_empty());
}

#[test]
fn our_own_certificates_get_the_same_warnings() {
    let connection = in_state(State::Enabled);
    let old = TestKey::ExpiredRsa.certificate().clone();
    let warnings = own_certificate_warnings(std::slice::from_ref(&old), &connection, before_the_end(7 * DAY));
    assert_eq!(codes(&warnings), ["connection.own_certificate_expires_soon"]);
    let warnings = own_certificate_warnings(std::slice::from_ref(&old), &connection, now());
    assert_eq!(codes(&warnings), ["connection.own_certificate_expired"]);
    let new = TestKey::Rsa.certificate().clone();
    assert!(own_certificate_warnings(&[old, new], &connection, now()).is_empty());
}

fn codes_of(warnings: &[admittance::connection::Diagnosis]) -> Vec<String> {
    warnings.iter().map(|warning| warning.code.clone()).collect()
}
