//! What the parser accepts, roxmltree accepts with the same tree; printed and parsed again, it is the same tree.
#![no_main]

use admittance_fuzz::{assert_equal, assert_same, parse, print, text_comes_first};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(document) = parse(data) else { return };
    let text = std::str::from_utf8(data).expect("an accepted document is UTF-8");
    // XML 1.0 §2.11: line ends are normalized before parsing; roxmltree leaves a lone CR before a reference.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let oracle = match roxmltree::Document::parse(&text) {
        Ok(oracle) => oracle,
        // `xml` is declared everywhere (Namespaces in XML 1.0 §3), for elements too, which roxmltree does not know.
        Err(roxmltree::Error::UnknownNamespace(prefix, _)) if prefix == "xml" => return,
        Err(error) => panic!("the oracle refuses what we accept: {error}"),
    };
    assert_same(document.root(), oracle.root_element());

    if text_comes_first(oracle.root_element()) {
        match parse(&print(document.root())) {
            Ok(again) => assert_equal(document.root(), again.root()),
            // The printed form declares a namespace at each name, which may be one too many.
            Err(admittance::xml::Error::Limit(_)) => {}
            Err(error) => panic!("our own output is refused: {error}"),
        }
    }
});
