//! Who comes in, and who does not.

use std::time::Duration;

use admittance::{
    connection::{
        ClientRegistration, Command, Connection, IdpSource, NewConnection, Preset, Reach, SecretName,
        setup_link::{self, LinkOptions, Task},
    },
    crypto::{Certificate, Hmac, SealingKey},
    encoding::base64url_encode,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    oidc::{
        self, Client,
        authorization::{self, Start},
        dpop::Dpop,
        id_token, keys, token,
    },
    saml::{
        bindings::{Binding, Endpoint, Outgoing},
        logout::{LogoutStatus, SessionRef},
        metadata::sp::SpConfig,
    },
    testing::{
        oidc_provider::{self, OidcProvider, RegisteredClient},
        saml_idp::{AttributeNames, Delivery, Fault, LogoutMessage, SamlIdp, Shape, User},
    },
};
use sqlx::AnyPool;
use url::Url;

use crate::{
    browser::{Browser, location, text},
    database::Database,
    node::Node,
    scene::{CONNECTION, after, now, tested},
};

#[tokio::test]
async fn saml_ends_on_another_node_than_it_began_and_once() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let second = Node::beside(&node, &database).await;
        let mut scene = Saml::new(&database, &node).await;
        let browser = Browser::default();

        let response = scene.begin(&browser, &node, "/me?tab=1").await;
        // Cookies do not come with a form of another site, so a page of ours repeats it
        let acs = format!("/saml/{CONNECTION}/acs");
        let page = browser.post_from_elsewhere(&second, &acs, &[("SAMLResponse", &response)]).await;
        assert!(text(&page).contains("name=\"again\""), "{}", text(&page));
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        let inside = browser.post(&second, &acs, &fields).await;
        assert_eq!(location(&inside), "/me?tab=1");
        let me = text(&browser.get(&node, "/me").await);
        for shown in ["Ada Lovelace", "ada@acme.example", "Harbour", "Shipyard", "Engineers", "Members"] {
            assert!(me.contains(shown), "{shown}: {me}");
        }
        assert!(!me.contains("SSO &amp; Provisioning"));

        // Neither again, nor by somebody else
        let again = browser.post(&node, &acs, &fields).await;
        assert_eq!(again.status(), 403);
        let response = scene.begin(&browser, &node, "/me").await;
        let other = Browser::default();
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        assert_eq!(other.post(&node, &acs, &fields).await.status(), 403);
        // The victim's own answer is still good
        assert_eq!(location(&browser.post(&node, &acs, &fields).await), "/me");
    }
}

#[tokio::test]
async fn what_is_wrong_is_recorded_under_the_reference_that_is_shown() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Saml::new(&database, &node).await;
        scene.idp.fault = Some(Fault::WrongAudience);
        let browser = Browser::default();
        let response = scene.begin(&browser, &node, "/me").await;
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        let refused = browser.post(&node, &format!("/saml/{CONNECTION}/acs"), &fields).await;
        assert_eq!(refused.status(), 403);
        let rows = sqlx::query_as::<_, (String, String)>("SELECT reference, diagnoses FROM flow_records")
            .fetch_all(&scene.pool)
            .await
            .unwrap();
        let [(reference, diagnoses)] = &rows[..] else { panic!("{rows:?}") };
        assert!(text(&refused).contains(reference));
        assert!(diagnoses.contains("saml.audience_mismatch"), "{diagnoses}");
        let accounts: (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM accounts").fetch_one(&scene.pool).await.unwrap();
        assert_eq!(accounts.0, 2);
    }
}

#[tokio::test]
async fn groups_follow_the_identity_provider_at_each_sign_in() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Saml::new(&database, &node).await;
        let browser = Browser::default();
        scene.sign_in(&browser, &node).await;
        scene.user = ada().in_groups(["Quality"]);
        scene.sign_in(&browser, &node).await;
        let rows: Vec<(String,)> = sqlx::query_as("SELECT group_id FROM memberships ORDER BY group_id")
            .fetch_all(&scene.pool)
            .await
            .unwrap();
        let groups: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(groups, ["harbour-quality", "shipyard-quality"]);
        // The earlier session of this browser has ended
        let sessions: (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM sessions").fetch_one(&scene.pool).await.unwrap();
        assert_eq!(sessions.0, 1);
    }
}

/// Metadata may be longer than the forms that the server takes otherwise: then the library answers, which has nothing to
/// enable here. What is too long even so is refused before.
#[tokio::test]
async fn long_metadata_can_be_uploaded() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let grace = Browser::default();
        grace.post(&node, "/login", &[("login", "grace"), ("password", "quayside")]).await;
        let csrf = grace.csrf(&node).await;
        for (length, status) in [(3 << 20, 422), (9 << 20, 400)] {
            let metadata = "m".repeat(length);
            let fields = [("metadata_xml", metadata.as_str()), ("csrf", &csrf)];
            let answer = grace.upload(&node, "/admin/sso/enable", &fields).await;
            assert_eq!(answer.status(), status, "{length} bytes");
        }
    }
}

/// The test of an administrator is bound to the very session that began it, and changes nobody.
#[tokio::test]
async fn a_test_shows_its_report_to_whoever_began_it() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Saml::new(&database, &node).await;
        let disabled = after(&scene.connection, Command::Disable);
        store(&scene.pool, &disabled).await;
        let (grace, again) = (Browser::default(), Browser::default());
        for browser in [&grace, &again] {
            let fields = [("login", "grace"), ("password", "quayside")];
            assert_eq!(location(&browser.post(&node, "/login", &fields).await), "/me");
        }
        let csrf = grace.csrf(&node).await;
        let begun = grace.post(&node, "/admin/sso/test", &[("csrf", &csrf)]).await;
        let away = begun.headers()["refresh"].to_str().unwrap().split_once("url=").unwrap().1;
        let request = scene.idp.receive(&Outgoing::Redirect(Url::parse(away).unwrap()), &scene.sp).unwrap();
        let response = scene.idp.answer(&request, &scene.user, now()).unwrap();
        let acs = format!("/saml/{CONNECTION}/acs");
        let page = grace.post_from_elsewhere(&node, &acs, &[("SAMLResponse", &response)]).await;
        assert!(text(&page).contains("name=\"again\""));
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        // Another session, even of the same person, has begun nothing
        assert_eq!(again.post(&node, &acs, &fields).await.status(), 403);
        let done = grace.post(&node, &acs, &fields).await;
        assert_eq!(location(&done), "/admin/sso/report");
        let report = text(&grace.get(&node, "/admin/sso/report").await);
        for shown in ["Ada Lovelace", "ada@acme.example", "Engineers", "Harbour"] {
            assert!(report.contains(shown), "{shown}: {report}");
        }
        let accounts: (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM accounts").fetch_one(&scene.pool).await.unwrap();
        assert_eq!(accounts.0, 2);
        let tests: Vec<(String,)> = sqlx::query_as("SELECT outcome FROM flow_records WHERE is_test = 1")
            .fetch_all(&scene.pool)
            .await
            .unwrap();
        assert_eq!(tests.len(), 1, "{tests:?}");
    }
}

/// Whoever holds a set-up link tests without an account, and sees the report below the link alone.
#[tokio::test]
async fn the_holder_of_a_set_up_link_tests_too() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Saml::new(&database, &node).await;
        let connection = after(&after(&scene.connection, Command::Disable), Command::NewSetUpLink);
        store(&scene.pool, &connection).await;
        let options = LinkOptions::new([Task::Sso]);
        let sealed = setup_link::seal(&connection, &options, &sealing(), &mut OsEntropy, now()).unwrap();
        let link = format!("/setup/{CONNECTION}.{sealed}");
        let browser = Browser::default();
        let begun = browser.post(&node, &format!("{link}/sso/setup/test"), &[("run", "test")]).await;
        let away = begun.headers()["refresh"].to_str().unwrap().split_once("url=").unwrap().1;
        let request = scene.idp.receive(&Outgoing::Redirect(Url::parse(away).unwrap()), &scene.sp).unwrap();
        let response = scene.idp.answer(&request, &scene.user, now()).unwrap();
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        let done = browser.post(&node, &format!("/saml/{CONNECTION}/acs"), &fields).await;
        assert_eq!(location(&done), format!("{link}/sso/report"));
        let report = text(&browser.get(&node, &location(&done)).await);
        assert!(report.contains("ada@acme.example"), "{report}");
        let grace = Browser::default();
        let fields = [("login", "grace"), ("password", "quayside")];
        grace.post(&node, "/login", &fields).await;
        assert!(!text(&grace.get(&node, "/admin/sso/report").await).contains("ada@acme.example"));
    }
}

/// The identity provider has a new key: metadata is read again for it, and not again at once.
#[tokio::test]
async fn a_key_that_nobody_knows_has_the_metadata_read_again() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let pool = database.pool().await;
        let url = format!("{}/saml/metadata", node.demo);
        let document = reqwest::get(&url).await.unwrap().bytes().await.unwrap();
        let connection = enabled([
            Command::Choose(Preset::CustomSaml),
            Command::SetIdp { source: IdpSource::MetadataUrl(url), reach: None },
            Command::Create(Reach::Metadata(document.to_vec())),
        ]);
        let mut yesterday = serde_json::to_value(&connection).unwrap();
        yesterday["reached_at"] = now().saturating_sub(Duration::from_secs(6 * 60)).to_string().into();
        insert(&pool, &serde_json::from_value(yesterday).unwrap()).await;
        let browser = Browser::default();
        let sign_in = async |expected: u16| {
            let away = location(&browser.get(&node, "/login/sso?enterprise_key=acme").await);
            let response = saml_at_demo(&away, "ada").await;
            let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
            let answer = browser.post(&node, &format!("/saml/{CONNECTION}/acs"), &fields).await;
            assert_eq!(answer.status(), expected, "{}", text(&answer));
        };
        sign_in(303).await;
        set_demo(&node, "expired_certificate").await;
        sign_in(303).await;
        let events: Vec<(String,)> =
            sqlx::query_as("SELECT document FROM audit_events").fetch_all(&pool).await.unwrap();
        assert!(events.iter().any(|event| event.0.contains("connection.certificates_changed")), "{events:?}");
        set_demo(&node, "").await;
        sign_in(403).await;
    }
}

async fn set_demo(node: &Node, mistake: &str) {
    let body = format!("shape=okta&mistake={mistake}&name=name&login=login&email=email&groups=groups");
    let form = "application/x-www-form-urlencoded";
    let url = format!("{}/settings", node.demo);
    reqwest::Client::new().post(url).header("content-type", form).body(body).send().await.unwrap();
}

#[tokio::test]
async fn single_logout_begins_on_either_side() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Saml::new(&database, &node).await;
        let (one, other) = (Browser::default(), Browser::default());
        scene.sign_in(&one, &node).await;
        scene.sign_in(&other, &node).await;

        // Here: our session ends, and the identity provider is asked to end its own
        let csrf = one.csrf(&node).await;
        let left = one.post(&node, "/logout", &[("csrf", &csrf), ("everywhere", "1")]).await;
        assert_eq!(one.get(&node, "/me").await.status(), 303);
        let away = left.headers()["refresh"].to_str().unwrap().split_once("url=").unwrap().1;
        let outgoing = Outgoing::Redirect(Url::parse(away).unwrap());
        let message = scene.idp.receive_logout(&outgoing, &scene.sp).unwrap();
        let LogoutMessage::Request(request) = message else { panic!("a request") };
        let (success, redirect) = (LogoutStatus::Success, Binding::HttpRedirect);
        let answer = scene.idp.answer_logout(&request, success, &scene.sp, redirect, now()).unwrap();
        let back = one.get(&node, &slo(&answer)).await;
        assert_eq!(location(&back), "/login?left=everywhere");
        assert_eq!(location(&one.get(&node, &slo(&answer)).await), "/login?left=here");

        // There: every session of the person ends, once
        assert_eq!(other.get(&node, "/me").await.status(), 200);
        let session = SessionRef::new(&scene.idp.entity_id, request.name_id.clone());
        let asked = scene.idp.begin_logout(&session, None, &scene.sp, redirect, now()).unwrap();
        let answer = Browser::default().get(&node, &slo(&asked)).await;
        let outgoing = Outgoing::Redirect(Url::parse(&location(&answer)).unwrap());
        let answer = scene.idp.receive_logout(&outgoing, &scene.sp).unwrap();
        assert!(matches!(answer, LogoutMessage::Response(_)));
        assert_eq!(other.get(&node, "/me").await.status(), 303);
        scene.sign_in(&other, &node).await;
        Browser::default().get(&node, &slo(&asked)).await;
        assert_eq!(other.get(&node, "/me").await.status(), 200, "the same request again ends nothing");
    }
}

fn slo(delivery: &Delivery) -> String {
    let Delivery::Redirect { query } = delivery else { panic!("by redirect") };
    format!("/saml/{CONNECTION}/slo?{query}")
}

#[tokio::test]
async fn a_logout_token_ends_the_sessions_that_it_names_once() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let pool = database.pool().await;
        let callback = format!("{}/oidc/{CONNECTION}/callback", node.base);
        let mut client = Client::new("demo-client", &callback);
        client.policy.urls = UrlPolicy::HttpOnLoopback;
        let mut op = OidcProvider::new(7).with_client(RegisteredClient::of(&client));
        op.clients[0].backchannel_logout_uri =
            Some(format!("{}/oidc/{CONNECTION}/backchannel-logout", node.base));
        let asked = oidc::discovery::request(&op.issuer.clone(), &client.policy).unwrap();
        let answer = op.receive(&asked, now());
        let (provider, _) = oidc::discovery::parse_response(&op.issuer, &answer, &client.policy).unwrap();
        let issuer = op.issuer.clone();
        insert(&pool, &enabled(oidc_commands(&issuer, provider.clone()))).await;

        // A sign-in as the product would make it
        let options = Default::default();
        let (start, pending) =
            authorization::begin(&provider, &client, &options, &mut OsEntropy, now()).unwrap();
        let Start::Redirect(url) = start else { panic!("a redirect") };
        let callback =
            op.authorize(&url, &oidc_provider::User::new("ada", "Ada", "ada@acme.example"), now()).unwrap();
        let code = authorization::parse_callback(&provider, &client, &pending, callback.parameters(), now())
            .unwrap();
        let asked =
            token::request(&provider, &client, &pending, &code, Dpop::Off, &mut OsEntropy, now()).unwrap();
        let answer = op.receive(&asked, now());
        let tokens = token::parse_response(&client, &pending, &code, Dpop::Off, &answer).unwrap();
        let asked = keys::request(&provider, &client).unwrap();
        let (keys, _) = keys::parse_response(&client, &op.receive(&asked, now()), now()).unwrap();
        let id = id_token::validate(&tokens, keys.jwks(), &provider, &client, &pending, now()).unwrap();

        sqlx::query(
            "INSERT INTO fetched_documents (connection_id, kind, document, fetched_at) VALUES ($1, 'jwks', $2, 0)",
        )
        .bind(CONNECTION)
        .bind(serde_json::to_string(&keys).unwrap())
        .execute(&pool)
        .await
        .unwrap();
        for session in ["one", "two"] {
            let named = serde_json::json!({ "oidc": id.session() }).to_string();
            let named = if session == "one" {
                seal(&named, "session at the identity provider")
            } else {
                String::new()
            };
            sqlx::query(
                "INSERT INTO sessions (id, account_id, connection_id, idp_session, csrf, created_at, expires_at)
                 VALUES ($1, 'grace', $2, $3, '', 0, $4)",
            )
            .bind(session)
            .bind(CONNECTION)
            .bind(named)
            .bind(i64::MAX)
            .execute(&pool)
            .await
            .unwrap();
        }
        let session = op.sessions[0].clone();
        let posted = op.backchannel_logout(&session, now()).unwrap();
        let ended = node.send(posted.clone()).await;
        assert_eq!(ended.status(), 200, "{}", text(&ended));
        let left: Vec<(String,)> = sqlx::query_as("SELECT id FROM sessions").fetch_all(&pool).await.unwrap();
        assert_eq!(left, [("two".to_owned(),)]);
        let again = node.send(posted).await;
        assert_eq!(again.status(), 400);
        assert!(text(&again).contains("oidc.logout_replayed"));
    }
}

#[tokio::test]
async fn openid_connect_from_end_to_end() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let pool = database.pool().await;
        oidc_connection(&pool, &node).await;
        let browser = Browser::default();
        let away = location(&browser.get(&node, "/login/sso?enterprise_key=acme").await);
        let callback = at_demo(&away, "ada").await;
        let url = Url::parse(&callback).unwrap();
        let target = format!("{}?{}", url.path(), url.query().unwrap());
        let inside = browser.get(&node, &target).await;
        assert_eq!(location(&inside), "/me");
        let me = text(&browser.get(&node, "/me").await);
        assert!(me.contains("Ada Lovelace") && me.contains("Engineers"), "{me}");
        // The address is good for one time
        assert_eq!(browser.get(&node, &target).await.status(), 403);
        let csrf = browser.csrf(&node).await;
        let left = browser.post(&node, "/logout", &[("csrf", &csrf), ("everywhere", "1")]).await;
        assert!(text(&left).contains("/oidc/logout?id_token_hint="), "{}", text(&left));
    }
}

#[tokio::test]
async fn passwords_let_the_local_administrator_in_and_guesses_do_not() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let browser = Browser::default();
        for (login, password) in [("grace", "wrong"), ("nobody", "quayside")] {
            let refused = browser.post(&node, "/login", &[("login", login), ("password", password)]).await;
            assert_eq!(refused.status(), 401);
        }
        let fields = [("login", "grace"), ("password", "quayside"), ("return_to", "//elsewhere.example")];
        assert_eq!(browser.post_from_elsewhere(&node, "/login", &fields).await.status(), 403);
        assert_eq!(location(&browser.post(&node, "/login", &fields).await), "/me");
        assert!(text(&browser.get(&node, "/me").await).contains("Grace Hopper"));
        let other = Browser::default();
        for _ in 0..10 {
            other.post(&node, "/login", &[("login", "grace"), ("password", "guess")]).await;
        }
        assert_eq!(other.post(&node, "/login", &fields).await.status(), 429);
    }
}

#[tokio::test]
async fn keys_of_nobody_and_of_a_closed_connection_get_the_same_status() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Saml::new(&database, &node).await;
        let disabled = after(&scene.connection, Command::Disable);
        store(&scene.pool, &disabled).await;
        let browser = Browser::default();
        for key in ["acme", "globex", "nobody"] {
            let refused = browser.get(&node, &format!("/login/sso?enterprise_key={key}")).await;
            assert_eq!(refused.status(), 403, "{key}");
        }
    }
}

/// An enabled SAML connection of Acme, and its identity provider.
struct Saml {
    pool: AnyPool,
    idp: SamlIdp,
    sp: SpConfig,
    user: User,
    connection: Connection,
}

impl Saml {
    async fn new(database: &Database, node: &Node) -> Self {
        let pool = database.pool().await;
        let mut idp = SamlIdp::new(1).shaped(Shape::Okta);
        idp.style.attributes = AttributeNames::new("name", "login", "email", "groups");
        let metadata = String::from_utf8(idp.metadata().unwrap()).unwrap();
        let source = IdpSource::MetadataDocument(metadata);
        let commands = [
            Command::Choose(Preset::OktaSaml),
            Command::SetIdp { source, reach: None },
            Command::Create(Reach::NothingToFetch),
        ];
        let connection = enabled(commands);
        insert(&pool, &connection).await;
        let base = &node.base;
        let mut sp =
            SpConfig::new(format!("{base}/saml/{CONNECTION}"), format!("{base}/saml/{CONNECTION}/acs"));
        let logout = |binding| Endpoint {
            binding,
            location: format!("{base}/saml/{CONNECTION}/slo"),
            response_location: None,
        };
        sp.slo = vec![logout(Binding::HttpRedirect), logout(Binding::HttpPost)];
        let certificate = reqwest::get(format!("{}/saml/certificate", node.address)).await.unwrap();
        sp.signing_certificates = vec![Certificate::parse(&certificate.bytes().await.unwrap()).unwrap()];
        Self { pool, idp, sp, user: ada(), connection }
    }

    /// To the identity provider, and back with its answer.
    async fn begin(&mut self, browser: &Browser, node: &Node, return_to: &str) -> String {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("enterprise_key", "acme")
            .append_pair("return_to", return_to)
            .finish();
        let away = location(&browser.get(node, &format!("/login/sso?{query}")).await);
        let outgoing = Outgoing::Redirect(Url::parse(&away).unwrap());
        let request = self.idp.receive(&outgoing, &self.sp).unwrap();
        self.idp.answer(&request, &self.user, now()).unwrap()
    }

    async fn sign_in(&mut self, browser: &Browser, node: &Node) {
        let response = self.begin(browser, node, "/me").await;
        let fields = [("SAMLResponse", response.as_str()), ("again", "1")];
        let inside = browser.post(node, &format!("/saml/{CONNECTION}/acs"), &fields).await;
        assert_eq!(location(&inside), "/me");
    }
}

fn ada() -> User {
    User::new("ada", "Ada Lovelace", "ada@acme.example").in_groups(["Engineers", "Designers"])
}

/// A person chosen at the demo identity provider. Returns where that sends the browser.
async fn at_demo(away: &str, person: &str) -> String {
    choose(away, "/oidc/answer", person).await.headers()["location"].to_str().unwrap().to_owned()
}

/// The same over SAML. Returns the form field.
async fn saml_at_demo(away: &str, person: &str) -> String {
    let page = choose(away, "/saml/answer", person).await.text().await.unwrap();
    hidden(&page, "SAMLResponse")
}

async fn choose(away: &str, answer: &str, person: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(away).send().await.unwrap().text().await.unwrap();
    let url = Url::parse(away).unwrap().join(answer).unwrap();
    let body = format!("request={}&person={person}", hidden(&page, "request"));
    let form = "application/x-www-form-urlencoded";
    client.post(url).header("content-type", form).body(body).send().await.unwrap()
}

fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// An enabled connection of Acme to the node's demo provider.
async fn oidc_connection(pool: &AnyPool, node: &Node) {
    let mut policy = oidc::Policy::new();
    policy.urls = UrlPolicy::HttpOnLoopback;
    let request = oidc::discovery::request(&node.demo, &policy).unwrap();
    let answer = reqwest::get(request.uri().to_string()).await.unwrap();
    let document = answer.bytes().await.unwrap();
    let (provider, _) = oidc::discovery::parse_document(&node.demo, &document, &policy).unwrap();
    insert(pool, &enabled(oidc_commands(&node.demo, provider))).await;
    sqlx::query("INSERT INTO secrets (name, connection_id, sealed) VALUES ($1, $2, $3)")
        .bind(SECRET)
        .bind(CONNECTION)
        .bind(seal("demo-secret", &format!("secret {CONNECTION} {SECRET}")))
        .execute(pool)
        .await
        .unwrap();
}

fn oidc_commands(issuer: &str, provider: oidc::Provider) -> [Command; 4] {
    [
        Command::Choose(Preset::CustomOidc),
        Command::SetIdp { source: IdpSource::Issuer(issuer.to_owned()), reach: None },
        Command::SetClient(ClientRegistration {
            client_id: "demo-client".to_owned(),
            client_secret: Some(SecretName(SECRET.to_owned())),
        }),
        Command::Create(Reach::Discovery(Box::new(Ok(provider)))),
    ]
}

/// As the product seals, under the key that nodes have here.
fn seal(text: &str, purpose: &str) -> String {
    base64url_encode(&sealing().seal(text.as_bytes(), purpose.as_bytes(), &mut OsEntropy).unwrap())
}

fn sealing() -> SealingKey {
    let mut key = [0; 32];
    key.copy_from_slice(&Hmac::Sha256.sign(&[0x5a; 32], b"sealing"));
    SealingKey::new(key).unwrap()
}

const SECRET: &str = "secret-1";

fn enabled(commands: impl IntoIterator<Item = Command>) -> Connection {
    let new = NewConnection { id: CONNECTION, name: "Acme", enterprise_key: "acme" };
    let created =
        commands.into_iter().fold(Connection::new(new), |connection, command| after(&connection, command));
    let tested = tested(&created);
    after(&after(&created, tested), Command::Enable)
}

async fn insert(pool: &AnyPool, connection: &Connection) {
    sqlx::query("INSERT INTO connections (id, enterprise_id, document, version) VALUES ($1, 'acme', $2, $3)")
        .bind(CONNECTION)
        .bind(serde_json::to_string(connection).unwrap())
        .bind(i64::try_from(connection.version()).unwrap())
        .execute(pool)
        .await
        .unwrap();
}

async fn store(pool: &AnyPool, connection: &Connection) {
    sqlx::query("UPDATE connections SET document = $1, version = $2")
        .bind(serde_json::to_string(connection).unwrap())
        .bind(i64::try_from(connection.version()).unwrap())
        .execute(pool)
        .await
        .unwrap();
}
