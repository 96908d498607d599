//! Why a request gets no page, and the page that says so: what failed, who can mend it, and a reference. Never a secret.

use admittance::connection::{Diagnosis, Side};
use admittance::entropy::{EntropyError, OsEntropy};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use crate::layout::{Chrome, html};

/// Of everything that may end in such a page.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

#[derive(Debug)]
pub(crate) enum Failure {
    NotFound,
    /// Signed in, and not allowed.
    Forbidden,
    /// Nobody is signed in.
    SignInFirst {
        return_to: String,
    },
    /// What the browser sent cannot be from a page of ours, or the page is too old.
    NotFromOurPage,
    /// What was entered cannot be used: said beside the form where there is one.
    Invalid(String),
    /// Somebody else has changed it meanwhile.
    Stale,
    /// Tried again and again.
    TooOften,
    /// The library's own words; the reference leads to the flow record.
    Refused {
        status: StatusCode,
        diagnosis: Box<Diagnosis>,
        reference: String,
    },
    /// Our own: logged under a reference, told to nobody.
    Internal(String),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(format!("database: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored document: {error}"))
    }
}

impl From<EntropyError> for Failure {
    fn from(error: EntropyError) -> Self {
        Self::Internal(error.to_string())
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Page<'a> {
    chrome: Chrome,
    title: &'a str,
    message: &'a str,
    /// Who can mend it.
    side: &'a str,
    remedy: &'a str,
    reference: &'a str,
    code: &'a str,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let plain = |status, title: &str, message: &str, remedy: &str, reference: &str| {
            let page =
                Page { chrome: Chrome::plain(title), title, message, side: "", remedy, reference, code: "" };
            (status, html(&page)).into_response()
        };
        match self {
            Self::SignInFirst { return_to } => {
                let query: String = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("return_to", &return_to)
                    .finish();
                Redirect::to(&format!("/login?{query}")).into_response()
            }
            Self::NotFound => plain(
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The address leads nowhere.",
                "Go back, or to the start page.",
                "",
            ),
            Self::Forbidden => plain(
                StatusCode::FORBIDDEN,
                "This is not yours to see",
                "Your account may not open this page.",
                "Ask an administrator of your enterprise.",
                "",
            ),
            Self::NotFromOurPage => plain(
                StatusCode::FORBIDDEN,
                "Please try again",
                "The form was open for too long, or did not come from this product.",
                "Go back, load the page again, and repeat what you did.",
                "",
            ),
            Self::Invalid(message) => {
                plain(StatusCode::BAD_REQUEST, "That cannot be used", &message, "Go back and correct it.", "")
            }
            Self::Stale => plain(
                StatusCode::CONFLICT,
                "Somebody else was faster",
                "The connection was changed while you were looking at it. Nothing of yours was stored.",
                "Load the page again and repeat what you did.",
                "",
            ),
            Self::TooOften => plain(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts",
                "This was tried too often within a minute.",
                "Wait a minute and try again.",
                "",
            ),
            Self::Refused { status, diagnosis, reference } => {
                let told = diagnosis.for_user(&reference);
                let side = match diagnosis.side {
                    Side::User => "You can mend this yourself.",
                    Side::Product => "An administrator of your enterprise can mend this, in this product.",
                    Side::IdentityProvider => "An administrator of your identity provider can mend this.",
                    _ => "Whoever runs this product can mend this.",
                };
                let page = Page {
                    chrome: Chrome::plain("Sign-in did not succeed"),
                    title: "Sign-in did not succeed",
                    message: &told,
                    side,
                    // Whoever can mend it is told in the message; everybody else would not understand it
                    remedy: "",
                    reference: &reference,
                    code: &diagnosis.code,
                };
                (status, html(&page)).into_response()
            }
            Self::Internal(cause) => {
                let reference = admittance::connection::flow_reference(&mut OsEntropy).unwrap_or_default();
                tracing::error!(%reference, %cause, "a request failed");
                plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something went wrong on our side",
                    "Nothing was changed.",
                    "Try again; if it stays so, tell whoever runs this product the reference.",
                    &reference,
                )
            }
        }
    }
}
