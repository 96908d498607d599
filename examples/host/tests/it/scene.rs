//! The demo enterprise with a connection that is set up: by the library's commands, as the administrator's pages give them.

use std::time::SystemTime;

use admittance::{
    connection::{
        Actor, Command, Confirmation, Connection, Facts, IdpSource, Licence, NewConnection, Preset, Reach,
        apply,
    },
    crypto::Secret,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    groups::GroupSource,
    saml::bindings::Incoming,
    scim::{
        access::Scopes,
        token::{NewToken, generate},
    },
    testing::{
        saml_idp::{SamlIdp, Shape, User},
        scim_client::Service,
    },
    time::Timestamp,
};
use http::Response;
use serde_json::{Value, json};
use sqlx::{AnyPool, Row};

use crate::{
    browser::{Browser, location},
    database::Database,
    node::Node,
};

pub(crate) const CONNECTION: &str = "c-test";

pub(crate) struct Scene {
    pub(crate) pool: AnyPool,
    pub(crate) service: Service,
    pub(crate) token: Secret,
    pub(crate) idp: SamlIdp,
}

#[expect(clippy::disallowed_methods, reason = "the product reads the clock too")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

impl Scene {
    /// An enabled connection with provisioning, from which the groups come.
    pub(crate) async fn new(database: &Database, node: &Node) -> Self {
        let pool = database.pool().await;
        let idp = SamlIdp::new(1).shaped(Shape::Okta);
        let new = NewConnection { id: CONNECTION, name: "Acme", enterprise_key: "acme" };
        let metadata = String::from_utf8(idp.metadata().unwrap()).unwrap();
        let (token, record) = generate(
            NewToken { prefix: "quayside", label: "tests", scopes: Scopes::all(), expires_at: None },
            &[],
            &mut OsEntropy,
            now(),
        )
        .unwrap();
        let source = IdpSource::MetadataDocument(metadata);
        let mut connection = Connection::new(new);
        for command in [
            Command::Choose(Preset::OktaSaml),
            Command::SetIdp { source, reach: None },
            Command::Create(Reach::NothingToFetch),
        ] {
            connection = after(&connection, command);
        }
        let tested = tested(&connection);
        for command in [
            tested,
            Command::Enable,
            Command::SetUpScim,
            Command::SetGroupSource(GroupSource::Scim),
            Command::GenerateToken(record),
        ] {
            connection = after(&connection, command);
        }
        sqlx::query(
            "INSERT INTO connections (id, enterprise_id, document, version) VALUES ($1, 'acme', $2, $3)",
        )
        .bind(CONNECTION)
        .bind(serde_json::to_string(&connection).unwrap())
        .bind(i64::try_from(connection.version()).unwrap())
        .execute(&pool)
        .await
        .unwrap();
        Self { pool, service: service(node, token.clone()), token, idp }
    }

    /// Maps every pushed group to every organization.
    pub(crate) async fn map_all(&self) {
        let connection = self.connection().await;
        let groups = self.texts("SELECT id FROM scim_resources WHERE resource_type = 'Group'").await;
        let organizations = self.texts("SELECT id FROM organizations WHERE enterprise_id = 'acme'").await;
        let command = Command::MapAll {
            groups: groups.into_iter().map(Into::into).collect(),
            organizations: organizations.into_iter().map(Into::into).collect(),
            confirmation: Confirmation::Given,
        };
        self.store(&after(&connection, command)).await;
    }

    pub(crate) async fn connection(&self) -> Connection {
        let documents = self.texts("SELECT document FROM connections").await;
        serde_json::from_str(&documents[0]).unwrap()
    }

    pub(crate) async fn store(&self, connection: &Connection) {
        sqlx::query("UPDATE connections SET document = $1, version = $2")
            .bind(serde_json::to_string(connection).unwrap())
            .bind(i64::try_from(connection.version()).unwrap())
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Begins a sign-in at a node, and has the identity provider answer it: the form field `SAMLResponse`.
    pub(crate) async fn begin(&mut self, browser: &Browser, node: &Node, user: &User) -> String {
        let away = location(&browser.get(node, "/login/sso?enterprise_key=acme").await);
        let (_, query) = away.split_once('?').unwrap();
        let request = self.idp.receive_from_anybody(Incoming::Redirect { query }).unwrap();
        self.idp.answer(&request, user, now()).unwrap()
    }

    /// The first column of each row, in order.
    pub(crate) async fn texts(&self, statement: &'static str) -> Vec<String> {
        let rows = sqlx::query(statement).fetch_all(&self.pool).await.unwrap();
        let mut texts: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        texts.sort();
        texts
    }

    /// Who is in which group of which organization: `organization/group/login`.
    pub(crate) async fn memberships(&self) -> Vec<String> {
        self.texts(
            "SELECT g.organization_id || '/' || g.name || '/' || a.login FROM memberships m
             JOIN local_groups g ON g.id = m.group_id JOIN accounts a ON a.id = m.account_id",
        )
        .await
    }
}

pub(crate) fn service(node: &Node, token: Secret) -> Service {
    Service::new(format!("{}/scim/v2/connections/{CONNECTION}", node.base), token)
}

/// The connection after a command that must be possible.
pub(crate) fn after(connection: &Connection, command: Command) -> Connection {
    let mut facts =
        Facts::new(Actor::EnterpriseAdministrator { name: "grace".to_owned() }, connection.version());
    facts.licence = Licence::Enterprise;
    facts.urls = UrlPolicy::HttpOnLoopback;
    facts.administrators.enterprise = 1;
    facts.administrators.organizations = [("harbour".into(), 1), ("shipyard".into(), 1)].into();
    apply(connection, command, &facts, now()).unwrap_or_else(|refused| panic!("{refused:#?}")).0
}

/// That a test sign-in has succeeded.
pub(crate) fn tested(connection: &Connection) -> Command {
    let report = json!({
        "status": "ok",
        "tested_at": now(),
        "connection": connection.id(),
        "version": connection.version(),
        "protocol": "saml",
        "issuer": connection.provider().and_then(|provider| provider.issuer()),
        "claims": {},
        "groups": { "state": "missing", "matched": [], "unmatched": [] },
        "plan": { "add": [], "remove": [], "organizations": [] },
        "certificates": [],
        "diagnoses": [],
    });
    Command::RecordTest(Box::new(serde_json::from_value(report).unwrap()))
}

/// Brings the answer of the identity provider to a node, as the page of ours does that the cookies come back with.
pub(crate) async fn finish(browser: &Browser, node: &Node, response: &str) -> Response<Vec<u8>> {
    let fields = [("SAMLResponse", response), ("again", "1")];
    browser.post(node, &format!("/saml/{CONNECTION}/acs"), &fields).await
}

pub(crate) fn body(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// The identifier of what was made.
pub(crate) fn made(response: &Response<Vec<u8>>) -> String {
    assert_eq!(response.status(), 201, "{}", String::from_utf8_lossy(response.body()));
    body(response)["id"].as_str().unwrap().to_owned()
}
