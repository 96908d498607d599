//! A sign-in by OpenID Connect, printed step by step: `cargo run --example oidc_login`.
//!
//! No network: a provider made for tests answers as Keycloak does, and `keycloak.receive` stands for the host's HTTP
//! client (verified TLS, no redirects followed, a time limit). The host's routes are: steps 1 and 2 once for each
//! connection, 3 where a sign-in begins, 4 to 8 at the redirect URI, 9 for back-channel logout, 10 to sign out.

use std::error::Error;
use std::time::SystemTime;

use admittance::crypto::Secret;
use admittance::entropy::OsEntropy;
use admittance::oidc::authorization::{self, Options, Start};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::keys::{self, FetchedKeys, KeysFor};
use admittance::oidc::logout::{backchannel, rp_initiated};
use admittance::oidc::{Client, discovery, id_token, token, userinfo};
use admittance::profile::{self, AttributeNames, Mapping};
use admittance::testing::oidc_provider::{OidcProvider, RegisteredClient, Shape, User};
use admittance::time::Timestamp;

fn main() -> Result<(), Box<dyn Error>> {
    // The library reads no clock and draws no random bytes by itself: both are arguments.
    #[expect(clippy::disallowed_methods, reason = "the host owns the clock")]
    let (now, mut entropy) = (Timestamp::from(SystemTime::now()), OsEntropy);

    println!("1. Who we are: as the provider's administrator has registered us");
    let secret = Secret::new("given to us by the administrator");
    let client = Client::new("client-1", "https://rp.example/oidc/callback")
        .authenticated_by(ClientAuthentication::ClientSecretBasic { secret });
    let mut registered = RegisteredClient::of(&client);
    registered.backchannel_logout_uri = Some("https://rp.example/oidc/backchannel-logout".to_owned());
    let mut keycloak = OidcProvider::new(7).shaped(Shape::Keycloak).with_client(registered);
    row("client", &client.client_id);

    println!("\n2. Who they are: their metadata, read once and kept");
    let issuer = keycloak.issuer.clone();
    let request = discovery::request(&issuer, &client.policy)?;
    row("we send", &format!("{} {}", request.method(), request.uri()));
    let response = keycloak.receive(&request, now);
    let (provider, notes) = discovery::parse_response(&issuer, &response, &client.policy)?;
    row("issuer", &provider.issuer);
    notes.iter().for_each(|note| row("note", &note.code));

    println!("\n3. Ada clicks \"Sign in\": her browser is redirected, and we keep a value for it alone");
    let (start, pending) = authorization::begin(&provider, &client, &Options::default(), &mut entropy, now)?;
    let Start::Redirect(url) = start else { return Err("pushed: see parse_pushed_response".into()) };
    row("redirect to", &format!("{url:.80}…"));
    row("kept for her", &format!("{} bytes", serde_json::to_string(&pending)?.len()));

    println!("\n4. She signs in over there, and her browser comes back: we load that value and delete it");
    let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Developers", "Reviewers"]);
    let callback = keycloak.authorize(&url, &ada, now)?;
    row("query", &format!("{:.64}…", callback.parameters()));
    let code = authorization::parse_callback(&provider, &client, &pending, callback.parameters(), now)?;
    let forged = authorization::parse_callback(&provider, &client, &pending, "code=x&state=y", now);
    row("a forged one", forged.err().ok_or("a forged callback was accepted")?.code());

    println!("\n5. The code becomes tokens");
    let request = token::request(&provider, &client, &pending, &code, Dpop::Off, &mut entropy, now)?;
    row("we send", &format!("{} {}", request.method(), request.uri()));
    let response = keycloak.receive(&request, now);
    let tokens = token::parse_response(&client, &pending, &code, Dpop::Off, &response)?;
    row("got", &format!("a {:?} token for {:?}", tokens.token_type(), tokens.expires_in()));

    println!("\n6. The provider's keys: stored, and fetched when the library says so");
    let id_token = tokens.id_token().ok_or("there is always one")?;
    let stored: Option<FetchedKeys> = None;
    let stored = match keys::keys_for(&provider, &client, id_token.expose(), stored.as_ref(), now)? {
        KeysFor::Use { keys, .. } => keys.clone(),
        KeysFor::Refetch(refetch) => {
            row("we send", &format!("GET {}", refetch.request().uri()));
            let response = keycloak.receive(&refetch.request(), now);
            keys::parse_refetched(&client, &refetch, Some(&response), now)?.0
        }
        KeysFor::TooSoon { until } => return Err(format!("refused, no such key before {until}").into()),
    };
    row("fresh until", &stored.expires_at().to_string());

    println!("\n7. Every rule is checked, in one call, and what comes out is who she is");
    let id = id_token::validate(&tokens, stored.jwks(), &provider, &client, &pending, now)?;
    let request = userinfo::request(&provider, &client, &tokens, Dpop::Off, &mut entropy, now)?;
    let response = keycloak.receive(&request, now);
    let more = userinfo::parse_response(&id, &response, stored.jwks(), &provider, &client, Dpop::Off, now)?;
    let id = id.with_userinfo(more)?;
    row("account key", &format!("{} at {}", id.identity_key().subject, id.identity_key().issuer));
    for claim in id.claims().claims() {
        let values: Vec<&str> = claim.values.iter().filter_map(|value| value.as_text()).collect();
        row("claim", &format!("{} = {}", claim.name, values.join(", ")));
    }

    println!("\n8. What the connection's mapping makes of it; `groups::reconcile_login` goes on from here");
    let names =
        AttributeNames { name: "name", login: "preferred_username", email: "email", groups: "groups" };
    let (profile, _) = profile::map(&Mapping::exact(names), id.claims());
    let profile = profile?;
    row("profile", &format!("{}, {}, {}", profile.name, profile.login, profile.email));
    row("groups", &profile.groups.names().iter().cloned().collect::<Vec<_>>().join(", "));

    println!("\n9. Her session ends over there: the provider posts a token");
    let session = keycloak.sessions.first().ok_or("she has signed in")?.clone();
    let posted = keycloak.backchannel_logout(&session, now).ok_or("an address is registered")?;
    let logout = backchannel::validate(posted.body(), stored.jwks(), &provider, &client, now)?;
    row("ends hers", &logout.is_of(id.session()).to_string());
    row("replay key", &format!("{}, to store until {}", logout.replay().jti, logout.replay().keep_until));
    row("we answer", backchannel::done().status().as_str());

    println!("\n10. Or she signs out here: our session ends, then her browser goes to the provider");
    let options = rp_initiated::LogoutOptions::default();
    let (url, _) = rp_initiated::begin(&provider, &client, id.session(), &options, &mut entropy)?;
    row("redirect to", &format!("{url:.64}…"));
    Ok(())
}

fn row(name: &str, value: &str) {
    println!("   {name:<13} {value}");
}
