//! The enterprise that a newcomer finds: two organizations with groups, and an administrator with a password.

use sqlx::Row;

use crate::{app::App, clock::now, failure::Failure, login::hash};

/// Fills the database when it has no enterprise yet.
pub(super) async fn fill(app: &App) -> Result<(), Failure> {
    let mut tx = app.database.write().await?;
    let row = sqlx::query("SELECT COUNT(*) FROM enterprises").fetch_one(&mut *tx).await?;
    if row.get::<i64, _>(0) > 0 {
        return Ok(());
    }
    let at = now().to_unix_millis();
    for (enterprise, key, name) in [("acme", "acme", "Acme"), ("globex", "globex", "Globex")] {
        sqlx::query("INSERT INTO enterprises (id, enterprise_key, name, revision) VALUES ($1, $2, $3, 1)")
            .bind(enterprise)
            .bind(key)
            .bind(name)
            .execute(&mut *tx)
            .await?;
    }
    for (organization, enterprise, name) in ORGANIZATIONS {
        sqlx::query("INSERT INTO organizations (id, enterprise_id, name) VALUES ($1, $2, $3)")
            .bind(organization)
            .bind(enterprise)
            .bind(name)
            .execute(&mut *tx)
            .await?;
        for group in GROUPS {
            let kind = if group == "Members" { "default" } else { "ordinary" };
            sqlx::query("INSERT INTO local_groups (id, organization_id, name, kind) VALUES ($1, $2, $3, $4)")
                .bind(format!("{organization}-{}", group.to_ascii_lowercase().replace(' ', "-")))
                .bind(organization)
                .bind(group)
                .bind(kind)
                .execute(&mut *tx)
                .await?;
        }
    }
    for (id, enterprise, name) in [("grace", "acme", "Grace Hopper"), ("hank", "globex", "Hank Scorpio")] {
        sqlx::query(
            "INSERT INTO accounts (id, enterprise_id, name, login, email, active, is_enterprise_administrator, \
             is_protected, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, 1, 1, 1, $6, $7)",
        )
        .bind(id)
        .bind(enterprise)
        .bind(name)
        .bind(id)
        .bind(format!("{id}@{enterprise}.example"))
        .bind(hash(PASSWORD)?)
        .bind(at)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Of the demo's administrators.
pub(crate) const PASSWORD: &str = "quayside";

const ORGANIZATIONS: [(&str, &str, &str); 3] =
    [("harbour", "acme", "Harbour"), ("shipyard", "acme", "Shipyard"), ("moon", "globex", "Moon base")];

const GROUPS: [&str; 5] = ["Members", "Engineers", "Designers", "Quality", "ENT_ORGA_ADMINS"];
