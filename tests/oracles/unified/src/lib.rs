//! Features of `serde_json` that any crate of a host may turn on for all of them: strict JSON must stay the same.
