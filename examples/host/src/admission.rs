//! Who comes in: the library judges an answer of the identity provider with what is stored, and what it decides is
//! carried out in one transaction.

use admittance::connection::sign_in::{
    HostFinding, Judgement, KnownAccount, OidcLogin, Recording, SignInContext, judge_oidc, judge_saml,
};
use admittance::connection::{Connection, Diagnosis, REFUSED_STATUS, flow_reference};
use admittance::groups::{Directory, Memberships, NameIndex, Subject};
use admittance::profile::{self, Activity, Candidate, IdentityKey, Profile, Resolution};
use admittance::saml::{self, ValidAssertion, metadata::sp::SpConfig, web_sso};
use admittance::{claims::Claims, entropy::OsEntropy, fold::fold, id::UserId, time::Timestamp};
use axum_extra::extract::cookie::Cookie;
use http::StatusCode;
use sqlx::Row;

use crate::connections::{self, Stored};
use crate::database::{Tx, execute, fetch_all, fetch_one, take_turn};
use crate::failure::{Failure, Result};
use crate::session::{self, NewSession};
use crate::{accounts, app::App, clock::now, enterprises, keys, logout::IdpSession, membership, records};

/// An answer of the identity provider, as far as its protocol has come with it.
#[derive(Clone, Copy)]
pub(crate) enum Answer<'a> {
    Saml {
        login: Result<&'a ValidAssertion, &'a saml::Error>,
        sp: &'a SpConfig,
        pending: Option<&'a web_sso::Pending>,
        form_field: &'a str,
    },
    Oidc(OidcLogin<'a>),
}

/// What the library is given beside the answer, read in one transaction.
pub(crate) struct Known {
    directory: Directory,
    names: NameIndex,
    person: Person,
}

/// What is stored of the person whom the claims are about.
#[derive(Default)]
struct Person {
    candidates: Vec<Candidate>,
    account: Option<(Subject, Memberships)>,
    email_in_use: bool,
}

/// Signs somebody in, or says why not. Either way a flow record is kept.
pub(crate) async fn admit(app: &App, stored: &Stored, answer: Answer<'_>) -> Result<Cookie<'static>> {
    let at = now();
    let mut tx = app.database.write().await?;
    let stored = match answer.claims() {
        Some(_) => in_turn(&mut tx, stored).await?,
        None => stored.clone(),
    };
    let mut findings = Vec::new();
    if !answer.is_first_use(&mut tx).await? {
        findings.push(HostFinding::Replayed);
    }
    let known = Known::read(&mut tx, &stored, answer.claims(), at).await?;
    let judgement = known.with_context(app, &stored, &findings, |context| match answer {
        Answer::Saml { login, sp, pending, form_field } => {
            judge_saml(login, sp, pending, form_field, context, at)
        }
        Answer::Oidc(login) => judge_oidc(login, context, at),
    })?;
    records::keep(&mut tx, &judgement.record, &judgement.diagnoses).await?;
    if let Some(refused) = judgement.refused {
        tx.commit().await?;
        return Err(self::refused(refused, judgement.record.reference));
    }
    let account = carry_out(&mut tx, &stored, &known, judgement, at).await?;
    let idp_session = answer.session().map(|session| session.sealed(app)).transpose()?;
    let new = NewSession {
        account: &account,
        connection: Some(stored.connection.id().as_str()),
        idp_session: idp_session.as_deref(),
        ends_at: answer.ends_at(),
    };
    let cookie = session::start(app, &mut tx, new).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// The same for an answer that is an error: nobody comes in, and a record is kept.
pub(crate) async fn refuse(app: &App, stored: &Stored, answer: Answer<'_>) -> Failure {
    match admit(app, stored, answer).await {
        Err(refused) => refused,
        Ok(_) => Failure::Internal("a sign-in without a message was let in".into()),
    }
}

/// The page for somebody who may not come in.
pub(crate) fn refused(diagnosis: Box<Diagnosis>, reference: String) -> Failure {
    let status = StatusCode::from_u16(REFUSED_STATUS).unwrap_or(StatusCode::FORBIDDEN);
    Failure::Refused { status, diagnosis, reference }
}

impl<'a> Answer<'a> {
    pub(crate) fn claims(&self) -> Option<&'a Claims> {
        match self {
            Self::Saml { login, .. } => login.ok().map(ValidAssertion::claims),
            Self::Oidc(login) => login.outcome.ok().map(|id| id.claims()),
        }
    }

    /// Whether the message was not used before. An ID token has its pending sign-in instead, which is gone by now.
    async fn is_first_use(&self, tx: &mut Tx) -> Result<bool> {
        let Self::Saml { login: Ok(login), .. } = self else { return Ok(true) };
        let replay = login.replay();
        use_once(tx, &[&replay.issuer, &replay.assertion_id], replay.keep_until).await
    }

    fn session(&self) -> Option<IdpSession> {
        match self {
            Self::Saml { login, .. } => login.ok()?.session().map(IdpSession::Saml),
            Self::Oidc(login) => login.outcome.ok().map(|id| IdpSession::Oidc(id.session().clone())),
        }
    }

    fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Saml { login, .. } => login.ok()?.session_not_on_or_after(),
            Self::Oidc(_) => None,
        }
    }
}

/// Stores the name of a message. False when it is there already, from whichever node.
pub(crate) async fn use_once(tx: &mut Tx, name: &[&str], keep_until: Timestamp) -> Result<bool> {
    let name = serde_json::to_string(name)?;
    let stored = execute!(&mut **tx,
        "INSERT INTO replay_keys (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        keys::sha256(&name), keep_until.to_unix_millis()
    );
    Ok(stored.rows_affected() == 1)
}

/// The connection as it is once nobody else can change it. What is read from here on holds until the commit, so the
/// basis of a plan does.
pub(crate) async fn in_turn(tx: &mut Tx, stored: &Stored) -> Result<Stored> {
    take_turn(tx, &stored.enterprise.id).await?;
    let current = connections::of_enterprise(&mut **tx, &stored.enterprise.id).await?;
    let same = current.filter(|current| current.connection.id() == stored.connection.id());
    same.ok_or(Failure::NotFound)
}

impl Known {
    pub(crate) async fn read(
        tx: &mut Tx,
        stored: &Stored,
        claims: Option<&Claims>,
        at: Timestamp,
    ) -> Result<Self> {
        let Some(claims) = claims else { return Self::nothing() };
        let (directory, names) = enterprises::directory(&mut **tx, &stored.enterprise).await?;
        Ok(Self { directory, names, person: Person::find(tx, stored, claims, at).await? })
    }

    /// For a message that was refused: nothing that is stored matters to it.
    fn nothing() -> Result<Self> {
        let directory = Directory::new("none", []).map_err(|error| Failure::Internal(error.to_string()))?;
        let names = NameIndex::of(&directory);
        Ok(Self { directory, names, person: Person::default() })
    }

    /// Calls a judge of the library.
    pub(crate) fn with_context<T>(
        &self,
        app: &App,
        stored: &Stored,
        findings: &[HostFinding],
        judge: impl FnOnce(&SignInContext<'_>) -> T,
    ) -> Result<T> {
        let mut findings = findings.to_vec();
        if self.person.email_in_use {
            findings.push(HostFinding::EmailInUse);
        }
        let account = self.person.account.as_ref();
        Ok(judge(&SignInContext {
            connection: &stored.connection,
            urls: &app.urls(stored.connection.id().as_str()),
            directory: &self.directory,
            names: &self.names,
            candidates: Some(&self.person.candidates),
            account: account.map(|(subject, memberships)| KnownAccount { subject, memberships }),
            findings: &findings,
            recording: Recording::names(&app.keys.subject),
            reference: &flow_reference(&mut OsEntropy)?,
        }))
    }
}

impl Person {
    async fn find(tx: &mut Tx, stored: &Stored, claims: &Claims, at: Timestamp) -> Result<Self> {
        let connection = &stored.connection;
        let identity = profile::identity(connection.id(), connection.mapping(), claims);
        let (profile, _) = profile::map(connection.mapping(), claims);
        // The judge says what is wrong with them
        let (Ok(identity), Ok(profile)) = (identity, profile) else { return Ok(Self::default()) };
        let candidates = candidates(tx, connection, &identity, &profile).await?;
        let resolution = profile::resolve(&identity, &profile, &candidates, connection.account_policy(), at);
        let account = match &resolution {
            Resolution::Known(account) => Some(account.clone()),
            Resolution::Bind(binding) => Some(binding.account.clone()),
            Resolution::Create => Some(UserId::from(keys::new_id("a")?)),
            Resolution::Refuse(_) => None,
        };
        let Some(account) = account else { return Ok(Self { candidates, ..Self::default() }) };
        let mut subject = Subject::new(connection.id().clone(), account.clone());
        if let Some(found) = accounts::find(&mut **tx, account.as_str()).await? {
            subject.origin = found.origin();
            subject.protected = found.is_protected;
        }
        let memberships =
            accounts::memberships(&mut **tx, account.as_str(), stored.enterprise.revision).await?;
        let email_in_use = email_in_use(tx, stored, &profile, &account).await?;
        Ok(Self { candidates, account: Some((subject, memberships)), email_in_use })
    }
}

/// Accounts that may be the person's: by the key, by what provisioning calls them, and by login for a hint.
async fn candidates(
    tx: &mut Tx,
    connection: &Connection,
    identity: &IdentityKey,
    profile: &Profile,
) -> Result<Vec<Candidate>> {
    let rows = fetch_all!(&mut **tx,
        "SELECT a.id, a.identity_key, a.login, a.active, r.id FROM accounts a
         LEFT JOIN scim_resources r ON r.connection_id = a.connection_id AND r.id = a.id
         WHERE a.identity_key = $1 OR (a.connection_id = $2 AND a.login = $3) OR a.id IN
             (SELECT resource_id FROM scim_unique_values
              WHERE connection_id = $2 AND attribute = 'userName' AND value = $4)";
        serde_json::to_string(identity)?, connection.id().as_str(), &profile.login, fold(&profile.login)
    );
    let mut candidates = Vec::new();
    for row in rows {
        let identity: Option<String> = row.get(1);
        candidates.push(Candidate {
            account: row.get::<String, _>(0).into(),
            identity: identity.as_deref().map(serde_json::from_str).transpose()?,
            provisioned_by: row.get::<Option<String>, _>(4).map(|_| connection.id().clone()),
            user_name: Some(row.get(2)),
            activity: if row.get::<i64, _>(3) == 0 { Activity::Inactive } else { Activity::Active },
        });
    }
    Ok(candidates)
}

async fn email_in_use(tx: &mut Tx, stored: &Stored, profile: &Profile, account: &UserId) -> Result<bool> {
    let row = fetch_one!(&mut **tx,
        "SELECT COUNT(*) FROM accounts WHERE enterprise_id = $1 AND LOWER(email) = LOWER($2) AND id <> $3";
        &stored.enterprise.id, profile.email.to_string(), account.as_str()
    );
    Ok(row.get::<i64, _>(0) > 0)
}

/// Account, then memberships. Returns the account.
async fn carry_out(
    tx: &mut Tx,
    stored: &Stored,
    known: &Known,
    judgement: Judgement,
    at: Timestamp,
) -> Result<String> {
    let Judgement {
        identity: Some(identity),
        profile: Some(profile),
        resolution: Some(resolution),
        plan,
        ..
    } = judgement
    else {
        return Err(Failure::Internal("somebody comes in without identity or profile".into()));
    };
    let account = match &resolution {
        Resolution::Known(account) => {
            update(tx, account, &profile).await?;
            account.as_str().to_owned()
        }
        Resolution::Bind(binding) => {
            bind(tx, &binding.account, &binding.identity).await?;
            binding.account.as_str().to_owned()
        }
        Resolution::Create => {
            let new = known.person.account.as_ref().map(|(subject, _)| subject.user.as_str());
            let new = new.ok_or_else(|| Failure::Internal("a new account without a name".into()))?;
            create(tx, stored, new, &identity, &profile, at).await?;
            new.to_owned()
        }
        // A refusal that the judgement has let pass is none that may be let in
        Resolution::Refuse(refusal) => return Err(Failure::Internal(refusal.to_string())),
    };
    if let Some(plan) = &plan {
        membership::apply(tx, stored.connection.id(), &plan.changes).await?;
    }
    Ok(account)
}

/// The profile follows the identity provider, at sign-in where provisioning does not look after it.
async fn update(tx: &mut Tx, account: &UserId, profile: &Profile) -> Result<()> {
    execute!(&mut **tx,
        "UPDATE accounts SET name = $2, login = $3, email = $4 WHERE id = $1 AND NOT EXISTS
             (SELECT 1 FROM scim_resources r WHERE r.connection_id = accounts.connection_id AND r.id = accounts.id)";
        account.as_str(), &profile.name, &profile.login, profile.email.to_string()
    );
    Ok(())
}

/// An account is bound once.
async fn bind(tx: &mut Tx, account: &UserId, identity: &IdentityKey) -> Result<()> {
    let bound = execute!(&mut **tx,
        "UPDATE accounts SET identity_key = $2 WHERE id = $1 AND identity_key IS NULL";
        account.as_str(), serde_json::to_string(identity)?
    );
    if bound.rows_affected() == 1 { Ok(()) } else { Err(Failure::Stale) }
}

async fn create(
    tx: &mut Tx,
    stored: &Stored,
    id: &str,
    identity: &IdentityKey,
    profile: &Profile,
    at: Timestamp,
) -> Result<()> {
    execute!(&mut **tx,
        "INSERT INTO accounts (id, enterprise_id, connection_id, identity_key, name, login, email, active,
             is_enterprise_administrator, is_protected, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, 0, $8)";
        id, &stored.enterprise.id, stored.connection.id().as_str(), serde_json::to_string(identity)?,
        &profile.name, &profile.login, profile.email.to_string(), at.to_unix_millis()
    );
    Ok(())
}
