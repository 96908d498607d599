use serde_json::{Value, json};

use super::faults;
use crate::testing::oidc_provider::{ClaimNames, json::Object};

faults! {
    /// What is odd about what ID token and UserInfo say about the person. A mapping reports these, not the sign-in.
    ClaimsFault {
        /// No e-mail address.
        NoEmail => "accepted",
        /// Something else in the place of the e-mail address.
        InvalidEmail => "accepted",
        /// An e-mail address that nobody has verified.
        UnverifiedEmail => "accepted",
        /// No login.
        NoLogin => "accepted",
        /// Name and login exchanged.
        SwappedNames => "accepted",
        /// No groups, never to be read as an empty list.
        NoGroups => "accepted",
        /// An empty list of groups.
        EmptyGroups => "accepted",
        /// Entra ID's hint in the place of more than 200 groups, never to be read as an empty list.
        GroupsOverage => "accepted",
        /// The other hint of Entra ID: `hasgroups`.
        HasGroups => "accepted",
        /// Object IDs in the place of names.
        ObjectIdsAsGroups => "accepted",
        /// Groups with a path before their names.
        GroupPaths => "accepted",
        /// All groups in one text.
        DelimitedGroups => "accepted",
        /// A number among the groups: the note `oidc.group_ignored`.
        NumberAmongGroups => "accepted",
    }
}

impl ClaimsFault {
    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, names: &ClaimNames) {
        let named = |name: &Option<String>| name.clone().unwrap_or_default();
        let (login, email, groups) = (named(&names.login), named(&names.email), named(&names.groups));
        let texts = |claims: &Object| -> Vec<String> {
            match claims.get(&groups) {
                Some(Value::Array(values)) => {
                    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Some(Value::Object(members)) => members.keys().cloned().collect(),
                Some(Value::String(one)) => vec![one.clone()],
                _ => Vec::new(),
            }
        };
        // What is not sent in this message does not become wrong in it.
        let mut replace = |name: &str, value: Value| {
            if let Some(claim) = claims.get_mut(name) {
                *claim = value;
            }
        };
        match self {
            Self::NoEmail => drop(claims.remove(&email)),
            Self::InvalidEmail => replace(&email, json!("not an address")),
            Self::UnverifiedEmail => replace("email_verified", json!(false)),
            Self::NoLogin => drop(claims.remove(&login)),
            Self::SwappedNames => {
                let name = named(&names.name);
                if let (Some(left), Some(right)) = (claims.get(&name).cloned(), claims.get(&login).cloned()) {
                    claims.insert(name, right);
                    claims.insert(login, left);
                }
            }
            Self::NoGroups => drop(claims.remove(&groups)),
            Self::EmptyGroups => replace(&groups, json!([])),
            Self::GroupsOverage => {
                if claims.remove(&groups).is_some() {
                    claims.insert("_claim_names".to_owned(), json!({ groups: "src1" }));
                    claims.insert("_claim_sources".to_owned(), json!({ "src1": { "endpoint": GRAPH } }));
                }
            }
            Self::HasGroups => {
                if claims.remove(&groups).is_some() {
                    claims.insert("hasgroups".to_owned(), json!(true));
                }
            }
            Self::ObjectIdsAsGroups => replace(
                &groups,
                json!(["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "9b2c7a54-6a6e-4a0f-8a3d-5d7f0e1c2b3a"]),
            ),
            Self::GroupPaths => {
                let paths: Vec<_> = texts(claims).iter().map(|group| format!("/{group}")).collect();
                replace_in(claims, &groups, json!(paths));
            }
            Self::DelimitedGroups => {
                let all = texts(claims).join(",");
                replace_in(claims, &groups, json!(all));
            }
            Self::NumberAmongGroups => {
                let mut values: Vec<Value> = texts(claims).into_iter().map(Value::String).collect();
                values.push(json!(7));
                replace_in(claims, &groups, Value::Array(values));
            }
        }
    }
}

fn replace_in(claims: &mut Object, name: &str, value: Value) {
    if let Some(claim) = claims.get_mut(name) {
        *claim = value;
    }
}

const GRAPH: &str =
    "https://graph.microsoft.com/v1.0/users/3f2504e0-4f89-41d3-9a0c-0305e82c3301/getMemberObjects";
