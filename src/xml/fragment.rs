use std::collections::BTreeSet;

use super::chars::is_space;
use super::document::{Document, Element};
use super::error::Error;
use super::parse::{Profile, parse_inside};
use crate::limits::{Budget, XmlLimits};

/// One element that stands in the place of another document's element: what an encrypted element holds.
///
/// Its names mean what they would mean inside that element. It is a document of its own, so reading and
/// canonicalisation never leave it.
#[derive(Debug)]
pub(crate) struct Fragment<'d> {
    place: Element<'d>,
    document: Document,
}

/// The identifiers that a message has used so far, its fragments included.
#[derive(Clone, Debug)]
pub(crate) struct Identifiers(BTreeSet<String>);

/// Reads a protocol message's element as what stands inside `place`, with the namespaces declared there.
///
/// The rules are those of `parse`, and no identifier of the element has been used in the message
/// before. White space before an XML declaration is skipped too.
///
/// INVARIANT (only plaintext takes a place): `xmlenc` is the only caller, with bytes that it has
/// decrypted out of `place` itself. A signature that covers `place` is thereby taken to cover the fragment. The
/// layers test refuses every other caller.
///
/// # Errors
/// [`Error`]. `identifiers` then stay as they were.
pub(crate) fn parse_in_place<'d>(
    place: Element<'d>,
    mut input: Vec<u8>,
    identifiers: &mut Identifiers,
    limits: &XmlLimits,
    budget: &mut Budget,
) -> Result<Fragment<'d>, Error> {
    let spaces = input.iter().take_while(|byte| is_space(**byte)).count();
    input.drain(..spaces);
    let document = parse_inside(&place.namespaces_in_scope(), input, Profile::Message, limits, budget)?;
    identifiers.add(&document)?;
    Ok(Fragment { place, document })
}

impl<'d> Fragment<'d> {
    /// The element.
    pub(crate) fn root(&self) -> Element<'_> {
        self.document.root()
    }

    /// The element of the other document.
    pub(crate) fn place(&self) -> Element<'d> {
        self.place
    }
}

impl Identifiers {
    /// Those of a document.
    pub(crate) fn of(document: &Document) -> Self {
        Self(document.identifiers().map(str::to_owned).collect())
    }

    fn add(&mut self, document: &Document) -> Result<(), Error> {
        if let Some(id) = document.identifiers().find(|id| self.0.contains(*id)) {
            return Err(Error::DuplicateId { id: id.chars().take(64).collect() });
        }
        self.0.extend(document.identifiers().map(str::to_owned));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Canonical, Read as _, canonicalize, parse};

    const LIMITS: XmlLimits = XmlLimits::MESSAGE;

    fn document(text: &str) -> Document {
        parse(text.as_bytes().to_vec(), Profile::Message, &LIMITS, &mut Budget::new()).unwrap()
    }

    fn place<'d>(document: &'d Document, local_name: &str) -> Element<'d> {
        std::iter::once(document.root())
            .chain(document.root().descendants())
            .find(|element| element.local_name() == local_name)
            .unwrap()
    }

    fn fragment<'d>(place: Element<'d>, text: &str) -> Result<Fragment<'d>, Error> {
        let mut identifiers = Identifiers::of(place.document());
        parse_in_place(place, text.into(), &mut identifiers, &LIMITS, &mut Budget::new())
    }

    fn canonical(element: Element<'_>, prefix_list: &[&str]) -> String {
        let mut bytes = Vec::new();
        canonicalize(element, &Canonical { prefix_list, without: None }, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_fragment_means_and_canonicalizes_what_it_would_in_its_place() {
        let around = [
            "<r xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b1'><p xmlns:b='urn:b' xmlns:c='urn:&#99;c'>X</p></r>",
            "<a:r xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b'><p xmlns='' xmlns:c='urn:c'>X</p></a:r>",
            "<a:r xmlns:a='urn:a' xmlns:b='urn:b' xmlns:c='urn:c'><a:p xmlns='urn:d2' xmlns:a='urn:a2'>X</a:p></a:r>",
        ];
        let inside = [
            "<f/>",
            "<f a:x='1' x='2'><b:g xmlns:b='urn:own'/><a:h/></f>",
            "<a:f xmlns:d='urn:d3'><f><b:f xmlns=''><f d:y=''/></b:f></f></a:f>",
            "<b:f xmlns:a='urn:own'><a:g/></b:f>",
        ];
        for around in around {
            for inside in inside {
                let whole = document(&around.replace('X', inside));
                let outer = document(&around.replace('X', ""));
                let fragment = fragment(place(&outer, "p"), inside).unwrap();
                let expected = place(&whole, "p").children().next().unwrap();
                assert_eq!(fragment.root().namespace(), expected.namespace(), "{around} {inside}");
                for list in [&[][..], &["a", "b"], &["", "c"], &["a", "b", "c", "d", ""]] {
                    assert_eq!(
                        canonical(fragment.root(), list),
                        canonical(expected, list),
                        "{around} {inside}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_fragment_of_a_fragment_inherits_from_both() {
        let outer = document("<a:r xmlns:a='urn:a' xmlns:b='urn:b'><a:p/></a:r>");
        let middle =
            fragment(place(&outer, "p"), "<a:m xmlns:c='urn:c'><a:q xmlns:b='urn:b2'/></a:m>").unwrap();
        let inner = fragment(place(&middle.document, "q"), "<c:f a:x='' b:y=''/>").unwrap();
        let expected = "<c:f xmlns:a=\"urn:a\" xmlns:b=\"urn:b2\" xmlns:c=\"urn:c\" a:x=\"\" b:y=\"\"></c:f>";
        assert_eq!(canonical(inner.root(), &[]), expected);
    }

    #[test]
    fn white_space_and_a_declaration_may_stand_first_and_nothing_else() {
        let outer = document("<r><p/></r>");
        let read =
            |text| fragment(place(&outer, "p"), text).map(|fragment| fragment.root().local_name().to_owned());
        for text in [
            "<f/>",
            " \r\n\t<f/>\n",
            "<?xml version='1.0'?><f/>",
            "\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<f/>",
        ] {
            assert_eq!(read(text).as_deref(), Ok("f"), "{text}");
        }
        for text in [
            "",
            " ",
            "x<f/>",
            "<f/>x",
            "<f/><g/>",
            "<!DOCTYPE f><f/>",
            "<!-- --><f/>",
            "<?a b?><f/>",
            "<p:f/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_identifier_is_used_once_in_the_message() {
        let outer = document("<r ID='one'><p id='two' xml:id='three'/></r>");
        for (text, duplicate) in [
            ("<f ID='one'/>", Some("one")),
            ("<f><g ID='two'/></f>", Some("two")),
            ("<f Id='three'/>", Some("three")),
            ("<f ID='four' name='one'/>", None),
        ] {
            let id = duplicate.map(|id| Error::DuplicateId { id: id.to_owned() });
            assert_eq!(fragment(place(&outer, "p"), text).err(), id, "{text}");
        }
        let mut identifiers = Identifiers::of(&outer);
        let mut read = |text: &str| {
            let place = place(&outer, "p");
            parse_in_place(place, text.into(), &mut identifiers, &LIMITS, &mut Budget::new()).err()
        };
        assert_eq!(read("<f ID='four'/>"), None);
        assert_eq!(read("<f ID='four'/>"), Some(Error::DuplicateId { id: "four".to_owned() }));
    }

    #[test]
    fn limits_count_over_the_whole_message() {
        let outer = document("<r xmlns:a='urn:a' xmlns:b='urn:b'><p/></r>");
        let read = |text: &str, limits: &XmlLimits, budget: &mut Budget| {
            let mut identifiers = Identifiers::of(&outer);
            parse_in_place(place(&outer, "p"), text.into(), &mut identifiers, limits, budget).is_ok()
        };
        let scope = XmlLimits { namespaces_in_scope: 3, ..LIMITS };
        assert!(read("<f xmlns:c='urn:c'/>", &scope, &mut Budget::new()));
        assert!(!read("<f xmlns:c='urn:c' xmlns:d='urn:d'/>", &scope, &mut Budget::new()));
        let (nodes, mut budget) = (XmlLimits { nodes: 3, ..LIMITS }, Budget::new());
        assert!(read("<f><g/></f>", &nodes, &mut budget));
        assert!(!read("<f><g/></f>", &nodes, &mut budget));
    }
}
