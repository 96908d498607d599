//! What the hub shows about a connection, and what it lets through.

use super::facts::Observations;
use super::settings::test_evidence;
use crate::connection::certificate_status::{self, Owner, signing_certificates};
use crate::connection::configuration::{Connection, State};
use crate::connection::diagnosis::{Diagnosis, Evidence, Severity, rank};
use crate::connection::identity_provider::expired_metadata;
use crate::connection::preset::Preset;
use crate::note::Note;
use crate::time::Timestamp;

/// Everything that the page of a connection warns of, causes first: certificates that end (D33), metadata that could
/// not be read (D42), a mapping that is out of date (D43), a test that is missing or says nothing any more, and what
/// was noticed of provisioning (D45).
#[must_use]
pub fn setup_warnings(
    connection: &Connection,
    observations: &Observations,
    now: Timestamp,
) -> Vec<Diagnosis> {
    let mut warnings = sso_warnings(connection, observations, now);
    let provisioning = words(scim_evidence(connection, observations, now), connection.preset());
    // What was read all the same is nothing to look at
    warnings.extend(provisioning.into_iter().filter(|diagnosis| diagnosis.severity != Severity::Note));
    warnings
}

/// Whether people may sign in: `Err` says why not. Before it is enabled, only the administrator's own test may.
///
/// # Errors
/// D02 in every state but [`State::Enabled`].
pub fn accepts_sign_in(connection: &Connection) -> Result<(), Box<Diagnosis>> {
    match connection.state() {
        State::Enabled => Ok(()),
        state => Err(disabled(connection, state)),
    }
}

/// Whether provisioning requests are served, or get status 403. They are while the connection is tested, since the
/// identity provider's own connector test needs that.
///
/// # Errors
/// D02, or that provisioning is not set up.
pub fn accepts_scim(connection: &Connection) -> Result<(), Box<Diagnosis>> {
    if connection.scim().is_none() {
        let evidence = Evidence::failure("scim.not_set_up");
        return Err(Box::new(Diagnosis::of(&evidence, connection.preset())));
    }
    match connection.state() {
        State::Tested | State::Enabled => Ok(()),
        state => Err(disabled(connection, state)),
    }
}

/// Those that stand at Single Sign-On and block provisioning (W8).
pub(super) fn sso_warnings(
    connection: &Connection,
    observations: &Observations,
    now: Timestamp,
) -> Vec<Diagnosis> {
    // Before it is created there is nothing to warn of: the assistant says what comes next
    if matches!(connection.state(), State::Draft | State::Deleted) {
        return Vec::new();
    }
    let mut evidence = Vec::new();
    if connection.mapping_version() < observations.mapping_version {
        evidence.push(
            Evidence::new("connection.mapping_outdated")
                .expected(observations.mapping_version.to_string())
                .actual(connection.mapping_version().to_string()),
        );
    }
    evidence.extend(observations.metadata.as_ref().map(Evidence::from));
    evidence.extend(connection.provider().and_then(|provider| expired_metadata(provider, now)));
    evidence.extend(certificate_status::evidence(
        &signing_certificates(connection),
        Owner::IdentityProvider,
        now,
    ));
    if !connection.test().is_fresh() {
        evidence.push(test_evidence(connection.test(), false));
    }
    words(evidence, connection.preset())
}

fn scim_evidence(connection: &Connection, observations: &Observations, now: Timestamp) -> Vec<Evidence> {
    if connection.scim().is_none() {
        return Vec::new();
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    for found in observations.provisioning.iter().map(provisioning_evidence) {
        if !evidence.contains(&found) {
            evidence.push(found);
        }
    }
    #[cfg(feature = "scim")]
    evidence.extend(connection.scim().iter().flat_map(|scim| &scim.tokens).filter_map(|token| {
        let code = if token.is_live(now) { "scim.token_expires_soon" } else { "scim.token_expired" };
        let end = token.expires_soon(now).or_else(|| token.expires_at.filter(|end| *end <= now))?;
        Some(Evidence::new(code).field(&token.label).actual(end.to_string()))
    }));
    #[cfg(not(feature = "scim"))]
    let _ = now;
    evidence
}

/// A note of provisioning. Two of them show that Entra ID provisions without its flag, and that is what to change.
fn provisioning_evidence(note: &Note) -> Evidence {
    match note.code.as_str() {
        "scim.operation_case" | "scim.text_boolean" => Evidence::new("scim.legacy_patch_mode"),
        _ => Evidence::from(note),
    }
}

fn words(mut evidence: Vec<Evidence>, preset: Option<Preset>) -> Vec<Diagnosis> {
    evidence.sort_by_key(|evidence| rank(&evidence.code));
    evidence.iter().map(|evidence| Diagnosis::of(evidence, preset)).collect()
}

fn disabled(connection: &Connection, state: State) -> Box<Diagnosis> {
    let evidence = Evidence::failure("connection.disabled").actual(state.to_string());
    Box::new(Diagnosis::of(&evidence, connection.preset()))
}
