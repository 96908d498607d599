//! Two nodes on one database: no request may notice which of them it reaches, nor that one dies.

use std::{collections::BTreeSet, time::Duration};

use admittance::testing::{
    saml_idp::User,
    scim_client::{Entra, EntraMode, Okta, Person},
};
use http::header;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, location, text},
    database::Database,
    node::Node,
    scene::{CONNECTION, Scene, body, finish, made, now},
};

#[tokio::test]
async fn a_login_ends_on_another_node_once() {
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let other = Node::beside(&one, &database).await;
        let mut scene = Scene::new(&database, &one).await;
        let okta = Okta(scene.service.clone());
        made(&one.send(okta.create_user(&Person::ada())).await);
        let ada = User::new("ada@example.com", "Ada Byron", "ada@example.com");

        let browser = Browser::default();
        let response = scene.begin(&browser, &one, &ada).await;
        let thief = browser.clone();
        let welcome = finish(&browser, &other, &response).await;
        assert_eq!(welcome.headers().get(header::LOCATION).unwrap(), "/me", "{}", text(&welcome));
        assert!(text(&browser.get(&one, "/me").await).contains("Ada Byron"));
        assert!(text(&browser.get(&other, "/me").await).contains("Ada Byron"));

        // The same answer again, at either node, with the cookies of then and of now
        for node in [&one, &other] {
            for again in [thief.clone(), browser.clone()] {
                assert!(finish(&again, node, &response).await.status().is_client_error());
            }
        }
        assert_eq!(scene.texts("SELECT id FROM sessions").await.len(), 1);

        // Two at once: one comes in
        let first = Browser::default();
        let response = scene.begin(&first, &one, &ada).await;
        let second = first.clone();
        let (first, second) =
            tokio::join!(finish(&first, &one, &response), finish(&second, &other, &response));
        let statuses = BTreeSet::from([first.status().as_u16(), second.status().as_u16()]);
        assert!(statuses.contains(&303) && statuses.len() == 2, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_message_counts_once_even_for_two_browsers() {
    // Who has an answer and a pending sign-in of the same request on both nodes has replay keys to get past
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let other = Node::beside(&one, &database).await;
        let mut scene = Scene::new(&database, &one).await;
        made(&one.send(Okta(scene.service.clone()).create_user(&Person::ada())).await);
        let ada = User::new("ada@example.com", "Ada Byron", "ada@example.com");
        let browser = Browser::default();
        let response = scene.begin(&browser, &one, &ada).await;
        let pending = "SELECT id || ' ' || connection_id || ' ' || sealed FROM pending_sign_ins";
        let kept = scene.texts(pending).await.remove(0);
        let again = browser.clone();
        assert_eq!(finish(&browser, &one, &response).await.status(), 303);
        let mut parts = kept.split(' ');
        sqlx::query(
            "INSERT INTO pending_sign_ins (id, connection_id, sealed, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(parts.next())
        .bind(parts.next())
        .bind(parts.next())
        .bind(i64::MAX)
        .execute(&scene.pool)
        .await
        .unwrap();
        let replayed = finish(&again, &other, &response).await;
        assert!(replayed.status().is_client_error(), "{}", text(&replayed));
        assert_eq!(scene.texts("SELECT id FROM sessions").await.len(), 1);
    }
}

#[tokio::test]
async fn patches_at_once_lose_nothing() {
    const ROUNDS: usize = 40;
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let other = Node::beside(&one, &database).await;
        let scene = Scene::new(&database, &one).await;
        let okta = Okta(scene.service.clone());
        let entra = Entra { service: scene.service.clone(), mode: EntraMode::Default };
        let group = made(&one.send(okta.push_group("Engineers")).await);
        scene.map_all().await;
        let user = made(&one.send(okta.create_user(&Person::ada())).await);
        for round in 0..ROUNDS {
            let mut ids = Vec::new();
            for name in ["a", "b"] {
                let person = Person::named(&format!("{name}{round}"));
                ids.push(made(&one.send(okta.create_user(&person)).await));
            }
            // One group by each node; one user by each node, an attribute each
            let set = |name: &str| entra.set(&user, &[(name, json!(format!("{name} {round}")))]);
            let (added, other_added, set_one, set_other) = tokio::join!(
                one.send(okta.change_members(&group, &[], &[&ids[0]])),
                other.send(entra.add_members(&group, &[&ids[1]])),
                one.send(set("title")),
                other.send(set("nickName")),
            );
            for answer in [&added, &other_added, &set_one, &set_other] {
                assert!(answer.status().is_success(), "{round}: {} {}", answer.status(), text(answer));
            }
            let stored = body(&other.send(okta.read_user(&user)).await);
            for name in ["title", "nickName"] {
                assert_eq!(stored[name], json!(format!("{name} {round}")), "round {round}");
            }
        }
        let members = body(&one.send(okta.read_group(&group)).await)["members"].clone();
        assert_eq!(members.as_array().map(Vec::len), Some(2 * ROUNDS));
        assert_eq!(scene.memberships().await.len(), 2 * 2 * ROUNDS, "both organizations have followed");
    }
}

#[tokio::test]
async fn a_user_name_is_given_once() {
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let other = Node::beside(&one, &database).await;
        let scene = Scene::new(&database, &one).await;
        let okta = Okta(scene.service.clone());
        for round in 0..20 {
            let person = Person::named(&format!("u{round}"));
            let (first, second) =
                tokio::join!(one.send(okta.create_user(&person)), other.send(okta.create_user(&person)));
            let mut statuses = [first.status().as_u16(), second.status().as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "round {round}");
        }
    }
}

/// A push of many members is cut off by the death of its node, each time a little later.
#[tokio::test]
async fn a_node_that_dies_leaves_nothing_half_done() {
    const PEOPLE: usize = 1000;
    const DEATHS: u32 = 8;
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let scene = Scene::new(&database, &one).await;
        let okta = Okta(scene.service.clone());
        let people = populate(&scene, PEOPLE).await;
        let group = made(&one.send(okta.push_group("Engineers")).await);
        scene.map_all().await;
        let members: Vec<&str> = people.iter().map(String::as_str).collect();
        let (mut pushed_cut, mut followed_cut) = (0, 0);
        // How long it takes when nobody dies
        let begun = now();
        assert!(one.send(okta.put_group(&group, "Engineers", &members)).await.status().is_success());
        let whole = now().duration_since(begun).unwrap();
        for part in 1..=DEATHS {
            assert!(one.send(okta.put_group(&group, "Engineers", &[])).await.status().is_success());
            assert_eq!(state(&scene).await, (0, 0));

            let mut dying = Node::beside(&one, &database).await;
            let push = dying.try_send(okta.put_group(&group, "Engineers", &members));
            drop(tokio::time::timeout(whole * part / DEATHS, push).await);
            dying.kill();
            // What the database was still told goes through or is rolled back
            tokio::time::sleep(Duration::from_millis(300)).await;
            let (pushed, followed) = state(&scene).await;
            assert!([0, PEOPLE].contains(&pushed), "part {part}: {pushed} of {PEOPLE} members are pushed");
            assert!([0, 2 * PEOPLE].contains(&followed), "part {part}: {followed} memberships have followed");
            assert!(followed == 0 || pushed == PEOPLE);
            pushed_cut += usize::from(pushed == 0);
            followed_cut += usize::from(pushed != 0 && followed == 0);

            // A new run, on the node that is left, completes it
            assert!(one.send(okta.put_group(&group, "Engineers", &members)).await.status().is_success());
            assert_eq!(state(&scene).await, (PEOPLE, 2 * PEOPLE), "part {part}");
        }
        eprintln!(
            "{}: of {DEATHS} deaths within {whole:?}, {pushed_cut} before the push was stored, {followed_cut} before groups followed",
            database.url.split(':').next().unwrap_or_default()
        );
    }
}

/// As above, while a job lets groups follow a mapping that an administrator has changed: one transaction for each
/// organization, each whole.
#[tokio::test]
async fn a_mapping_that_is_cut_off_is_whole_for_each_organization() {
    const PEOPLE: usize = 1000;
    const DEATHS: u32 = 5;
    for database in Database::all().await {
        let one = Node::start(&database).await;
        let scene = Scene::new(&database, &one).await;
        let okta = Okta(scene.service.clone());
        let people = populate(&scene, PEOPLE).await;
        let group = made(&one.send(okta.push_group("Engineers")).await);
        let members: Vec<&str> = people.iter().map(String::as_str).collect();
        assert!(one.send(okta.put_group(&group, "Engineers", &members)).await.status().is_success());
        let grace = Browser::default();
        grace.post(&one, "/login", &[("login", "grace"), ("password", "quayside")]).await;
        let csrf = grace.csrf(&one).await;
        let map = async |node: &Node, fields: &[(&str, &str)]| {
            let version = scene.connection().await.version().to_string();
            let fields = [&[("csrf", csrf.as_str()), ("version", version.as_str())], fields].concat();
            let answer = grace.post(node, "/admin/provisioning/mapping", &fields).await;
            let job = location(&answer);
            assert!(job.starts_with("/admin/provisioning/jobs/"), "{job}");
            job
        };
        let mut cut = Vec::new();
        let mut whole = Duration::ZERO;
        for part in 0..=DEATHS {
            for organization in ["harbour", "shipyard"] {
                map(&one, &[("organization", organization)]).await;
            }
            settled(&scene, 0).await;
            let begun = now();
            if part == 0 {
                // How long it takes when nobody dies
                let job = map(&one, &[("run", "all"), ("sure", "1")]).await;
                settled(&scene, 2 * PEOPLE).await;
                whole = now().duration_since(begun).unwrap();
                tokio::time::sleep(Duration::from_millis(500)).await;
                let page = text(&grace.get(&one, &job).await);
                assert!(page.contains("Mapping complete"), "{page}");
                continue;
            }
            let mut dying = Node::beside(&one, &database).await;
            map(&dying, &[("run", "all"), ("sure", "1")]).await;
            tokio::time::sleep(whole * (part - 1) / DEATHS).await;
            dying.kill();
            tokio::time::sleep(Duration::from_millis(300)).await;
            let (_, followed) = state(&scene).await;
            assert!([0, PEOPLE, 2 * PEOPLE].contains(&followed), "part {part}: {followed} memberships");
            cut.push(followed);
            // What is left is due, and any request at another node does it
            assert!(one.send(okta.put_group(&group, "Engineers", &members)).await.status().is_success());
            assert_eq!(state(&scene).await, (PEOPLE, 2 * PEOPLE), "part {part}");
        }
        let database = database.url.split(':').next().unwrap_or_default();
        eprintln!("{database}: memberships when the node died, within {whole:?}: {cut:?}");
    }
}

async fn settled(scene: &Scene, memberships: usize) {
    for _ in 0..400 {
        let due = scene.texts("SELECT connection_id FROM mappings_due").await;
        if due.is_empty() && state(scene).await.1 == memberships {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?} instead of {memberships} memberships", state(scene).await);
}

/// How many members are pushed, and how many memberships have followed.
async fn state(scene: &Scene) -> (usize, usize) {
    let pushed = scene.texts("SELECT member_id FROM scim_members").await.len();
    (pushed, scene.texts("SELECT account_id FROM memberships").await.len())
}

/// Provisioned people, written as provisioning writes them.
async fn populate(scene: &Scene, count: usize) -> Vec<String> {
    let mut tx = scene.pool.begin().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..count {
        let (id, name) = (format!("p-{number:024x}"), format!("u{number}@example.com"));
        let document: Value = json!({ "userName": name, "active": true });
        for statement in [
            "INSERT INTO accounts (id, enterprise_id, connection_id, name, login, email, active,
                                   is_enterprise_administrator, is_protected, created_at)
             VALUES ($1, 'acme', $2, $3, $3, $3, 1, 0, 0, 1)",
            "INSERT INTO scim_unique_values (scope, attribute, value, connection_id, resource_id)
             VALUES ($2 || '/User', 'userName', $3, $2, $1)",
        ] {
            sqlx::query(statement).bind(&id).bind(CONNECTION).bind(&name).execute(&mut *tx).await.unwrap();
        }
        sqlx::query(
            "INSERT INTO scim_resources (connection_id, id, resource_type, document, version, created_at, modified_at)
             VALUES ($1, $2, 'User', $3, 1, 1, 1)",
        )
        .bind(CONNECTION)
        .bind(&id)
        .bind(document.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
        ids.push(id);
    }
    tx.commit().await.unwrap();
    ids
}
