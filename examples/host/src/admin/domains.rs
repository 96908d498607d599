//! Email domains: claimed, proven by a TXT record, and found at sign-in by email address.

use admittance::connection::{
    AllowedDomains, Command, Connection, Domain, DomainName, DomainStatus, Domains, setup_link::Task,
};
use admittance::entropy::OsEntropy;
use askama::Template;
use axum::extract::{Query, State as On};
use axum::{Router, response::Response, routing::get};

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, go, shown, txt_records};
use crate::failure::{Failure, Result};
use crate::{app::Shared, clock::now};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/sso/domains", get(look).post(post))
        .route("/setup/{link}/sso/domains", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/domains.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    /// What is wrong with the name that was entered.
    invalid: String,
}

async fn look(visitor: Visitor, Query(told): Query<Told>) -> Result<Response> {
    page(&visitor, told, String::new())
}

async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response> {
    sent.visitor.require(Task::Domain)?;
    let mut domains = sent.visitor.connection.domains().clone();
    let name = sent.text("name").unwrap_or_default();
    let done = match sent.text("run") {
        Some("claim") => {
            let name = match DomainName::parse(name) {
                Ok(name) => name,
                Err(error) => return page(&sent.visitor, Told::default(), format!("{name}: {error}.")),
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
    let refused = sent.command(&app, Command::SetDomains(domains)).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/sso/domains", sent.visitor.base), done));
    }
    page(&sent.visitor, refused, String::new())
}

/// Looks up the record; the library compares.
async fn check(domains: &mut Domains, name: &str) -> Result<()> {
    for domain in &mut domains.claimed {
        if domain.name().as_str() == name {
            let records = txt_records::look_up(&domain.record_name()).await.map_err(Failure::Invalid)?;
            *domain = domain.check(records.iter().map(String::as_str), now());
        }
    }
    Ok(())
}

fn page(visitor: &Visitor, told: impl Into<Told>, invalid: String) -> Result<Response> {
    visitor.require(Task::Domain)?;
    let page = Page {
        chrome: visitor.frame("Domains", "/sso/domains", told),
        connection: &visitor.connection,
        invalid,
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty() && page.invalid.is_empty()))
}
