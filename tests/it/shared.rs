//! Files outside of the project: `../shared`, the corpora of other projects' suites.

use std::fs;
use std::path::PathBuf;

/// The text of a file below `../shared`, or nothing, said loudly, where that folder is absent. In CI its
/// absence is a failure.
pub(crate) fn read(path: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !root.is_dir() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{} is absent: in CI the corpora are required",
            root.display()
        );
        eprintln!("\n*** NOT TESTED: {} is absent, so no corpus was read ***\n", root.display());
        return None;
    }
    Some(fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// The JSON values of a file with one a line.
pub(crate) fn json_lines(path: &str) -> Option<Vec<serde_json::Value>> {
    let text = read(path)?;
    Some(text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect())
}
