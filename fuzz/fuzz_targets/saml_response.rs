//! Validly signed responses of two people, cut, spliced and changed: what is accepted says exactly what the
//! identity provider signed about one of them.
//!
//! The input is a recipe: which identity provider, which policy, and a list of changes to the document.
#![no_main]

use std::{ops::Range, sync::LazyLock};

use admittance::{
    encoding::base64_encode,
    endpoint::UrlPolicy,
    entropy::{Entropy, EntropyError},
    saml::{
        ValidAssertion,
        metadata::{
            idp::{IdpConfig, ParseOptions, parse},
            sp::SpConfig,
        },
        protocol::AuthnRequestOptions,
        web_sso::{IdpInitiated, Pending, Policy, Signed, begin, finish},
    },
    testing::saml_idp::{SamlIdp, Shape, SignedElements, User},
    time::Timestamp,
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

/// What one identity provider sent for one request: to the person who asked, and to an attacker with an account.
struct Scene {
    sp: SpConfig,
    idp: IdpConfig,
    pending: Pending,
    victim: String,
    attacker: String,
    signed: [String; 2],
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let placements = [SignedElements::Response, SignedElements::Assertion, SignedElements::Both];
    Shape::ALL.into_iter().flat_map(|shape| placements.map(|signed| scene(shape, signed))).collect()
});

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let scene = input.choose(&SCENES)?;
    let mut policy = Policy::default();
    policy.signed = *input.choose(&[Signed::Either, Signed::Assertion, Signed::Response, Signed::Both])?;
    policy.idp_initiated = *input.choose(&[IdpInitiated::Deny, IdpInitiated::Allow])?;
    let pending = if input.ratio(7u8, 8u8)? { Some(&scene.pending) } else { None };

    let mut response = scene.victim.clone();
    for _ in 0..input.int_in_range(0..=8)? {
        response = change(&response, &scene.attacker, input)?;
        if response.len() > 100_000 {
            return Ok(());
        }
    }
    let field = base64_encode(response.as_bytes());
    if let Ok(valid) = finish(&scene.sp, &scene.idp, pending, &field, &policy, now()) {
        let facts = facts(&valid);
        assert!(scene.signed.contains(&facts), "accepted:\n{facts}\nfrom:\n{response}");
    }
    Ok(())
}

/// One change. A document that is not well-formed any more is only changed byte by byte.
fn change(text: &str, donor: &str, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let kind = input.int_in_range(0..=10)?;
    let (Ok(document), true) = (roxmltree::Document::parse(text), kind > 1) else {
        let at = boundary(text, input.int_in_range(0..=text.len())?);
        let end = boundary(text, (at + input.int_in_range(0..=4usize)?).min(text.len()));
        return Ok(splice(text, at..end, input.choose(SNIPPETS)?));
    };
    let elements: Vec<_> = document.descendants().filter(|node| node.is_element()).collect();
    let element = *input.choose(&elements)?;
    let range = element.range();

    let donor = roxmltree::Document::parse(donor).expect("the donor is well-formed");
    let source = if input.arbitrary()? { &document } else { &donor };
    let sources: Vec<_> = source.descendants().filter(|node| node.is_element()).collect();
    let other = *input.choose(&sources)?;
    let other_text = &source.input_text()[other.range()];

    Ok(match kind {
        2 => splice(text, range, ""),
        3 => splice(text, range.start..range.start, other_text),
        4 => splice(text, range.end..range.end, other_text),
        5 => {
            let inside = element.children().next().map_or(range.end, |child| child.range().start);
            splice(text, inside..inside, other_text)
        }
        6 => splice(text, range, other_text),
        7 => {
            // The element within a copy of the other's tags.
            let start = other_text.find('>').map_or(0, |end| end + 1);
            let end = other_text.rfind("</").unwrap_or(other_text.len()).max(start);
            let wrapped = [&other_text[..start], &text[range.clone()], &other_text[end..]].concat();
            splice(text, range, &wrapped)
        }
        8 => match element.attributes().len() {
            0 => text.to_owned(),
            count => {
                let attribute =
                    element.attributes().nth(input.int_in_range(0..=count - 1)?).expect("counted");
                let values: Vec<_> = other.attributes().map(|a| a.value()).chain(["", "#", " "]).collect();
                splice(text, attribute.range_value(), input.choose(&values)?)
            }
        },
        9 => match element.attributes().len() {
            0 => text.to_owned(),
            count => {
                let attribute =
                    element.attributes().nth(input.int_in_range(0..=count - 1)?).expect("counted");
                let names = ["ID", "Id", "id", "xml:id", "samlp:ID", "xmlns", "xmlns:ds", "InResponseTo"];
                splice(text, attribute.range_qname(), input.choose(&names)?)
            }
        },
        _ => match element.children().find(|child| child.is_text()) {
            None => text.to_owned(),
            Some(own) => {
                let own = own.range();
                let at = boundary(text, input.int_in_range(own.start..=own.end)?);
                splice(text, at..at, input.choose(SNIPPETS)?)
            }
        },
    })
}

const SNIPPETS: &[&str] = &[
    "",
    "a",
    " ",
    "\n",
    "\r",
    "<",
    ">",
    "&",
    "\"",
    "<!---->",
    "<?p?>",
    "<![CDATA[",
    "]]>",
    "<![CDATA[]]>",
    "&#13;",
    "&#x61;",
    "&amp;",
    "<!DOCTYPE a>",
    " xmlns=\"\"",
    " xmlns:saml=\"urn:x\"",
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
    " ID=\"_1\"",
    "<a/>",
    "</a>",
    "é",
    "\u{10000}",
];

fn scene(shape: Shape, signed: SignedElements) -> Scene {
    let sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs");
    let mut provider = SamlIdp::new(1).shaped(shape);
    provider.style.signed = signed;
    let mut options = ParseOptions::default();
    options.urls = UrlPolicy::DangerAnyHttp;
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = parse(&metadata, &options, now()).expect("a provider");
    let (outgoing, pending) =
        begin(&sp, &idp, &AuthnRequestOptions::default(), &mut Zeros, now()).expect("a request");
    let request = provider.receive(&outgoing, &sp).expect("the request is understood");
    let victim = User::new("ada", "Ada Lovelace", "ada@victim.example").in_groups(["admins", "staff"]);
    let attacker = User::new("mal", "Mallory", "mal@attacker.example").in_groups(["guests"]);
    let mut respond = |user: &User| {
        let unsigned = provider.unsigned(&request, user, now()).expect("an answer");
        String::from_utf8(provider.sign(unsigned).expect("a signature")).expect("UTF-8")
    };
    let (victim, attacker) = (respond(&victim), respond(&attacker));
    let policy = Policy::default();
    let signed = [&victim, &attacker].map(|response| {
        let field = base64_encode(response.as_bytes());
        facts(&finish(&sp, &idp, Some(&pending), &field, &policy, now()).expect("a valid response"))
    });
    Scene { sp, idp, pending, victim, attacker, signed }
}

/// Everything that a host may act upon.
fn facts(valid: &ValidAssertion) -> String {
    let (claims, name_id, authn) = (valid.claims(), valid.name_id(), valid.authn_statements());
    format!("{claims:?} {name_id:?} {authn:?} {:?} {:?}", valid.address(), valid.replay())
}

fn splice(text: &str, range: Range<usize>, new: &str) -> String {
    [&text[..range.start], new, &text[range.end..]].concat()
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(0);
        Ok(())
    }
}
