//! Attribute statements (Core 2.7.3).

use std::collections::HashMap;

use super::policy::Trim;
use crate::claims::{Claim, ClaimValue, Overage};
use crate::limits::{Budget, Resource};
use crate::note::Note;
use crate::saml::assertion::{NameId, is};
use crate::saml::encrypted::{Encrypted, decryption_failed};
use crate::saml::error::Error;
use crate::saml::message::{Judge, is_xml_space};
use crate::xml::Read as _;
use crate::xmldsig::VerifiedElement;

pub(super) struct Attributes {
    pub(super) claims: Vec<Claim>,
    pub(super) overages: Vec<Overage>,
    /// Name identifiers inside values, with the attribute's name.
    pub(super) name_ids: Vec<(String, NameId)>,
}

/// Reads every AttributeStatement in document order. Attributes of one name become one claim, values in order.
pub(super) fn read(
    assertion: VerifiedElement<'_>,
    judge: &mut Judge<'_>,
    budget: &mut Budget,
) -> Result<Attributes, Error> {
    let limits = &judge.policy.limits;
    let mut trimmed = false;
    // Core 2.7.3.2: what an EncryptedAttribute holds stands in its place.
    let mut plaintexts = Vec::new();
    for attribute in statements(assertion).flat_map(VerifiedElement::children) {
        if is(attribute, "EncryptedAttribute") {
            plaintexts.push(judge.decrypt_signed(Encrypted::ATTRIBUTE, attribute, budget)?);
        }
    }
    let mut plaintexts = plaintexts.iter();

    let mut attributes = Attributes { claims: Vec::new(), overages: Vec::new(), name_ids: Vec::new() };
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for statement in statements(assertion) {
        for attribute in statement.children() {
            let attribute = match is(attribute, "EncryptedAttribute") {
                true => plaintexts.next().and_then(|plaintext| attribute.decrypted(plaintext.fragment())),
                false => Some(attribute),
            };
            let attribute = attribute.ok_or_else(|| decryption_failed(Encrypted::ATTRIBUTE))?;
            budget.spend(Resource::AssertionAttributes, 1, limits.attributes)?;
            let name = attribute.attribute("Name").unwrap_or_default();
            let invalid = || Error::AttributeInvalid { name: name.chars().take(256).collect() };
            if !is(attribute, "Attribute") || name.is_empty() {
                return Err(invalid());
            }
            let position = *positions.entry(name).or_insert_with(|| {
                let friendly_name = attribute.attribute("FriendlyName").map(str::to_owned);
                attributes.claims.push(Claim { name: name.to_owned(), friendly_name, values: Vec::new() });
                attributes.claims.len() - 1
            });
            let Some(claim) = attributes.claims.get_mut(position) else { return Err(invalid()) };
            for value in attribute.children() {
                if !is(value, "AttributeValue") {
                    return Err(invalid());
                }
                budget.spend(Resource::AttributeValues, 1, limits.attribute_values)?;
                claim.values.push(ClaimValue::Text(text_of(value, judge.policy.trim, &mut trimmed)));
                let nested = value.children().filter(|child| is(*child, "NameID")).map(NameId::read);
                attributes.name_ids.extend(nested.map(|name_id| (name.to_owned(), name_id)));
            }
        }
    }
    if trimmed {
        judge.note(Note::new("saml.text_trimmed").field("AttributeValue"));
    }
    attributes.overages = overages(&attributes.claims);
    Ok(attributes)
}

fn statements<'d>(assertion: VerifiedElement<'d>) -> impl Iterator<Item = VerifiedElement<'d>> {
    assertion.children().filter(|child| is(*child, "AttributeStatement"))
}

/// The text of a value and everything in it, exactly as signed; empty for `xsi:nil`.
fn text_of(value: VerifiedElement<'_>, trim: Trim, trimmed: &mut bool) -> String {
    let text = value.all_text();
    let kept = text.trim_matches(is_xml_space);
    if trim != Trim::NamesAndValues || kept.len() == text.len() {
        return text.into_owned();
    }
    *trimmed = true;
    kept.to_owned()
}

/// Entra ID sends this attribute instead of the groups of somebody who is in more than 150.
const GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";

fn overages(claims: &[Claim]) -> Vec<Overage> {
    let link = claims.iter().find(|claim| claim.name == GROUPS_LINK);
    let link_of = |claim: &Claim| claim.values.first().and_then(ClaimValue::as_text).map(str::to_owned);
    link.map(|claim| Overage { name: "groups".to_owned(), link: link_of(claim) }).into_iter().collect()
}
