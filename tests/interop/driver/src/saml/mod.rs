//! The service provider of SAML.
//!
//! `admittance-interop saml DIRECTORY NAME=URL_OF_METADATA…` writes our metadata into the directory, from which the
//! peers read it, and then signs in and out.

mod cells;
mod service_provider;

use std::error::Error;
use std::path::Path;

use url::Url;

use self::{cells::Peer, service_provider::Variant};
use crate::Report;

pub fn run(mut arguments: impl Iterator<Item = String>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let directory =
        arguments.next().ok_or("usage: admittance-interop saml DIRECTORY NAME=URL_OF_METADATA…")?;
    for variant in Variant::ALL {
        std::fs::write(
            Path::new(&directory).join(format!("{}.xml", variant.name())),
            variant.sp().metadata()?,
        )?;
    }
    for argument in arguments {
        let (name, url) = argument.split_once('=').ok_or("a peer is NAME=URL_OF_METADATA")?;
        match Peer::new(name, Url::parse(url)?) {
            Ok(peer) => peer.cells().into_iter().for_each(|(cell, run)| report.count(name, cell, run(&peer))),
            Err(error) => report.count(name, "metadata-of-the-idp", Err(error)),
        }
    }
    Ok(())
}
