//! The product, started.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use http::{Request, Response};

use crate::database::Database;

/// A process that serves until the value is dropped.
pub(crate) struct Node {
    process: Child,
    /// Where it listens. Several nodes have one public address, that of the first.
    pub(crate) address: String,
    pub(crate) base: String,
    /// Its demo identity provider.
    pub(crate) demo: String,
}

impl Node {
    pub(crate) async fn start(database: &Database) -> Self {
        let base = format!("http://127.0.0.1:{}", free_port());
        Self::start_as(database, &base, &base).await
    }

    /// One more, behind the same public address.
    pub(crate) async fn beside(first: &Self, database: &Database) -> Self {
        let address = format!("http://127.0.0.1:{}", free_port());
        Self::start_as(database, &first.base, &address).await
    }

    async fn start_as(database: &Database, base: &str, address: &str) -> Self {
        let demo = free_port();
        let process = Command::new(env!("CARGO_BIN_EXE_admittance-host"))
            .args(["--listen", address.trim_start_matches("http://"), "--base-url", base])
            .args(["--demo-listen", &format!("127.0.0.1:{demo}")])
            .env("DATABASE_URL", &database.url)
            .env("HOST_KEY", "5a".repeat(32))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let node = Self {
            process,
            address: address.to_owned(),
            base: base.to_owned(),
            demo: format!("http://localhost:{demo}"),
        };
        for _ in 0..600 {
            if reqwest::get(format!("{address}/health")).await.is_ok_and(|answer| answer.status() == 200) {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{address} does not answer");
    }

    /// As power that fails does: without a word.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a request to this node, whatever address it names.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.try_send(request).await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, reqwest::Error> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().unwrap().as_str();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let url = format!("{}{target}", self.address);
        let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await?;
        let mut response = Response::builder().status(answer.status());
        *response.headers_mut().unwrap() = answer.headers().clone();
        Ok(response.body(answer.bytes().await?.to_vec()).unwrap())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A port that nobody listens at.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
