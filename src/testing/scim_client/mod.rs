//! The provisioning clients of identity providers as values, for tests of hosts and of this crate.
//!
//! Each method is one request as the product sends it: [`Okta`], [`Entra`] in both of its modes, [`JumpCloud`],
//! [`OneLogin`] and [`Google`]. What a request needs of an earlier answer, such as an identifier, is an argument.
//!
//! Written from the products' documentation and from public reports, not from captured traffic.
//!
//! ```
//! use admittance::{crypto::Secret, testing::scim_client::{Okta, Person, Service}};
//!
//! let okta = Okta(Service::new("https://example.com/scim/v2/connections/acme", Secret::new("a token")));
//! let request = okta.create_user(&Person::ada());
//! assert_eq!(request.uri().path(), "/scim/v2/connections/acme/Users");
//! ```

mod entra;
mod google;
mod jumpcloud;
mod okta;
mod onelogin;

use http::{HeaderValue, Method, Request, header};
use serde_json::{Value, json};

pub use self::{
    entra::{Entra, EntraMode},
    google::Google,
    jumpcloud::JumpCloud,
    okta::Okta,
    onelogin::OneLogin,
};
use crate::{
    crypto::Secret,
    encoding::percent_encode,
    scim::schema::{GROUP, USER},
};

/// Where a client sends its requests, and with which token.
#[derive(Clone, Debug)]
pub struct Service {
    base_url: String,
    token: Secret,
}

/// Somebody to provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `userName`, also the work address.
    pub user_name: String,
    /// What the client calls the person.
    pub external_id: String,
    /// `name.givenName`
    pub given_name: String,
    /// `name.familyName`
    pub family_name: String,
}

impl Service {
    /// The service below this URL, as an administrator has copied it into a console.
    #[must_use]
    pub fn new(base_url: impl Into<String>, token: Secret) -> Self {
        Self { base_url: base_url.into(), token }
    }

    /// The same service with another token.
    #[must_use]
    pub fn with_token(&self, token: Secret) -> Self {
        Self { base_url: self.base_url.clone(), token }
    }

    /// A request without body. `target` is a path below the base URL, with its query.
    #[must_use]
    pub fn request(&self, method: Method, target: &str) -> Request<Vec<u8>> {
        self.make(method, target, Vec::new())
    }

    /// A request with a body.
    #[must_use]
    pub fn send(&self, method: Method, target: &str, body: &Value) -> Request<Vec<u8>> {
        let mut request = self.make(method, target, body.to_string().into_bytes());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(SCIM));
        request
    }

    fn make(&self, method: Method, target: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        // A base URL that is none leaves the request without an address, which no service takes.
        *request.uri_mut() = format!("{}{target}", self.base_url).parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/scim+json"));
        if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", self.token.expose())) {
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        request
    }
}

impl Person {
    /// Ada Byron.
    #[must_use]
    pub fn ada() -> Self {
        Self::named("ada")
    }

    /// Somebody with this user name at example.com.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            user_name: format!("{name}@example.com"),
            external_id: format!("{name}-ext"),
            given_name: "Ada".to_owned(),
            family_name: "Byron".to_owned(),
        }
    }

    /// The body that most clients send for a new user.
    fn body(&self) -> Value {
        json!({
            "schemas": [USER],
            "userName": self.user_name,
            "externalId": self.external_id,
            "name": {"givenName": self.given_name, "familyName": self.family_name},
            "displayName": format!("{} {}", self.given_name, self.family_name),
            "emails": [{"primary": true, "type": "work", "value": self.user_name}],
            "active": true,
        })
    }
}

/// A filter as most clients encode it.
fn equals(attribute: &str, value: &str) -> String {
    format!("filter={}", percent_encode(format!("{attribute} eq {}", Value::from(value)).as_bytes()))
}

fn patch(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

fn group(name: &str, members: &[&str]) -> Value {
    json!({"schemas": [GROUP], "displayName": name, "members": values(members)})
}

fn values(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

const SCIM: &str = "application/scim+json; charset=utf-8";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
