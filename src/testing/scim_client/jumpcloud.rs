use http::{Method, Request};
use serde_json::{Value, json};

use super::{Person, Service, equals, group, patch, values};

/// JumpCloud: doubles the slash of a base URL that ends with one, and takes members out by a list of values.
#[derive(Clone, Debug)]
pub struct JumpCloud(pub Service);

impl JumpCloud {
    /// The look-up of a user, with the base URL left with its slash at the end.
    #[must_use]
    pub fn look_up_user_doubling_the_slash(&self, user_name: &str) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("//Users?{}", equals("userName", user_name)))
    }

    /// The look-up of a user.
    #[must_use]
    pub fn look_up_user(&self, user_name: &str) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("/Users?{}", equals("userName", user_name)))
    }

    /// A new user.
    #[must_use]
    pub fn create_user(&self, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Users", &person.body())
    }

    /// The whole user, changed.
    #[must_use]
    pub fn put_user(&self, id: &str, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::PUT, &format!("/Users/{id}"), &person.body())
    }

    /// Deletes a user.
    #[must_use]
    pub fn delete_user(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::DELETE, &format!("/Users/{id}"))
    }

    /// The look-up of a group.
    #[must_use]
    pub fn look_up_group(&self, name: &str) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("/Groups?{}", equals("displayName", name)))
    }

    /// A new group.
    #[must_use]
    pub fn create_group(&self, name: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Groups", &group(name, members))
    }

    /// Renames a group.
    #[must_use]
    pub fn rename_group(&self, id: &str, name: &str) -> Request<Vec<u8>> {
        self.patch_group(id, &json!([{"op": "replace", "value": {"displayName": name}}]))
    }

    /// Adds members to a group.
    #[must_use]
    pub fn add_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.patch_group(id, &json!([{"op": "add", "path": "members", "value": values(members)}]))
    }

    /// Takes members out of a group.
    #[must_use]
    pub fn remove_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.patch_group(id, &json!([{"op": "remove", "path": "members", "value": values(members)}]))
    }

    /// Deletes a group.
    #[must_use]
    pub fn delete_group(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::DELETE, &format!("/Groups/{id}"))
    }

    fn patch_group(&self, id: &str, operations: &Value) -> Request<Vec<u8>> {
        self.0.send(Method::PATCH, &format!("/Groups/{id}"), &patch(operations))
    }
}
