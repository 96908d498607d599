//! Callbacks of a pending sign-in, cut, spliced and changed: one is accepted only with the sign-in's state, a code and
//! no other issuer, as an independent reader of forms sees it; reading twice says the same; and whatever comes in is
//! looked at without harm. A third party's request to sign in is read from the same bytes.
#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use admittance::{
    entropy::{Entropy, EntropyError},
    limits::Limits,
    oidc::{
        Client, EntraTenants, IssParam, IssuerPolicy, Pending, Provider,
        authorization::{self, Options},
        initiated_login,
    },
    time::Timestamp,
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};
use url::{Url, form_urlencoded};

fuzz_target!(|data: &[u8]| {
    for scene in SCENES.iter() {
        // As it is: nobody knows the state.
        assert!(!judge(scene, data), "accepted");
    }
    initiated(data);
    let _ = run(&mut Unstructured::new(data));
});

struct Scene {
    provider: Provider,
    client: Client,
    pending: Pending,
    issuers: &'static [&'static str],
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(scenes);

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let scene = input.choose(&SCENES)?;
    let iss: String = form_urlencoded::byte_serialize(input.choose(ISSUERS)?.as_bytes()).collect();
    let mut parameters = vec![
        format!("state={}", scene.pending.state().expose()),
        "code=9fC1".to_owned(),
        format!("iss={iss}"),
    ];
    for _ in 0..input.int_in_range(0..=6)? {
        change(&mut parameters, input)?;
    }
    let query = parameters.join("&");
    judge(scene, query.as_bytes());
    initiated(query.as_bytes());
    Ok(())
}

/// One change: to the list of parameters, or to some bytes of one.
fn change(parameters: &mut Vec<String>, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let at = input.int_in_range(0..=parameters.len())?;
    let kind = input.int_in_range(0..=5)?;
    let Some(parameter) = parameters.get_mut(at) else {
        parameters.push((*input.choose(PARAMETERS)?).to_owned());
        return Ok(());
    };
    match kind {
        0 => drop(parameters.remove(at)),
        1 => parameters.insert(at, (*input.choose(PARAMETERS)?).to_owned()),
        2 => {
            let copy = parameter.clone();
            parameters.push(copy);
        }
        3 => {
            let other = input.int_in_range(0..=parameters.len() - 1)?;
            parameters.swap(at, other);
        }
        _ => {
            let position = input.int_in_range(0..=parameter.len())?;
            let end = (position + input.int_in_range(0..=3usize)?).min(parameter.len());
            parameter.replace_range(position..end, input.choose(SNIPPETS)?);
        }
    }
    Ok(())
}

/// Whether the callback is accepted, which an independent reader must agree with.
fn judge(scene: &Scene, query: &[u8]) -> bool {
    let Scene { provider, client, pending, issuers } = scene;
    let read = || authorization::parse_callback(provider, client, pending, query, now());
    let (first, second) = (read(), read());
    match (&first, &second) {
        (Ok(_), Ok(_)) => {}
        (Err(first), Err(second)) => assert_eq!(first, second, "two readings"),
        _ => panic!("two readings"),
    }
    if let Err(error) = &first {
        let shown = format!("{error:?} {error} {:?} {:?}", error.expected(), error.actual());
        assert!(!shown.contains(pending.state().expose()), "{shown}");
        assert!(!error.is_retryable());
        return false;
    }
    let all = |name: &str| {
        let pairs = form_urlencoded::parse(query);
        pairs.filter(|(other, _)| other == name).map(|(_, value)| value.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(all("state"), [pending.state().expose()]);
    let code = all("code");
    assert!(code.len() == 1 && !code[0].is_empty(), "{code:?}");
    assert!(all("error").is_empty());
    let iss = all("iss");
    let required = client.policy.iss_param == IssParam::Require;
    assert!(iss.len() == 1 || (iss.is_empty() && !required), "{iss:?}");
    assert!(iss.iter().all(|iss| issuers.contains(&iss.as_str())), "{iss:?}");
    true
}

fn initiated(query: &[u8]) {
    const BASE: &str = "https://rp.example/app";
    let read = || initiated_login::parse(query, ISSUERS, &[BASE], &Limits::default());
    assert_eq!(read(), read());
    if let Ok((login, _)) = read() {
        assert!(ISSUERS.contains(&login.issuer()));
        let home = Url::parse(BASE).expect("a URL").origin();
        assert!(login.target_link_uri().is_none_or(|target| target.origin() == home));
    }
}

const ISSUER: &str = "https://idp.example";
const GOOGLE: &str = "https://accounts.google.com";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OF_TENANT: &str = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";

const ISSUERS: &[&str] =
    &[ISSUER, GOOGLE, "accounts.google.com", OF_TENANT, TEMPLATE, "https://evil.example"];

const PARAMETERS: &[&str] = &[
    "code=other",
    "code=",
    "state=",
    "state=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "st%61te=x",
    "iss=https%3A%2F%2Fevil.example",
    "iss=https%3A%2F%2Fidp.example",
    "error=access_denied",
    "error_description=%0d%0a",
    "login_hint=ada%40corp.example",
    "target_link_uri=https%3A%2F%2Frp.example%2Fx",
    "target_link_uri=https%3A%2F%2Frp.example%40evil.example",
    "id_token=e.e.e",
    "",
];

const SNIPPETS: &[&str] = &[
    "", "A", "a", "0", "%", "%2", "%2B", "%2b", "+", "=", "&", "%26", "%3D", "%00", "%ff", "%c3", " ", "/",
    ";",
];

fn scenes() -> Vec<Scene> {
    let tenants = EntraTenants::Only(BTreeSet::from([TENANT.to_owned()]));
    [
        (ISSUER, IssuerPolicy::Exact, IssParam::AsAdvertised, &[ISSUER][..]),
        (ISSUER, IssuerPolicy::Exact, IssParam::Require, &[ISSUER]),
        (GOOGLE, IssuerPolicy::Google, IssParam::Require, &[GOOGLE, "accounts.google.com"]),
        (TEMPLATE, IssuerPolicy::EntraTenants { allowed: tenants }, IssParam::AsAdvertised, &[OF_TENANT]),
    ]
    .map(|(issuer, policy, iss_param, issuers)| {
        let endpoint = |path: &str| format!("https://idp.example/{path}");
        let provider = Provider::new(issuer, endpoint("authorize"), endpoint("token"), endpoint("jwks"));
        let mut client = Client::new("client-1", "https://rp.example/callback");
        client.policy.issuer = policy;
        client.policy.iss_param = iss_param;
        let (_, pending) = authorization::begin(&provider, &client, &Options::default(), &mut Sevens, now())
            .expect("a request");
        Scene { provider, client, pending, issuers }
    })
    .into()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at
}

/// Nothing that a fuzzer finds by itself.
struct Sevens;

impl Entropy for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for (at, byte) in (0u8..).zip(bytes) {
            *byte = at.wrapping_mul(7) ^ 0xa5;
        }
        Ok(())
    }
}
