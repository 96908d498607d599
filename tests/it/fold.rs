//! Texts that differ in case alone.

use admittance::fold::{fold, same};
use proptest::prelude::*;

#[test]
fn case_is_folded_by_simple_case_folding_and_nothing_else() {
    for (text, folded) in [
        ("", ""),
        ("ADA", "ada"),
        ("ÉCOLE", "école"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("straße", "straße"),
        ("STRAẞE", "straße"),
        ("İ", "İ"),
        ("ı", "ı"),
        ("\u{212a}", "k"),
        (" A ", " a "),
        ("e\u{301}", "e\u{301}"),
    ] {
        assert_eq!(fold(text), folded, "{text:?}");
    }
    assert!(same("Ada", "aDA") && !same("ada", "ada ") && !same("é", "e\u{301}") && !same("ss", "ß"));
}

proptest! {
    #[test]
    fn folding_is_idempotent_and_agrees_with_the_comparison(a in "\\PC{0,4}", b in "\\PC{0,4}") {
        prop_assert_eq!(fold(&fold(&a)), fold(&a));
        prop_assert!(same(&a, &fold(&a)));
        prop_assert_eq!(same(&a, &b), fold(&a) == fold(&b));
    }
}
