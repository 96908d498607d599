//! `finish`, from the posted text to verified claims, against the least that anybody must do for the same bytes:
//! decode base64, verify two RSA signatures, hash what they cover, look at each byte of the markup once.
//!
//! Prints `saml_response/150-groups ratio 1.62` for each size; exit status 1 when a ratio is above the bound.

#[allow(dead_code, unused_imports, reason = "examples and tests use more of it")]
#[path = "../examples/inspect/case.rs"]
mod case;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
mod measure;
#[allow(dead_code, reason = "the other benchmark uses more of it")]
#[path = "measure/sign_in.rs"]
mod sign_in;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use admittance::encoding::base64_decode;
use admittance::limits::{Budget, XmlLimits};
use admittance::testing::saml_idp::{SignedElements, TestKey};
use admittance::xml::{self, Canonical, Document, Element, Profile, Read, canonicalize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::events::Event;
use ring::digest;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use measure::{compare_within, warm_up};

const BOUND: f64 = 1.8;
const GROUPS: [usize; 3] = [5, 150, 2_000];
const LONG: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    warm_up();
    let mut worst = 0.0_f64;
    for groups in GROUPS {
        let sign_in = sign_in::with_groups(groups, SignedElements::Both);
        let floor = Floor::of(&sign_in.response);
        let comparison = compare_within(
            BOUND,
            LONG,
            || floor.run(),
            || {
                let login = sign_in.finish().expect("an acceptable response");
                assert!(black_box(login.claims()).claims().len() == 4);
            },
        );
        println!("saml_response/{groups}-groups ratio {:.2}", comparison.ratio);
        println!(
            "    {} bytes, floor {:.1?}, finish {:.1?}",
            floor.xml.len(),
            comparison.floor,
            comparison.subject
        );
        worst = worst.max(comparison.ratio);
    }
    if worst > BOUND {
        println!("saml_response: the worst ratio {worst:.2} is above {BOUND}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What the floor works on.
struct Floor {
    response: String,
    xml: String,
    /// RSAPublicKey, as ring wants it.
    key: Vec<u8>,
    signed: Vec<Signed>,
}

/// One signature and what it covers, in canonical form.
struct Signed {
    element: Vec<u8>,
    signed_info: Vec<u8>,
    value: Vec<u8>,
}

impl Floor {
    fn of(response: &str) -> Self {
        let xml = String::from_utf8(base64_decode(response.as_bytes()).expect("base64")).expect("text");
        let document =
            xml::parse(xml.clone().into(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new());
        let signed = signed(&document.expect("a document"));
        assert_eq!(signed.len(), 2);
        let spki = TestKey::Rsa.signing_key().public_key().to_spki_der();
        Self { response: response.to_owned(), xml, key: spki[SPKI_HEADER..].to_vec(), signed }
    }

    fn run(&self) {
        black_box(STANDARD.decode(&self.response)).expect("base64");
        let mut reader = quick_xml::Reader::from_str(&self.xml);
        while !matches!(black_box(reader.read_event()).expect("a document"), Event::Eof) {}
        for signed in &self.signed {
            black_box(digest::digest(&digest::SHA256, &signed.element));
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key);
            key.verify(&signed.signed_info, &signed.value).expect("a good signature");
        }
    }
}

/// Bytes of a SubjectPublicKeyInfo before the RSAPublicKey, for a modulus of 2048 bits.
const SPKI_HEADER: usize = 24;

fn signed(document: &Document) -> Vec<Signed> {
    let response = document.root();
    let assertion = child(response, "Assertion");
    let signed = |element: Element<'_>| {
        let signature = child(element, "Signature");
        let value = child(signature, "SignatureValue").text();
        Signed {
            element: canonical(element, Some(signature)),
            signed_info: canonical(child(signature, "SignedInfo"), None),
            value: STANDARD.decode(value.as_bytes()).expect("base64"),
        }
    };
    vec![signed(response), signed(assertion)]
}

fn canonical(element: Element<'_>, without: Option<Element<'_>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    canonicalize(element, &Canonical { prefix_list: &[], without }, &mut bytes);
    bytes
}

fn child<'d>(parent: Element<'d>, local_name: &str) -> Element<'d> {
    parent.children().find(|child| child.local_name() == local_name).expect(local_name)
}
