//! Carries out what the library planned for groups. Applying is set-like: a change that holds already changes nothing.

use admittance::{
    groups::{Change, Link, Member, NewGroup, Rename, Unlink},
    id::{ConnectionId, UserId},
};

use crate::{database::Tx, failure::Failure, keys};

/// Applies changes on behalf of a connection: what is added has it as its origin. The caller has taken the enterprise's
/// turn and compared the basis of the plan.
pub(crate) async fn apply(tx: &mut Tx, connection: &ConnectionId, changes: &[Change]) -> Result<(), Failure> {
    for change in changes {
        match change {
            Change::AddMember(Member { group, user, .. }) => {
                join(tx, connection, group.as_str(), user).await?
            }
            Change::RemoveMember(Member { group, user, .. }) => leave(tx, group.as_str(), user).await?,
            Change::CreateGroup(group) => create(tx, connection, group).await?,
            Change::AdoptGroup(link) => adopt(tx, connection, link).await?,
            Change::RenameGroup(rename) => self::rename(tx, rename).await?,
            Change::UnlinkGroup(link) => unlink(tx, connection, link).await?,
            // The rest of the plan would not be what was shown
            _ => return Err(Failure::Internal(format!("a change that is not known here: {change}"))),
        }
    }
    Ok(())
}

async fn join(tx: &mut Tx, connection: &ConnectionId, group: &str, user: &UserId) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO memberships (account_id, group_id, origin) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, group_id) DO NOTHING",
    )
    .bind(user.as_str())
    .bind(group)
    .bind(connection.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn leave(tx: &mut Tx, group: &str, user: &UserId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM memberships WHERE account_id = $1 AND group_id = $2")
        .bind(user.as_str())
        .bind(group)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn create(tx: &mut Tx, connection: &ConnectionId, group: &NewGroup) -> Result<(), Failure> {
    let id = keys::new_id("g")?;
    sqlx::query(
        "INSERT INTO local_groups (id, organization_id, name, kind, connection_id, idp_group_id)
         VALUES ($1, $2, $3, 'ordinary', $4, $5)",
    )
    .bind(&id)
    .bind(group.organization.as_str())
    .bind(group.name.as_str())
    .bind(connection.as_str())
    .bind(group.idp_group.as_str())
    .execute(&mut **tx)
    .await?;
    for user in &group.members {
        join(tx, connection, &id, user).await?;
    }
    Ok(())
}

async fn adopt(tx: &mut Tx, connection: &ConnectionId, link: &Link) -> Result<(), Failure> {
    sqlx::query("UPDATE local_groups SET connection_id = $2, idp_group_id = $3 WHERE id = $1")
        .bind(link.group.as_str())
        .bind(connection.as_str())
        .bind(link.idp_group.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn rename(tx: &mut Tx, rename: &Rename) -> Result<(), Failure> {
    sqlx::query("UPDATE local_groups SET name = $2 WHERE id = $1")
        .bind(rename.link.group.as_str())
        .bind(rename.to.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn unlink(tx: &mut Tx, connection: &ConnectionId, unlink: &Unlink) -> Result<(), Failure> {
    let group = unlink.link.group.as_str();
    sqlx::query(
        "UPDATE local_groups SET connection_id = NULL, idp_group_id = NULL
         WHERE id = $1 AND connection_id = $2 AND idp_group_id = $3",
    )
    .bind(group)
    .bind(connection.as_str())
    .bind(unlink.link.idp_group.as_str())
    .execute(&mut **tx)
    .await?;
    for user in &unlink.members {
        leave(tx, group, user).await?;
    }
    Ok(())
}
