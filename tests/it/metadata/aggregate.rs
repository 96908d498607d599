//! Metadata as it comes in: in pieces of any size, and far longer than what is kept of it.

use std::fmt::Debug;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use admittance::limits::{Budget, XmlLimits};
use admittance::saml::metadata::idp::parse_stream;
use admittance::xml::{self, Profile};
use admittance::xmldsig::{self, Placement, Signing};

use super::*;

fn in_pieces(
    bytes: &[u8],
    at_a_time: usize,
    options: &ParseOptions,
) -> Result<(IdpConfig, Vec<Note>), Error> {
    parse_stream(&mut BufReader::with_capacity(at_a_time, bytes), options, time(NOW))
}

#[test]
fn pieces_of_any_size_give_the_same() {
    let accepted = ACCEPT.iter().map(|&(name, how, ..)| ("accept", name, how));
    for (folder, name, how) in accepted.chain(REJECT.iter().map(|&(name, how, _)| ("reject", name, how))) {
        if matches!(how, In2200) {
            continue;
        }
        let (bytes, options) = (vector(folder, name), options(how));
        let whole = parse(&bytes, &options, time(NOW));
        for at_a_time in [1, 2, 3, 61, 4096] {
            same(&in_pieces(&bytes, at_a_time, &options), &whole, name);
        }
    }
}

fn same<T: Debug + PartialEq>(one: &T, other: &T, what: &str) {
    assert!(one == other, "{what}: {one:#?} is not {other:#?}");
}

/// An entity far behind is found, whatever stands around it, and one that is there again at the end is seen.
#[test]
fn one_entity_out_of_many() {
    let mut long = Many::new(4_000_000, None);
    let mut options = ParseOptions::default();
    options.entity = EntityChoice::Named(IDP.to_owned());
    assert_eq!(
        parse_stream(&mut long, &options, time(NOW)).unwrap_err().code(),
        "saml.metadata_entity_not_found"
    );
    let length = long.given;
    assert!(length > 4_000_000);

    let entity = entity();
    let once = [(length / 2, entity.clone())];
    let (config, notes) = parse_stream(&mut Many::with(length, &once), &options, time(NOW)).unwrap();
    assert_eq!((config.entity_id(), notes), (Some(IDP), vec![]));
    assert_eq!(config.valid_until(), Some(time("2026-12-25T00:00:00Z")));
    let twice = [(length / 2, entity.clone()), (length - 10, entity)];
    let error = parse_stream(&mut Many::with(length, &twice), &options, time(NOW)).unwrap_err();
    assert_eq!(error.code(), "saml.metadata_several_entities");

    options.limits.aggregate = length;
    let error = parse_stream(&mut Many::with(length, &once), &options, time(NOW)).unwrap_err();
    assert_eq!(error.code(), "saml.xml_limit");
    // Without a name, all must be looked at, and their names kept: they have a bound.
    options = ParseOptions::default();
    assert!(parse_stream(&mut Many::with(length, &once), &options, time(NOW)).is_ok());
    options.limits.metadata.bytes = 100_000;
    let error = parse_stream(&mut Many::with(length, &once), &options, time(NOW)).unwrap_err();
    assert_eq!(error.code(), "saml.xml_limit");
}

/// What a signature over all says is the same whether the document is kept or not.
#[test]
fn signatures_over_aggregates() {
    let group = |prefix_list: &[&str], content: &str| {
        let text = format!(
            "<md:EntitiesDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' \
             xmlns:ds='http://www.w3.org/2000/09/xmldsig#' xmlns:a='urn:a' xmlns='urn:d' ID='_all'>{content}</md:EntitiesDescriptor>"
        );
        let key = signing_key("rsa2048");
        let (placement, certificate) = (Placement::FirstChild, None);
        let algorithm = key.default_algorithm();
        let signing = Signing { id: "_all", placement, key: &key, algorithm, certificate, prefix_list };
        String::from_utf8(xmldsig::sign(text.into_bytes(), &signing).unwrap()).unwrap()
    };
    let entity = entity();
    let contents = [
        entity.clone(),
        format!(" \r\n&#13;&amp;<a:x a:y='&lt;&#10;'>\r&#13;</a:x><![CDATA[<>]]>{entity}<x/> "),
        format!(
            "<md:EntitiesDescriptor xmlns:b='urn:b' xmlns:a='urn:a2'><b:x a:y=''/>{entity}<x xmlns=''/></md:EntitiesDescriptor>\
             <md:EntitiesDescriptor xmlns=''/><a:x/>"
        ),
    ];
    for content in contents {
        for prefix_list in [&[][..], &["a"], &["", "b", "md"]] {
            let text = group(prefix_list, &content);
            let keys = trusted("rsa2048");
            let document = document(text.as_bytes()).unwrap();
            let policy = SignaturePolicy { legacy: Legacy::Refuse };
            let whole =
                xmldsig::verify(document.root(), &keys, policy, &Limits::default(), &mut Budget::new());
            assert!(whole.unwrap().is_some(), "{text}");
            for at_a_time in [1, 100_000] {
                let read = in_pieces(text.as_bytes(), at_a_time, &options(SignedNamed(IDP)));
                assert_eq!(read.unwrap().0.signature(), MetadataSignature::Verified, "{text}");
            }
        }
    }
}

/// Each byte of a signed aggregate, changed: what is accepted nevertheless says the same.
#[test]
fn no_byte_of_a_signed_aggregate_can_be_changed() {
    let original = vector("accept", "metadata_signed_nested_groups");
    let options = options(SignedNamed(IDP));
    let (config, _) = parse(&original, &options, time(NOW)).unwrap();
    let (mut accepted, mut bytes) = (0, original.clone());
    for at in 0..original.len() {
        for with in [original[at] ^ 1, b' ', b'"'] {
            bytes[at] = with;
            if let Ok((changed, _)) = parse(&bytes, &options, time(NOW)) {
                assert_eq!(changed, config, "byte {at} as {with}");
                accepted += usize::from(original[at] != with);
            }
        }
        bytes[at] = original[at];
    }
    // White space in markup, in base64 and in comments.
    assert!((1..200).contains(&accepted), "{accepted}");
}

/// The second lock has to be shown the whole document, and is shown no more than is read whole.
#[test]
fn a_long_signed_aggregate_cannot_be_shown_to_the_second_lock() {
    let bytes = vector("accept", "metadata_signed_nested_groups");
    let mut options = options(SignedNamed(IDP));
    options.limits.metadata.bytes = bytes.len() - 100;
    let read = parse(&bytes, &options, time(NOW));
    if cfg!(feature = "xmlsec") {
        let error = read.unwrap_err();
        assert_eq!(error.code(), "saml.second_lock_unsupported");
        let actual = format!("a signed aggregate of more than {} bytes", bytes.len() - 100);
        assert_eq!(error.actual(), Some(actual));
    } else {
        assert_eq!(read.unwrap().0.signature(), MetadataSignature::Verified);
    }
    options.trust = MetadataTrust::NotChecked;
    assert!(parse(&bytes, &options, time(NOW)).is_ok(), "nobody asks for the signature");
}

/// Documents at random: one entity is read the same way however it comes in, and what is accepted in pieces is a
/// document as a whole too, but for identifiers, which are compared within one entity only.
#[test]
fn accepted_pieces_are_a_document() {
    let mut dice = Dice(7);
    let seeds: Vec<_> = ACCEPT
        .iter()
        .filter(|(name, ..)| !["metadata_utf16", "metadata_latin1"].contains(name))
        .map(|(name, ..)| vector("accept", name))
        .collect();
    let snippets: [&[u8]; 14] = [
        b"",
        b"<",
        b">",
        b"&",
        b"\"",
        b"/",
        b"<!---->",
        b"<a/>",
        b"</a>",
        b"<a>",
        b" ID='_group'",
        b" xmlns=''",
        b"]]>",
        b"\r",
    ];
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..1200 {
        let mut bytes = dice.pick(&seeds).clone();
        for _ in 0..dice.below(3) {
            let at = dice.below(bytes.len());
            let end = (at + dice.below(3)).min(bytes.len());
            bytes.splice(at..end, dice.pick(&snippets).iter().copied());
        }
        for how in [Plain, Named(IDP), SignedNamed(IDP)] {
            let options = options(how);
            let read = parse(&bytes, &options, time(NOW));
            same(&in_pieces(&bytes, 1 + dice.below(50), &options), &read, &String::from_utf8_lossy(&bytes));
            match (read, document(&bytes)) {
                (Ok(_), Err(xml::Error::DuplicateId { .. } | xml::Error::InvalidId { .. }) | Ok(_)) => {
                    accepted += 1
                }
                (Ok(_), Err(error)) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
                (Err(_), _) => refused += 1,
            }
        }
    }
    assert!(accepted > 200 && refused > 1000, "{accepted} accepted, {refused} refused");
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::ConnectionReset.into())
        }
    }
    let bytes = vector("accept", "metadata_plain");
    let mut reader = BufReader::new(bytes[..bytes.len() / 2].chain(Broken));
    let error = parse_stream(&mut reader, &ParseOptions::default(), time(NOW)).unwrap_err();
    assert_eq!(error.code(), "saml.metadata_unreadable");
    assert_eq!(error.actual().as_deref(), Some("connection reset"));
}

fn document(bytes: &[u8]) -> Result<xml::Document, xml::Error> {
    xml::parse(bytes.to_vec(), Profile::Metadata, &XmlLimits::METADATA, &mut Budget::new())
}

/// The entity of a vector, with its own declarations of namespaces.
fn entity() -> String {
    let text = String::from_utf8(vector("accept", "metadata_plain")).unwrap();
    text[text.find("<md:EntityDescriptor").unwrap()..].trim_end().to_owned()
}

/// An aggregate of service providers with some entities at certain bytes, made as it is read.
struct Many {
    length: usize,
    entities: Vec<(usize, String)>,
    given: usize,
    number: usize,
    piece: Vec<u8>,
    read: usize,
}

impl Many {
    fn new(length: usize, entity: Option<(usize, String)>) -> Self {
        Self::with(length, &Vec::from_iter(entity))
    }

    fn with(length: usize, entities: &[(usize, String)]) -> Self {
        let entities = entities.to_vec();
        Self { length, entities, given: 0, number: 0, piece: Vec::new(), read: 0 }
    }

    fn next(&mut self) -> String {
        if self.given == 0 {
            return "<md:EntitiesDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' \
                    validUntil='2026-12-25T00:00:00Z'>"
                .to_owned();
        }
        if self.entities.first().is_some_and(|(at, _)| *at <= self.given) {
            return self.entities.remove(0).1;
        }
        self.number += 1;
        match self.number {
            _ if self.length == 0 => String::new(),
            _ if self.given >= self.length => {
                self.length = 0;
                "</md:EntitiesDescriptor>\n".to_owned()
            }
            // One that is longer than what comes in at a time.
            500 => format!(
                "<md:EntityDescriptor entityID='https://long.example'>{}</md:EntityDescriptor>",
                "<md:x>text</md:x>\n".repeat(60_000)
            ),
            number => format!(
                "\n<md:EntityDescriptor entityID='https://sp{number}.example'>\n  <md:SPSSODescriptor a='{}'/>\n</md:EntityDescriptor>",
                "x".repeat(number % 300)
            ),
        }
    }
}

impl BufRead for Many {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.piece.len() {
            self.piece = self.next().into_bytes();
            self.given += self.piece.len();
            self.read = 0;
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Many {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
