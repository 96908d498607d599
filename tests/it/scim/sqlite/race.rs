//! Two connections to one database file, each with a client of its own. Both have loaded before either commits, so
//! whoever wrote back what it had loaded would undo what the other did.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
    time::Duration,
};

use admittance::{
    endpoint::UrlPolicy,
    id::Revision,
    scim::{
        access::{Access, Scopes},
        change::{Action, Change, CommitOutcome, MembersDelta},
        fetch::{Facts, Fetch, Fetched, Loaded, Reference, Stored, Target},
        machine::{self, Context, Step},
        patch::Base,
        resource::Resource,
        schema::ResourceType,
        service::{ServiceConfig, Tenancy},
        tenant::ResourceId,
    },
    time::Timestamp,
};
use http::Request;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};

const TABLES: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE resources (id TEXT PRIMARY KEY, attributes TEXT NOT NULL, version INTEGER NOT NULL);
    CREATE TABLE members (group_id TEXT, member TEXT, PRIMARY KEY (group_id, member)) WITHOUT ROWID;
";

const ROUNDS: usize = 40;

#[test]
fn z7_two_patches_of_one_group_at_once_both_hold() {
    let database = Database::new("members");
    database.insert("g", &json!({"displayName": "Engineers"}));
    let before: Vec<String> = ["a", "b"]
        .iter()
        .flat_map(|who| (0..ROUNDS).map(move |round| format!("{who}-old-{round}")))
        .chain(["stays".to_owned()])
        .collect();
    let connection = database.open();
    for member in &before {
        connection.execute("INSERT INTO members VALUES ('g', ?1)", [member]).unwrap();
    }

    let patch = |who: &str, round: usize| {
        json!([
            {"op": "remove", "path": format!("members[value eq \"{who}-old-{round}\"]")},
            {"op": "add", "path": "members", "value": [{"value": format!("{who}-new-{round}")}]},
        ])
    };
    database.race("Groups/g", patch, 204);

    let mut statement = connection.prepare("SELECT member FROM members ORDER BY member").unwrap();
    let members: BTreeSet<String> = statement.query_map([], |row| row.get(0)).unwrap().flatten().collect();
    let mut expected: BTreeSet<String> = ["a", "b"]
        .iter()
        .flat_map(|who| (0..ROUNDS).map(move |round| format!("{who}-new-{round}")))
        .collect();
    expected.insert("stays".to_owned());
    assert_eq!(members, expected);
    // Each change is a version of its own, and none had to be repeated.
    assert_eq!(database.version("g"), 1 + 2 * i64::try_from(ROUNDS).unwrap());
}

#[test]
fn v3_two_patches_of_one_user_at_once_both_hold() {
    let database = Database::new("user");
    database.insert("u", &json!({"userName": "ada", "active": true}));
    let patch = |who: &str, round: usize| {
        let attribute = if who == "a" { "title" } else { "nickName" };
        json!([{"op": "replace", "path": attribute, "value": format!("{who} {round}")}])
    };
    database.race("Users/u", patch, 200);
    let last = ROUNDS - 1;
    let expected = json!({
        "userName": "ada", "active": true, "title": format!("a {last}"), "nickName": format!("b {last}"),
    });
    assert_eq!(database.attributes("u"), expected);
    // What had to be repeated was done once.
    assert_eq!(database.version("u"), 1 + 2 * i64::try_from(ROUNDS).unwrap());
}

#[test]
fn z7_a_rename_and_a_new_member_at_once_both_hold() {
    let database = Database::new("rename");
    database.insert("g", &json!({"displayName": "Engineers"}));
    let patch = |who: &str, round: usize| {
        if who == "a" {
            json!([{"op": "replace", "value": {"id": "g", "displayName": format!("Name {round}")}}])
        } else {
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": format!("m{round}")}]}])
        }
    };
    database.race("Groups/g", patch, 204);
    let count: i64 = database.open().query_row("SELECT count(*) FROM members", [], |row| row.get(0)).unwrap();
    assert_eq!(count, i64::try_from(ROUNDS).unwrap());
    assert_eq!(database.attributes("g"), json!({"displayName": format!("Name {}", ROUNDS - 1)}));
}

/// A database file of its own for each test; it is gone afterwards.
struct Database {
    folder: PathBuf,
}

impl Database {
    fn new(test: &str) -> Self {
        let name = format!("admittance-scim-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let database = Self { folder };
        database.open().execute_batch(TABLES).unwrap();
        database
    }

    fn path(&self) -> PathBuf {
        self.folder.join("scim.db")
    }

    fn open(&self) -> Connection {
        open(&self.path())
    }

    fn insert(&self, id: &str, attributes: &Value) {
        let inserted = self
            .open()
            .execute("INSERT INTO resources VALUES (?1, ?2, 1)", params![id, attributes.to_string()]);
        assert_eq!(inserted, Ok(1));
    }

    fn version(&self, id: &str) -> i64 {
        let sql = "SELECT version FROM resources WHERE id = ?1";
        self.open().query_row(sql, [id], |row| row.get(0)).unwrap()
    }

    fn attributes(&self, id: &str) -> Value {
        let sql = "SELECT attributes FROM resources WHERE id = ?1";
        let text: String = self.open().query_row(sql, [id], |row| row.get(0)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Two clients send a PATCH each, at once, many times over.
    fn race(&self, resource: &str, patch: impl Fn(&str, usize) -> Value + Sync, status: u16) {
        let barrier = Barrier::new(2);
        let config =
            ServiceConfig::new("https://sp.example/scim", UrlPolicy::Https, Tenancy::Single("acme".into()));
        let config = config.unwrap();
        thread::scope(|scope| {
            for who in ["a", "b"] {
                let (barrier, config, patch) = (&barrier, &config, &patch);
                scope.spawn(move || {
                    let mut host = Host { connection: self.open() };
                    for round in 0..ROUNDS {
                        let response = host.answer(config, resource, &patch(who, round), barrier);
                        assert_eq!(response.status(), status, "{}", String::from_utf8_lossy(response.body()));
                    }
                });
            }
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(60)).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
    connection
}

/// What a host does, as far as PATCH needs it.
struct Host {
    connection: Connection,
}

impl Host {
    fn answer(
        &mut self,
        config: &ServiceConfig,
        resource: &str,
        operations: &Value,
        barrier: &Barrier,
    ) -> http::Response<Vec<u8>> {
        let now = Timestamp::parse("2026-11-22T00:00:00Z").unwrap().at;
        let context = Context::new(Some(Access::new("acme", Scopes::all())), now);
        let body = super::super::patch::body(operations).to_string();
        let request = Request::patch(format!("/scim/{resource}")).body(body.into_bytes()).unwrap();
        let mut waits = true;
        let mut step = machine::begin(config, &context, &request);
        loop {
            step = match step {
                Step::Need(need) => {
                    let fetched = self.load(need.fetch());
                    need.loaded(fetched)
                }
                Step::Commit(commit) => {
                    if std::mem::take(&mut waits) {
                        barrier.wait();
                    }
                    let outcome = self.commit(commit.change());
                    commit.committed(outcome)
                }
                Step::Done(done) => return done.response,
            };
        }
    }

    fn load(&self, fetch: &Fetch) -> Fetched {
        let target = match &fetch.target {
            Target::Nothing => Loaded::Nothing,
            Target::One { resource_type, id, load } => {
                let group = ResourceType::group();
                let members = group.own("members").unwrap();
                assert!(resource_type != "Group" || !load.includes(&members), "members are not loaded");
                Loaded::One(self.stored(id))
            }
            other => panic!("{other:?}"),
        };
        let references = fetch.references.iter();
        let references = references.map(|id| Reference { id: id.clone(), resource_type: "User".to_owned() });
        Fetched { references: references.collect(), ..Fetched::new(target) }
    }

    fn stored(&self, id: &ResourceId) -> Option<Stored> {
        let sql = "SELECT attributes, version FROM resources WHERE id = ?1";
        let row = self
            .connection
            .query_row(sql, [id.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .optional()
            .unwrap()?;
        let created = Timestamp::parse("2026-11-01T00:00:00Z").unwrap().at;
        let version = revision(row.1);
        Some(Stored {
            facts: Facts { id: id.clone(), created, last_modified: created, version },
            resource: serde_json::from_str::<Resource>(&row.0).unwrap(),
            protected: false,
        })
    }

    /// One transaction, which takes the database for itself before it looks at anything.
    fn commit(&mut self, change: &Change) -> CommitOutcome {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let group = change.id.as_str();
        let sql = "SELECT version FROM resources WHERE id = ?1";
        let version: i64 = transaction.query_row(sql, [group], |row| row.get(0)).unwrap();
        if change.expected.as_ref().is_some_and(|expected| *expected != revision(version)) {
            return CommitOutcome::VersionConflict;
        }
        let Action::Update { after, members } = &change.action else { panic!("{:?}", change.action) };
        if let Some(after) = after {
            let attributes = serde_json::to_string(after).unwrap();
            transaction
                .execute("UPDATE resources SET attributes = ?2 WHERE id = ?1", params![group, attributes])
                .unwrap();
        }
        let mut delta = MembersDelta::default();
        if let Some(members) = members {
            assert_eq!(members.base, Base::Current);
            for id in &members.remove {
                if changes(&transaction, "DELETE FROM members WHERE group_id = ?1 AND member = ?2", group, id)
                {
                    delta.removed.push(id.clone());
                }
            }
            for member in &members.add {
                let id = &member.id;
                if changes(&transaction, "INSERT OR IGNORE INTO members VALUES (?1, ?2)", group, id) {
                    delta.added.push(id.clone());
                }
            }
        }
        let version = version + i64::from(after.is_some() || !delta.is_empty());
        transaction
            .execute("UPDATE resources SET version = ?2 WHERE id = ?1", params![group, version])
            .unwrap();
        transaction.commit().unwrap();
        CommitOutcome::Done { delta, version: revision(version) }
    }
}

fn changes(transaction: &Transaction<'_>, sql: &str, group: &str, id: &ResourceId) -> bool {
    transaction.execute(sql, [group, id.as_str()]).unwrap() > 0
}

fn revision(version: i64) -> Revision {
    Revision::from(version.to_string())
}
