//! The style sheet, the icon and the little script, built into the program.

use axum::{Router, http::header, routing::get};

use crate::app::Shared;

pub(crate) fn routes() -> Router<Shared> {
    let asset = |kind: &'static str, text: &'static str| {
        get(
            move || async move { ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text) },
        )
    };
    Router::new()
        .route("/static/style.css", asset("text/css; charset=utf-8", include_str!("../static/style.css")))
        .route("/static/icon.svg", asset("image/svg+xml", include_str!("../static/icon.svg")))
        .route("/static/page.js", asset("text/javascript; charset=utf-8", include_str!("../static/page.js")))
}
