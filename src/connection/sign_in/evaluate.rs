//! The stages of a sign-in, one after the other, until one fails.

use super::account::{account, identity_evidence};
use super::claims::{domain, namespaced, swapped};
use super::context::{HostFinding, SignInContext};
use super::groups::{Grouped, groups};
use super::validation::{Passed, Validation};
use crate::connection::configuration::{Connection, Finding};
use crate::connection::diagnosis::Evidence;
use crate::connection::identity_provider::expired_metadata;
use crate::connection::lifecycle::accepts_sign_in;
use crate::groups::GroupSource;
use crate::note::Note;
use crate::profile::{self, IdentityKey, Profile, Resolution};
use crate::time::Timestamp;

/// What came of a sign-in.
pub(super) struct Evaluated {
    /// Findings in the order of the stages, each with its stage.
    pub(super) found: Vec<(Stage, Evidence)>,
    /// Stages that were reached.
    pub(super) reached: Vec<Stage>,
    pub(super) identity: Option<IdentityKey>,
    pub(super) profile: Option<Profile>,
    pub(super) resolution: Option<Resolution>,
    pub(super) grouped: Option<Grouped>,
}

/// A part of a sign-in, as a record names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connection,
    Message,
    Identity,
    Mapping,
    Account,
    Groups,
    Host,
}

/// Who signs in, as far as rules differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Anybody: the connection must be enabled.
    SignIn,
    /// The administrator, whose test was checked already.
    Test,
}

impl Stage {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Message => "message",
            Self::Identity => "identity",
            Self::Mapping => "mapping",
            Self::Account => "account",
            Self::Groups => "groups",
            Self::Host => "host",
        }
    }
}

pub(super) fn evaluate(
    validation: &Validation<'_>,
    context: &SignInContext<'_>,
    refused_before: Option<Evidence>,
    mode: Mode,
    now: Timestamp,
) -> Evaluated {
    let mut evaluated = Evaluated {
        found: Vec::new(),
        reached: Vec::new(),
        identity: None,
        profile: None,
        resolution: None,
        grouped: None,
    };
    evaluated.run(validation, context, refused_before, mode, now);
    if context.findings.contains(&HostFinding::IpAllowListSuspected) {
        evaluated.push(Stage::Host, Evidence::new("login.ip_allow_list_suspected"));
    }
    evaluated
}

impl Evaluated {
    /// The first finding that ended the sign-in.
    pub(super) fn failure(&self) -> Option<&Evidence> {
        self.found.iter().map(|(_, evidence)| evidence).find(|evidence| evidence.failed)
    }

    fn run(
        &mut self,
        validation: &Validation<'_>,
        context: &SignInContext<'_>,
        refused_before: Option<Evidence>,
        mode: Mode,
        now: Timestamp,
    ) {
        self.reached.push(Stage::Connection);
        if let Some(refused) = refused_before.or_else(|| closed(context, mode, now)) {
            return self.push(Stage::Connection, refused);
        }
        self.reached.push(Stage::Message);
        let passed = match validation {
            Validation::Passed(passed) => passed,
            Validation::Failed(failed) => return self.push(Stage::Message, failed.evidence.clone()),
        };
        self.message(passed, context);
        if self.failure().is_some() {
            return;
        }
        self.person(passed, context);
        // Every finding about the person at once, so that one look shows all of them
        if self.failure().is_some() {
            return;
        }
        let (Some(identity), Some(profile)) = (&self.identity, &self.profile) else { return };
        self.reached.push(Stage::Account);
        let (resolution, found) = account(identity, profile, context, now);
        let claim = profile.groups.clone();
        self.resolution = resolution;
        found.into_iter().for_each(|evidence| self.push(Stage::Account, evidence));
        if self.failure().is_some() {
            return;
        }
        self.reached.push(Stage::Groups);
        let mut grouped = groups(&claim, context);
        std::mem::take(&mut grouped.found)
            .into_iter()
            .for_each(|evidence| self.push(Stage::Groups, evidence));
        self.grouped = Some(grouped);
    }

    fn message(&mut self, passed: &Passed<'_>, context: &SignInContext<'_>) {
        let lost = [(HostFinding::StateLost, "login.state_lost"), (HostFinding::Replayed, "saml.replayed")];
        for (finding, code) in lost {
            if context.findings.contains(&finding) {
                self.push(Stage::Message, Evidence::failure(code));
            }
        }
        // Whether an identifier for one session is a problem depends on the identity rule
        let notes = passed.notes.iter().filter(|note| note.code != "saml.name_id_transient");
        notes.for_each(|note| self.push(Stage::Message, message_evidence(note)));
    }

    fn person(&mut self, passed: &Passed<'_>, context: &SignInContext<'_>) {
        let (connection, claims) = (context.connection, passed.claims);
        self.reached.push(Stage::Identity);
        match profile::identity(connection.id(), connection.mapping(), claims) {
            Ok(identity) => self.identity = Some(identity),
            Err(error) => self.push(Stage::Identity, identity_evidence(&error)),
        }
        self.reached.push(Stage::Mapping);
        if let Some(evidence) = namespaced(connection.mapping(), claims) {
            self.push(Stage::Mapping, evidence);
        }
        let (profile, notes) = profile::map(connection.mapping(), claims);
        if let Err(error) = &profile {
            self.push(Stage::Mapping, Evidence::from(error));
        }
        // What a sign-in says about groups counts for nothing where they come from provisioning
        let of_no_use =
            |note: &&Note| connection.group_source() == GroupSource::Scim && note.code.starts_with("groups.");
        let notes = notes.iter().filter(|note| !of_no_use(note));
        notes.for_each(|note| self.push(Stage::Mapping, mapping_evidence(note, connection)));
        if let Ok(profile) = profile {
            let found = [swapped(&profile), domain(&profile, connection)];
            found.into_iter().flatten().for_each(|evidence| self.push(Stage::Mapping, evidence));
            self.profile = Some(profile);
        }
    }

    fn push(&mut self, stage: Stage, evidence: Evidence) {
        self.found.push((stage, evidence));
    }
}

/// D02, D03, D42.
fn closed(context: &SignInContext<'_>, mode: Mode, now: Timestamp) -> Option<Evidence> {
    let connection = context.connection;
    if connection.provider().is_none() {
        let missing = Evidence::failure("connection.incomplete");
        return Some(missing.expected("step 2, Configure connection,").field("the identity provider"));
    }
    match (mode, accepts_sign_in(connection)) {
        (Mode::Test, _) | (Mode::SignIn, Ok(())) => {
            let expired = connection.provider().and_then(|provider| expired_metadata(provider, now));
            expired.map(|evidence| Evidence { failed: true, ..evidence })
        }
        (Mode::SignIn, Err(closed)) => {
            Some(Evidence { actual: closed.actual, ..Evidence::failure(closed.code) })
        }
    }
}

/// A note of the mapping. What the identity provider calls unverified may be refused (D20).
fn mapping_evidence(note: &Note, connection: &Connection) -> Evidence {
    let unverified = note.code == "claims.email_unverified";
    let failed = unverified && connection.policy().unverified_email == Finding::Refuse;
    Evidence { failed, ..Evidence::from(note) }
}

/// A note of the protocol. That the scope for groups was not granted has a remedy of its own.
fn message_evidence(note: &Note) -> Evidence {
    let evidence = Evidence::from(note);
    let has = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| scopes(text).any(|scope| scope == "groups"))
    };
    if note.code == "oidc.scope_reduced" && has(&note.expected) && !has(&note.actual) {
        return Evidence { code: "oidc.groups_scope_missing".to_owned(), ..evidence };
    }
    evidence
}

fn scopes(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|scope| !scope.is_empty())
}
