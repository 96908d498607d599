//! Requests that the host sends to identity providers: to public addresses alone, bounded in size and time, without
//! redirects. For the demo, loopback is allowed too.

use std::{net::SocketAddr, time::Duration};

use admittance::connection::{IdpSource, Reach};
use admittance::endpoint::{UrlPolicy, check_fetch};
use admittance::oidc::{self, discovery};
use http::{Request, Response};

pub(crate) struct Fetcher {
    policy: UrlPolicy,
}

impl Fetcher {
    pub(crate) fn new(policy: UrlPolicy) -> Self {
        Self { policy }
    }

    /// Sends a request. The addresses that the name stands for are looked at before, and no other is
    /// connected to.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let url = check_fetch(&request.uri().to_string(), self.policy).map_err(|error| error.to_string())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let addresses: Vec<SocketAddr> = addresses.map_err(|error| error.to_string())?.collect();
        let is_allowed = |address: &SocketAddr| {
            let literal = format!("{}://{address}/", url.scheme());
            check_fetch(&literal, self.policy).is_ok()
        };
        let addresses: Vec<SocketAddr> = addresses.into_iter().filter(is_allowed).collect();
        if addresses.is_empty() {
            return Err("the name stands for no public address".to_owned());
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .resolve_to_addrs(&host, &addresses)
            .no_proxy()
            .timeout(LONGEST)
            .build()
            .map_err(|error| error.to_string())?;
        let (parts, body) = request.into_parts();
        let sent = client.request(parts.method, url.as_str()).headers(parts.headers).body(body).send().await;
        let mut answer = sent.map_err(|error| plain(&error))?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| plain(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(format!("the answer has more than {LARGEST} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(|error| error.to_string())
    }

    /// Fetches what an administrator's entry leads to: metadata, or the discovery document.
    pub(crate) async fn reach(&self, source: &IdpSource, policy: &oidc::Policy) -> Reach {
        if let IdpSource::MetadataUrl(url) = source {
            return match self.document(url).await {
                Ok(document) => Reach::Metadata(document),
                Err(reason) => Reach::NotReached { reason },
            };
        }
        let Some(issuer) = source.issuer() else { return Reach::NothingToFetch };
        let mut policy = policy.clone();
        policy.urls = self.policy;
        let request = match discovery::request(&issuer, &policy) {
            Ok(request) => request,
            Err(error) => return Reach::Discovery(Box::new(Err(error))),
        };
        match self.send(request).await {
            Ok(answer) => {
                let read = discovery::parse_response(&issuer, &answer, &policy);
                Reach::Discovery(Box::new(read.map(|(provider, _)| provider)))
            }
            Err(reason) => Reach::NotReached { reason },
        }
    }

    /// A document at an address.
    pub(crate) async fn document(&self, url: &str) -> Result<Vec<u8>, String> {
        let request = Request::get(url).body(Vec::new()).map_err(|error| error.to_string())?;
        let answer = self.send(request).await?;
        if !answer.status().is_success() {
            return Err(format!("the identity provider answered with status {}", answer.status()));
        }
        Ok(answer.into_body())
    }
}

/// Without the address, which may hold what is not for a page.
fn plain(error: &reqwest::Error) -> String {
    match error {
        error if error.is_timeout() => "no answer in time".to_owned(),
        error if error.is_connect() => "no connection".to_owned(),
        _ => "the answer could not be read".to_owned(),
    }
}

const LONGEST: Duration = Duration::from_secs(10);
const LARGEST: usize = 4 << 20;
