//! The cells of Glewlwyd. Its login page is a script, so its REST API is called as that script does.

use std::error::Error;

use admittance::claims::ClaimValue;
use admittance::oidc::Provider;
use admittance::oidc::authorization::Options;
use admittance::oidc::client::{AssertionAudience, ClientAuthentication};
use http::{Method, Request};
use url::Url;

use super::relying_party::{RelyingParty, SignedIn, discover};
use super::{Outcome, ensure, refused_with};
use crate::Report;
use crate::browser::{Browser, End, Visit};

type Cell = fn(&Provider) -> Outcome;
type Fallible<T> = Result<T, Box<dyn Error>>;

pub fn cells(issuer: &str, report: &mut Report) {
    let provider = match discover(issuer) {
        Ok(provider) => provider,
        Err(error) => return report.count("glewlwyd", "discovery", Err(error)),
    };
    let cells: [(&str, Cell); 6] = [
        ("discovery", discovery),
        ("client-secret-basic", client_secret_basic),
        ("wrong-secret-refused-there", wrong_secret_refused_there),
        ("pushed-request", pushed_request),
        ("private-key-jwt-request-object", private_key_jwt_request_object),
        ("refresh", refresh),
    ];
    for (name, run) in cells {
        report.count("glewlwyd", name, run(&provider));
    }
}

fn discovery(provider: &Provider) -> Outcome {
    ensure(provider.pushed_authorization_request_endpoint.is_some(), || "no PAR".to_owned())?;
    let other = format!("{}/", provider.issuer);
    refused_with("oidc.discovery_issuer_mismatch", &provider.issuer, discover(&other).map(drop))
}

fn client_secret_basic(provider: &Provider) -> Outcome {
    let mut rp = basic(provider, SECRET)?;
    let signed_in = sign_in(&mut rp)?;
    check_ada(&rp, signed_in)
}

fn wrong_secret_refused_there(provider: &Provider) -> Outcome {
    let mut rp = basic(provider, "another")?;
    refused_with("oidc.token_error", "unauthorized_client", sign_in(&mut rp).map(drop))
}

fn pushed_request(provider: &Provider) -> Outcome {
    let mut rp = basic(provider, SECRET)?;
    rp.client.registered.pushed_authorization_requests = true;
    let signed_in = sign_in(&mut rp)?;
    check_ada(&rp, signed_in)
}

/// Its token endpoint takes assertions that are for its own address alone.
fn private_key_jwt_request_object(provider: &Provider) -> Outcome {
    let mut rp = RelyingParty::new(provider, "key", ClientAuthentication::PrivateKeyJwt, RSA_KEY)?;
    rp.client.assertion_audience = AssertionAudience::TokenEndpoint;
    rp.client.registered.request_object_signed = true;
    let signed_in = sign_in(&mut rp)?;
    check_ada(&rp, signed_in)
}

fn refresh(provider: &Provider) -> Outcome {
    let mut rp = basic(provider, SECRET)?;
    let signed_in = sign_in(&mut rp)?;
    let (tokens, _) = rp.refresh(&signed_in)?;
    ensure(tokens.refresh_token().is_some(), || "the refresh token is gone".to_owned())
}

fn basic(provider: &Provider, secret: &str) -> Fallible<RelyingParty> {
    let authentication = ClientAuthentication::ClientSecretBasic { secret: secret.into() };
    RelyingParty::new(provider, "code", authentication, RSA_KEY)
}

fn sign_in(rp: &mut RelyingParty) -> Fallible<SignedIn> {
    let mut options = Options::default();
    options.scopes = Vec::new();
    let mut browser = Browser::default();
    let client = rp.client.client_id.clone();
    let (visit, pending) = rp.authorize(&options, |url| log_in(&mut browser, &client, url))?;
    rp.finish(visit, &pending)
}

/// What the script of the login page does: it sends the password, grants the scope, and goes on.
fn log_in(browser: &mut Browser, client: &str, url: Url) -> Fallible<Visit> {
    let End::Page { url: page, .. } = browser.open(url)?.end else {
        return Err("no login page".into());
    };
    let (_, back) = page
        .query_pairs()
        .find(|(name, _)| name == "callback_url")
        .ok_or_else(|| format!("no way back in {page}"))?;
    let mut call = |method: Method, path: &str, body: &str| {
        let request = Request::builder()
            .method(method)
            .uri(page.join(path)?.as_str())
            .header("Content-Type", "application/json")
            .body(body.as_bytes().to_vec())?;
        let status = browser.fetch(request)?.status();
        ensure(status == 200, || format!("{path}: status {status}"))
    };
    call(Method::POST, "/api/auth/", r#"{"username":"ada","password":"countess"}"#)?;
    call(Method::PUT, &format!("/api/auth/grant/{client}"), r#"{"scope":"openid"}"#)?;
    let mut back = Url::parse(&back)?;
    back.query_pairs_mut().append_key_only("g_continue");
    browser.open(back)
}

fn check_ada(rp: &RelyingParty, signed_in: SignedIn) -> Outcome {
    let issuer = signed_in.id.issuer().to_owned();
    ensure(issuer == rp.provider.issuer, || format!("the issuer is {issuer}"))?;
    let id = rp.with_userinfo(signed_in)?;
    for (name, expected) in [("name", "Ada Lovelace"), ("email", "ada@corp.example")] {
        let values = id.claims().claim(name).map(|claim| claim.values.as_slice()).unwrap_or_default();
        let text: Vec<_> = values.iter().filter_map(ClaimValue::as_text).collect();
        ensure(text == [expected], || format!("{name}: {text:?}"))?;
    }
    Ok(())
}

/// Without a character that is encoded: Glewlwyd compares the header's two parts as they come.
const SECRET: &str = "the-secret-of-code";

const RSA_KEY: &[u8] = include_bytes!("../../../../corpus/keys/rsa2048.key.pem");
