//! Validly signed queries, cut, spliced and changed: what is accepted says exactly what was signed, RelayState
//! included, and whatever comes in is looked at without harm.
#![no_main]

use std::{fmt::Debug, sync::LazyLock};

use admittance::{
    crypto::SigningKey,
    entropy::{Entropy, EntropyError},
    saml::{
        NameId,
        bindings::{Binding, Endpoint, Incoming},
        logout::{
            LogoutOptions, LogoutStatus, PendingLogout, SessionRef, peek, request, validate_request,
            validate_response,
        },
        metadata::{
            idp::{IdpConfig, ParseOptions, parse},
            sp::SpConfig,
        },
        web_sso::{Policy, UndeflatedRedirect},
    },
    testing::saml_idp::{Delivery, LogoutMessage, RedirectStyle, SamlIdp, TestKey},
    time::Timestamp,
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    // As it is: nobody has signed it.
    if let Ok(query) = std::str::from_utf8(data) {
        assert!(judge(query).is_none(), "accepted: {query}");
    }
    let _ = run(&mut Unstructured::new(data));
});

struct Scene {
    sp: SpConfig,
    idp: IdpConfig,
    pending: PendingLogout,
    /// Queries that the identity provider has sent, each with what it says.
    signed: Vec<(String, String)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(scene);

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let (query, _) = input.choose(&SCENE.signed)?;
    let mut parameters: Vec<String> = query.split('&').map(str::to_owned).collect();
    for _ in 0..input.int_in_range(0..=8)? {
        change(&mut parameters, input)?;
    }
    let query = parameters.join("&");
    if let Some(facts) = judge(&query) {
        assert!(
            SCENE.signed.iter().any(|(_, signed)| *signed == facts),
            "accepted:\n{facts}\nfrom:\n{query}"
        );
    }
    Ok(())
}

/// One change: to the list of parameters, or to a byte of one.
fn change(parameters: &mut Vec<String>, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let (other, _) = input.choose(&SCENE.signed)?;
    let others: Vec<&str> = other.split('&').collect();
    let foreign = (*input.choose(&others)?).to_owned();
    let at = input.int_in_range(0..=parameters.len())?;
    let kind = input.int_in_range(0..=6)?;
    let Some(parameter) = parameters.get_mut(at) else {
        parameters.push(foreign);
        return Ok(());
    };
    match kind {
        0 => drop(parameters.remove(at)),
        1 => parameters.insert(at, foreign),
        2 => *parameter = foreign,
        3 => {
            let other = input.int_in_range(0..=parameters.len() - 1)?;
            parameters.swap(at, other);
        }
        4 => {
            let name = *input.choose(NAMES)?;
            let value = parameter.split_once('=').map_or("", |(_, value)| value);
            *parameter = format!("{name}={value}");
        }
        _ => {
            let position = input.int_in_range(0..=parameter.len())?;
            let end = (position + input.int_in_range(0..=3usize)?).min(parameter.len());
            parameter.replace_range(position..end, input.choose(SNIPPETS)?);
        }
    }
    Ok(())
}

const NAMES: &[&str] = &[
    "SAMLRequest",
    "SAMLResponse",
    "RelayState",
    "SigAlg",
    "Signature",
    "SAMLEncoding",
    "%53AMLRequest",
    "samlrequest",
    "SAMLRequest%00",
    "",
];

const SNIPPETS: &[&str] = &[
    "", "A", "a", "0", "%", "%2", "%2B", "%2b", "+", "=", "&", "%26", "%3D", "%00", " ", "#", "?", ";", "/",
    "%0A",
];

/// What is accepted says, under the strict rule for DEFLATE and under the lenient one.
fn judge(query: &str) -> Option<String> {
    let mut policy = Policy::new();
    let strict = said(&SCENE, query, &policy);
    policy.undeflated_redirect = UndeflatedRedirect::Accept;
    let lenient = said(&SCENE, query, &policy);
    assert!(strict.is_none() || strict == lenient);
    if lenient.is_some() {
        assert!(peek(Incoming::Redirect { query }, &policy).is_ok(), "what is accepted can be looked at");
    }
    lenient
}

/// Everything that a host may act upon.
fn said(scene: &Scene, query: &str, policy: &Policy) -> Option<String> {
    let Scene { sp, idp, pending, .. } = scene;
    let incoming = Incoming::Redirect { query };
    let request = validate_request(sp, idp, incoming, policy, now());
    let response = validate_response(sp, idp, Some(pending), incoming, policy, now());
    match (request, response) {
        (Ok(request), Err(_)) => {
            let (names, indexes) = (request.name_id(), request.session_indexes());
            Some(facts(&[&names, &indexes, &request.reason(), &request.relay_state(), &request.replay()]))
        }
        (Err(_), Ok(response)) => {
            Some(facts(&[&response.status(), &response.outcome(), &response.relay_state()]))
        }
        (Err(_), Err(_)) => None,
        (Ok(_), Ok(_)) => panic!("both a request and a response: {query}"),
    }
}

fn facts(all: &[&dyn Debug]) -> String {
    format!("{all:?}")
}

fn scene() -> Scene {
    let key = SigningKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).expect("a key");
    let mut sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs").with_signing_key(key);
    let location = "https://sp.example/slo".to_owned();
    sp.slo = vec![Endpoint { binding: Binding::HttpRedirect, location, response_location: None }];
    let mut provider = SamlIdp::new(1);
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = parse(&metadata, &ParseOptions::default(), now()).expect("a provider");
    let name_id = NameId {
        value: "ada".to_owned(),
        format: None,
        name_qualifier: None,
        sp_name_qualifier: None,
        sp_provided_id: None,
    };
    let mut session = SessionRef::new(provider.entity_id.clone(), name_id);
    let (outgoing, pending) =
        request(&sp, &idp, &session, &LogoutOptions::default(), &mut Zeros, now()).expect("a request");
    let Ok(LogoutMessage::Request(asked)) = provider.receive_logout(&outgoing, &sp) else {
        panic!("the request is understood")
    };

    let mut signed = Vec::new();
    let binding = Binding::HttpRedirect;
    for (style, relay_state) in [
        (RedirectStyle::UpperCase, None),
        (RedirectStyle::UpperCase, Some("a b&c=d+e%")),
        (RedirectStyle::LowerCase, Some("é")),
        (RedirectStyle::Undeflated, Some("")),
    ] {
        provider.style.redirects = style;
        session.session_indexes.push(format!("_{}", signed.len()));
        let begun = provider.begin_logout(&session, relay_state, &sp, binding, now()).expect("a request");
        let mut answered = asked.clone();
        answered.relay_state = relay_state.map(str::to_owned);
        let status = if relay_state.is_none() { LogoutStatus::Success } else { LogoutStatus::Responder };
        let answer = provider.answer_logout(&answered, status, &sp, binding, now()).expect("a response");
        for delivery in [begun, answer] {
            let Delivery::Redirect { query } = delivery else { panic!("a redirect") };
            signed.push(query);
        }
    }
    let mut scene = Scene { sp, idp, pending, signed: Vec::new() };
    let mut policy = Policy::new();
    policy.undeflated_redirect = UndeflatedRedirect::Accept;
    for query in signed {
        let said = said(&scene, &query, &policy).expect("a valid message");
        scene.signed.push((query, said));
    }
    scene
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
