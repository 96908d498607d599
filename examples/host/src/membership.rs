//! Carries out what the library planned for groups. Applying is set-like: a change that holds already changes nothing.

use std::mem::discriminant;

use admittance::groups::{Change, Link, Member, NewGroup, Rename, Unlink};
use admittance::id::ConnectionId;
use sqlx::AssertSqlSafe;

use crate::database::{Tx, execute, sql};
use crate::failure::{Failure, Result};
use crate::keys;

/// Applies changes on behalf of a connection: what is added has it as its origin. The caller has taken the enterprise's
/// turn and compared the basis of the plan.
pub(crate) async fn apply(tx: &mut Tx, connection: &ConnectionId, changes: &[Change]) -> Result<()> {
    for alike in changes.chunk_by(|one, other| discriminant(one) == discriminant(other)) {
        match alike {
            [Change::AddMember(_), ..] => join(tx, connection, &members(alike)).await?,
            [Change::RemoveMember(_), ..] => leave(tx, &members(alike)).await?,
            _ => {
                for change in alike {
                    carry_out(tx, connection, change).await?;
                }
            }
        }
    }
    Ok(())
}

async fn carry_out(tx: &mut Tx, connection: &ConnectionId, change: &Change) -> Result<()> {
    match change {
        Change::CreateGroup(group) => create(tx, connection, group).await,
        Change::AdoptGroup(link) => adopt(tx, connection, link).await,
        Change::RenameGroup(rename) => self::rename(tx, rename).await,
        Change::UnlinkGroup(link) => unlink(tx, connection, link).await,
        // The rest of the plan would not be what was shown
        _ => Err(Failure::Internal(format!("a change that is not known here: {change}"))),
    }
}

/// A user and a group.
type Pair<'a> = (&'a str, &'a str);

fn members(changes: &[Change]) -> Vec<Pair<'_>> {
    changes.iter().filter_map(member).collect()
}

fn member(change: &Change) -> Option<Pair<'_>> {
    match change {
        Change::AddMember(Member { group, user, .. }) | Change::RemoveMember(Member { group, user, .. }) => {
            Some((user.as_str(), group.as_str()))
        }
        _ => None,
    }
}

async fn join(tx: &mut Tx, connection: &ConnectionId, pairs: &[Pair<'_>]) -> Result<()> {
    for pairs in pairs.chunks(PAIRS_AT_ONCE) {
        let rows: Vec<String> =
            (1..=pairs.len()).map(|row| format!("(${}, ${}, $1)", 2 * row, 2 * row + 1)).collect();
        let statement = format!(
            "INSERT INTO memberships (account_id, group_id, origin) VALUES {}
             ON CONFLICT (account_id, group_id) DO NOTHING",
            rows.join(", ")
        );
        let query = sql!(AssertSqlSafe(statement); connection.as_str());
        let query = pairs.iter().fold(query, |query, (user, group)| query.bind(*user).bind(*group));
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn leave(tx: &mut Tx, pairs: &[Pair<'_>]) -> Result<()> {
    for pairs in pairs.chunks(PAIRS_AT_ONCE) {
        let rows: Vec<String> =
            (0..pairs.len()).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2)).collect();
        let statement =
            format!("DELETE FROM memberships WHERE (account_id, group_id) IN (VALUES {})", rows.join(", "));
        let query = sqlx::query(AssertSqlSafe(statement));
        let query = pairs.iter().fold(query, |query, (user, group)| query.bind(*user).bind(*group));
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn create(tx: &mut Tx, connection: &ConnectionId, group: &NewGroup) -> Result<()> {
    let id = keys::new_id("g")?;
    execute!(&mut **tx,
        "INSERT INTO local_groups (id, organization_id, name, kind, connection_id, idp_group_id)
         VALUES ($1, $2, $3, 'ordinary', $4, $5)";
        &id, group.organization.as_str(), group.name.as_str(), connection.as_str(),
        group.idp_group.as_str()
    );
    let pairs: Vec<Pair<'_>> = group.members.iter().map(|user| (user.as_str(), id.as_str())).collect();
    join(tx, connection, &pairs).await
}

async fn adopt(tx: &mut Tx, connection: &ConnectionId, link: &Link) -> Result<()> {
    execute!(&mut **tx,
        "UPDATE local_groups SET connection_id = $2, idp_group_id = $3 WHERE id = $1";
        link.group.as_str(), connection.as_str(), link.idp_group.as_str()
    );
    Ok(())
}

async fn rename(tx: &mut Tx, rename: &Rename) -> Result<()> {
    execute!(&mut **tx,
        "UPDATE local_groups SET name = $2 WHERE id = $1";
        rename.link.group.as_str(), rename.to.as_str()
    );
    Ok(())
}

async fn unlink(tx: &mut Tx, connection: &ConnectionId, unlink: &Unlink) -> Result<()> {
    let group = unlink.link.group.as_str();
    execute!(&mut **tx,
        "UPDATE local_groups SET connection_id = NULL, idp_group_id = NULL
         WHERE id = $1 AND connection_id = $2 AND idp_group_id = $3";
        group, connection.as_str(), unlink.link.idp_group.as_str()
    );
    let pairs: Vec<Pair<'_>> = unlink.members.iter().map(|user| (user.as_str(), group)).collect();
    leave(tx, &pairs).await
}

/// Rows of one statement: far below what either database takes, and few statements for a group of thousands. The text of
/// a statement holds numbers of placeholders and nothing else that changes.
const PAIRS_AT_ONCE: usize = 200;
