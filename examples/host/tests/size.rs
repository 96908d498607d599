//! A host is small: what it does by itself is to store, to send and to show.

use std::{fs, path::Path};

/// Lines of code, without blank lines and comments, of everything but the demo.
#[test]
fn its_own_code_is_under_6000_lines() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lines = lines_below(&source, &source.join("demo"));
    assert!((1000..6000).contains(&lines), "{lines} lines");
}

fn lines_below(folder: &Path, but: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| path != but)
        .map(|path| match path.is_dir() {
            true => lines_below(&path, but),
            false => {
                fs::read_to_string(&path).expect("a source file").lines().filter(|line| is_code(line)).count()
            }
        })
        .sum()
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}
