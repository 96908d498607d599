use super::Binding;
use crate::{limits::Limits, saml::Error};

/// Which of the two parameters a message travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

/// The value that a message of ours takes along.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RelayState<'r> {
    /// Our own, at most 80 bytes.
    Own(Option<&'r str>),
    /// The peer's, which goes back with our answer as it came (Bindings 3.4.3, 3.5.3).
    Echo(Option<&'r str>),
}

impl MessageKind {
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }

    /// The one kind of message among the parameters that are there.
    pub(super) fn of(binding: Binding, request: bool, response: bool) -> Result<Self, Error> {
        let invalid = |reason| Err(Error::ParametersInvalid { binding, parameter: "SAMLRequest", reason });
        match (request, response) {
            (true, false) => Ok(Self::Request),
            (false, true) => Ok(Self::Response),
            (true, true) => invalid("SAMLResponse is there too"),
            (false, false) => invalid("neither it nor SAMLResponse is there"),
        }
    }
}

impl<'r> RelayState<'r> {
    /// The value, if it may be sent. Control characters are refused, because a form does not carry them unchanged.
    pub(super) fn checked(self) -> Result<Option<&'r str>, Error> {
        let own = match self {
            Self::Echo(echo) => return Ok(echo),
            Self::Own(None) => return Ok(None),
            Self::Own(Some(own)) => own,
        };
        if own.len() > LONGEST_RELAY_STATE {
            return Err(Error::RelayStateTooLong { limit: LONGEST_RELAY_STATE, actual: own.len() });
        }
        if own.chars().any(char::is_control) {
            let (field, value) = ("relay_state", own.escape_debug().to_string());
            return Err(Error::ConfigurationInvalid { field, value, reason: "it has control characters" });
        }
        Ok(Some(own))
    }
}

/// Inbound, more than the binding's 80 bytes are taken: several peers send them.
pub(super) fn check_received(relay_state: &str, limits: &Limits) -> Result<(), Error> {
    if relay_state.len() > limits.relay_state {
        return Err(Error::RelayStateTooLong { limit: limits.relay_state, actual: relay_state.len() });
    }
    Ok(())
}

/// Bindings 3.4.3, 3.5.3.
pub(crate) const LONGEST_RELAY_STATE: usize = 80;
