//! A SCIM service over HTTP on loopback, with its storage in memory.
//!
//! `cargo run --example scim_server -- --listen 127.0.0.1:8090 --connection acme=TOKEN --connection other=TOKEN2`
//! answers at `http://127.0.0.1:8090/scim/v2/connections/acme` and so on. All that it stores is gone when it ends.
//!
//! - `--pagination` shows the block `pagination` of RFC 9865 in ServiceProviderConfig; some older clients give up on it.
//! - `--strict` reads what the standards have and nothing else.

use std::{
    error::Error,
    io::{Read, Write},
    net::SocketAddr,
    process::ExitCode,
    thread,
    time::{Duration, SystemTime},
};

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    limits::Limits,
    scim::{
        self,
        leniency::Leniency,
        machine::Done,
        respond,
        service::{PaginationBlock, ServiceConfig, Tenancy},
    },
    testing::scim_store::ScimStore,
    time::Timestamp,
};
use tiny_http::Server;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    match Settings::parse(std::env::args().skip(1)).and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scim_server: {error}");
            ExitCode::from(2)
        }
    }
}

fn serve(settings: Settings) -> Result<(), Failure> {
    let server = Server::http(settings.listen)?;
    let address = server.server_addr().to_ip().ok_or("there is no address to listen at")?;
    let store = settings.store(address)?;
    for (connection, _) in &settings.connections {
        println!("{}", store.config().tenant_url(&connection.as_str().into()));
    }
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    answer(&store, request);
                }
            });
        }
    });
    Ok(())
}

/// Reads a request, has it answered, and sends the answer. A connection that breaks concerns its client alone.
fn answer(store: &ScimStore, mut request: tiny_http::Request) {
    let response = match read(&mut request) {
        Ok(request) => {
            let Done { response, .. } = store.answer(&request, now());
            response
        }
        Err(error) => respond::error(&error),
    };
    let message = message(&response, *request.method() == tiny_http::Method::Head);
    let mut client = request.into_writer();
    let _broken = client.write_all(&message).and_then(|()| client.flush());
}

/// The answer in one piece: two would wait for each other on a connection that is kept.
fn message(response: &http::Response<Vec<u8>>, only_head: bool) -> Vec<u8> {
    let status = response.status();
    let mut message = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or(""));
    for (name, value) in response.headers() {
        message += &format!("{name}: {}\r\n", value.to_str().unwrap_or(""));
    }
    let is_empty = [http::StatusCode::NO_CONTENT, http::StatusCode::NOT_MODIFIED].contains(&status);
    if !is_empty {
        message += &format!("content-length: {}\r\n", response.body().len());
    }
    let mut message = format!("{message}\r\n").into_bytes();
    if !is_empty && !only_head {
        message.extend(response.body());
    }
    message
}

fn read(request: &mut tiny_http::Request) -> Result<http::Request<Vec<u8>>, scim::Error> {
    let limit = Limits::default().scim.bulk_body;
    let at_most = u64::try_from(limit).unwrap_or(u64::MAX);
    let syntax = |what: &str| scim::Error::Syntax { reason: format!("the {what} cannot be read") };
    let mut body = Vec::new();
    request.as_reader().take(at_most.saturating_add(1)).read_to_end(&mut body).map_err(|_| syntax("body"))?;
    if body.len() > limit {
        return Err(scim::Error::TooLarge { what: "bytes", limit });
    }
    let mut read = http::Request::builder().method(request.method().as_str()).uri(request.url());
    for header in request.headers() {
        read = read.header(header.field.as_str().as_str(), header.value.as_str());
    }
    read.body(body).map_err(|_| syntax("head of the request"))
}

#[expect(clippy::disallowed_methods, reason = "a server has a clock; the library is given the time")]
fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

struct Settings {
    listen: SocketAddr,
    connections: Vec<(String, Secret)>,
    pagination: PaginationBlock,
    leniency: Leniency,
}

impl Settings {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut settings = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            connections: Vec::new(),
            pagination: PaginationBlock::Hidden,
            leniency: Leniency::interop(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--listen" => settings.listen = value()?.parse()?,
                "--connection" => {
                    let value = value()?;
                    let (name, token) = value.split_once('=').ok_or("a connection is given as NAME=TOKEN")?;
                    settings.connections.push((name.to_owned(), Secret::new(token)));
                }
                "--pagination" => settings.pagination = PaginationBlock::Shown,
                "--strict" => settings.leniency = Leniency::strict(),
                _ => return Err(format!("{argument} is no option\n{USAGE}").into()),
            }
        }
        if settings.connections.is_empty() {
            return Err(format!("a connection is needed\n{USAGE}").into());
        }
        Ok(settings)
    }

    fn store(&self, address: SocketAddr) -> Result<ScimStore, Failure> {
        let cursor_key = Secret::random(32, &mut OsEntropy)?;
        let base_url = format!("http://{address}/scim/v2");
        let config = ServiceConfig::new(&base_url, UrlPolicy::HttpOnLoopback, Tenancy::InPath)?
            .with_cursors(cursor_key, CURSORS_LAST)?
            .with_pagination_block(self.pagination)
            .with_leniency(self.leniency);
        let connections = self.connections.iter().cloned();
        Ok(connections
            .fold(ScimStore::new(config), |store, (name, token)| store.with_connection(name, token)))
    }
}

const USAGE: &str =
    "usage: scim_server [--listen ADDRESS] --connection NAME=TOKEN… [--pagination] [--strict]";
const WORKERS: usize = 8;
const CURSORS_LAST: Duration = Duration::from_secs(60 * 60);
