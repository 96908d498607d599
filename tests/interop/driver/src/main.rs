//! Signs in and out at real identity providers, one line for each cell of the matrix.
//!
//! `admittance-interop saml …` plays the service provider, `admittance-interop oidc …` the relying party.

mod browser;
mod html;

mod oidc;
mod saml;
mod wire;

use std::error::Error;
use std::process::ExitCode;

/// Where we would be. Nothing listens there: the browser stops in front of it.
pub const OUR_BASE: &str = "http://127.0.0.1:9/";

/// What has passed and what has not.
#[derive(Default)]
pub struct Report {
    passed: usize,
    failed: usize,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut report = Report::default();
    match arguments.next().as_deref() {
        Some("saml") => saml::run(arguments, &mut report)?,
        Some("oidc") => oidc::run(arguments, &mut report)?,
        _ => return Err("usage: admittance-interop saml|oidc …".into()),
    }
    let Report { passed, failed } = report;
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    /// One cell.
    pub fn count(&mut self, peer: &str, cell: &str, outcome: Result<(), Box<dyn Error>>) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("interop/{peer}/{cell} ok");
            }
            Err(error) => {
                self.failed += 1;
                println!("interop/{peer}/{cell} FAILED: {error}");
            }
        }
    }
}
