//! Calls `oracle.py`, which is `joserfc` on the cryptography of OpenSSL.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs one command of the oracle. `ORACLE_PYTHON` is an interpreter that has `requirements.txt`.
pub fn ask(command: &str, request: &Value) -> Value {
    let python = std::env::var("ORACLE_PYTHON").expect("ORACLE_PYTHON is set by tests/oracles/run");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle.py");
    let mut child = Command::new(python)
        .args([script, command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut input = child.stdin.take().unwrap();
    let request = request.to_string();
    let writer = std::thread::spawn(move || input.write_all(request.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().expect("the oracle reads its input");
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("the oracle answers in JSON")
}
