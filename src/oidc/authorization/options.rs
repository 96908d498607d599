use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    crypto::Secret,
    json::Object,
    oidc::{Error, Provider, dpop::Dpop},
};

/// What a sign-in asks for. The default asks for `openid`, `profile` and `email`, and leaves the rest to the provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options<'o> {
    /// Scopes beside `openid`, which is always sent.
    pub scopes: Vec<String>,
    /// What the provider shall ask the person.
    pub prompt: Vec<Prompt>,
    /// How long ago the person may have authenticated, in seconds. The ID token must then say when that was.
    pub max_age_seconds: Option<u64>,
    /// Who is going to sign in, often an e-mail address.
    pub login_hint: Option<String>,
    /// The domain of whoever is going to sign in, at Entra.
    pub domain_hint: Option<String>,
    /// The hosted domain at Google: the account must be of it.
    pub hd: Option<String>,
    /// The organization at Auth0: the account must be of it.
    pub organization: Option<String>,
    /// An earlier ID token of the person.
    pub id_token_hint: Option<Secret>,
    /// Languages of the provider's pages, best first: `de-CH`, `en`.
    pub ui_locales: Vec<String>,
    /// Ways to authenticate that are liked, best first. What happened is in the ID token.
    pub acr_values: Vec<String>,
    /// Ways to authenticate of which one is needed: any other is refused (Core 5.5.1.1).
    pub essential_acr: Vec<String>,
    /// Claims asked for one by one (Core 5.5). An essential `acr` stands in `essential_acr`.
    pub claims: Option<Object>,
    /// What the access token shall be for (RFC 8707): absolute URIs without fragment.
    pub resource: Vec<String>,
    /// How the browser comes back; the provider's default is a query.
    pub response_mode: Option<ResponseMode>,
    /// Further parameters by name. Those that have a field here, or that the protocol sets, are refused.
    pub parameters: Vec<(String, String)>,
    /// Whether tokens will be bound to a key (RFC 9449): then the code is, too, and a pushed request has a proof.
    pub dpop: Dpop<'o>,
    /// Where the person wanted to go: kept in [`Pending`](crate::oidc::Pending), never sent.
    pub return_to: Option<String>,
}

/// What the provider shall ask the person (Core 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing: it answers with an error where it would have to. Cannot be combined.
    None,
    /// To authenticate anew.
    Login,
    /// To agree anew.
    Consent,
    /// To choose among accounts.
    SelectAccount,
    /// To make an account.
    Create,
}

/// How the browser comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// With a query.
    Query,
    /// With a posted form, to which browsers add no cookie that is not `SameSite=None`.
    FormPost,
}

impl Options<'_> {
    /// Whether every part is usable.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] names the first field that is not, [`Error::UnsupportedByProvider`] the response
    /// mode.
    pub(super) fn check(&self, provider: &Provider) -> Result<(), Error> {
        let invalid = |field, value: &str, reason| {
            Err(Error::ConfigurationInvalid { field, value: value.to_owned(), reason })
        };
        if let Some(scope) = self.scopes.iter().find(|scope| !is_scope(scope)) {
            return invalid("scopes", scope, "no scope has an empty name, a space, a quote or a backslash");
        }
        if self.prompt.len() > 1 && self.prompt.contains(&Prompt::None) {
            return invalid("prompt", &self.prompt(), "`none` stands alone");
        }
        if self.hd.as_deref() == Some("*") {
            return invalid("hd", "*", "a domain must be named, or nothing is checked");
        }
        for (field, words) in [
            ("ui_locales", &self.ui_locales),
            ("acr_values", &self.acr_values),
            ("essential_acr", &self.essential_acr),
        ] {
            if let Some(word) = words.iter().find(|word| word.is_empty() || word.contains(' ')) {
                return invalid(field, word, "empty, or with a space");
            }
        }
        for resource in &self.resource {
            if Url::parse(resource).is_err() || resource.contains('#') {
                return invalid("resource", resource, "not an absolute URI without fragment");
            }
        }
        let mut names = BTreeSet::new();
        for (name, _) in &self.parameters {
            if name.is_empty() || is_reserved(name) {
                return invalid("parameters", name, "the name is empty, or reserved");
            }
            if !names.insert(name) {
                return invalid("parameters", name, "the name is there twice");
            }
        }
        self.claims()?;
        let mode = self.response_mode.map(ResponseMode::name);
        if let Some(mode) = mode.filter(|mode| *mode != "query") {
            let actual = &provider.response_modes_supported;
            if !actual.iter().any(|supported| supported == mode) {
                return Err(Error::UnsupportedByProvider {
                    feature: "response mode `form_post`",
                    actual: actual.clone(),
                });
            }
        }
        Ok(())
    }

    /// `openid` and the others, each once.
    pub(super) fn scopes(&self) -> Vec<String> {
        let mut scopes = vec!["openid".to_owned()];
        for scope in &self.scopes {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        scopes
    }

    /// The words of `prompt`.
    pub(super) fn prompt(&self) -> String {
        self.prompt.iter().map(|prompt| prompt.name()).collect::<Vec<_>>().join(" ")
    }

    /// The claims to ask for, the essential `acr` among them (Core 5.5.1.1).
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] when `claims` has another `acr`, an essential one of its own, or no object for
    /// the ID token.
    pub(super) fn claims(&self) -> Result<Option<Object>, Error> {
        if self.essential_acr.is_empty() {
            let acr = self.claims.as_ref().and_then(|claims| claims.get("id_token")?.get("acr"));
            return match acr.and_then(|acr| acr.get("essential")) {
                None | Some(Value::Bool(false)) => Ok(self.claims.clone()),
                Some(_) => {
                    let reason = "an essential `acr` stands in `essential_acr`, or nothing checks it";
                    Err(Error::ConfigurationInvalid { field: "claims", value: String::new(), reason })
                }
            };
        }
        let mut claims = self.claims.clone().unwrap_or_default();
        let mut id_token = match claims.get("id_token") {
            None => serde_json::Map::new(),
            Some(Value::Object(id_token)) if !id_token.contains_key("acr") => id_token.clone(),
            Some(_) => {
                let reason = "`id_token` has an `acr` beside the essential one, or is no object";
                return Err(Error::ConfigurationInvalid { field: "claims", value: String::new(), reason });
            }
        };
        id_token.insert("acr".to_owned(), json!({"essential": true, "values": self.essential_acr}));
        claims.insert("id_token", id_token);
        Ok(Some(claims))
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            scopes: vec!["profile".to_owned(), "email".to_owned()],
            prompt: Vec::new(),
            max_age_seconds: None,
            login_hint: None,
            domain_hint: None,
            hd: None,
            organization: None,
            id_token_hint: None,
            ui_locales: Vec::new(),
            acr_values: Vec::new(),
            essential_acr: Vec::new(),
            claims: None,
            resource: Vec::new(),
            response_mode: None,
            parameters: Vec::new(),
            dpop: Dpop::Off,
            return_to: None,
        }
    }
}

impl Prompt {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

impl ResponseMode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

/// Whether a parameter is one of the protocol's, of client authentication, or a claim of a request object.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// RFC 6749 §3.3.
fn is_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

const RESERVED: [&str; 37] = [
    "acr_values",
    "aud",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "domain_hint",
    "dpop_jkt",
    "exp",
    "grant_type",
    "hd",
    "iat",
    "id_token_hint",
    "iss",
    "jti",
    "login_hint",
    "max_age",
    "nbf",
    "nonce",
    "organization",
    "prompt",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "sub",
    "ui_locales",
];
