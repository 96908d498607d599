use super::{
    PendingLogout, ValidLogoutRequest,
    received::{Expected, Opened},
    request::SIGNED,
};
use crate::{
    crypto::Fingerprint,
    endpoint,
    entropy::Entropy,
    limits::Budget,
    note::Note,
    saml::{
        Error, IdpStatus, Level,
        bindings::{self, Binding, Incoming, Message, MessageKind, Outgoing, RelayState, Signer},
        message::{self, Judge, Occurs, fingerprint, in_response_to},
        metadata::{idp::IdpConfig, sp::SpConfig},
        names,
        protocol::{RequestBinding, message_id},
        web_sso::Policy,
    },
    time::Timestamp,
    xml::Writer,
};

/// How a LogoutRequest of the identity provider went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogoutStatus {
    /// Every session that it matches has ended, or there was none.
    Success,
    /// Some have ended.
    PartialLogout,
    /// The request is at fault.
    Requester,
    /// The person is not known here.
    UnknownPrincipal,
    /// We are at fault: none has ended.
    Responder,
}

/// Makes the LogoutResponse that answers a LogoutRequest (Core 3.7.2, Profiles 4.4.3.4). It is always signed, takes
/// the request's RelayState back as it came, and travels like the request where the identity provider has such a
/// service, else over HTTP-Redirect or HTTP-POST.
///
/// # Errors
/// - [`Error::ConfigurationInvalid`] for a request of another identity provider, and as for [`SpConfig::check`];
/// - [`Error::BindingNotOffered`] when the identity provider has no logout service for either binding, and
///   [`Error::UrlNotAllowed`] for its address under [`SpConfig::urls`];
/// - [`Error::SigningKeyMissing`] without a key of ours;
/// - [`Error::Output`], [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn response(
    sp: &SpConfig,
    idp: &IdpConfig,
    request: &ValidLogoutRequest,
    status: LogoutStatus,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Outgoing, Error> {
    sp.check()?;
    if idp.entity_id() != Some(request.issuer()) {
        let (field, value) = ("request", request.issuer.clone());
        return Err(Error::ConfigurationInvalid {
            field,
            value,
            reason: "it is of another identity provider",
        });
    }
    let alike = match request.binding {
        Binding::HttpPost => RequestBinding::HttpPost,
        Binding::HttpRedirect | Binding::Soap => RequestBinding::HttpRedirect,
    };
    let slo = idp.slo_for(alike).or_else(|_| idp.slo_for(RequestBinding::Any))?;
    let location = slo.response_location.as_ref().unwrap_or(&slo.location);
    let url = endpoint::check(location, sp.urls)
        .map_err(|error| Error::UrlNotAllowed { field: "SingleLogoutService Location".to_owned(), error })?;
    let signer = Signer::of(sp, SIGNED)?;

    let id = message_id(entropy)?;
    let mut writer = Writer::new();
    writer.start("samlp:LogoutResponse");
    writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
    writer.attribute("ID", &id).attribute("Version", names::VERSION);
    writer.attribute("IssueInstant", &now.to_string()).attribute("Destination", location);
    writer.attribute("InResponseTo", &request.id);
    writer.element("saml:Issuer", &[], &sp.entity_id);
    status.write(&mut writer);
    writer.end();

    let message = Message {
        kind: MessageKind::Response,
        id: &id,
        xml: &writer.finish()?,
        relay_state: RelayState::Echo(request.relay_state()),
    };
    bindings::send(message, &url, slo.binding, Some(signer))
}

/// A LogoutResponse of the identity provider that has passed every check of [`validate_response`]. Whether the logout
/// worked is data: see [`outcome`](Self::outcome).
#[derive(Clone, Debug)]
pub struct ValidLogoutResponse {
    issuer: String,
    status: IdpStatus,
    relay_state: Option<String>,
    signed_by: Fingerprint,
    notes: Vec<Note>,
}

/// How a logout went that we had asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogoutOutcome {
    /// The person is signed out everywhere.
    Success,
    /// Some service did not answer, or refused: the person may still be signed in there.
    Partial,
    /// The identity provider did not do it.
    Failed,
}

/// Judges a LogoutResponse (2.4 #1–#3 and #6). `pending` is what [`request`](super::request()) returned for this
/// browser; `None` when no request is outstanding, which is always refused. In this order:
///
/// 1. the binding: parameters, encoding, and for HTTP-Redirect the signature over the query as it is written;
/// 2. the strict XML profile, and the shape of a LogoutResponse (Core 3.7.2);
/// 3. a signature, over the query or inside of the message; each one that is there is valid;
/// 4. Issuer and Destination, both required;
/// 5. InResponseTo names the outstanding request; there is a status.
///
/// The host deletes `pending` whatever the outcome.
///
/// # Errors
/// The first check that failed. A status that is no success is no error.
pub fn validate_response(
    sp: &SpConfig,
    idp: &IdpConfig,
    pending: Option<&PendingLogout>,
    incoming: Incoming<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<ValidLogoutResponse, Error> {
    let mut budget = Budget::new();
    let mut judge = Judge::new(sp, idp, None, policy, now);
    let opened = Opened::new(incoming, &LOGOUT_RESPONSE, &mut judge, &mut budget)?;
    let trusted = opened.validate(&LOGOUT_RESPONSE, &mut judge, &mut budget)?;
    let (answered, status) = (in_response_to(trusted.root), message::status(trusted.root, true));
    // Core 3.2.2: InResponseTo. A request to another identity provider is not outstanding here.
    let outstanding = pending.filter(|pending| pending.idp_entity_id == trusted.issuer);
    let outstanding = outstanding.map(PendingLogout::request_id);
    if outstanding.is_none() || answered != outstanding {
        return Err(Error::InResponseToMismatch {
            level: Level::LogoutResponse,
            expected: outstanding.map(str::to_owned),
            actual: answered.unwrap_or_default().chars().take(1024).collect(),
        });
    }
    // Core 3.2.2.2: Status, as data.
    Ok(ValidLogoutResponse {
        status: status?,
        issuer: trusted.issuer,
        signed_by: fingerprint(trusted.key),
        relay_state: opened.relay_state,
        notes: judge.notes,
    })
}

impl ValidLogoutResponse {
    /// How the logout went.
    #[must_use]
    pub fn outcome(&self) -> LogoutOutcome {
        let is_partial = |code: &String| code == names::status::PARTIAL_LOGOUT;
        match self.status.code.as_str() {
            _ if is_partial(&self.status.code) || self.status.sub_codes.iter().any(is_partial) => {
                LogoutOutcome::Partial
            }
            names::status::SUCCESS => LogoutOutcome::Success,
            _ => LogoutOutcome::Failed,
        }
    }

    /// Codes and message as they came.
    #[must_use]
    pub fn status(&self) -> &IdpStatus {
        &self.status
    }

    /// The identity provider's entity ID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What came with it. Over HTTP-POST nothing protects it.
    #[must_use]
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
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

impl LogoutStatus {
    /// Core 3.2.2.2, 3.7.3: the code, and the one below it.
    const fn codes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Success => (names::status::SUCCESS, None),
            Self::PartialLogout => (names::status::SUCCESS, Some(names::status::PARTIAL_LOGOUT)),
            Self::Requester => (names::status::REQUESTER, None),
            Self::UnknownPrincipal => (names::status::REQUESTER, Some(names::status::UNKNOWN_PRINCIPAL)),
            Self::Responder => (names::status::RESPONDER, None),
        }
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        let (code, sub_code) = self.codes();
        writer.start("samlp:Status").start("samlp:StatusCode").attribute("Value", code);
        if let Some(sub_code) = sub_code {
            writer.element("samlp:StatusCode", &[("Value", sub_code)], "");
        }
        writer.end().end();
    }
}

/// Core 3.2.2, 3.7.2.
const LOGOUT_RESPONSE: Expected = Expected {
    kind: MessageKind::Response,
    level: Level::LogoutResponse,
    root: "LogoutResponse",
    children: &[
        (names::SAML, &["Issuer"], Occurs::Optional),
        (names::SAMLP, &["Extensions"], Occurs::Optional),
        (names::SAMLP, &["Status"], Occurs::Once),
    ],
};
