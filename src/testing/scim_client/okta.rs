use http::{HeaderValue, Method, Request, header};
use serde_json::{Value, json};

use super::{Person, Service, equals, group, patch, values};
use crate::scim::schema::GROUP;

/// Okta: path-less replaces, members by filter, PUT of whole users; it never deletes one.
#[derive(Clone, Debug)]
pub struct Okta(pub Service);

impl Okta {
    /// Test Connector Configuration, and the look-up before a user is made.
    #[must_use]
    pub fn look_up_user(&self, user_name: &str) -> Request<Vec<u8>> {
        let filter = equals("userName", user_name);
        self.0.request(Method::GET, &format!("/Users?{filter}&startIndex=1&count=100"))
    }

    /// The first request of an import.
    #[must_use]
    pub fn import_first_page(&self) -> Request<Vec<u8>> {
        self.import_page(1, 1)
    }

    /// A page of an import.
    #[must_use]
    pub fn import_page(&self, start_index: usize, count: usize) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("/Users?count={count}&startIndex={start_index}"))
    }

    /// Pushes a new user.
    #[must_use]
    pub fn create_user(&self, person: &Person) -> Request<Vec<u8>> {
        let mut body = person.body();
        if let Some(members) = body.as_object_mut() {
            members.insert("locale".to_owned(), Value::from("en-US"));
            members.insert("groups".to_owned(), json!([]));
            members.insert("password".to_owned(), Value::from("1mz050nq"));
        }
        self.0.send(Method::POST, "/Users", &body)
    }

    /// Reads a user.
    #[must_use]
    pub fn read_user(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("/Users/{id}"))
    }

    /// Pushes a profile: the whole user as it was read and then changed.
    #[must_use]
    pub fn put_user(&self, id: &str, body: &Value) -> Request<Vec<u8>> {
        let mut request = self.0.send(Method::PUT, &format!("/Users/{id}"), body);
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let accept = HeaderValue::from_static("application/json, application/scim+json");
        headers.insert(header::ACCEPT, accept);
        request
    }

    /// Activates or deactivates a user.
    #[must_use]
    pub fn set_active(&self, id: &str, active: bool) -> Request<Vec<u8>> {
        self.patch("Users", id, &json!([{"op": "replace", "value": {"active": active}}]))
    }

    /// The look-up before a group is pushed.
    #[must_use]
    pub fn look_up_group(&self, name: &str) -> Request<Vec<u8>> {
        let filter = equals("displayName", name);
        self.0.request(Method::GET, &format!("/Groups?{filter}&startIndex=1&count=100"))
    }

    /// Pushes a new group, which is empty at first.
    #[must_use]
    pub fn push_group(&self, name: &str) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Groups", &group(name, &[]))
    }

    /// Reads a group.
    #[must_use]
    pub fn read_group(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::GET, &format!("/Groups/{id}"))
    }

    /// Renames a group, and says its identifier again.
    #[must_use]
    pub fn rename_group(&self, id: &str, name: &str) -> Request<Vec<u8>> {
        self.patch("Groups", id, &json!([{"op": "replace", "value": {"id": id, "displayName": name}}]))
    }

    /// Takes members out by filter and adds others, in one request.
    #[must_use]
    pub fn change_members(&self, id: &str, remove: &[&str], add: &[&str]) -> Request<Vec<u8>> {
        let removals = remove
            .iter()
            .map(|member| json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")}));
        let mut operations: Vec<Value> = removals.collect();
        if !add.is_empty() {
            operations.push(json!({"op": "add", "path": "members", "value": displayed(add)}));
        }
        self.patch("Groups", id, &Value::from(operations))
    }

    /// Puts other members in the place of those that there are.
    #[must_use]
    pub fn replace_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.patch("Groups", id, &json!([{"op": "replace", "path": "members", "value": displayed(members)}]))
    }

    /// Pushes a whole group.
    #[must_use]
    pub fn put_group(&self, id: &str, name: &str, members: &[&str]) -> Request<Vec<u8>> {
        let body = json!({"schemas": [GROUP], "displayName": name, "members": values(members)});
        self.0.send(Method::PUT, &format!("/Groups/{id}"), &body)
    }

    /// Deletes a group.
    #[must_use]
    pub fn delete_group(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::DELETE, &format!("/Groups/{id}"))
    }

    fn patch(&self, endpoint: &str, id: &str, operations: &Value) -> Request<Vec<u8>> {
        self.0.send(Method::PATCH, &format!("/{endpoint}/{id}"), &patch(operations))
    }
}

fn displayed(members: &[&str]) -> Value {
    members.iter().map(|id| json!({"value": id, "display": format!("{id}@example.com")})).collect()
}
