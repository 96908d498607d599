//! OpenID Connect: the way to the provider, the callback with the requests that follow it, and back-channel logout.

use admittance::connection::{Connection, sign_in::OidcLogin};
use admittance::oidc::authorization::{self, Options, Start};
use admittance::oidc::id_token::{self, ValidIdToken};
use admittance::oidc::keys::{self, FetchedKeys, KeysFor};
use admittance::oidc::token::{self, UnverifiedTokens};
use admittance::oidc::{
    Client, Error, Pending, Provider, client::ClientAuthentication, dpop::Dpop, logout::backchannel, userinfo,
};
use admittance::profile::{self, GroupsState};
use admittance::{crypto::Secret, entropy::OsEntropy, note::Note, saml::bindings::Outgoing};
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::routing::{get, post};
use axum::{Router, response::Response};
use axum_extra::extract::cookie::CookieJar;
use http::{HeaderValue, Request, StatusCode, header};
use sqlx::Row;

use crate::admission::{self, Answer};
use crate::app::{App, Shared};
use crate::attempts::{self, Peer};
use crate::connections::{self, Stored};
use crate::database::{execute, fetch_optional};
use crate::failure::{Failure, Result};
use crate::logout::{IdpSession, end_matching, refused};
use crate::pending::{self, Begun, Browser, Flow};
use crate::sign_in::{self, Tested};
use crate::{clock::now, going, secrets};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/oidc/{connection}/callback", get(callback_by_query).post(callback_by_form))
        .route("/oidc/{connection}/backchannel-logout", post(backchannel_logout))
}

/// The request for a sign-in, and what to keep until it is answered.
pub(crate) async fn begin(app: &App, stored: &Stored) -> Result<(Outgoing, Flow)> {
    let Some(provider) = provider(&stored.connection) else { return Err(sign_in::closed(app, stored).await) };
    let client = client(app, &stored.connection, provider).await?;
    let mut options = Options::default();
    let scopes = stored.connection.preset().map_or(&[][..], |preset| preset.scopes());
    options.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let (error, notes) = match start(app, provider, &client, &options).await {
        Ok((url, pending)) => return Ok((Outgoing::Redirect(url), Flow::Oidc(pending))),
        Err(error) => (error, Vec::new()),
    };
    let answer = Answer::Oidc(OidcLogin { outcome: Err(&error), notes: &notes });
    match admission::admit(app, stored, answer).await {
        Err(refused) => Err(refused),
        Ok(_) => Err(Failure::Internal("a sign-in without a message was let in".into())),
    }
}

async fn start(
    app: &App,
    provider: &Provider,
    client: &Client,
    options: &Options<'_>,
) -> Result<(url::Url, Pending), Error> {
    match authorization::begin(provider, client, options, &mut OsEntropy, now())? {
        (Start::Redirect(url), pending) => Ok((url, pending)),
        (Start::Push(request), pending) => {
            let answer = send(app, request).await;
            Ok((authorization::parse_pushed_response(provider, client, Dpop::Off, &answer)?, pending))
        }
        _ => Err(Error::UnsupportedByProvider { feature: "this way to begin", actual: Vec::new() }),
    }
}

/// Who we are to the provider, with the secret out of its drawer.
pub(crate) async fn client(app: &App, connection: &Connection, provider: &Provider) -> Result<Client> {
    let name = connection.client().and_then(|client| client.client_secret.as_ref());
    let secret = match name {
        Some(name) => secrets::find(app, connection.id(), name).await?,
        None => None,
    };
    let authentication = secret
        .map_or(ClientAuthentication::None, |secret| ClientAuthentication::with_secret(secret, provider));
    let urls = app.urls(connection.id().as_str());
    let client = connection.oidc_client(&urls.callback_url, authentication);
    let mut client = client.ok_or(Failure::Invalid("The client ID is missing.".into()))?;
    client.policy.urls = app.url_policy();
    Ok(client)
}

async fn callback_by_query(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Peer(peer): Peer,
    jar: CookieJar,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    callback(&app, &id, &peer, &jar, query.unwrap_or_default().as_bytes()).await
}

/// `form_post`: as over SAML, browsers may keep back the cookie.
async fn callback_by_form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Peer(peer): Peer,
    jar: CookieJar,
    body: Bytes,
) -> Result<Response> {
    let fields = going::fields(&body);
    if Browser::all(&app, &jar).len() < Browser::NAMES && !going::is_again(&fields) {
        return Ok(going::again(&app.urls(&id).callback_url, &fields));
    }
    callback(&app, &id, &peer, &jar, &body).await
}

async fn callback(app: &App, id: &str, peer: &str, jar: &CookieJar, parameters: &[u8]) -> Result<Response> {
    let stored = connections::find(app, id).await?.ok_or(Failure::NotFound)?;
    let refusals = format!("refused {id} {peer}");
    attempts::check(app, &refusals).await?;
    // It leads to what this browser has begun and to nothing else; the library compares it
    let state = url::form_urlencoded::parse(parameters).find(|(name, _)| name == "state");
    let state = state.map(|(_, state)| state.into_owned()).unwrap_or_default();
    let begun = pending::take(app, &stored.connection, &Browser::all(app, jar), &state).await?;
    let mut answered = finish(app, jar, &stored, begun, parameters).await;
    if matches!(answered, Err(Failure::Refused { .. })) {
        attempts::count(app, &refusals).await?;
    }
    if let Ok(response) = &mut answered {
        // The address holds a code, used by now
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    answered
}

async fn finish(
    app: &App,
    jar: &CookieJar,
    stored: &Stored,
    begun: Option<Begun>,
    parameters: &[u8],
) -> Result<Response> {
    let Some(provider) = provider(&stored.connection) else { return Err(sign_in::closed(app, stored).await) };
    let client = client(app, &stored.connection, provider).await?;
    let mut notes = Vec::new();
    let (login, test, return_to) = match &begun {
        Some(Begun { flow: Flow::Oidc(pending), test, link, return_to }) => {
            let exchange = Exchange { app, connection: &stored.connection, provider, client: &client };
            let login = exchange.sign_in(pending, parameters, &mut notes).await?;
            (login, test.as_ref().map(|run| (run, link.as_deref())), return_to.as_deref())
        }
        // Of another browser, used, or too old
        _ => (Err(Error::StateMismatch), None, None),
    };
    let login = OidcLogin { outcome: login.as_ref(), notes: &notes };
    if let Some(run) = test {
        return sign_in::finish_test(app, jar, stored, run, Tested::Oidc(login)).await;
    }
    let cookie = admission::admit(app, stored, Answer::Oidc(login)).await?;
    sign_in::welcome(app, jar, cookie, return_to).await
}

/// The requests behind a callback.
struct Exchange<'a> {
    app: &'a App,
    connection: &'a Connection,
    provider: &'a Provider,
    client: &'a Client,
}

impl Exchange<'_> {
    /// From the callback to a valid ID token. The outer error is ours, the inner one the protocol's.
    async fn sign_in(
        &self,
        pending: &Pending,
        parameters: &[u8],
        notes: &mut Vec<Note>,
    ) -> Result<Result<ValidIdToken, Error>> {
        let Self { provider, client, .. } = self;
        let tokens = match self.tokens(pending, parameters).await {
            Ok(tokens) => tokens,
            Err(error) => return Ok(Err(error)),
        };
        notes.extend_from_slice(tokens.notes());
        let id_token = tokens.id_token().map_or("", Secret::expose);
        let keys = match self.keys(id_token, notes).await? {
            Ok(keys) => keys,
            Err(error) => return Ok(Err(error)),
        };
        let id = match id_token::validate(&tokens, keys.jwks(), provider, client, pending, now()) {
            Ok(id) => id,
            Err(error) => return Ok(Err(error)),
        };
        Ok(if self.is_complete(&id) { Ok(id) } else { self.with_userinfo(id, &tokens, &keys).await })
    }

    async fn tokens(&self, pending: &Pending, parameters: &[u8]) -> Result<UnverifiedTokens, Error> {
        let Self { provider, client, .. } = self;
        let code = authorization::parse_callback(provider, client, pending, parameters, now())?;
        let request = token::request(provider, client, pending, &code, Dpop::Off, &mut OsEntropy, now())?;
        let answer = send(self.app, request).await;
        token::parse_response(client, pending, &code, Dpop::Off, &answer)
    }

    /// The provider's keys for a token, out of the database or fetched anew, as the library decides.
    async fn keys(&self, token: &str, notes: &mut Vec<Note>) -> Result<Result<FetchedKeys, Error>> {
        let stored = self.stored_keys().await?;
        let refetch = match keys::keys_for(self.provider, self.client, token, stored.as_ref(), now()) {
            Ok(KeysFor::Use { keys, notes: noticed }) => {
                notes.extend(noticed);
                return Ok(Ok(keys.clone()));
            }
            // No key fits: validation says so with the keys that there are
            Ok(KeysFor::TooSoon { .. }) => return Ok(stored.clone().ok_or(Error::JwksUnavailable)),
            Ok(KeysFor::Refetch(refetch)) => refetch,
            Err(error) => return Ok(Err(error)),
        };
        let answer = self.app.fetcher.send(refetch.request()).await.ok();
        match keys::parse_refetched(self.client, &refetch, answer.as_ref(), now()) {
            Ok((keys, noticed)) => {
                notes.extend(noticed);
                self.store_keys(&keys).await?;
                Ok(Ok(keys))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    async fn stored_keys(&self) -> Result<Option<FetchedKeys>> {
        let row = fetch_optional!(self.app.database.read(),
            "SELECT document FROM fetched_documents WHERE connection_id = $1 AND kind = 'jwks'";
            self.connection.id().as_str()
        );
        // Of another format, they are fetched anew
        Ok(row.and_then(|row| serde_json::from_str(row.get(0)).ok()))
    }

    async fn store_keys(&self, keys: &FetchedKeys) -> Result<()> {
        execute!(self.app.database.read(),
            "INSERT INTO fetched_documents (connection_id, kind, document, fetched_at) VALUES ($1, 'jwks', $2, $3)
             ON CONFLICT (connection_id, kind) DO UPDATE SET document = $2, fetched_at = $3";
            self.connection.id().as_str(), serde_json::to_string(keys)?,
            keys.fetched_at().to_unix_millis()
        );
        Ok(())
    }

    /// Whether the token has everything that the mapping looks for.
    fn is_complete(&self, id: &ValidIdToken) -> bool {
        let (profile, notes) = profile::map(self.connection.mapping(), id.claims());
        let missing = |profile: &profile::Profile| profile.groups.state() == GroupsState::Missing;
        notes.is_empty() && profile.is_ok_and(|profile| !missing(&profile))
    }

    /// The same with what UserInfo adds. The sign-in is valid without it, and the mapping says what is missing then.
    async fn with_userinfo(
        &self,
        id: ValidIdToken,
        tokens: &UnverifiedTokens,
        keys: &FetchedKeys,
    ) -> Result<ValidIdToken, Error> {
        let Self { provider, client, .. } = self;
        if provider.userinfo_endpoint.is_none() {
            return Ok(id);
        }
        let request = userinfo::request(provider, client, tokens, Dpop::Off, &mut OsEntropy, now())?;
        let answer = send(self.app, request).await;
        match userinfo::parse_response(&id, &answer, keys.jwks(), provider, client, Dpop::Off, now()) {
            Ok(more) => id.with_userinfo(more),
            Err(error) => {
                tracing::warn!(connection = %self.connection.id(), code = error.code(), "no UserInfo");
                Ok(id)
            }
        }
    }
}

/// The provider posts whose session has ended.
async fn backchannel_logout(
    State(app): State<Shared>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response> {
    let stored = connections::find(&app, &id).await?.ok_or(Failure::NotFound)?;
    let Some(provider) = provider(&stored.connection) else { return Err(Failure::NotFound) };
    let client = client(&app, &stored.connection, provider).await?;
    let exchange = Exchange { app: &app, connection: &stored.connection, provider, client: &client };
    // For the keys alone; the library reads the body itself
    let fields = going::fields(&body);
    let token = fields.iter().find(|(name, _)| name == "logout_token").map_or("", |(_, token)| token);
    let judged = match exchange.keys(token, &mut Vec::new()).await? {
        Ok(keys) => backchannel::validate(&body, keys.jwks(), provider, &client, now()),
        Err(error) => Err(error),
    };
    let logout = match judged {
        Ok(logout) => logout,
        Err(error) => {
            refused(&stored, error.code());
            return Ok(backchannel::refused(Some(&error)).map(Body::from));
        }
    };
    let mut tx = app.database.write().await?;
    let replay = logout.replay();
    if !admission::use_once(&mut tx, &["logout", &replay.issuer, &replay.jti], replay.keep_until).await? {
        return Ok(backchannel::refused(None).map(Body::from));
    }
    end_matching(&app, &mut tx, &stored.connection, |session| match session {
        IdpSession::Oidc(session) => logout.is_of(session),
        IdpSession::Saml(_) => false,
    })
    .await?;
    tx.commit().await?;
    Ok(backchannel::done().map(Body::from))
}

/// Sends a request to the provider. Where nothing comes back, the answer is a gateway's: the protocol words it.
async fn send(app: &App, request: Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    app.fetcher.send(request).await.unwrap_or_else(|reason| {
        tracing::warn!(%reason, "the provider did not answer");
        let mut answer = http::Response::new(Vec::new());
        *answer.status_mut() = StatusCode::GATEWAY_TIMEOUT;
        answer
    })
}

fn provider(connection: &Connection) -> Option<&Provider> {
    connection.provider()?.oidc()
}
