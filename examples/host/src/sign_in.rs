//! A sign-in from our side: off to the identity provider, and what comes of an administrator's test.

use admittance::claims::Claims;
use admittance::connection::sign_in::{OidcLogin, TestAnswer, TestRun, test_oidc, test_saml};
use admittance::connection::{Actor, Command, Connection, IdentityProvider};
use admittance::saml::{metadata::sp::SpConfig, web_sso};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};

use crate::admission::{self, Answer, Known};
use crate::connections::{self, Stored};
use crate::failure::{Failure, Result};
use crate::going::{self, From};
use crate::pending::{self, Begun, Browser};
use crate::session::{self, Administrator};
use crate::{admin::Visitor, app::App, clock::now, database::execute, oidc, records, saml};

/// Sends somebody to the identity provider of a connection.
pub(crate) async fn begin(
    app: &App,
    jar: &CookieJar,
    stored: &Stored,
    return_to: Option<String>,
    from: From,
) -> Result<Response> {
    let (browser, cookie) = Browser::with_cookie(app, jar)?;
    let (outgoing, flow) = match stored.connection.provider() {
        Some(IdentityProvider::Saml(_)) => saml::begin(app, stored).await?,
        Some(IdentityProvider::Oidc(_)) => oidc::begin(app, stored).await?,
        _ => return Err(closed(app, stored).await),
    };
    let begun = Begun { return_to, ..Begun::new(flow) };
    pending::keep(app, &stored.connection, &browser, &begun).await?;
    Ok((CookieJar::new().add(cookie), going::off(&outgoing, from)).into_response())
}

/// Begins the test of a connection: the same way, bound to the session of the administrator. The report is at
/// `/admin/sso/report` afterwards.
pub(crate) async fn begin_test(
    app: &App,
    administrator: &Administrator,
    connection: &Connection,
) -> Result<Response> {
    let stored = connections::find(app, connection.id().as_str()).await?.ok_or(Failure::NotFound)?;
    if stored.enterprise.id != administrator.0.enterprise.id {
        return Err(Failure::NotFound);
    }
    let test = TestRun::begin(&stored.connection, &administrator.actor());
    off_to_test(app, &stored, &Browser::of_session(&administrator.0.session), test, None).await
}

/// The same for whoever holds a set-up link. The report is below the link afterwards.
pub(crate) async fn begin_test_by_link(
    app: &App,
    link: &str,
    actor: &Actor,
    connection: &Connection,
) -> Result<Response> {
    let stored = connections::find(app, connection.id().as_str()).await?.ok_or(Failure::NotFound)?;
    let (browser, cookie) = Browser::with_cookie(app, &CookieJar::new())?;
    let test = TestRun::begin(&stored.connection, actor);
    let away = off_to_test(app, &stored, &browser, test, Some(link.to_owned())).await?;
    Ok((CookieJar::new().add(cookie), away).into_response())
}

async fn off_to_test(
    app: &App,
    stored: &Stored,
    browser: &Browser,
    test: TestRun,
    link: Option<String>,
) -> Result<Response> {
    let (outgoing, flow) = match stored.connection.provider() {
        Some(IdentityProvider::Saml(_)) => saml::begin(app, stored).await?,
        Some(IdentityProvider::Oidc(_)) => oidc::begin(app, stored).await?,
        _ => return Err(Failure::Invalid("The identity provider is not set up yet.".into())),
    };
    let begun = Begun { test: Some(test), link, ..Begun::new(flow) };
    pending::keep(app, &stored.connection, browser, &begun).await?;
    Ok(going::off(&outgoing, From::Form))
}

/// The refusal of a connection that lets nobody in, with a record of it. No message is looked at.
pub(crate) async fn closed(app: &App, stored: &Stored) -> Failure {
    let none = admittance::oidc::Error::StateMissing;
    let answer = Answer::Oidc(OidcLogin { outcome: Err(&none), notes: &[] });
    admission::refuse(app, stored, answer).await
}

/// Where somebody goes who has come in. An earlier session of the browser ends.
pub(crate) async fn welcome(
    app: &App,
    jar: &CookieJar,
    cookie: Cookie<'static>,
    return_to: Option<&str>,
) -> Result<Response> {
    if let Some(earlier) = session::current(app, jar).await? {
        session::end(app, &earlier.session).await?;
    }
    let to = return_to.and_then(admittance::connection::return_path).unwrap_or("/me");
    Ok((CookieJar::new().add(cookie), Redirect::to(to)).into_response())
}

/// The answer to a test.
pub(crate) enum Tested<'a> {
    Saml {
        sp: &'a SpConfig,
        pending: Option<&'a web_sso::Pending>,
        form_field: &'a str,
        /// Of the same answer, for looking up whom it is about.
        claims: Option<&'a Claims>,
    },
    Oidc(OidcLogin<'a>),
}

/// Ends a test: record and report are kept, the connection learns of it, and nobody is signed in.
pub(crate) async fn finish_test(
    app: &App,
    jar: &CookieJar,
    stored: &Stored,
    (run, link): (&TestRun, Option<&str>),
    answer: Tested<'_>,
) -> Result<Response> {
    let Tester { actor, name, report_at } = match link {
        Some(link) => Tester::by_link(app, link).await?,
        None => Tester::by_session(app, jar, stored).await?,
    };
    let at = now();
    let mut tx = app.database.write().await?;
    let stored = admission::in_turn(&mut tx, stored).await?;
    let known = Known::read(&mut tx, &stored, answer.claims(), at).await?;
    let test = TestAnswer { run, actor: &actor };
    let (report, record) = known.with_context(app, &stored, &[], |context| match answer {
        Tested::Saml { sp, pending, form_field, .. } => test_saml(test, sp, pending, form_field, context, at),
        Tested::Oidc(login) => test_oidc(test, login, context, at),
    })?;
    records::keep(&mut tx, &record, &report.diagnoses).await?;
    execute!(&mut *tx,
        "INSERT INTO test_reports (connection_id, begun_by, at, document) VALUES ($1, $2, $3, $4)
         ON CONFLICT (connection_id) DO UPDATE SET begun_by = $2, at = $3, document = $4";
        stored.connection.id().as_str(), &name, at.to_unix_millis(), serde_json::to_string(&report)?
    );
    // What the connection does not take is in the report: it has changed since, or somebody else had begun
    let command = Command::RecordTest(Box::new(report));
    connections::command_in(app, &mut tx, actor, &stored.connection, command).await?;
    tx.commit().await?;
    Ok(Redirect::to(&report_at).into_response())
}

impl<'a> Tested<'a> {
    fn claims(&self) -> Option<&'a Claims> {
        match self {
            Self::Saml { claims, .. } => *claims,
            Self::Oidc(login) => login.outcome.ok().map(|id| id.claims()),
        }
    }
}

/// Who has come back with the answer to a test.
struct Tester {
    actor: Actor,
    /// Of an account or of a link: the report is shown to nobody else.
    name: String,
    report_at: String,
}

impl Tester {
    async fn by_session(app: &App, jar: &CookieJar, stored: &Stored) -> Result<Self> {
        let signed_in = session::current(app, jar).await?;
        let signed_in = signed_in.ok_or(Failure::SignInFirst { return_to: "/admin/sso".into() })?;
        let name = signed_in.account.id.clone();
        let is_administrator =
            signed_in.account.is_enterprise_administrator && signed_in.enterprise.id == stored.enterprise.id;
        let actor = if is_administrator {
            Administrator(signed_in).actor()
        } else {
            Actor::Other { name: signed_in.account.login }
        };
        Ok(Self { actor, name, report_at: "/admin/sso/report".to_owned() })
    }

    /// The link is opened again: it may have ended meanwhile.
    async fn by_link(app: &App, link: &str) -> Result<Self> {
        let visitor = Visitor::of_link(app, link).await?;
        let report_at = format!("{}/sso/report", visitor.base);
        Ok(Self { name: visitor.tester(), actor: visitor.actor, report_at })
    }
}
