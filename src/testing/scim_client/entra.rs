use http::{Method, Request};
use serde_json::{Map, Value, json};

use super::{Person, Service, equals, patch};
use crate::{
    encoding::percent_encode,
    scim::schema::{ENTERPRISE_USER, GROUP, USER},
};

/// Microsoft Entra ID. One tenant sends both modes: provisioning on demand knows no flag.
#[derive(Clone, Debug)]
pub struct Entra {
    /// Where it sends its requests.
    pub service: Service,
    /// How it writes them.
    pub mode: EntraMode,
}

/// How Entra ID writes a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntraMode {
    /// Its default: `Add`, `Replace`, `Remove`, booleans as text, members taken out by a list of values.
    Default,
    /// With `aadOptscim062020` in the tenant URL: closer to the standard, several attributes in a value without path.
    Flagged,
}

impl Entra {
    /// Test connection: a user that nobody is.
    #[must_use]
    pub fn test_connection(&self, guid: &str) -> Request<Vec<u8>> {
        self.look_up_user(guid)
    }

    /// The look-up by `userName`.
    #[must_use]
    pub fn look_up_user(&self, user_name: &str) -> Request<Vec<u8>> {
        self.get("/Users", &equals("userName", user_name))
    }

    /// The look-up by `externalId`, whose value it does not quote.
    #[must_use]
    pub fn look_up_external_id(&self, external_id: &str) -> Request<Vec<u8>> {
        self.get("/Users", &filter(&format!("externalId eq {external_id}")))
    }

    /// The look-up by the work address.
    #[must_use]
    pub fn look_up_work_address(&self, address: &str) -> Request<Vec<u8>> {
        self.get("/Users", &filter(&format!("emails[type eq \"work\"].value eq \"{address}\"")))
    }

    /// Whether a user has this manager.
    #[must_use]
    pub fn check_reference(&self, id: &str, manager: &str) -> Request<Vec<u8>> {
        let filter = filter(&format!("id eq \"{id}\" and manager eq \"{manager}\""));
        self.get("/Users", &format!("{filter}&attributes=id"))
    }

    /// The look-up of a group by its name.
    #[must_use]
    pub fn look_up_group(&self, name: &str) -> Request<Vec<u8>> {
        self.get("/Groups", &format!("excludedAttributes=members&{}", equals("displayName", name)))
    }

    /// Reads a user.
    #[must_use]
    pub fn read_user(&self, id: &str) -> Request<Vec<u8>> {
        self.get(&format!("/Users/{id}"), "")
    }

    /// Reads a group without its members.
    #[must_use]
    pub fn read_group(&self, id: &str) -> Request<Vec<u8>> {
        self.get(&format!("/Groups/{id}"), "excludedAttributes=members")
    }

    /// A new user: what has no value is null or an empty list, and `department` stands at top level.
    #[must_use]
    pub fn create_user(&self, person: &Person) -> Request<Vec<u8>> {
        let active = match self.mode {
            EntraMode::Default => Value::from("True"),
            EntraMode::Flagged => Value::from(true),
        };
        let body = json!({
            "schemas": [USER, ENTERPRISE_USER],
            "userName": person.user_name,
            "externalId": person.external_id,
            "active": active,
            "displayName": format!("{} {}", person.given_name, person.family_name),
            "name": {
                "formatted": null,
                "familyName": person.family_name,
                "givenName": person.given_name,
            },
            "emails": [{"primary": true, "type": "work", "value": person.user_name}],
            "title": null,
            "addresses": null,
            "manager": null,
            "department": "Sales",
            "roles": [],
            "meta": {"resourceType": "User"},
        });
        self.service.send(Method::POST, &self.target("/Users", ""), &body)
    }

    /// A new group, with a URN of its own among the schemas and without members.
    #[must_use]
    pub fn create_group(&self, external_id: &str, name: &str) -> Request<Vec<u8>> {
        let body = json!({
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": external_id,
            "displayName": name,
            "meta": {"resourceType": "Group"},
        });
        self.service.send(Method::POST, &self.target("/Groups", ""), &body)
    }

    /// Sets attributes of a user, by their paths.
    #[must_use]
    pub fn set(&self, id: &str, attributes: &[(&str, Value)]) -> Request<Vec<u8>> {
        let operations = match self.mode {
            EntraMode::Default => {
                attributes.iter().map(|(path, value)| self.operation("Replace", path, text(value))).collect()
            }
            EntraMode::Flagged => {
                let named = attributes.iter().map(|(path, value)| ((*path).to_owned(), value.clone()));
                json!([{"op": "replace", "value": named.collect::<Map<_, _>>()}])
            }
        };
        self.patch("Users", id, &operations)
    }

    /// Adds values to a user, one operation for each path.
    #[must_use]
    pub fn add(&self, id: &str, attributes: &[(&str, Value)]) -> Request<Vec<u8>> {
        let operations =
            attributes.iter().map(|(path, value)| self.operation("Add", path, text(value))).collect();
        self.patch("Users", id, &operations)
    }

    /// Activates or deactivates a user.
    #[must_use]
    pub fn set_active(&self, id: &str, active: bool) -> Request<Vec<u8>> {
        self.set(id, &[("active", Value::from(active))])
    }

    /// Sets the manager: in its default mode a text, with the flag an object.
    #[must_use]
    pub fn set_manager(&self, id: &str, manager: &str) -> Request<Vec<u8>> {
        let path = format!("{ENTERPRISE_USER}:manager");
        let operation = match self.mode {
            EntraMode::Default => self.operation("Add", &path, Value::from(manager)),
            EntraMode::Flagged => self.operation("Replace", &path, json!({"value": manager})),
        };
        self.patch("Users", id, &json!([operation]))
    }

    /// Sets the manager as some attribute mappings do: a list, without URN.
    #[must_use]
    pub fn set_manager_as_list(&self, id: &str, manager: &str) -> Request<Vec<u8>> {
        let value = json!([{"$ref": format!("../Users/{manager}"), "value": manager}]);
        self.patch("Users", id, &json!([self.operation("Add", "manager", value)]))
    }

    /// Renames a group.
    #[must_use]
    pub fn rename_group(&self, id: &str, name: &str) -> Request<Vec<u8>> {
        self.patch("Groups", id, &json!([self.operation("Replace", "displayName", Value::from(name))]))
    }

    /// Adds members to a group.
    #[must_use]
    pub fn add_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        self.patch("Groups", id, &json!([self.operation("Add", "members", listed(members))]))
    }

    /// Takes members out of a group: in its default mode by a list of values, with the flag by filters.
    #[must_use]
    pub fn remove_members(&self, id: &str, members: &[&str]) -> Request<Vec<u8>> {
        let operations = match self.mode {
            EntraMode::Default => json!([self.operation("Remove", "members", listed(members))]),
            EntraMode::Flagged => members
                .iter()
                .map(|member| json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")}))
                .collect(),
        };
        self.patch("Groups", id, &operations)
    }

    /// Deletes a user.
    #[must_use]
    pub fn delete_user(&self, id: &str) -> Request<Vec<u8>> {
        self.service.request(Method::DELETE, &self.target(&format!("/Users/{id}"), ""))
    }

    /// Operations of one's own on a user or group.
    #[must_use]
    pub fn patch(&self, endpoint: &str, id: &str, operations: &Value) -> Request<Vec<u8>> {
        let target = self.target(&format!("/{endpoint}/{id}"), "");
        self.service.send(Method::PATCH, &target, &patch(operations))
    }

    fn operation(&self, op: &str, path: &str, value: Value) -> Value {
        let op = match self.mode {
            EntraMode::Default => op.to_owned(),
            EntraMode::Flagged => op.to_ascii_lowercase(),
        };
        json!({"op": op, "path": path, "value": value})
    }

    fn get(&self, path: &str, query: &str) -> Request<Vec<u8>> {
        self.service.request(Method::GET, &self.target(path, query))
    }

    /// The flag is a parameter of the tenant URL, and so of every request.
    fn target(&self, path: &str, query: &str) -> String {
        let flag = if self.mode == EntraMode::Flagged { FLAG } else { "" };
        match (flag, query) {
            ("", "") => path.to_owned(),
            ("", one) | (one, "") => format!("{path}?{one}"),
            (flag, query) => format!("{path}?{flag}&{query}"),
        }
    }
}

/// Booleans are texts in the default mode; other values are as they are.
fn text(value: &Value) -> Value {
    match value {
        Value::Bool(true) => Value::from("True"),
        Value::Bool(false) => Value::from("False"),
        value => value.clone(),
    }
}

fn listed(members: &[&str]) -> Value {
    members.iter().map(|id| json!({"$ref": null, "value": id})).collect()
}

fn filter(filter: &str) -> String {
    format!("filter={}", percent_encode(filter.as_bytes()))
}

const FLAG: &str = "aadOptscim062020";
