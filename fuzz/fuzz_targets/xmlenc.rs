//! Encrypted responses whose markup, cipher values or plaintext somebody has changed: what is accepted says exactly
//! what the identity provider signed about one person, and a changed cipher value gives one error that says nothing.
//!
//! The input is a recipe: which identity provider, what is changed, and how.
#![no_main]

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use admittance::{
    crypto::{ContentCipher, ContentKey, DecryptError, Decrypter, DecryptionKey, WrappedKey},
    encoding::{base64_decode, base64_encode},
    entropy::{Entropy, EntropyError},
    saml::{
        Error, ValidAssertion,
        metadata::{
            idp::{IdpConfig, ParseOptions, parse},
            sp::SpConfig,
        },
        protocol::AuthnRequestOptions,
        web_sso::{Pending, Policy, Rsa15, begin, finish},
    },
    testing::saml_idp::{Encryption, KeyPlacement, KeyTransport, SamlIdp, SignedElements, TestKey, User},
    time::Timestamp,
    xmlenc,
};
use admittance_fuzz::mutation::change;
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};
use ring::aead;

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

/// What one identity provider sent for one request: to the person who asked, and to an attacker with an account.
struct Scene {
    sp: SpConfig,
    idp: IdpConfig,
    pending: Pending,
    signed_elements: SignedElements,
    victim: String,
    attacker: String,
    /// The victim's signed assertion, as it is before it is encrypted.
    assertion: String,
    signed: [String; 3],
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let placements = [KeyPlacement::Inside, KeyPlacement::Sibling, KeyPlacement::RetrievalMethod];
    let signed = [SignedElements::Assertion, SignedElements::Response, SignedElements::Both];
    let contents = [ContentCipher::Aes128Gcm, ContentCipher::Aes256Cbc];
    let transports = [KeyTransport::OaepMgf1p, KeyTransport::Rsa15];
    let mut scenes = Vec::new();
    for (number, placement) in placements.into_iter().enumerate() {
        for signed in signed {
            for (content, transport) in contents.into_iter().zip(transports) {
                // What is in the assertion is encrypted too, or alone.
                for (assertion, inside) in [(true, number == 0), (false, true)] {
                    scenes.push(scene(signed, |encryption| {
                        (encryption.content, encryption.transport) = (content, transport);
                        (encryption.placement, encryption.assertion) = (placement, assertion);
                        (encryption.name_id, encryption.attributes) = (inside, inside);
                    }));
                }
            }
        }
    }
    scenes
});

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let scene = input.choose(&SCENES)?;
    match input.int_in_range(0..=2)? {
        0 => scene.with_changed_value(input),
        1 => scene.with_changed_markup(input),
        _ => scene.with_changed_plaintext(input),
    }
}

impl Scene {
    /// Bytes of one cipher value.
    fn with_changed_value(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let values = values(&self.victim);
        let &(start, end) = input.choose(&values)?;
        let original = base64_decode(self.victim[start..end].as_bytes()).expect("base64");
        let mut bytes = original.clone();
        for _ in 0..input.int_in_range(1..=4)? {
            let at = input.int_in_range(0..=bytes.len().saturating_sub(1))?;
            match input.int_in_range(0..=5)? {
                0 => bytes.truncate(at),
                1 => drop(bytes.splice(at..at, input.bytes(1)?.iter().copied())),
                2 => drop(bytes.drain(..at.min(bytes.len()))),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
            }
        }
        let response = [&self.victim[..start], &base64_encode(&bytes), &self.victim[end..]].concat();
        let outcome = self.judge(&response);
        if bytes == original {
            assert!(outcome.is_ok(), "refused: {outcome:?}");
            return Ok(());
        }
        let error = outcome.expect_err("a changed cipher value is accepted");
        match (self.signed_elements, &error) {
            // A signature around is verified first.
            (SignedElements::Response | SignedElements::Both, error) => {
                assert_eq!(error.code(), "saml.digest_mismatch", "{response}");
            }
            (_, Error::Encryption { error: xmlenc::Error::Failed, .. }) => {
                assert_eq!((error.expected(), error.actual()), (None, None));
            }
            (_, error) if self.victim.contains("EncryptedAssertion") => panic!("{error}: {response}"),
            (_, error) => assert_eq!(error.code(), "saml.digest_mismatch", "{response}"),
        }
        Ok(())
    }

    /// Markup, with pieces of the attacker's own response.
    fn with_changed_markup(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let mut response = self.victim.clone();
        for _ in 0..input.int_in_range(0..=6)? {
            response = change(&response, &self.attacker, input)?;
            if response.len() > 100_000 {
                return Ok(());
            }
        }
        self.consider(&response);
        Ok(())
    }

    /// What an attacker encrypts himself: anybody has the key for that.
    fn with_changed_plaintext(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let mut plaintext = self.assertion.clone();
        for _ in 0..input.int_in_range(0..=6)? {
            plaintext = change(&plaintext, &self.attacker, input)?;
            if plaintext.len() > 100_000 {
                return Ok(());
            }
        }
        let element = encrypted_assertion(plaintext.as_bytes());
        let Some((before, behind)) = self.around_assertion() else { return Ok(()) };
        self.consider(&[before, &element, behind].concat());
        Ok(())
    }

    /// What is accepted was signed.
    fn consider(&self, response: &str) {
        if let Ok(valid) = self.judge(response) {
            let facts = facts(&valid);
            assert!(self.signed.contains(&facts), "accepted:\n{facts}\nfrom:\n{response}");
        }
    }

    fn judge(&self, response: &str) -> Result<ValidAssertion, Error> {
        judge(&self.sp, &self.idp, &self.pending, response)
    }

    fn around_assertion(&self) -> Option<(&str, &str)> {
        let end = "</saml:EncryptedAssertion>";
        let start = self.victim.find("<saml:EncryptedAssertion")?;
        Some((&self.victim[..start], &self.victim[self.victim.find(end)? + end.len()..]))
    }
}

fn judge(sp: &SpConfig, idp: &IdpConfig, pending: &Pending, response: &str) -> Result<ValidAssertion, Error> {
    let mut policy = Policy::default();
    policy.rsa_1_5 = Rsa15::DangerAllow;
    finish(sp, idp, Some(pending), &base64_encode(response.as_bytes()), &policy, now())
}

fn scene(signed_elements: SignedElements, change: impl Fn(&mut Encryption)) -> Scene {
    let sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs");
    let decrypter = Arc::new(Remembering::new());
    let sp = sp.with_decrypter(Arc::clone(&decrypter) as Arc<dyn Decrypter>);
    let mut provider = SamlIdp::new(1);
    provider.style.signed = signed_elements;
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = parse(&metadata, &ParseOptions::default(), now()).expect("a provider");
    let (outgoing, pending) =
        begin(&sp, &idp, &AuthnRequestOptions::default(), &mut Zeros, now()).expect("a request");
    let request = provider.receive(&outgoing, &sp).expect("the request is understood");
    let victim = User::new("ada", "Ada Lovelace", "ada@victim.example").in_groups(["admins", "staff"]);
    let attacker = User::new("mal", "Mallory", "mal@attacker.example").in_groups(["guests"]);
    let text =
        |field: String| String::from_utf8(base64_decode(field.as_bytes()).expect("base64")).expect("UTF-8");
    // The same messages, once in clear.
    let mut plain = provider.clone();
    plain.style.signed = SignedElements::Assertion;
    let clear = text(plain.answer(&request, &victim, now()).expect("an answer"));
    let (start, end) = (clear.find("<saml:Assertion"), clear.find("</saml:Assertion>"));
    let assertion =
        clear[start.expect("an assertion")..end.expect("its end") + "</saml:Assertion>".len()].to_owned();

    let mut encryption = Encryption::to(TestKey::OtherRsa.certificate());
    change(&mut encryption);
    provider.style.encryption = Some(encryption);
    let mut respond = |user: &User| text(provider.answer(&request, user, now()).expect("an answer"));
    let (victim, attacker) = (respond(&victim), respond(&attacker));
    let facts_of =
        |response: &String| facts(&judge(&sp, &idp, &pending, response).expect("a valid response"));
    let signed = [facts_of(&victim), facts_of(&attacker), facts_of(&clear)];
    decrypter.learns.store(false, Ordering::Relaxed);
    Scene { sp, idp, pending, signed_elements, victim, attacker, assertion, signed }
}

/// Everything that a host may act upon.
fn facts(valid: &ValidAssertion) -> String {
    let (claims, name_id, authn) = (valid.claims(), valid.name_id(), valid.authn_statements());
    format!("{claims:?} {name_id:?} {authn:?} {:?} {:?}", valid.address(), valid.replay())
}

/// Where the texts of all cipher values stand.
fn values(xml: &str) -> Vec<(usize, usize)> {
    let starts = xml.match_indices("<xenc:CipherValue>").map(|(at, tag)| at + tag.len());
    starts.filter_map(|start| Some((start, start + xml[start..].find('<')?))).collect()
}

/// An EncryptedAssertion whose content key [`Remembering`] knows by its wrapped form.
fn encrypted_assertion(plaintext: &[u8]) -> String {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &OWN_KEY).expect("a key"));
    let mut sealed = plaintext.to_vec();
    let nonce = aead::Nonce::assume_unique_for_key([9; 12]);
    key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut sealed).expect("a ciphertext");
    let (wrapped, sealed) = (base64_encode(&OWN_WRAPPED), base64_encode(&[&[9; 12], &sealed[..]].concat()));
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><xenc:EncryptedData \
         xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"><xenc:EncryptionMethod \
         Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey><xenc:EncryptionMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><xenc:CipherData><xenc:CipherValue>{wrapped}\
         </xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{sealed}\
         </xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
    )
}

const OWN_KEY: [u8; 32] = [5; 32];
const OWN_WRAPPED: [u8; 256] = [1; 256];

/// Opens the wrapped keys that were sent once: a private-key operation takes longer than all else.
struct Remembering {
    key: DecryptionKey,
    known: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    learns: AtomicBool,
}

impl Remembering {
    fn new() -> Self {
        let key = DecryptionKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).expect("a key");
        let known = BTreeMap::from([(OWN_WRAPPED.to_vec(), OWN_KEY.to_vec())]);
        Self { key, known: Mutex::new(known), learns: AtomicBool::new(true) }
    }
}

impl Decrypter for Remembering {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        let (WrappedKey::RsaOaep { ciphertext, .. } | WrappedKey::Rsa15 { ciphertext, .. }) = wrapped else {
            return self.key.unwrap(wrapped);
        };
        let mut known = self.known.lock().expect("nobody panics with it");
        if let Some(key) = known.get(*ciphertext) {
            return Ok(ContentKey::new(key.clone()));
        }
        let key = self.key.unwrap(wrapped)?;
        if self.learns.load(Ordering::Relaxed) {
            known.insert(ciphertext.to_vec(), key.as_bytes().to_vec());
        }
        Ok(key)
    }
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
