//! The connection of one enterprise to one identity provider: its configuration and life cycle, the set-up assistant
//! as data, diagnoses in the words of the administrator's console, and the test report.
//!
//! An *enterprise* holds organizations, which hold groups. A [`Connection`] ties one enterprise to one identity
//! provider. The crate decides and describes; the host stores, sends and shows.
//!
//! ```
//! use admittance::connection::{Actor, Command, Connection, Facts, Licence, NewConnection, Preset, apply};
//! use admittance::time::Timestamp;
//!
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let connection = Connection::new(NewConnection { id: "c1", name: "Acme", enterprise_key: "acme" });
//! let actor = Actor::EnterpriseAdministrator { name: "grace".to_owned() };
//! let mut facts = Facts::new(actor, connection.version());
//! facts.licence = Licence::Enterprise;
//!
//! let (connection, events) = apply(&connection, Command::Choose(Preset::OktaSaml), &facts, now).unwrap();
//! assert_eq!(connection.preset(), Some(Preset::OktaSaml));
//! assert_eq!(events[0].event, "connection.created");
//!
//! // What is not possible is said in words.
//! facts.version = connection.version();
//! let refused = apply(&connection, Command::Enable, &facts, now).unwrap_err();
//! assert_eq!(refused[0].code, "connection.wrong_state");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the host must still do: store a connection only while the stored version is the one it read, keep every
//! [`AuditEvent`], fetch metadata and look up DNS records, and keep secrets and tokens out of what it shows.

pub mod assistant;
mod certificate_status;
mod configuration;
mod console;
mod diagnosis;
mod domain;
mod flow_record;
mod identity_provider;
mod lifecycle;
mod login_url;
mod preset;
mod preset_mapping;
mod provisioning_notes;
pub mod setup_link;
pub mod sign_in;
mod test_report;

pub use self::certificate_status::{
    CertificateStatus, CertificateSummary, CertificateWarning, certificate_status, own_certificate_warnings,
    signing_certificates,
};
pub use self::configuration::{
    AllowedDomains, Connection, ConnectionPolicy, Domains, Finding, JustInTime, NewConnection, Scim,
    SpEntityId, State, Test,
};
pub use self::diagnosis::{Diagnosis, DiagnosisId, Evidence, Severity, Side, codes, diagnose, word};
pub use self::domain::{Discovery, Domain, DomainName, DomainNameError, DomainStatus, discover};
pub use self::flow_record::{FlowOutcome, FlowRecord, FlowStep, PlanCounts, flow_reference};
pub use self::identity_provider::{ClientRegistration, IdentityProvider, IdpSource, Reach, SecretName};
pub use self::lifecycle::{
    Actor, Administrators, AuditEvent, Command, Confirmation, EnabledConnections, Facts, Licence,
    Observations, OtherDomains, SeveralConnections, accepts_scim, accepts_sign_in, apply, setup_warnings,
};
pub use self::login_url::{REFUSED_STATUS, invitation_link, login_url, return_path, sign_in_connection};
pub use self::preset::{Preset, Protocol, ProvisioningPreset};
pub use self::preset_mapping::{MAPPING_VERSION, default_mapping};
pub use self::provisioning_notes::{Provisioned, provisioning_notes};
pub use self::test_report::{
    ClaimValues, GroupSummary, GroupsSummary, PlanSummary, ProfileSummary, SubjectSummary, TestReport,
    TestStatus, UnmatchedGroup,
};
