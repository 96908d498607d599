//! The company behind the demo identity provider: its people, their groups, and how its provider is set up.

use std::collections::{BTreeMap, BTreeSet};

use admittance::testing::{
    oidc_provider::{
        AuthorizationRequest, Endpoints, GroupValues, OidcProvider, RegisteredClient, Shape as OidcShape,
        User as OidcUser,
    },
    saml_idp::{AttributeNames, AuthnRequest, SamlIdp, Shape as SamlShape, TestKey, User as SamlUser},
    scim_client::Person as ScimPerson,
};

use super::mistakes::Mistake;

pub(super) struct Company {
    pub(super) people: Vec<Person>,
    pub(super) settings: Settings,
    pub(super) saml: SamlIdp,
    pub(super) oidc: OidcProvider,
    /// Requests whose sender is choosing a person.
    pub(super) waiting: BTreeMap<String, Waiting>,
    count: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) login: &'static str,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    pub(super) groups: BTreeSet<&'static str>,
}

/// What an administrator of the identity provider has entered in its console.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) shape: Shape,
    pub(super) mistake: Option<Mistake>,
    /// Names of the SAML attributes: at first those that the product's assistant gives for pasting.
    pub(super) name: String,
    pub(super) login: String,
    pub(super) email: String,
    pub(super) groups: String,
}

/// Whose answers are imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Okta,
    Entra,
}

pub(super) enum Waiting {
    Saml(Box<AuthnRequest>),
    Oidc(Box<AuthorizationRequest>),
}

impl Company {
    pub(super) fn new(url: &str) -> Self {
        let mut saml = SamlIdp::new(1);
        saml.entity_id = format!("{url}/saml/metadata");
        saml.sso_url = format!("{url}/saml/sso");
        saml.slo_url = format!("{url}/saml/slo");
        saml.artifact_url = format!("{url}/saml/artifact");
        let mut oidc = OidcProvider::new(1);
        oidc.issuer = url.to_owned();
        oidc.endpoints = Endpoints::below(&format!("{url}/oidc"));
        let oidc = oidc.with_client(RegisteredClient::new(CLIENT_ID, "", CLIENT_SECRET));
        let mut company = Self {
            people: people(),
            settings: Settings {
                shape: Shape::Okta,
                mistake: None,
                name: "name".to_owned(),
                login: "login".to_owned(),
                email: "email".to_owned(),
                groups: "groups".to_owned(),
            },
            saml,
            oidc,
            waiting: BTreeMap::new(),
            count: 0,
        };
        let settings = company.settings.clone();
        company.change(settings);
        company
    }

    /// Sets both of its providers up.
    pub(super) fn change(&mut self, settings: Settings) {
        let (saml, oidc) = match settings.shape {
            Shape::Okta => (SamlShape::Okta, OidcShape::Okta),
            Shape::Entra => (SamlShape::EntraId, OidcShape::EntraV2),
        };
        self.saml.style = saml.style();
        self.saml.style.attributes =
            AttributeNames::new(&settings.name, &settings.login, &settings.email, &settings.groups);
        let expired = settings.mistake == Some(Mistake::ExpiredCertificate);
        let key = if expired { TestKey::ExpiredRsa } else { TestKey::Rsa };
        self.saml.style.key = key;
        self.saml.published_keys = vec![key];
        self.saml.fault = settings.mistake.and_then(Mistake::saml);
        self.oidc.style = oidc.style();
        // The set-up instructions ask for names.
        self.oidc.style.group_values = GroupValues::Names;
        self.oidc.published_keys = vec![self.oidc.style.key];
        self.oidc.fault = settings.mistake.and_then(Mistake::oidc);
        self.settings = settings;
    }

    pub(super) fn person(&self, login: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.login == login)
    }

    /// Remembers a request while a person is chosen for it.
    pub(super) fn wait(&mut self, request: Waiting) -> String {
        self.count += 1;
        // Nobody comes back to the oldest of so many.
        if self.waiting.len() > 100 {
            self.waiting.pop_first();
        }
        let id = format!("{:08}", self.count);
        self.waiting.insert(id.clone(), request);
        id
    }
}

impl Person {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    pub(super) fn is_in(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    pub(super) fn email(&self) -> String {
        format!("{}@acme.example", self.login)
    }

    pub(super) fn saml(&self) -> SamlUser {
        SamlUser::new(self.email(), self.name(), self.email()).in_groups(self.groups.iter().copied())
    }

    pub(super) fn oidc(&self) -> OidcUser {
        let mut user =
            OidcUser::new(self.email(), self.name(), self.email()).in_groups(self.groups.iter().copied());
        user.subject = format!("00u{}", self.login);
        user
    }

    pub(super) fn scim(&self) -> ScimPerson {
        ScimPerson {
            user_name: self.email(),
            external_id: format!("00u{}", self.login),
            given_name: self.given_name.to_owned(),
            family_name: self.family_name.to_owned(),
        }
    }
}

impl Shape {
    pub(super) const ALL: [Self; 2] = [Self::Okta, Self::Entra];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Entra ID",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
    }
}

fn people() -> Vec<Person> {
    let person = |login, given_name, family_name, groups: &[&'static str]| Person {
        login,
        given_name,
        family_name,
        groups: groups.iter().copied().collect(),
    };
    vec![
        person("ada", "Ada", "Lovelace", &["Engineers", "Quality"]),
        person("alan", "Alan", "Turing", &["Engineers"]),
        person("mary", "Mary", "Jackson", &["Designers", "Quality"]),
        person("margaret", "Margaret", "Hamilton", &["Engineers", "ENT_ORGA_ADMINS"]),
        person("katherine", "Katherine", "Johnson", &["Accounting"]),
    ]
}

/// All but one have a group of the same name in the product's organizations.
pub(super) const GROUPS: [&str; 5] = ["Engineers", "Designers", "Quality", "ENT_ORGA_ADMINS", "Accounting"];

pub(super) const CLIENT_ID: &str = "demo-client";
pub(super) const CLIENT_SECRET: &str = "demo-secret";
