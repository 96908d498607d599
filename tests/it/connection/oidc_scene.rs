//! One OpenID Connect sign-in with everything around it: by default Okta, a person in one group that exists, and no
//! finding.

use admittance::connection::assistant::Urls;
use admittance::connection::sign_in::{
    HostFinding, Judgement, OidcLogin, Recording, SignInContext, TestAnswer, TestRun, judge_oidc, test_oidc,
};
use admittance::connection::{
    Command, Connection, FlowRecord, IdpSource, Preset, Reach, State, TestReport, TestStatus,
};
use admittance::crypto::Secret;
use admittance::groups::{Directory, Group, GroupKind, NameIndex};
use admittance::note::Note;
use admittance::oidc::authorization::{self, Options, Start};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::id_token::{self, ValidIdToken};
use admittance::oidc::{Error, discovery, keys, token, userinfo};
use admittance::testing::oidc_provider::{OidcProvider, RegisteredClient, Shape, TestKey, User};

use super::fixture::{Counter, administrator, client, new, now, run};

pub(super) struct OidcScene {
    pub(super) preset: Preset,
    pub(super) op: OidcProvider,
    pub(super) user: User,
    pub(super) wrong_secret: bool,
    /// The provider signs with another key than its key set had.
    pub(super) rotated: bool,
    /// The scopes that the token endpoint says it has granted.
    pub(super) granted: Option<&'static str>,
    /// The error that the provider sends the browser back with.
    pub(super) provider_error: Option<&'static str>,
    /// The algorithms that are allowed.
    pub(super) algs: Option<Vec<&'static str>>,
    pub(super) findings: Vec<HostFinding>,
    pub(super) state: State,
}

impl OidcScene {
    pub(super) fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = Self {
            preset: Preset::OktaOidc,
            op: OidcProvider::new(1).shaped(Shape::Okta),
            user: User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Developers"]),
            wrong_secret: false,
            rotated: false,
            granted: None,
            provider_error: None,
            algs: None,
            findings: Vec::new(),
            state: State::Created,
        };
        change(&mut scene);
        scene
    }

    fn source(&self) -> IdpSource {
        match self.preset {
            Preset::OktaOidc => IdpSource::OktaDomain(self.op.issuer.clone()),
            _ => IdpSource::Issuer(self.op.issuer.clone()),
        }
    }

    pub(super) fn connection(&self) -> Connection {
        let mut op = self.op.clone();
        op.fault = None;
        let source = self.source();
        let issuer = source.issuer().unwrap();
        let policy = admittance::oidc::Policy::new();
        let response = op.receive(&discovery::request(&issuer, &policy).unwrap(), now());
        let (provider, _) = discovery::parse_response(&issuer, &response, &policy).unwrap();
        let connection = run(
            new(),
            [
                Command::Choose(self.preset),
                Command::SetIdp { source, reach: None },
                Command::SetClient(client()),
                Command::Create(Reach::Discovery(Box::new(Ok(provider)))),
            ],
        );
        if self.state == State::Created {
            return connection;
        }
        run(super::fixture::test(connection, TestStatus::Ok), [Command::Enable])
    }

    /// The flow, up to the step that fails.
    fn login(&self, connection: &Connection, notes: &mut Vec<Note>) -> Result<ValidIdToken, Error> {
        let urls = self.urls();
        let secret = |text: &str| ClientAuthentication::ClientSecretBasic { secret: Secret::new(text) };
        let registered =
            connection.oidc_client(&urls.callback_url, secret("the secret of the client, long")).unwrap();
        let mut ours = registered.clone();
        if self.wrong_secret {
            ours = ours.authenticated_by(secret("another secret, as after a copy"));
        }
        if let Some(algs) = &self.algs {
            ours.policy = serde_json::from_value(serde_json::json!({ "version": 1, "algs": algs })).unwrap();
        }
        let mut op = self.op.clone().with_client(RegisteredClient::of(&registered));
        let provider = connection.provider().unwrap().oidc().unwrap();
        let mut options = Options::default();
        options.scopes = self.preset.scopes().iter().map(|scope| (*scope).to_owned()).collect();
        let mut entropy = Counter(1);
        let (start, pending) = authorization::begin(provider, &ours, &options, &mut entropy, now())?;
        let Start::Redirect(url) = start else { panic!("the browser is redirected") };
        let callback = match self.provider_error {
            Some(error) => {
                let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
                format!("error={error}&state={state}")
            }
            None => op.authorize(&url, &self.user, now()).unwrap().parameters().to_owned(),
        };
        let code = authorization::parse_callback(provider, &ours, &pending, &callback, now())?;
        let fetched = op.receive(&keys::request(provider, &ours)?, now());
        let (fetched, _) = keys::parse_response(&ours, &fetched, now())?;
        if self.rotated {
            op.rotate(TestKey::OtherRsa);
        }
        let request = token::request(provider, &ours, &pending, &code, Dpop::Off, &mut entropy, now())?;
        let mut response = op.receive(&request, now());
        if let Some(granted) = self.granted {
            let mut body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            body["scope"] = granted.into();
            *response.body_mut() = serde_json::to_vec(&body).unwrap();
        }
        let tokens = token::parse_response(&ours, &pending, &code, Dpop::Off, &response)?;
        notes.extend_from_slice(tokens.notes());
        let id = id_token::validate(&tokens, fetched.jwks(), provider, &ours, &pending, now())?;
        let request = userinfo::request(provider, &ours, &tokens, Dpop::Off, &mut entropy, now());
        let Ok(request) = request else { return Ok(id) };
        let response = op.receive(&request, now());
        match userinfo::parse_response(&id, &response, fetched.jwks(), provider, &ours, Dpop::Off, now()) {
            Ok(userinfo) => id.with_userinfo(userinfo),
            Err(_) => Ok(id),
        }
    }

    fn urls(&self) -> Urls {
        Urls::new("Product", "https://rp.example", "c1")
    }

    fn in_context<T>(&self, connection: &Connection, judge: impl FnOnce(&SignInContext<'_>) -> T) -> T {
        let group = |id: &str, name: &str| Group {
            id: id.into(),
            organization: "org-a".into(),
            name: name.into(),
            kind: GroupKind::Ordinary,
        };
        let directory = Directory::new("d1", [group("g0", "Developers"), group("g1", "Reviewers")]).unwrap();
        let names = NameIndex::of(&directory);
        let key = Secret::new("the key for hashes of subjects");
        let urls = self.urls();
        judge(&SignInContext {
            connection,
            urls: &urls,
            directory: &directory,
            names: &names,
            candidates: None,
            account: None,
            findings: &self.findings,
            recording: Recording::names(&key),
            reference: "8Q2ZK3D7MN",
        })
    }

    pub(super) fn test(&self) -> (TestReport, FlowRecord, Connection) {
        let connection = self.connection();
        let mut notes = Vec::new();
        let login = self.login(&connection, &mut notes);
        let login = OidcLogin { outcome: login.as_ref(), notes: &notes };
        let (run, actor) = (TestRun::begin(&connection, &administrator()), administrator());
        let (report, record) = self.in_context(&connection, |context| {
            test_oidc(TestAnswer { run: &run, actor: &actor }, login, context, now())
        });
        (report, record, connection)
    }

    pub(super) fn sign_in(&self) -> (Judgement, Connection) {
        let connection = self.connection();
        let mut notes = Vec::new();
        let login = self.login(&connection, &mut notes);
        let login = OidcLogin { outcome: login.as_ref(), notes: &notes };
        let judgement = self.in_context(&connection, |context| judge_oidc(login, context, now()));
        (judgement, connection)
    }
}
