//! The address that logout tokens come to: one request after the other, answered as the library says.

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use http::Response;

/// A listener on loopback.
pub struct LogoutTokens(TcpListener);

type Fallible<T> = Result<T, Box<dyn Error>>;

impl LogoutTokens {
    pub fn listen(port: u16) -> Fallible<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Runs `during`, which makes the provider send logout tokens, and answers each of them: `answer` gets the path and
    /// the body.
    pub fn receive<T: Send>(
        &self,
        during: impl FnOnce() -> T + Send,
        mut answer: impl FnMut(&str, &[u8]) -> Response<Vec<u8>>,
    ) -> Fallible<T> {
        std::thread::scope(|scope| {
            let walk = scope.spawn(during);
            loop {
                match self.0.accept() {
                    Ok((stream, _)) => serve(stream, &mut answer)?,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        if walk.is_finished() {
                            break;
                        }
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            walk.join().map_err(|_| "the walk panicked".into())
        })
    }
}

fn serve(mut stream: TcpStream, answer: &mut impl FnMut(&str, &[u8]) -> Response<Vec<u8>>) -> Fallible<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut bytes = Vec::new();
    let (head, body_at) = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk)? {
            0 => return Err("the request for the logout token ends early".into()),
            read => bytes.extend_from_slice(chunk.get(..read).unwrap_or_default()),
        }
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break (String::from_utf8(bytes.get(..end).unwrap_or_default().to_vec())?, end + 4);
        }
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .ok_or("no Content-Length")?;
    let length: usize = length.1.trim().parse()?;
    while bytes.len() < body_at + length {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk)? {
            0 => return Err("the logout token ends early".into()),
            read => bytes.extend_from_slice(chunk.get(..read).unwrap_or_default()),
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    let response = answer(path, bytes.get(body_at..).unwrap_or_default());
    let mut reply = format!("HTTP/1.1 {} .\r\nConnection: close\r\n", response.status().as_u16());
    for (name, value) in response.headers() {
        reply.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    reply.push_str(&format!("Content-Length: {}\r\n\r\n", response.body().len()));
    stream.write_all(reply.as_bytes())?;
    stream.write_all(response.body())?;
    Ok(())
}
