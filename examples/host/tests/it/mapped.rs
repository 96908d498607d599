//! Groups of organizations follow what was pushed.

use std::time::Duration;

use admittance::{
    connection::Command,
    groups::GroupSource,
    testing::scim_client::{Okta, Person},
};

use crate::{
    database::Database,
    node::Node,
    scene::{CONNECTION, Scene, after, made},
};

#[tokio::test]
async fn organizations_follow_pushed_groups_and_activity() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());
        let ada = made(&node.send(okta.create_user(&Person::ada())).await);
        let engineers = made(&node.send(okta.push_group("Engineers")).await);
        let pilots = made(&node.send(okta.push_group("Pilots")).await);
        scene.map_all().await;

        // Adopted where there is one of the name, made where there is none
        node.send(okta.change_members(&engineers, &[], &[&ada])).await;
        let engineer = ["harbour/Engineers/ada@example.com", "shipyard/Engineers/ada@example.com"];
        assert_eq!(scene.memberships().await, engineer);
        let linked =
            "SELECT organization_id || '/' || name FROM local_groups WHERE connection_id IS NOT NULL";
        let both = ["harbour/Engineers", "harbour/Pilots", "shipyard/Engineers", "shipyard/Pilots"];
        assert_eq!(scene.texts(linked).await, both);

        // Access ends at once, comes back with the account, and the pushed group keeps its member
        sqlx::query(
            "INSERT INTO sessions (id, account_id, csrf, created_at, expires_at) VALUES ('s', $1, 'c', 1, 9)",
        )
        .bind(&ada)
        .execute(&scene.pool)
        .await
        .unwrap();
        node.send(okta.set_active(&ada, false)).await;
        assert!(scene.texts("SELECT id FROM sessions").await.is_empty());
        assert!(scene.memberships().await.is_empty());
        node.send(okta.set_active(&ada, true)).await;
        assert_eq!(scene.memberships().await, engineer);

        // A new name, another member, and the end of a group
        node.send(okta.rename_group(&engineers, "Builders")).await;
        node.send(okta.change_members(&pilots, &[], &[&ada])).await;
        assert_eq!(
            scene.memberships().await,
            [
                "harbour/Builders/ada@example.com",
                "harbour/Pilots/ada@example.com",
                "shipyard/Builders/ada@example.com",
                "shipyard/Pilots/ada@example.com",
            ]
        );
        node.send(okta.delete_group(&pilots)).await;
        assert_eq!(
            scene.memberships().await,
            ["harbour/Builders/ada@example.com", "shipyard/Builders/ada@example.com"]
        );
        assert!(scene.texts("SELECT name FROM local_groups").await.contains(&"Pilots".to_owned()));
        assert!(scene.texts("SELECT connection_id FROM mappings_due").await.is_empty());
    }
}

#[tokio::test]
async fn what_a_node_left_behind_is_made_up_for() {
    let database = Database::sqlite();
    let node = Node::start(&database).await;
    let scene = Scene::new(&database, &node).await;
    let okta = Okta(scene.service.clone());
    let ada = made(&node.send(okta.create_user(&Person::ada())).await);
    let engineers = made(&node.send(okta.push_group("Engineers")).await);
    node.send(okta.change_members(&engineers, &[], &[&ada])).await;
    scene.map_all().await;
    assert!(scene.memberships().await.is_empty());

    sqlx::query("INSERT INTO mappings_due (connection_id, since) VALUES ($1, 1)")
        .bind(CONNECTION)
        .execute(&scene.pool)
        .await
        .unwrap();
    for _ in 0..60 {
        if scene.memberships().await.len() == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("nobody made up for it");
}

#[tokio::test]
async fn groups_that_come_from_sign_in_again_follow_nothing_and_keep_everybody() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());
        let ada = made(&node.send(okta.create_user(&Person::ada())).await);
        let engineers = made(&node.send(okta.push_group("Engineers")).await);
        scene.map_all().await;
        node.send(okta.change_members(&engineers, &[], &[&ada])).await;
        let members = scene.memberships().await;
        assert_eq!(members.len(), 2);

        let command = Command::SetGroupSource(GroupSource::Login);
        scene.store(&after(&scene.connection().await, command)).await;
        node.send(okta.change_members(&engineers, &[&ada], &[])).await;
        assert_eq!(scene.memberships().await, members);
        let linked = "SELECT name FROM local_groups WHERE connection_id IS NOT NULL";
        assert!(scene.texts(linked).await.is_empty());
    }
}
