//! One HTTP request on loopback.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::{Request, Response};

/// Sends a request and reads the answer. HTTP/1.0, so that the body ends with the connection.
pub fn send(request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Box<dyn Error>> {
    let uri = request.uri();
    let authority = uri.authority().ok_or_else(|| format!("no host: {uri}"))?.as_str();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.0\r\nHost: {authority}\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if !request.body().is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", request.body().len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body());

    let mut stream = TcpStream::connect(authority).map_err(|error| format!("{uri}: {error}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&bytes)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(|error| format!("{uri}: {error}"))?;
    parse(&answer).ok_or_else(|| format!("{uri}: no HTTP").into())
}

fn parse(answer: &[u8]) -> Option<Response<Vec<u8>>> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(answer.get(..end)?).ok()?, answer.get(end + 4..)?);
    let mut lines = head.split("\r\n");
    let mut response = Response::builder().status(lines.next()?.split(' ').nth(1)?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response = response.header(name, value.trim());
    }
    response.body(body.to_vec()).ok()
}

const PATIENCE: Duration = Duration::from_secs(30);
