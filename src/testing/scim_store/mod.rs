//! A SCIM service with its storage in memory, for tests, demonstrations and the example server.
//!
//! [`ScimStore`] does what a host does: it checks tokens, turns the [machine](crate::scim::machine), loads and commits.
//! It keeps several connections apart, decides uniqueness and versions by its own indexes in one atomic commit, and
//! holds what a database would; its costs do not matter, what it answers does.
//!
//! ```
//! use admittance::{
//!     crypto::Secret,
//!     endpoint::UrlPolicy,
//!     scim::service::{ServiceConfig, Tenancy},
//!     testing::scim_store::ScimStore,
//!     time::Timestamp,
//! };
//!
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let config = ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath)?;
//! let store = ScimStore::new(config).with_connection("acme", Secret::new("a token for tests"));
//!
//! let request = http::Request::post("/scim/v2/connections/acme/Users")
//!     .header("authorization", "Bearer a token for tests")
//!     .header("content-type", "application/scim+json")
//!     .body(br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#.to_vec())?;
//! let done = store.answer(&request, now);
//! assert_eq!(done.response.status(), 201);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commit;
mod load;
mod state;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, Request};

use self::state::State;
use crate::{
    crypto::Secret,
    entropy::Entropy,
    scim::{
        access::Access,
        fetch::{Origin, Stored},
        machine::{Context, Done, Step, begin},
        service::ServiceConfig,
        tenant::{ResourceId, TenantId},
        token::{Bearer, GenerateError, NewToken, TokenError, TokenRecord, generate},
    },
    time::Timestamp,
};

/// A SCIM service with its storage in memory. It is shared between threads as it is.
pub struct ScimStore {
    config: ServiceConfig,
    state: Mutex<State>,
}

/// An account that is not there by provisioning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// The name that it signs in with.
    pub user_name: &'a str,
    /// Where it comes from.
    pub origin: Origin,
}

impl ScimStore {
    /// An empty store that serves this.
    #[must_use]
    pub fn new(config: ServiceConfig) -> Self {
        Self { config, state: Mutex::new(State::default()) }
    }

    /// Adds a connection with a token that the test chooses.
    #[must_use]
    pub fn with_connection(self, tenant: impl Into<TenantId>, token: Secret) -> Self {
        self.state().tenant_mut(&tenant.into()).chosen_tokens.push(token);
        self
    }

    /// Makes a token for a connection, which is added where it is new.
    ///
    /// # Errors
    /// [`GenerateError`]
    pub fn generate_token(
        &self,
        tenant: &TenantId,
        new: NewToken<'_>,
        entropy: &mut dyn Entropy,
        now: Timestamp,
    ) -> Result<Secret, GenerateError> {
        let mut state = self.state();
        let tokens = &mut state.tenant_mut(tenant).tokens;
        let (token, record) = generate(new, tokens, entropy, now)?;
        tokens.push(record);
        Ok(token)
    }

    /// The tokens of a connection that [`generate_token`](Self::generate_token) made.
    #[must_use]
    pub fn tokens(&self, tenant: &TenantId) -> Vec<TokenRecord> {
        self.state().tenant(tenant).map(|tenant| tenant.tokens.clone()).unwrap_or_default()
    }

    /// Revokes a token.
    pub fn revoke_token(&self, tenant: &TenantId, id: &str, now: Timestamp) {
        let mut state = self.state();
        let tokens = &mut state.tenant_mut(tenant).tokens;
        tokens.iter_mut().filter(|token| token.id == id).for_each(|token| token.revoke(now));
    }

    /// Adds an account that a sign-in made, or that is managed elsewhere. Provisioning sees nothing of it but its name.
    pub fn add_account(&self, tenant: &TenantId, account: &Account<'_>, now: Timestamp) -> ResourceId {
        self.state().add_account(&self.config, tenant, account, now)
    }

    /// Keeps provisioning from deactivating or deleting this user.
    pub fn protect(&self, tenant: &TenantId, id: &ResourceId) {
        if let Some(record) = self.state().tenant_mut(tenant).records.get_mut(id) {
            record.protected = true;
        }
    }

    /// Names the user that `/Me` means.
    pub fn set_me(&self, tenant: &TenantId, id: &ResourceId) {
        self.state().tenant_mut(tenant).me = Some(id.clone());
    }

    /// A resource with all that is stored of it.
    #[must_use]
    pub fn resource(&self, tenant: &TenantId, id: &ResourceId) -> Option<Stored> {
        let state = self.state();
        let tenant = state.tenant(tenant)?;
        let record = tenant.records.get(id)?;
        Some(tenant.stored(self.config.resource_type(&record.resource_type)?, record, &|_| true))
    }

    /// Every resource of a type that provisioning manages, with all that is stored of it.
    #[must_use]
    pub fn provisioned(&self, tenant: &TenantId, resource_type: &str) -> Vec<Stored> {
        let state = self.state();
        let Some((tenant, found)) = state.tenant(tenant).zip(self.config.resource_type(resource_type)) else {
            return Vec::new();
        };
        tenant.provisioned(resource_type).map(|record| tenant.stored(found, record, &|_| true)).collect()
    }

    /// The members of a group.
    #[must_use]
    pub fn members(&self, tenant: &TenantId, group: &ResourceId) -> Vec<ResourceId> {
        let state = self.state();
        let record = state.tenant(tenant).and_then(|tenant| tenant.records.get(group));
        record.map(|group| group.members.keys().cloned().collect()).unwrap_or_default()
    }

    /// What the store serves.
    #[must_use]
    pub fn config(&self) -> &ServiceConfig {
        &self.config
    }

    /// Answers a request: checks its token, loads, commits.
    #[must_use]
    pub fn answer(&self, request: &Request<Vec<u8>>, now: Timestamp) -> Done {
        let access = self.access(request.headers(), now).ok();
        self.answer_in(request, &Context::new(access, now))
    }

    /// Answers a request whose token the caller has checked.
    #[must_use]
    pub fn answer_in(&self, request: &Request<Vec<u8>>, context: &Context) -> Done {
        let mut step = begin(&self.config, context, request);
        loop {
            step = match step {
                Step::Need(need) => {
                    let fetched = self.state().load(&self.config, need.fetch());
                    need.loaded(fetched)
                }
                Step::Commit(commit) => {
                    let outcome = self.state().commit(&self.config, commit.change(), context.now);
                    commit.committed(outcome)
                }
                Step::Done(done) => return done,
            };
        }
    }

    /// What the token of a request stands for.
    ///
    /// # Errors
    /// [`TokenError`]
    pub fn access(&self, headers: &HeaderMap, now: Timestamp) -> Result<Access, TokenError> {
        let bearer = Bearer::from_headers(headers)?;
        self.state().access(&bearer, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere has left the state whole: nothing in a commit can fail once it has begun to write.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ScimStore {
    /// Nothing of what is stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScimStore").field("config", &self.config).finish_non_exhaustive()
    }
}
