//! [`fold`]: one spelling for texts that differ in case alone.
//!
//! What compares without regard to case, compares what this gives: simple case folding of Unicode, character by
//! character, the same in every language. Nothing else is changed: white space, accents and the Unicode form count.

/// Folds the case of every character.
///
/// ```
/// # use admittance::fold::fold;
/// assert_eq!(fold("ADA@Example.com"), "ada@example.com");
/// assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("Σίσυφος"));
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// Whether two texts are equal but for case.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.chars().map(folded).eq(b.chars().map(folded))
}

fn folded(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    unicode_case_mapping::case_folded(c).and_then(|code| char::from_u32(code.get())).unwrap_or(c)
}
