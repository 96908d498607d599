use http::{Method, Request};
use serde_json::json;

use super::{Person, Service, patch};

/// Google Workspace: users alone, for applications of its catalogue.
#[derive(Clone, Debug)]
pub struct Google(pub Service);

impl Google {
    /// Whether the service is there.
    #[must_use]
    pub fn probe(&self) -> Request<Vec<u8>> {
        self.0.request(Method::GET, "/Users?count=1")
    }

    /// A new user.
    #[must_use]
    pub fn create_user(&self, person: &Person) -> Request<Vec<u8>> {
        self.0.send(Method::POST, "/Users", &person.body())
    }

    /// Suspends a user.
    #[must_use]
    pub fn suspend(&self, id: &str) -> Request<Vec<u8>> {
        let operations = json!([{"op": "replace", "path": "active", "value": false}]);
        self.0.send(Method::PATCH, &format!("/Users/{id}"), &patch(&operations))
    }

    /// Deletes a user.
    #[must_use]
    pub fn delete(&self, id: &str) -> Request<Vec<u8>> {
        self.0.request(Method::DELETE, &format!("/Users/{id}"))
    }
}
