//! The demo: an enterprise to look at, and an identity provider beside the product.

mod seed;

pub(crate) use self::seed::PASSWORD;

use crate::app::Shared;

/// Fills an empty database, starts the demo identity provider, and prints what to do first.
pub(crate) async fn start(app: &Shared) -> Result<(), String> {
    seed::fill(app).await.map_err(|error| format!("the demo enterprise: {error:?}"))?;
    println!("The demo identity provider: {}", app.settings.demo_url());
    Ok(())
}
