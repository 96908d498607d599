//! [`map`]: claims to a [`Profile`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::aliases::{Field, KnownName};
use super::email::EmailAddress;
use super::error::{MappingError, missing};
use super::evaluate::{Evaluation, Presence, evaluate};
use super::groups_claim::GroupsClaim;
use super::mapping::{Mapping, Rule, Source};
use super::transform::Transform;
use crate::claims::{Claims, Overage, SubjectId};
use crate::note::Note;

/// Who signed in, in the host's terms. It is made by [`map`] alone, out of verified claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Profile {
    /// The person as the identity provider names it: with connection and issuer the key of the account.
    pub subject: SubjectId,
    /// What to show; Login where no name was sent.
    pub name: String,
    /// The unique name, exactly as the rule gives it; not blank.
    pub login: String,
    /// The address.
    pub email: EmailAddress,
    /// Whether the provider says that the address was verified.
    pub email_verified: EmailVerified,
    /// The groups, or why there are none.
    pub groups: GroupsClaim,
}

/// Whether an identity provider says that an address was verified. Silence is not yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailVerified {
    /// It says so.
    Yes,
    /// It says that it was not.
    No,
    /// It says nothing, or nothing that can be read.
    NotStated,
}

/// Reads a profile out of claims (connection rules M1 to M7): Name, Login, Email, Groups, in this order.
///
/// 1. Each field: the rule's source by exact name, aliases where they are allowed and the source was not sent,
///    then the transforms.
/// 2. Login and Email have exactly one value; repetitions of one value count once, blank values not at all.
/// 3. Email is a valid address ([`EmailAddress`]). One that the provider calls unverified gives the note
///    `claims.email_unverified`.
/// 4. Name falls back to Login, with the note `claims.name_missing`; of several, the first is shown, with
///    `claims.name_multiple`.
/// 5. Groups is one of five states: `groups.attribute_missing`, `groups.empty` and `groups.overage` say which.
///    A notice that groups were left out counts when it names a claim of the rule, or, where the rule's own
///    source was not sent, one of the common names of groups.
///
/// Notes come in the order of the fields. When Login and Email both fail, the error is Login's, and Email's follows
/// as a note under its own code, so that one look shows both.
///
/// # Errors
/// [`MappingError`] when Login or Email has no value, several, or Email is no address.
pub fn map(mapping: &Mapping, claims: &Claims) -> (Result<Profile, MappingError>, Vec<Note>) {
    let mut notes = Vec::new();
    let name = mapping.name.as_ref().and_then(|rule| name(rule, claims, &mut notes));
    let login = login(&mapping.login, claims, &mut notes);
    let email = email(&mapping.email, claims, &mut notes);
    let email_verified = email_verified(mapping.email_verified.as_ref(), claims, &mut notes);
    let groups = groups(mapping.groups.as_ref(), claims, &mut notes);
    let profile = match (login, email) {
        (Ok(login), Ok(email)) => Ok(Profile {
            subject: claims.subject().clone(),
            name: name.unwrap_or_else(|| login.clone()),
            login,
            email,
            email_verified,
            groups,
        }),
        (Err(login), Err(email)) => {
            notes.push(email.note());
            Err(login)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    };
    (profile, notes)
}

// M7, #24
fn name(rule: &Rule, claims: &Claims, notes: &mut Vec<Note>) -> Option<String> {
    let (_, values) = single_field(rule, Field::Name, claims, notes);
    let count = values.len();
    if count > 1 {
        let note = Note::new("claims.name_multiple").field(Field::Name.as_str());
        notes.push(note.expected("1 value").actual(format!("{count} values")));
    }
    let first = values.into_iter().next();
    if first.is_none() {
        let received = received(claims);
        notes.push(missing("claims.name_missing", Field::Name.as_str(), &rule.source.to_string(), &received));
    }
    first
}

// M1, M7
fn login(rule: &Rule, claims: &Claims, notes: &mut Vec<Note>) -> Result<String, MappingError> {
    let (attribute, values) = single_field(rule, Field::Login, claims, notes);
    let count = values.len();
    let login = values.into_iter().next().ok_or_else(|| MappingError::LoginMissing {
        expected: rule.source.to_string(),
        received: received(claims),
    })?;
    if count > 1 { Err(MappingError::LoginMultiple { attribute, count }) } else { Ok(login) }
}

// M1, M7
fn email(rule: &Rule, claims: &Claims, notes: &mut Vec<Note>) -> Result<EmailAddress, MappingError> {
    let (attribute, values) = single_field(rule, Field::Email, claims, notes);
    let count = values.len();
    let email = values.into_iter().next().ok_or_else(|| MappingError::EmailMissing {
        expected: rule.source.to_string(),
        received: received(claims),
    })?;
    if count > 1 {
        return Err(MappingError::EmailMultiple { attribute, count });
    }
    EmailAddress::parse(&email).map_err(|flaw| MappingError::EmailInvalid { attribute, flaw })
}

// D20
fn email_verified(rule: Option<&Rule>, claims: &Claims, notes: &mut Vec<Note>) -> EmailVerified {
    let usual =
        Rule::attr("email_verified").transform(Transform::Or(vec![Source::Attr("xms_edov".to_owned())]));
    let (attribute, values) = single_field(rule.unwrap_or(&usual), Field::EmailVerified, claims, notes);
    let note = |code| Note::new(code).field(Field::EmailVerified.as_str()).expected("true");
    match values.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => EmailVerified::NotStated,
        ["true"] => EmailVerified::Yes,
        ["false"] => {
            notes.push(note("claims.email_unverified").actual(format!("false in {attribute}")));
            EmailVerified::No
        }
        _ => {
            notes.push(note("claims.value_dropped").actual(format!("another text in {attribute}")));
            EmailVerified::NotStated
        }
    }
}

// The five states
fn groups(rule: Option<&Rule>, claims: &Claims, notes: &mut Vec<Note>) -> GroupsClaim {
    let Some(rule) = rule else { return GroupsClaim::NotConfigured };
    let evaluation = evaluate(rule, Field::Groups, claims, notes);
    let field = Field::Groups.as_str();
    if let Some(overage) = claims.overages().iter().find(|overage| concerns(overage, &evaluation)) {
        let note = Note::new("groups.overage").field(field).expected(rule.source.to_string());
        notes.push(note.actual(overage.link.as_deref().unwrap_or("no link")));
        let known = evaluation.found.map(|found| found.values).unwrap_or_default();
        return GroupsClaim::Overage { link: overage.link.clone(), known: known.into_iter().collect() };
    }
    match evaluation.found {
        None => {
            let expected = rule.source.to_string();
            notes.push(missing("groups.attribute_missing", field, &expected, &received(claims)));
            GroupsClaim::Missing
        }
        Some(found) if found.values.is_empty() => {
            notes.push(
                Note::new("groups.empty").field(field).actual(format!("{} without a value", found.attribute)),
            );
            GroupsClaim::Empty
        }
        Some(found) => GroupsClaim::from_names(found.values),
    }
}

/// Entra ID reports an overage under the standard name, whatever the administrator has called the claim.
fn concerns(overage: &Overage, evaluation: &Evaluation) -> bool {
    evaluation.consulted(&overage.name)
        || (evaluation.own_source == Presence::NotSent
            && Field::Groups
                .known_names()
                .iter()
                .any(|known| matches!(known, KnownName::Claim(name) if *name == overage.name)))
}

/// The different values of a field that holds one, without blank ones, and where they were.
fn single_field(rule: &Rule, field: Field, claims: &Claims, notes: &mut Vec<Note>) -> (String, Vec<String>) {
    let Some(found) = evaluate(rule, field, claims, notes).found else { return Default::default() };
    let mut seen = BTreeSet::new();
    let mut distinct = found.values;
    distinct.retain(|value| !value.trim().is_empty() && seen.insert(value.clone()));
    (found.attribute, distinct)
}

fn received(claims: &Claims) -> Vec<String> {
    claims.claims().iter().map(|claim| claim.name.clone()).collect()
}
