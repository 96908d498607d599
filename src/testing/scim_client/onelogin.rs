use http::{Method, Request};
use serde_json::{Value, json};

use super::{Person, Service, patch, values};
use crate::encoding::percent_encode;

/// OneLogin: leaves `&` and `?` at the end of an address, writes spaces as `+`, and by its older templates the URNs of a
/// draft of the standard.
#[derive(Clone, Debug)]
pub struct OneLogin(pub Service);

impl OneLogin {
    /// The look-up of a user.
    #[must_use]
    pub fn look_up_user(&self, user_name: &str) -> Request<Vec<u8>> {
        let value = percent_encode(format!("\"{user_name}\"").as_bytes());
        self.0.request(Method::GET, &format!("/Users?filter=userName+eq+{value}&"))
    }

    /// A new user.
    #[must_use]
    pub fn create_user(&self, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Users", &person.body())
    }

    /// A new user, by an older template.
    #[must_use]
    pub fn create_user_with_old_urns(&self, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Users", &with_old_urns(person))
    }

    /// The whole user, changed.
    #[must_use]
    pub fn put_user(&self, id: &str, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::PUT, &format!("/Users/{id}?"), &person.body())
    }

    /// The whole user, by an older template.
    #[must_use]
    pub fn put_user_with_old_urns(&self, id: &str, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::PUT, &format!("/Users/{id}?"), &with_old_urns(person))
    }

    /// Adds members to a group.
    #[must_use]
    pub fn add_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.patch_group(id, &json!([{"op": "add", "path": "members", "value": values(members)}]))
    }

    /// Takes a member out of a group.
    #[must_use]
    pub fn remove_member(&self, id: &str, member: &str) -> Request<Vec<u8>> {
        let path = format!("members[value eq \"{member}\"]");
        self.patch_group(id, &json!([{"op": "remove", "path": path}]))
    }

    fn patch_group(&self, id: &str, operations: &Value) -> Request<Vec<u8>> {
        self.0.send(Method::PATCH, &format!("/Groups/{id}"), &patch(operations))
    }
}

fn with_old_urns(person: &Person) -> Value {
    let mut body = person.body();
    if let Some(schemas) = body.get_mut("schemas") {
        *schemas = json!(["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"]);
    }
    body
}
