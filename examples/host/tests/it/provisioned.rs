//! From provisioning to a sign-in: the account that was pushed is the one that signs in, with the groups that follow.

use admittance::testing::{
    saml_idp::User,
    scim_client::{Okta, Person},
};
use http::header;

use crate::{
    browser::{Browser, text},
    database::Database,
    node::Node,
    scene::{Scene, finish, made},
};

#[tokio::test]
async fn a_sign_in_takes_the_provisioned_account_and_ends_with_it() {
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let mut scene = Scene::new(&database, &node).await;
        let okta = Okta(scene.service.clone());
        let ada = User::new("ada@example.com", "Ada Byron", "ada@example.com").in_groups(["Quality"]);

        // Nobody comes in who was not provisioned
        let browser = Browser::default();
        let response = scene.begin(&browser, &node, &ada).await;
        let refused = finish(&browser, &node, &response).await;
        assert!(refused.status().is_client_error(), "{}", text(&refused));

        let id = made(&node.send(okta.create_user(&Person::ada())).await);
        let engineers = made(&node.send(okta.push_group("Engineers")).await);
        scene.map_all().await;
        node.send(okta.change_members(&engineers, &[], &[&id])).await;

        let browser = Browser::default();
        let response = scene.begin(&browser, &node, &ada).await;
        let welcome = finish(&browser, &node, &response).await;
        assert_eq!(welcome.headers().get(header::LOCATION).unwrap(), "/me", "{}", text(&welcome));
        let me = browser.get(&node, "/me").await;
        assert!(text(&me).contains("Ada Byron") && text(&me).contains("Engineers"), "{}", text(&me));
        assert_eq!(
            scene.texts("SELECT id FROM accounts WHERE identity_key IS NOT NULL").await,
            std::slice::from_ref(&id)
        );
        // Groups are those of provisioning, whatever the message says
        assert_eq!(
            scene.memberships().await,
            ["harbour/Engineers/ada@example.com", "shipyard/Engineers/ada@example.com"]
        );

        // Access ends with the account, and the next sign-in is refused
        node.send(okta.set_active(&id, false)).await;
        assert_eq!(browser.get(&node, "/me").await.status(), 303);
        let response = scene.begin(&browser, &node, &ada).await;
        assert!(finish(&browser, &node, &response).await.status().is_client_error());
        node.send(okta.set_active(&id, true)).await;
        let response = scene.begin(&browser, &node, &ada).await;
        assert_eq!(finish(&browser, &node, &response).await.status(), 303);

        // Who is deleted and made anew is somebody new, under the same name at the identity provider
        let delete = scene.service.request(http::Method::DELETE, &format!("/Users/{id}"));
        assert_eq!(node.send(delete).await.status(), 204);
        assert_eq!(browser.get(&node, "/me").await.status(), 303);
        let anew = made(&node.send(okta.create_user(&Person::ada())).await);
        let response = scene.begin(&browser, &node, &ada).await;
        assert_eq!(finish(&browser, &node, &response).await.status(), 303);
        assert_eq!(scene.texts("SELECT id FROM accounts WHERE identity_key IS NOT NULL").await, [anew]);
    }
}
