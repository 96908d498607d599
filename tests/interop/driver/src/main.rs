//! Plays the service provider against real identity providers, one line for each cell of the matrix.
//!
//! `admittance-interop DIRECTORY NAME=URL_OF_METADATA…` writes our metadata into the directory, from which the peers
//! read it, and then signs in and out.

mod browser;
mod cells;
mod html;
mod service_provider;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use url::Url;

use cells::Peer;
use service_provider::Variant;

/// Where the service provider would be. Nothing listens there: the browser stops in front of it.
pub const SP_BASE: &str = "http://127.0.0.1:9/";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: admittance-interop DIRECTORY NAME=URL_OF_METADATA…")?;
    for variant in Variant::ALL {
        std::fs::write(
            Path::new(&directory).join(format!("{}.xml", variant.name())),
            variant.sp().metadata()?,
        )?;
    }

    let (mut passed, mut failed) = (0, 0);
    let mut count = |name: &str, cell: &str, outcome: Result<(), Box<dyn Error>>| match outcome {
        Ok(()) => {
            passed += 1;
            println!("interop/{name}/{cell} ok");
        }
        Err(error) => {
            failed += 1;
            println!("interop/{name}/{cell} FAILED: {error}");
        }
    };
    for argument in arguments {
        let (name, url) = argument.split_once('=').ok_or("a peer is NAME=URL_OF_METADATA")?;
        match Peer::new(name, Url::parse(url)?) {
            Ok(peer) => peer.cells().into_iter().for_each(|(cell, run)| count(name, cell, run(&peer))),
            Err(error) => count(name, "metadata-of-the-idp", Err(error)),
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
