//! The canonical form of a document is a document with the same tree, and its own canonical form. Where the
//! input has a byte FF, what stands before it is the PrefixList.
#![no_main]

use admittance::xml::{Canonical, Document, canonicalize};
use admittance_fuzz::{assert_equal, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (prefixes, data) = match data.iter().position(|byte| *byte == 0xFF) {
        Some(at) => (String::from_utf8_lossy(&data[..at]).into_owned(), &data[at + 1..]),
        None => (String::new(), data),
    };
    let prefixes: Vec<&str> = prefixes.split(' ').map(|p| if p == "#default" { "" } else { p }).collect();
    for prefix_list in [&[][..], &prefixes] {
        let Ok(document) = parse(data) else { return };
        let form = canonical(&document, prefix_list);
        assert!(!form.is_empty(), "a document has a canonical form");
        let again = match parse(&form) {
            Ok(again) => again,
            // Escaping and declarations at each use can make the form longer than the limits for a message.
            Err(admittance::xml::Error::Limit(_)) => return,
            Err(error) => panic!("the canonical form is refused: {error}"),
        };
        assert_equal(document.root(), again.root());
        assert_eq!(form, canonical(&again, prefix_list), "the canonical form is not its own");
    }
});

fn canonical(document: &Document, prefix_list: &[&str]) -> Vec<u8> {
    let mut form = Vec::new();
    canonicalize(document.root(), &Canonical { prefix_list, without: None }, &mut form);
    form
}
