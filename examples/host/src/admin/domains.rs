//! Email domains: claimed, proven by a TXT record, and found at sign-in by email address.

use admittance::{
    connection::{
        AllowedDomains, Command, Diagnosis, Domain, DomainName, DomainStatus, Domains, setup_link::Task,
    },
    entropy::OsEntropy,
};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State as On},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;

use super::{
    Done, go, txt_records,
    visitor::{Place, Sent, Visitor},
};
use crate::{
    app::Shared,
    clock::now,
    failure::Failure,
    layout::{Chrome, html},
    wording,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/sso/domains", get(look).post(post))
        .route("/setup/{link}/sso/domains", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/domains.html")]
struct Page<'a> {
    chrome: Chrome,
    places: Vec<Place>,
    done: &'static str,
    refused: Vec<Diagnosis>,
    /// What is wrong with the name that was entered.
    invalid: String,
    base: &'a str,
    version: u64,
    domains: Vec<Seen>,
    only_verified: bool,
    can_end: bool,
}

struct Seen {
    name: String,
    record_name: String,
    record_value: String,
    status: wording::Word,
    is_verified: bool,
    checked: Option<String>,
}

async fn look(visitor: Visitor, Query(done): Query<Done>) -> Result<Response, Failure> {
    page(&visitor, done.text(), Vec::new(), String::new())
}

async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    sent.visitor.require(Task::Domain)?;
    let mut domains = sent.visitor.connection.domains().clone();
    let name = sent.text("name").unwrap_or_default();
    let done = match sent.text("run") {
        Some("claim") => {
            let name = match DomainName::parse(name) {
                Ok(name) => name,
                Err(error) => return page(&sent.visitor, "", Vec::new(), format!("{name}: {error}.")),
            };
            if domains.claimed.iter().all(|domain| *domain.name() != name) {
                domains.claimed.push(Domain::claim(name, &mut OsEntropy)?);
            }
            "claimed"
        }
        Some("check") => {
            check(&mut domains, name).await?;
            "checked"
        }
        Some("remove") => {
            domains.claimed.retain(|domain| domain.name().as_str() != name);
            "saved"
        }
        Some("allowed") => {
            let only = sent.text("only_verified").is_some();
            domains.allowed = if only { AllowedDomains::Verified } else { AllowedDomains::Any };
            "saved"
        }
        _ => return Err(Failure::NotFound),
    };
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, Command::SetDomains(domains)).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/sso/domains", sent.visitor.base), done));
    }
    page(&sent.visitor, "", refused, String::new())
}

/// Looks up the record; the library compares.
async fn check(domains: &mut Domains, name: &str) -> Result<(), Failure> {
    for domain in &mut domains.claimed {
        if domain.name().as_str() == name {
            let records = txt_records::look_up(&domain.record_name()).await.map_err(Failure::Invalid)?;
            *domain = domain.check(records.iter().map(String::as_str), now());
        }
    }
    Ok(())
}

fn page(
    visitor: &Visitor,
    done: &'static str,
    refused: Vec<Diagnosis>,
    invalid: String,
) -> Result<Response, Failure> {
    visitor.require(Task::Domain)?;
    let domains = visitor.connection.domains();
    let seen = |domain: &Domain| Seen {
        name: domain.name().to_string(),
        record_name: domain.record_name(),
        record_value: domain.record_value(),
        status: wording::domain(domain.status()),
        is_verified: domain.status() == DomainStatus::Verified,
        checked: domain.checked_at().as_ref().map(wording::time),
    };
    let is_good = refused.is_empty() && invalid.is_empty();
    let page = Page {
        chrome: visitor.chrome("Domains"),
        places: visitor.places("/sso/domains"),
        done,
        refused,
        invalid,
        base: &visitor.base,
        version: visitor.connection.version(),
        domains: domains.claimed.iter().map(seen).collect(),
        only_verified: domains.allowed == AllowedDomains::Verified,
        can_end: visitor.connection.preset().is_some(),
    };
    let status = if is_good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html(&page)).into_response())
}
