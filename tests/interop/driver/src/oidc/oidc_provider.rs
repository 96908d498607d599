//! The cells of npm `oidc-provider`.

use std::cell::RefCell;
use std::error::Error;

use admittance::claims::ClaimValue;
use admittance::jose::PrivateKey;
use admittance::oidc::authorization::{Options, Prompt, ResponseMode};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::DpopKey;
use admittance::oidc::id_token::ValidIdToken;
use admittance::oidc::logout::backchannel;
use admittance::oidc::logout::rp_initiated::{self, LogoutOptions, LogoutReturn, PendingLogout};
use admittance::oidc::token::TokenType;
use admittance::oidc::{Provider, keys};
use http::Request;
use url::Url;

use super::logout_tokens::LogoutTokens;
use super::relying_party::{RelyingParty, SignedIn, discover};
use super::{Outcome, ensure, now, refused_with};
use crate::Report;
use crate::browser::{Browser, End, Visit};
use crate::wire::send;

/// The provider, and where it sends logout tokens.
struct Peer<'p> {
    provider: Provider,
    logout_tokens: &'p LogoutTokens,
}

type Cell = fn(&Peer<'_>) -> Outcome;
type Fallible<T> = Result<T, Box<dyn Error>>;

pub fn cells(issuer: &str, logout_tokens: &LogoutTokens, report: &mut Report) {
    let peer = match discover(issuer) {
        Ok(provider) => Peer { provider, logout_tokens },
        Err(error) => return report.count("oidc-provider", "discovery", Err(error)),
    };
    let cells: [(&str, Cell); 24] = [
        ("discovery", discovery),
        ("client-secret-basic", client_secret_basic),
        ("client-secret-post", client_secret_post),
        ("client-secret-jwt", client_secret_jwt),
        ("public-client", public_client),
        ("private-key-jwt", private_key_jwt),
        ("wrong-secret-refused-there", wrong_secret_refused_there),
        ("code-used-twice-refused-there", code_used_twice_refused_there),
        ("form-post", form_post),
        ("request-object", request_object),
        ("par-private-key-jwt-dpop-nonce", par_private_key_jwt_dpop_nonce),
        ("unbound-token-refused-there", unbound_token_refused_there),
        ("encrypted-rsa-oaep", encrypted_rsa_oaep),
        ("encrypted-ecdh", encrypted_ecdh),
        ("unencrypted-refused", unencrypted_refused),
        ("userinfo-signed", userinfo_signed),
        ("key-rotation-in-mid-flow", key_rotation_in_mid_flow),
        ("reauthentication", reauthentication),
        ("login-required", login_required),
        ("refresh-and-revocation", refresh_and_revocation),
        ("logout-by-us", logout_by_us),
        ("backchannel-logout", backchannel_logout),
        ("backchannel-logout-encrypted", backchannel_logout_encrypted),
        ("logout-token-of-another-client-refused", logout_token_of_another_client_refused),
    ];
    for (name, run) in cells {
        report.count("oidc-provider", name, run(&peer));
    }
}

fn discovery(peer: &Peer<'_>) -> Outcome {
    let provider = &peer.provider;
    ensure(provider.authorization_response_iss_parameter_supported, || "no iss parameter".to_owned())?;
    ensure(provider.pushed_authorization_request_endpoint.is_some(), || "no PAR".to_owned())?;
    ensure(provider.backchannel_logout_session_supported, || "no sid in logout tokens".to_owned())?;
    // With another issuer the same document is refused.
    let other = format!("{}/", provider.issuer);
    refused_with("oidc.discovery_issuer_mismatch", &provider.issuer, discover(&other).map(drop))
}

fn client_secret_basic(peer: &Peer<'_>) -> Outcome {
    let secret = secret("basic").into();
    peer.signs_in("basic", ClientAuthentication::ClientSecretBasic { secret })
}

fn client_secret_post(peer: &Peer<'_>) -> Outcome {
    let secret = secret("post").into();
    peer.signs_in("post", ClientAuthentication::ClientSecretPost { secret })
}

fn client_secret_jwt(peer: &Peer<'_>) -> Outcome {
    let (secret, algorithm) = (secret("secret-jwt").into(), admittance::jose::Algorithm::HS256);
    peer.signs_in("secret-jwt", ClientAuthentication::ClientSecretJwt { secret, algorithm })
}

fn public_client(peer: &Peer<'_>) -> Outcome {
    peer.signs_in("public", ClientAuthentication::None)
}

fn private_key_jwt(peer: &Peer<'_>) -> Outcome {
    peer.signs_in("key-jwt", ClientAuthentication::PrivateKeyJwt)
}

/// The proof that the provider does check.
fn wrong_secret_refused_there(peer: &Peer<'_>) -> Outcome {
    for authentication in [
        ClientAuthentication::ClientSecretBasic { secret: "another".into() },
        ClientAuthentication::None,
        ClientAuthentication::PrivateKeyJwt,
    ] {
        let mut rp = peer.relying_party("basic", authentication)?;
        let outcome = rp.sign_in(&mut Browser::default(), &Options::default());
        refused_with("oidc.token_error", "invalid_client", outcome.map(drop))?;
    }
    Ok(())
}

fn code_used_twice_refused_there(peer: &Peer<'_>) -> Outcome {
    let rp = peer.relying_party("public", ClientAuthentication::None)?;
    let mut browser = Browser::default();
    let (visit, pending) = rp.authorize(&Options::default(), |url| browser.open(url))?;
    rp.exchange(&visit, &pending)?;
    refused_with("oidc.token_error", "invalid_grant", rp.exchange(&visit, &pending).map(drop))
}

fn form_post(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    let mut options = Options::default();
    options.response_mode = Some(ResponseMode::FormPost);
    let (visit, pending) = rp.authorize(&options, |url| Browser::default().open(url))?;
    ensure(matches!(visit.end, End::Post { .. }), || "no form came back".to_owned())?;
    rp.finish(visit, &pending).map(drop)
}

/// RFC 9101, by value.
fn request_object(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("request-object", ClientAuthentication::PrivateKeyJwt)?;
    rp.client.registered.request_object_signed = true;
    let (visit, pending) = rp.authorize(&Options::default(), |url| {
        ensure(url.query_pairs().any(|(name, _)| name == "request"), || "no request object".to_owned())?;
        Browser::default().open(url)
    })?;
    let signed_in = rp.finish(visit, &pending)?;
    check_ada(&rp, signed_in)
}

/// RFC 9126, RFC 7523, RFC 9449: the provider requires all three, and a nonce in every proof.
fn par_private_key_jwt_dpop_nonce(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.bound_party()?;
    let (visit, pending) = rp.authorize(&Options::default(), |url| {
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        ensure(names == ["client_id", "request_uri"], || format!("the browser carries {names:?}"))?;
        Browser::default().open(url)
    })?;
    let signed_in = rp.finish(visit, &pending)?;
    ensure(signed_in.tokens.token_type() == TokenType::Dpop, || "the token is not bound".to_owned())?;
    ensure(signed_in.tokens.notes().is_empty(), || format!("{:?}", signed_in.tokens.notes()))?;
    check_ada(&rp, signed_in)
}

fn unbound_token_refused_there(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.bound_party()?;
    rp.dpop = None;
    let outcome = rp.sign_in(&mut Browser::default(), &Options::default());
    refused_with("oidc.token_error", "invalid_grant", outcome.map(drop))
}

fn encrypted_rsa_oaep(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("rsa-oaep", ClientAuthentication::PrivateKeyJwt)?;
    rp.client.registered.userinfo_signed = true;
    signs_in_encrypted(&mut rp.encrypted_to("rsa2048-enc", RSA_KEY)?)
}

fn encrypted_ecdh(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("ecdh", ClientAuthentication::PrivateKeyJwt)?;
    rp.client.registered.userinfo_signed = true;
    signs_in_encrypted(&mut rp.encrypted_to("p256-enc", EC_KEY)?)
}

fn signs_in_encrypted(rp: &mut RelyingParty) -> Outcome {
    let signed_in = rp.sign_in(&mut Browser::default(), &Options::default())?;
    let parts = signed_in.tokens.id_token().map(|token| token.expose().split('.').count());
    ensure(parts == Some(5), || format!("the ID token has {parts:?} parts"))?;
    check_ada(rp, signed_in)
}

/// Who has registered encryption takes nothing else.
fn unencrypted_refused(peer: &Peer<'_>) -> Outcome {
    let rp = peer.relying_party("public", ClientAuthentication::None)?;
    let mut rp = rp.encrypted_to("rsa2048-enc", RSA_KEY)?;
    let outcome = rp.sign_in(&mut Browser::default(), &Options::default());
    refused_with("oidc.token_not_encrypted", "", outcome.map(drop))
}

fn userinfo_signed(peer: &Peer<'_>) -> Outcome {
    let secret = secret("userinfo-signed").into();
    let mut rp = peer.relying_party("userinfo-signed", ClientAuthentication::ClientSecretBasic { secret })?;
    rp.client.registered.userinfo_signed = true;
    let signed_in = rp.sign_in(&mut Browser::default(), &Options::default())?;
    check_ada(&rp, signed_in)?;
    // Who has registered it takes nothing else.
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    rp.client.registered.userinfo_signed = true;
    let signed_in = rp.sign_in(&mut Browser::default(), &Options::default())?;
    refused_with("oidc.userinfo_not_signed", "", rp.with_userinfo(signed_in).map(drop))
}

/// The provider takes a new key between the code and the tokens: the kid is unknown, the keys are fetched anew, and the
/// same tokens are good.
fn key_rotation_in_mid_flow(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    rp.fetch_keys_two_minutes_ago()?;
    let mut browser = Browser::default();
    let (visit, pending) = rp.authorize(&Options::default(), |url| browser.open(url))?;
    peer.rotate_keys()?;
    let tokens = rp.exchange(&visit, &pending)?;
    let text = tokens.id_token().ok_or("no ID token")?.expose().to_owned();
    let old = rp.keys.clone().ok_or("no keys")?;
    let validate = |keys: &keys::FetchedKeys| {
        admittance::oidc::id_token::validate(&tokens, keys.jwks(), &rp.provider, &rp.client, &pending, now())
    };
    let error = validate(&old).err().ok_or("accepted with the old keys")?;
    ensure(error.code() == "oidc.key_not_found" && error.is_retryable(), || format!("{error:?}"))?;
    let new = {
        let keys::KeysFor::Refetch(refetch) =
            keys::keys_for(&rp.provider, &rp.client, &text, Some(&old), now())?
        else {
            return Err("the keys are not fetched anew".into());
        };
        keys::parse_refetched(&rp.client, &refetch, Some(&send(&refetch.request())?), now())?.0
    };
    validate(&new)?;
    // A token of before is still good: the provider is back at its first key.
    peer.rotate_keys()?;
    rp.keys = None;
    rp.sign_in(&mut browser, &Options::default()).map(drop)
}

/// A second sign-in needs no password; with `prompt=login` it does, and `max_age` sees when.
fn reauthentication(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    let mut browser = Browser::default();
    let mut prompted = |options: &Options<'_>, prompts: usize| {
        let signed_in = rp.sign_in(&mut browser, options)?;
        ensure(signed_in.prompts == prompts, || format!("{} prompts", signed_in.prompts))?;
        Ok::<_, Box<dyn Error>>(signed_in.id)
    };
    let mut options = Options::default();
    options.max_age_seconds = Some(300);
    let first = prompted(&options, 1)?.auth_time().ok_or("no auth_time")?;
    let second = prompted(&options, 0)?.auth_time();
    ensure(second == Some(first), || format!("auth_time {second:?} after {first}"))?;
    options.prompt = vec![Prompt::Login];
    let third = prompted(&options, 1)?.auth_time();
    ensure(third >= Some(first), || format!("auth_time {third:?} after {first}"))
}

fn login_required(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    let mut options = Options::default();
    options.prompt = vec![Prompt::None];
    let outcome = rp.sign_in(&mut Browser::default(), &options);
    refused_with("oidc.provider_error", "login_required", outcome.map(drop))
}

fn refresh_and_revocation(peer: &Peer<'_>) -> Outcome {
    let mut plain = peer.relying_party("public", ClientAuthentication::None)?;
    let mut bound = peer.bound_party()?;
    for rp in [&mut plain, &mut bound] {
        let mut options = Options::default();
        options.scopes.push("offline_access".to_owned());
        options.prompt = vec![Prompt::Consent];
        let signed_in = rp.sign_in(&mut Browser::default(), &options)?;
        let (fresh, id) = rp.refresh(&signed_in)?;
        let id = id.ok_or("no ID token")?;
        ensure(id.subject() == signed_in.id.subject(), || "another subject".to_owned())?;
        rp.revoke(&fresh)?;
        let again = SignedIn { tokens: fresh, ..signed_in };
        refused_with("oidc.token_error", "invalid_grant", rp.refresh(&again).map(drop))?;
    }
    Ok(())
}

/// The browser comes back, and the next sign-in asks for the password.
fn logout_by_us(peer: &Peer<'_>) -> Outcome {
    for rp in [
        peer.relying_party("public", ClientAuthentication::None)?,
        peer.relying_party("rsa-oaep", ClientAuthentication::PrivateKeyJwt)?
            .encrypted_to("rsa2048-enc", RSA_KEY)?,
    ] {
        let mut rp = rp;
        let mut browser = Browser::default();
        let id = rp.sign_in(&mut browser, &Options::default())?.id;
        let (url, pending) = logout_url(&rp, &id)?;
        let visit = peer.logout_tokens.receive(|| open(&mut browser, url), |_, _| backchannel::done())??;
        returned(&rp, visit, &pending)?;
        let prompts = rp.sign_in(&mut browser, &Options::default())?.prompts;
        ensure(prompts == 1, || "the session there goes on".to_owned())?;
    }
    Ok(())
}

fn backchannel_logout(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    rp.client.registered.backchannel_logout_session_required = true;
    logs_out(peer, &mut rp)
}

/// With an encrypted ID token the logout token is encrypted, too.
fn backchannel_logout_encrypted(peer: &Peer<'_>) -> Outcome {
    let rp = peer.relying_party("ecdh", ClientAuthentication::PrivateKeyJwt)?;
    let mut rp = rp.encrypted_to("p256-enc", EC_KEY)?;
    rp.client.registered.backchannel_logout_session_required = true;
    logs_out(peer, &mut rp)
}

/// Ada signs out there, and a logout token comes that names our session and no other.
fn logs_out(peer: &Peer<'_>, rp: &mut RelyingParty) -> Outcome {
    let mut browser = Browser::default();
    let id = rp.sign_in(&mut browser, &Options::default())?.id;
    let other = rp.sign_in(&mut Browser::default(), &Options::default())?.id;
    let keys = rp.keys.clone().ok_or("no keys")?;
    let (url, pending) = logout_url(rp, &id)?;
    let tokens = RefCell::new(Vec::new());
    let visit = peer.logout_tokens.receive(
        || open(&mut browser, url),
        |path, body| {
            let outcome = backchannel::validate(body, keys.jwks(), &rp.provider, &rp.client, now());
            let response = match &outcome {
                Ok(_) => backchannel::done(),
                Err(error) => backchannel::refused(Some(error)),
            };
            tokens.borrow_mut().push((path.to_owned(), outcome));
            response
        },
    )??;
    returned(rp, visit, &pending)?;
    let mut tokens = tokens.into_inner();
    ensure(tokens.len() == 1, || format!("{} logout tokens", tokens.len()))?;
    let (path, token) = tokens.remove(0);
    ensure(path == format!("/{}", rp.client.client_id), || format!("a logout token at {path}"))?;
    let token = token?;
    ensure(token.is_of(id.session()), || format!("it is not of our session: {token:?}"))?;
    ensure(!token.is_of(other.session()), || "it is of the other session".to_owned())?;
    ensure(!token.replay().jti.is_empty(), || "no jti".to_owned())
}

/// A logout token is for one client: another refuses it.
fn logout_token_of_another_client_refused(peer: &Peer<'_>) -> Outcome {
    let mut rp = peer.relying_party("public", ClientAuthentication::None)?;
    let other = peer.relying_party("basic", ClientAuthentication::None)?;
    let mut browser = Browser::default();
    let id = rp.sign_in(&mut browser, &Options::default())?.id;
    let keys = rp.keys.clone().ok_or("no keys")?;
    let (url, _) = logout_url(&rp, &id)?;
    let codes = RefCell::new(Vec::new());
    peer.logout_tokens.receive(
        || open(&mut browser, url),
        |_, body| {
            let outcome = backchannel::validate(body, keys.jwks(), &other.provider, &other.client, now());
            codes.borrow_mut().push(outcome.as_ref().err().map(admittance::oidc::Error::code));
            backchannel::refused(outcome.err().as_ref())
        },
    )??;
    let codes = codes.into_inner();
    ensure(codes == [Some("oidc.audience_mismatch")], || format!("{codes:?}"))
}

impl Peer<'_> {
    fn relying_party(&self, name: &str, authentication: ClientAuthentication) -> Fallible<RelyingParty> {
        RelyingParty::new(&self.provider, name, authentication, EC_KEY)
    }

    /// A client that pushes its requests, and whose tokens are bound to a key.
    fn bound_party(&self) -> Fallible<RelyingParty> {
        let mut rp = self.relying_party("par-dpop", ClientAuthentication::PrivateKeyJwt)?;
        rp.client.registered.pushed_authorization_requests = true;
        rp.dpop = Some(DpopKey::new(PrivateKey::from_pem(ED25519_KEY)?));
        Ok(rp)
    }

    /// A whole sign-in, with UserInfo.
    fn signs_in(&self, name: &str, authentication: ClientAuthentication) -> Outcome {
        let mut rp = self.relying_party(name, authentication)?;
        let signed_in = rp.sign_in(&mut Browser::default(), &Options::default())?;
        ensure(signed_in.prompts == 1, || format!("{} prompts", signed_in.prompts))?;
        check_ada(&rp, signed_in)
    }

    fn rotate_keys(&self) -> Outcome {
        let request = Request::post(format!("{}/rotate-keys", self.provider.issuer)).body(Vec::new())?;
        let status = send(&request)?.status();
        ensure(status == 200, || format!("rotation: status {status}"))
    }
}

/// The ID token is thin: name, address and groups come from UserInfo.
fn check_ada(rp: &RelyingParty, signed_in: SignedIn) -> Outcome {
    let issuer = signed_in.id.issuer().to_owned();
    ensure(issuer == rp.provider.issuer, || format!("the issuer is {issuer}"))?;
    ensure(signed_in.id.subject() == "ada", || format!("the subject is {}", signed_in.id.subject()))?;
    ensure(signed_in.id.sid().is_some(), || "no sid".to_owned())?;
    ensure(signed_in.id.notes().is_empty(), || format!("{:?}", signed_in.id.notes()))?;
    let id = rp.with_userinfo(signed_in)?;
    let text = |name: &str| {
        let values = id.claims().claim(name).map(|claim| claim.values.as_slice()).unwrap_or_default();
        values.iter().filter_map(ClaimValue::as_text).collect::<Vec<_>>()
    };
    for (name, expected) in [
        ("name", &["Ada Lovelace"][..]),
        ("preferred_username", &["ada"]),
        ("email", &["ada@corp.example"]),
        ("groups", &["Developers", "Reviewers"]),
    ] {
        ensure(text(name) == expected, || format!("{name}: {:?}", text(name)))?;
    }
    ensure(id.verified_email() == Some("ada@corp.example"), || "the address is not verified".to_owned())
}

fn logout_url(rp: &RelyingParty, id: &ValidIdToken) -> Fallible<(Url, PendingLogout)> {
    let mut options = LogoutOptions::default();
    options.post_logout_redirect_uri = Some(format!("{}{}/signed-out", crate::OUR_BASE, rp.client.client_id));
    let mut entropy = admittance::entropy::OsEntropy;
    Ok(rp_initiated::begin(&rp.provider, &rp.client, id.session(), &options, &mut entropy)?)
}

fn returned(rp: &RelyingParty, visit: Visit, pending: &PendingLogout) -> Outcome {
    let End::Redirect { url } = visit.end else { return Err("the browser does not come back".into()) };
    let ours = format!("/{}/signed-out", rp.client.client_id);
    ensure(url.path() == ours, || format!("the browser comes back to {url}"))?;
    let outcome = rp_initiated::parse_return(url.query().unwrap_or_default(), pending);
    ensure(outcome == LogoutReturn::Ok, || format!("{outcome:?}"))
}

/// As [`Browser::open`], for another thread.
fn open(browser: &mut Browser, url: Url) -> Result<Visit, String> {
    browser.open(url).map_err(|error| error.to_string())
}

/// As the provider has it.
fn secret(name: &str) -> String {
    format!("the secret of {name}: 100 % + : & more than 32 bytes")
}

const EC_KEY: &[u8] = include_bytes!("../../../../corpus/keys/p256.key.pem");
const RSA_KEY: &[u8] = include_bytes!("../../../../corpus/keys/rsa2048.key.pem");
const ED25519_KEY: &[u8] = include_bytes!("../../../../corpus/keys/ed25519.key.pem");
