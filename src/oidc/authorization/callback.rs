use std::fmt;

use crate::{
    crypto::Secret,
    oidc::{
        Client, Error, IssParam, Pending, Provider,
        error::{ProviderError, TimeBound},
        form,
    },
    time::{Skew, Timestamp},
};

/// A code that came with the `state` of a pending sign-in: [`parse_callback`] alone makes one. It is for one token
/// request.
pub struct AuthorizationCode(Secret);

/// Reads what the browser brought back: the whole query of the request, or for `form_post` its whole body, undecoded.
///
/// 1. It is at most [`Limits::callback`](crate::limits::Limits::callback) bytes long, and its percent-encoding holds
///    UTF-8.
/// 2. `state`, `code`, `iss`, `error` and `error_description` are there at most once
///    ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
/// 3. `state` is the pending sign-in's, compared in constant time (Core 3.1.2.7).
/// 4. The pending sign-in is at most [`Policy::pending_lifetime`](crate::oidc::Policy::pending_lifetime) old.
/// 5. It is one of this provider and this client ([RFC 9700 §4.4](https://www.rfc-editor.org/rfc/rfc9700#section-4.4)).
/// 6. `iss`, where it is there, is the provider; it is there when the provider says so or
///    [`Policy::iss_param`](crate::oidc::Policy::iss_param) asks for it
///    ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
/// 7. There is no `error` (RFC 6749 §4.1.2.1).
/// 8. There is a `code` (Core 3.1.2.5).
///
/// Everything else is passed over, tokens included. After a failure no endpoint of the provider is called. The
/// provider is known by [`Pending`], which the host finds by the browser's session: never by the callback.
///
/// # Errors
/// [`Error::CallbackMalformed`], [`Error::CallbackDuplicateParameter`], [`Error::StateMissing`],
/// [`Error::StateMismatch`], [`Error::PendingExpired`], [`Error::MixUp`], [`Error::CallbackIssuerMismatch`],
/// [`Error::TenantNotAllowed`], [`Error::CallbackIssuerMissing`], [`Error::Provider`], [`Error::CodeMissing`], for the
/// first check that fails.
pub fn parse_callback(
    provider: &Provider,
    client: &Client,
    pending: &Pending,
    query_or_body: impl AsRef<[u8]>,
    now: Timestamp,
) -> Result<AuthorizationCode, Error> {
    let policy = &client.policy;
    let fields = form::parse(query_or_body.as_ref(), policy.limits.callback)
        .map_err(|reason| Error::CallbackMalformed { reason })?;
    // RFC 6749 §3.1: no parameter twice
    let once = |parameter| {
        fields.once(parameter).map_err(|form::Twice| Error::CallbackDuplicateParameter { parameter })
    };
    let (state, code, iss) = (once("state")?, once("code")?, once("iss")?);
    let (error, description) = (once("error")?, once("error_description")?);
    // Core 3.1.2.7: state
    if !pending.state.is(state.ok_or(Error::StateMissing)?) {
        return Err(Error::StateMismatch);
    }
    check_age(pending, client, now)?;
    // RFC 9700 §4.4: this provider, this client
    pending.check_connection(provider, client)?;
    // RFC 9207 §2.4: iss
    match (iss, policy.iss_param) {
        (Some(iss), _) => policy.issuer.check_callback(&provider.issuer, iss)?,
        (None, IssParam::AsAdvertised) if !provider.authorization_response_iss_parameter_supported => {}
        (None, IssParam::AsAdvertised | IssParam::Require) => {
            return Err(Error::CallbackIssuerMissing { expected: provider.issuer.clone() });
        }
    }
    // RFC 6749 §4.1.2.1: error
    if let Some(error) = error {
        return Err(Error::Provider(ProviderError::new(error, description)));
    }
    // Core 3.1.2.5: code
    match code.filter(|code| !code.is_empty()) {
        Some(code) => Ok(AuthorizationCode(Secret::new(code))),
        None => Err(Error::CodeMissing),
    }
}

impl AuthorizationCode {
    /// For the token request, and for `c_hash`.
    pub(in crate::oidc) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCode").finish_non_exhaustive()
    }
}

fn check_age(pending: &Pending, client: &Client, now: Timestamp) -> Result<(), Error> {
    let bound = pending.created_at.saturating_add(client.policy.pending_lifetime);
    if now > bound {
        let skew_seconds = Skew::ZERO.as_secs();
        return Err(Error::PendingExpired(TimeBound { bound, now, skew_seconds }));
    }
    Ok(())
}
