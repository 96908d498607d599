//! From discovery to a code against the provider for tests: every product's shape, every way to ask, every fault of
//! what is read on the way.

use admittance::jose::PrivateKey;
use admittance::oidc::authorization::{self, AuthorizationCode, Options, ResponseMode, Start};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::{Dpop, DpopKey, DpopNonce};
use admittance::oidc::{Client, EntraTenants, Error, IssuerPolicy, Provider, discovery};
use admittance::testing::oidc_provider::{
    AnswerFault, CallbackFault, Delivered, Endpoint, Fault, IssParameter, MetadataFault, OidcProvider,
    PushedFault, RegisteredAuthentication, RegisteredClient, Shape, TestKey, User,
};

use super::given::{self, Counter, now};

#[test]
fn every_shape_gives_a_code() {
    for shape in Shape::ALL {
        for mode in [None, Some(ResponseMode::Query), Some(ResponseMode::FormPost)] {
            let mut op = OidcProvider::new(1).shaped(shape).with_client(registered());
            let client = of_shape(shape);
            let provider = discovered(&mut op, &client).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
            let mut options = Options::default();
            options.response_mode = mode;
            signed_in(&mut op, &provider, &client, &options, Delivered::Query, &mut Counter::default())
                .unwrap_or_else(|error| panic!("{shape:?} {mode:?}: {error}"));
        }
    }
}

#[test]
fn every_way_to_ask_gives_a_code() {
    let key = PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap().with_kid(TestKey::P256.kid());
    let mut registered = registered();
    registered.authentication = RegisteredAuthentication::PrivateKeyJwt;
    registered.keys = vec![TestKey::P256.jwk()];
    let mut client =
        given::client().authenticated_by(ClientAuthentication::PrivateKeyJwt).with_signing_key(key);
    for (signed, pushed, delivered) in [
        (false, false, Delivered::Query),
        (true, false, Delivered::RequestObject),
        (false, true, Delivered::Pushed),
        (true, true, Delivered::PushedRequestObject),
    ] {
        (registered.require_request_objects, registered.require_pushed_requests) = (signed, pushed);
        let mut op = OidcProvider::new(1).with_client(registered.clone());
        client.registered.request_object_signed = signed;
        client.registered.pushed_authorization_requests = pushed;
        let provider = discovered(&mut op, &client).unwrap();
        let mut options = Options::default();
        options.max_age_seconds = Some(300);
        options.essential_acr = vec!["phr".to_owned()];
        options.organization = Some("org_1".to_owned());
        options.scopes.push("groups".to_owned());
        signed_in(&mut op, &provider, &client, &options, delivered, &mut Counter::default()).unwrap();
    }
}

/// The first answer wants a nonce, the second request has it.
#[test]
fn a_pushed_request_with_a_proof_and_a_nonce() {
    let mut op = OidcProvider::new(1).with_client(registered());
    op.dpop_nonces = true;
    let mut client = given::client();
    client.registered.pushed_authorization_requests = true;
    let provider = discovered(&mut op, &client).unwrap();
    let key = DpopKey::new(PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap());
    let mut options = Options::default();
    let mut entropy = Counter::default();
    options.dpop = Dpop::With { key: &key, nonce: DpopNonce::None };
    let error =
        signed_in(&mut op, &provider, &client, &options, Delivered::Pushed, &mut entropy).unwrap_err();
    let Error::UseDpopNonce { nonce } = error else { panic!("{error:?}") };
    options.dpop = options.dpop.retry(&nonce);
    signed_in(&mut op, &provider, &client, &options, Delivered::Pushed, &mut entropy).unwrap();
    // The provider changes its mind at once.
    op.rotate_dpop_nonce();
    let error =
        signed_in(&mut op, &provider, &client, &options, Delivered::Pushed, &mut entropy).unwrap_err();
    assert_eq!(error.code(), "oidc.dpop_nonce_repeated");
}

#[test]
fn every_fault_of_metadata_is_refused() {
    for fault in MetadataFault::ALL.iter().filter(|fault| **fault != MetadataFault::NoCommonAlgorithm) {
        let mut op = OidcProvider::new(1).with_client(registered());
        op.fault = Some(Fault::Metadata(*fault));
        let read = discovered(&mut op, &given::client());
        assert_eq!(read.err().map(|error| error.code()), fault.code(), "{fault:?}");
    }
    for fault in AnswerFault::ALL {
        let fault = Fault::Answer(Endpoint::Metadata, *fault);
        let mut op = OidcProvider::new(1).with_client(registered());
        op.fault = Some(fault);
        let read = discovered(&mut op, &given::client());
        assert_eq!(read.err().map(|error| error.code()), fault.code(), "{fault:?}");
    }
}

#[test]
fn every_fault_of_a_callback_is_refused() {
    for fault in CallbackFault::ALL {
        for mode in [ResponseMode::Query, ResponseMode::FormPost] {
            let mut op = OidcProvider::new(1).with_client(registered());
            op.style.iss_parameter = IssParameter::Advertised;
            let provider = discovered(&mut op, &given::client()).unwrap();
            op.fault = Some(Fault::Callback(*fault));
            let mut options = Options::default();
            options.response_mode = Some(mode);
            let read = signed_in(
                &mut op,
                &provider,
                &given::client(),
                &options,
                Delivered::Query,
                &mut Counter::default(),
            );
            assert_eq!(read.err().map(|error| error.code()), fault.code(), "{fault:?}");
        }
    }
}

#[test]
fn every_fault_of_a_pushed_answer_is_refused() {
    let key = DpopKey::new(PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap());
    let pushed = PushedFault::ALL.iter().map(|fault| Fault::Pushed(*fault));
    let answers = AnswerFault::ALL.iter().map(|fault| Fault::Answer(Endpoint::PushedAuthorization, *fault));
    for fault in pushed.chain(answers) {
        let mut op = OidcProvider::new(1).with_client(registered());
        op.dpop_nonces = true;
        let mut client = given::client();
        client.registered.pushed_authorization_requests = true;
        let provider = discovered(&mut op, &client).unwrap();
        let mut options = Options::default();
        let mut entropy = Counter::default();
        options.dpop = Dpop::With { key: &key, nonce: DpopNonce::None };
        let first = signed_in(&mut op, &provider, &client, &options, Delivered::Pushed, &mut entropy);
        let Err(Error::UseDpopNonce { nonce }) = first else { panic!("{first:?}") };
        options.dpop = options.dpop.retry(&nonce);
        op.fault = Some(fault);
        let read = signed_in(&mut op, &provider, &client, &options, Delivered::Pushed, &mut entropy);
        assert_eq!(read.err().map(|error| error.code()), fault.code(), "{fault:?}");
    }
}

fn discovered(op: &mut OidcProvider, client: &Client) -> Result<Provider, Error> {
    let request = discovery::request(&op.issuer, &client.policy).unwrap();
    let response = op.receive(&request, now());
    discovery::parse_response(&op.issuer, &response, &client.policy).map(|(provider, _)| provider)
}

fn signed_in(
    op: &mut OidcProvider,
    provider: &Provider,
    client: &Client,
    options: &Options<'_>,
    delivered: Delivered,
    entropy: &mut Counter,
) -> Result<AuthorizationCode, Error> {
    let (start, pending) = authorization::begin(provider, client, options, entropy, now())?;
    let url = match start {
        Start::Redirect(url) => url,
        Start::Push(request) => {
            let response = op.receive(&request, now());
            authorization::parse_pushed_response(provider, client, options.dpop, &response)?
        }
        _ => panic!("another start"),
    };
    let request = op.read_request(&url, now()).unwrap_or_else(|error| panic!("{error}: {url}"));
    assert_eq!(request.delivered, delivered);
    assert_eq!(request.max_age, options.max_age_seconds.map(|seconds| seconds.try_into().unwrap()));
    assert_eq!((&request.acr_values, &request.organization), (&options.essential_acr, &options.organization));
    assert_eq!(request.scopes, pending.scopes());
    let callback = op.answer(&request, &User::new("ada", "Ada Lovelace", "ada@corp.example"), now());
    authorization::parse_callback(provider, client, &pending, callback.parameters(), now())
}

fn registered() -> RegisteredClient {
    RegisteredClient::public("client-1", "https://rp.example/callback")
}

fn of_shape(shape: Shape) -> Client {
    let mut client = given::client();
    client.policy.issuer = match shape {
        Shape::EntraTenants => IssuerPolicy::EntraTenants { allowed: EntraTenants::Any },
        Shape::Google => IssuerPolicy::Google,
        _ => IssuerPolicy::Exact,
    };
    client
}
