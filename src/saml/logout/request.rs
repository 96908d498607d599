use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    PendingLogout, SessionRef,
    received::{Expected, Opened},
};
use crate::{
    crypto::Fingerprint,
    endpoint,
    entropy::Entropy,
    limits::Budget,
    note::Note,
    saml::{
        Error, Level, NameId,
        assertion::is,
        bindings::{self, Binding, Incoming, Message, MessageKind, Outgoing, RelayState, Signer},
        message::{Judge, Occurs, fingerprint},
        metadata::{idp::IdpConfig, sp::SpConfig},
        names,
        protocol::{RequestBinding, message_id},
        web_sso::Policy,
    },
    time::Timestamp,
    version::Version,
    xml::{Read, Writer},
    xmldsig::VerifiedElement,
};

/// How a logout is asked for. The default fits every identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutOptions {
    /// How the request travels.
    pub binding: RequestBinding,
    /// Why.
    pub reason: Option<LogoutReason>,
    /// How long the identity provider may act on the request, in seconds; five minutes in the default. `None` says
    /// nothing.
    pub expires_after_seconds: Option<u64>,
    /// An opaque value that comes back with the answer, at most 80 bytes.
    pub relay_state: Option<String>,
}

/// Why a session ends (Core 3.7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogoutReason {
    /// The person wants it.
    User,
    /// An administrator wants it.
    Admin,
}

/// Makes a LogoutRequest for one session (Core 3.7.1, Profiles 4.4.3.1): the message on its way, and what to keep
/// until the answer comes.
///
/// It is always signed: over the query for HTTP-Redirect, as an enveloped signature for HTTP-POST. It names the
/// person with exactly the NameID that was received, in clear. Its ID has 128 random bits.
///
/// The host ends its own session first, keeps [`PendingLogout`] for this browser alone, and answers with
/// [`Outgoing`] at once.
///
/// # Errors
/// - [`Error::ConfigurationInvalid`] for a session at another identity provider, and as for [`SpConfig::check`];
/// - [`Error::IssuerUnpinned`];
/// - [`Error::BindingNotOffered`] when the identity provider has no logout service for the binding asked for, and
///   [`Error::UrlNotAllowed`] for its address under [`SpConfig::urls`];
/// - [`Error::SigningKeyMissing`] without a key of ours;
/// - [`Error::RelayStateTooLong`] above 80 bytes;
/// - [`Error::Output`] for a text that XML cannot hold, [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn request(
    sp: &SpConfig,
    idp: &IdpConfig,
    session: &SessionRef,
    options: &LogoutOptions,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<(Outgoing, PendingLogout), Error> {
    sp.check()?;
    let idp_entity_id = idp.entity_id().ok_or(Error::IssuerUnpinned)?;
    if session.idp_entity_id != idp_entity_id {
        let (field, value) = ("session", session.idp_entity_id.clone());
        return Err(Error::ConfigurationInvalid {
            field,
            value,
            reason: "it is at another identity provider",
        });
    }
    let slo = idp.slo_for(options.binding)?;
    let url = endpoint::check(&slo.location, sp.urls)
        .map_err(|error| Error::UrlNotAllowed { field: "SingleLogoutService Location".to_owned(), error })?;
    let signer = Signer::of(sp, SIGNED)?;

    let id = message_id(entropy)?;
    let mut writer = Writer::new();
    writer.start("samlp:LogoutRequest");
    writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
    writer.attribute("ID", &id).attribute("Version", names::VERSION);
    writer.attribute("IssueInstant", &now.to_string()).attribute("Destination", &slo.location);
    writer.optional("Reason", options.reason.map(LogoutReason::uri));
    let end = options.expires_after_seconds.map(|seconds| now.saturating_add(Duration::from_secs(seconds)));
    writer.optional("NotOnOrAfter", end.map(|end| end.to_string()).as_deref());
    writer.element("saml:Issuer", &[], &sp.entity_id);
    session.name_id.write(&mut writer);
    for index in &session.session_indexes {
        writer.element("samlp:SessionIndex", &[], index);
    }
    writer.end();

    let message = Message {
        kind: MessageKind::Request,
        id: &id,
        xml: &writer.finish()?,
        relay_state: RelayState::Own(options.relay_state.as_deref()),
    };
    let outgoing = bindings::send(message, &url, slo.binding, Some(signer))?;
    let pending = PendingLogout {
        version: Version,
        request_id: id,
        issued_at: now,
        idp_entity_id: idp_entity_id.to_owned(),
        relay_state: options.relay_state.clone(),
    };
    Ok((outgoing, pending))
}

/// A LogoutRequest of the identity provider that has passed every check of [`validate_request`].
///
/// The host ends every session that it [`matches`](Self::matches), its own and those that begin with an assertion
/// still under way, and answers with [`response`](super::response).
#[derive(Clone, Debug)]
#[must_use = "the sessions that it matches must end"]
pub struct ValidLogoutRequest {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) binding: Binding,
    pub(super) relay_state: Option<String>,
    issue_instant: Timestamp,
    name_id: NameId,
    session_indexes: Vec<String>,
    reason: Option<String>,
    replay: LogoutReplay,
    signed_by: Fingerprint,
    notes: Vec<Note>,
}

/// What the host stores under a unique key of `issuer` and `request_id`, so that the request ends sessions once. To
/// act on it again would end sessions that were begun later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "store the token, or the same request can end later sessions"]
pub struct LogoutReplay {
    /// The identity provider.
    pub issuer: String,
    /// The request.
    pub request_id: String,
    /// From then on the request is refused by its own date, skew included. `None`: it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_until: Option<Timestamp>,
}

/// Judges a LogoutRequest of the identity provider (2.4 #1–#5). In this order:
///
/// 1. the binding: parameters, encoding, and for HTTP-Redirect the signature over the query as it is written;
/// 2. the strict XML profile, and the shape of a LogoutRequest (Core 3.7.1);
/// 3. a signature, over the query or inside of the message; each one that is there is valid;
/// 4. Issuer and Destination, both required;
/// 5. NotOnOrAfter, if present; exactly one NameID.
///
/// # Errors
/// The first check that failed.
pub fn validate_request(
    sp: &SpConfig,
    idp: &IdpConfig,
    incoming: Incoming<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<ValidLogoutRequest, Error> {
    let mut budget = Budget::new();
    let mut judge = Judge::new(sp, idp, None, policy, now);
    let opened = Opened::new(incoming, &LOGOUT_REQUEST, &mut judge, &mut budget)?;
    let trusted = opened.validate(&LOGOUT_REQUEST, &mut judge, &mut budget)?;
    let content = Content::read(trusted.root, &mut judge, &mut budget)?;
    let keep_until = content.not_on_or_after.map(|end| end.saturating_add(policy.clock_skew.as_duration()));
    Ok(ValidLogoutRequest {
        replay: LogoutReplay {
            issuer: trusted.issuer.clone(),
            request_id: trusted.header.id.clone(),
            keep_until,
        },
        id: trusted.header.id,
        issue_instant: trusted.header.issue_instant,
        issuer: trusted.issuer,
        binding: opened.binding,
        signed_by: fingerprint(trusted.key),
        relay_state: opened.relay_state,
        name_id: content.name_id,
        session_indexes: content.session_indexes,
        reason: content.reason,
        notes: judge.notes,
    })
}

impl ValidLogoutRequest {
    /// Its `ID`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The identity provider's entity ID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When it was made.
    #[must_use]
    pub fn issue_instant(&self) -> Timestamp {
        self.issue_instant
    }

    /// Whose sessions end.
    #[must_use]
    pub fn name_id(&self) -> &NameId {
        &self.name_id
    }

    /// Which of them end; none means all.
    #[must_use]
    pub fn session_indexes(&self) -> &[String] {
        &self.session_indexes
    }

    /// Whether it ends this session: of the same identity provider, of the same person (NameID and its qualifiers,
    /// byte for byte), and, where it names sessions, with one of those names.
    #[must_use]
    pub fn matches(&self, session: &SessionRef) -> bool {
        let named = |index| self.session_indexes.contains(index);
        self.issuer == session.idp_entity_id
            && self.name_id.subject_id() == session.name_id.subject_id()
            && (self.session_indexes.is_empty() || session.session_indexes.iter().any(named))
    }

    /// Why, as a URI: [`names::logout_reason`] or another one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What came with it. It goes back with the answer; over HTTP-POST nothing protects it.
    #[must_use]
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// What to store so that this request is acted on once.
    pub fn replay(&self) -> &LogoutReplay {
        &self.replay
    }

    /// SHA-256 of the certificate, or of the bare key, that made the signature.
    #[must_use]
    pub fn signed_by(&self) -> Fingerprint {
        self.signed_by
    }

    /// What was noticed and did not change the outcome.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl LogoutReason {
    /// The URI.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::User => names::logout_reason::USER,
            Self::Admin => names::logout_reason::ADMIN,
        }
    }
}

impl Default for LogoutOptions {
    fn default() -> Self {
        Self {
            binding: RequestBinding::default(),
            reason: None,
            expires_after_seconds: Some(300),
            relay_state: None,
        }
    }
}

/// What a signed LogoutRequest says.
struct Content {
    name_id: NameId,
    session_indexes: Vec<String>,
    reason: Option<String>,
    not_on_or_after: Option<Timestamp>,
}

impl Content {
    fn read(root: VerifiedElement<'_>, judge: &mut Judge<'_>, budget: &mut Budget) -> Result<Self, Error> {
        // Core 3.7.1: NotOnOrAfter.
        let not_on_or_after = judge.time(root, "NotOnOrAfter")?;
        if let Some(bound) = not_on_or_after.filter(|end| !judge.is_before(*end)) {
            return Err(Error::LogoutExpired(judge.bound(bound)));
        }
        // Core 3.7.1: exactly one NameID.
        let names = root
            .children()
            .filter(|child| ["BaseID", "NameID", "EncryptedID"].iter().any(|name| is(*child, name)));
        let name_id = judge.name_id("LogoutRequest", names, budget)?;
        let name_id = name_id.ok_or(Error::NameIdMissing { actual: None })?;
        let indexes = root.children().filter(|child| child.is(names::SAMLP, "SessionIndex"));
        Ok(Self {
            name_id,
            session_indexes: indexes.map(|index| index.all_text().into_owned()).collect(),
            reason: root.attribute("Reason").map(|reason| reason.chars().take(LONGEST_REASON).collect()),
            not_on_or_after,
        })
    }
}

/// Core 3.2.1, 3.7.1. How many names there may be is told by the check of them.
const LOGOUT_REQUEST: Expected = Expected {
    kind: MessageKind::Request,
    level: Level::LogoutRequest,
    root: "LogoutRequest",
    children: &[
        (names::SAML, &["Issuer"], Occurs::Optional),
        (names::SAMLP, &["Extensions"], Occurs::Optional),
        (names::SAML, &["BaseID", "NameID", "EncryptedID"], Occurs::Any),
        (names::SAMLP, &["SessionIndex"], Occurs::Any),
    ],
};

/// What the signing key is wanted for.
pub(super) const SIGNED: &str = "a logout message";

/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 1024;
