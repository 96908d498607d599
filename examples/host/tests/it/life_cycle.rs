//! Users and groups over SCIM, as Okta and Entra ID send them.

use admittance::{
    crypto::Secret,
    testing::scim_client::{Entra, EntraMode, Okta, Person},
};
use http::Method;
use serde_json::json;

use crate::{
    database::Database,
    node::Node,
    scene::{Scene, body, made},
};

#[tokio::test]
async fn okta_creates_finds_deactivates_and_pushes_groups() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());

        let nobody = node.send(okta.look_up_user("ada@example.com")).await;
        assert_eq!(body(&nobody)["totalResults"], 0);
        let ada = made(&node.send(okta.create_user(&Person::ada())).await);
        let found = body(&node.send(okta.look_up_user("ADA@example.com")).await);
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(ada)));
        let twice = node.send(okta.create_user(&Person::ada())).await;
        assert_eq!((twice.status().as_u16(), &body(&twice)["scimType"]), (409, &json!("uniqueness")));
        assert_eq!(
            scene
                .texts("SELECT login || ' ' || email || ' ' || name FROM accounts WHERE login LIKE 'ada%'")
                .await,
            ["ada@example.com ada@example.com Ada Byron"]
        );

        let engineers = made(&node.send(okta.push_group("Engineers")).await);
        let changed = node.send(okta.change_members(&engineers, &[], &[&ada])).await;
        assert_eq!(changed.status(), 204);
        let group = body(&node.send(okta.read_group(&engineers)).await);
        assert_eq!(group["members"][0]["value"], json!(ada));
        let user = body(&node.send(okta.read_user(&ada)).await);
        assert_eq!(user["groups"][0]["display"], "Engineers");

        let inactive = node.send(okta.set_active(&ada, false)).await;
        assert_eq!(inactive.status(), 200);
        assert_eq!(scene.texts("SELECT login FROM accounts WHERE active = 0").await, ["ada@example.com"]);
        let active = node.send(okta.set_active(&ada, true)).await;
        assert_eq!((active.status().as_u16(), &body(&active)["active"]), (200, &json!(true)));

        assert_eq!(node.send(okta.rename_group(&engineers, "Builders")).await.status(), 204);
        assert_eq!(body(&node.send(okta.look_up_group("builders")).await)["totalResults"], 1);
        assert_eq!(node.send(okta.delete_group(&engineers)).await.status(), 204);
        assert_eq!(node.send(okta.read_group(&engineers)).await.status(), 404);
    }
}

#[tokio::test]
async fn entra_matches_sets_and_deletes() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let entra = Entra { service: scene.service.clone(), mode: EntraMode::Default };

        let tested = node.send(entra.test_connection("2f3c9a5e-0000-4000-8000-000000000000")).await;
        assert_eq!((tested.status().as_u16(), &body(&tested)["totalResults"]), (200, &json!(0)));
        let ada = made(&node.send(entra.create_user(&Person::ada())).await);
        let grace = made(&node.send(entra.create_user(&Person::named("hopper"))).await);
        let found = body(&node.send(entra.look_up_external_id("ada-ext")).await);
        assert_eq!(found["Resources"][0]["id"], json!(ada));
        let found = body(&node.send(entra.look_up_work_address("hopper@example.com")).await);
        assert_eq!(found["Resources"][0]["id"], json!(grace));

        assert!(node.send(entra.set_manager(&ada, &grace)).await.status().is_success());
        assert_eq!(body(&node.send(entra.check_reference(&ada, &grace)).await)["totalResults"], 1);
        let team = made(&node.send(entra.create_group("team-ext", "Team")).await);
        assert!(node.send(entra.add_members(&team, &[&ada, &grace])).await.status().is_success());
        assert!(node.send(entra.remove_members(&team, &[&ada])).await.status().is_success());
        let group = body(&node.send(scene.service.request(Method::GET, &format!("/Groups/{team}"))).await);
        assert_eq!(group["members"].as_array().map(Vec::len), Some(1));

        assert_eq!(node.send(entra.delete_user(&grace)).await.status(), 204);
        assert_eq!(node.send(entra.delete_user(&grace)).await.status(), 404);
        let left = body(&node.send(entra.read_user(&ada)).await);
        assert_eq!(
            left["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"],
            json!(null)
        );
        let group = body(&node.send(scene.service.request(Method::GET, &format!("/Groups/{team}"))).await);
        assert_eq!(group["members"], json!(null));
        assert!(scene.texts("SELECT login FROM accounts WHERE login LIKE 'hopper%'").await.is_empty());
    }
}

#[tokio::test]
async fn lists_come_in_pages_by_place_and_by_cursor() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());
        for number in 0..7 {
            made(&node.send(okta.create_user(&Person::named(&format!("u{number}")))).await);
        }
        for query in ["", "&sortBy=userName&sortOrder=descending", "&filter=userName%20sw%20%22u%22"] {
            let mut names = Vec::new();
            let mut cursor = String::new();
            loop {
                let target = format!("/Users?count=3&cursor={cursor}{query}");
                let page = body(&node.send(scene.service.request(Method::GET, &target)).await);
                let resources = page["Resources"].as_array().unwrap();
                assert!(resources.len() <= 3 && page["totalResults"] == 7, "{page}");
                names.extend(resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()));
                match page["nextCursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            let mut all: Vec<String> = (0..7).map(|number| format!("u{number}@example.com")).collect();
            if query.contains("sortBy") {
                all.reverse();
            } else {
                names.sort();
            }
            assert_eq!(names, all, "{query}");
            let target = format!("/Users?startIndex=6&count=3{query}");
            let page = body(&node.send(scene.service.request(Method::GET, &target)).await);
            assert_eq!(page["Resources"].as_array().map(Vec::len), Some(2), "{page}");
        }
    }
}

#[tokio::test]
async fn only_a_live_token_of_this_connection_opens_it() {
    let database = Database::sqlite();
    let node = Node::start(&database).await;
    let scene = Scene::new(&database, &node).await;
    let wrong = scene.service.with_token(Secret::new("quayside_0011223344556677_00"));
    assert_eq!(node.send(wrong.request(Method::GET, "/Users")).await.status(), 401);
    let request = http::Request::get("/scim/v2/connections/another/Users").body(Vec::new()).unwrap();
    assert_eq!(node.send(request).await.status(), 401);
    assert_eq!(node.send(scene.service.request(Method::GET, "/Users")).await.status(), 200);
    let used = scene.connection().await.scim().unwrap().tokens[0].last_used_at;
    assert!(used.is_some(), "its use is stored");

    // What is switched off says so to whom it knows
    let connection = scene.connection().await;
    scene.store(&crate::scene::after(&connection, admittance::connection::Command::Disable)).await;
    assert_eq!(node.send(scene.service.request(Method::GET, "/Users")).await.status(), 403);
    assert_eq!(node.send(wrong.request(Method::GET, "/Users")).await.status(), 401);
}

#[tokio::test]
async fn what_is_not_provisioned_is_adopted_or_left_alone() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());
        // An account of a sign-in of this connection, and one that somebody else made
        for (id, connection) in [("a-sign-in", Some("c-test")), ("a-local", None)] {
            sqlx::query(
                "INSERT INTO accounts (id, enterprise_id, connection_id, name, login, email, active,
                                       is_enterprise_administrator, is_protected, created_at)
                 VALUES ($1, 'acme', $2, 'Somebody', $3, '', 1, 0, 0, 1)",
            )
            .bind(id)
            .bind(connection)
            .bind(format!("{}@Example.com", id.trim_start_matches("a-")))
            .execute(&scene.pool)
            .await
            .unwrap();
        }
        assert_eq!(made(&node.send(okta.create_user(&Person::named("sign-in"))).await), "a-sign-in");
        let local = node.send(okta.create_user(&Person::named("local"))).await;
        assert_eq!(local.status(), 409);

        // The protected and the last administrator stay
        sqlx::query("UPDATE accounts SET is_protected = 1 WHERE id = 'a-sign-in'")
            .execute(&scene.pool)
            .await
            .unwrap();
        assert_eq!(node.send(okta.set_active("a-sign-in", false)).await.status(), 403);
        sqlx::query(
            "UPDATE accounts SET is_protected = 0,
             is_enterprise_administrator = CASE WHEN id = 'a-sign-in' THEN 1 ELSE 0 END
             WHERE enterprise_id = 'acme'",
        )
        .execute(&scene.pool)
        .await
        .unwrap();
        assert_eq!(node.send(okta.set_active("a-sign-in", false)).await.status(), 403);
        let delete = scene.service.request(Method::DELETE, "/Users/a-sign-in");
        assert_eq!(node.send(delete).await.status(), 403);
        assert_eq!(scene.texts("SELECT id FROM accounts WHERE active = 0").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_bulk_request_is_carried_out_part_by_part() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "a",
                 "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"}},
                {"method": "POST", "path": "/Groups", "bulkId": "g",
                 "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                          "displayName": "Team", "members": [{"value": "bulkId:a"}]}},
            ],
        });
        let answer = node.send(scene.service.send(Method::POST, "/Bulk", &bulk)).await;
        assert_eq!(answer.status(), 200);
        let statuses: Vec<_> =
            body(&answer)["Operations"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
        assert_eq!(statuses, [json!("201"), json!("201")], "{}", body(&answer));
        assert_eq!(scene.texts("SELECT member_type FROM scim_members").await, ["User"]);
    }
}
