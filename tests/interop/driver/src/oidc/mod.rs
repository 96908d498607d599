//! The relying party of OpenID Connect.
//!
//! `admittance-interop oidc PORT NAME=ISSUER…` signs in and out at each provider, which sends its logout tokens to the
//! port.

mod glewlwyd;
mod logout_tokens;
mod oidc_provider;
mod relying_party;

use std::error::Error;
use std::time::SystemTime;

use admittance::oidc;
use admittance::time::Timestamp;

use self::logout_tokens::LogoutTokens;
use crate::Report;

pub fn run(mut arguments: impl Iterator<Item = String>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let port = arguments.next().ok_or("usage: admittance-interop oidc PORT NAME=ISSUER…")?;
    let logout_tokens = LogoutTokens::listen(port.parse()?)?;
    for argument in arguments {
        let (name, issuer) = argument.split_once('=').ok_or("a peer is NAME=ISSUER")?;
        match name {
            "oidc-provider" => oidc_provider::cells(issuer, &logout_tokens, report),
            "glewlwyd" => glewlwyd::cells(issuer, report),
            _ => return Err(format!("no such peer: {name}").into()),
        }
    }
    Ok(())
}

type Outcome = Result<(), Box<dyn Error>>;

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

/// That something was refused with a code, and what the provider says of it.
fn refused_with(code: &str, said: &str, outcome: Result<(), Box<dyn Error>>) -> Outcome {
    let error = outcome.err().ok_or_else(|| format!("accepted, where {code} is expected"))?;
    match error.downcast_ref::<oidc::Error>() {
        Some(found) if found.code() == code && found.actual().unwrap_or_default().contains(said) => Ok(()),
        Some(found) => {
            Err(format!("{}: {found}, {:?}, and not {code} with {said}", found.code(), found.actual()).into())
        }
        None => Err(format!("not {code}: {error}").into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the host owns the clock")]
fn now() -> Timestamp {
    SystemTime::now().into()
}
