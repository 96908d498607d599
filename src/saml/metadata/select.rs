//! Which entity of a document is meant (2.4 #12, #15). The one place that changes when aggregates are streamed.

use crate::{
    saml::{Error, metadata::idp::EntityChoice, names},
    xml::Read,
};

/// The entity, its role, and the groups that enclose it.
pub(super) struct Selected<E> {
    pub(super) enclosing: Vec<E>,
    pub(super) entity: E,
    pub(super) role: E,
}

pub(super) fn select<'d, E: Read<'d>>(root: E, choice: &EntityChoice) -> Result<Selected<E>, Error> {
    let found = Entities::of(root)?;
    let entities = &found.entities;
    let candidates: Vec<&Entity<E>> = match choice {
        EntityChoice::Named(name) => {
            let named: Vec<_> =
                entities.iter().filter(|entity| entity_id(entity.element) == Some(name)).collect();
            if named.is_empty() {
                let (expected, actual) = (name.clone(), names_of(entities.iter()));
                return Err(Error::MetadataEntityNotFound { expected, actual });
            }
            named
        }
        EntityChoice::Only => entities.iter().filter(|entity| idp_role(entity.element).is_some()).collect(),
    };
    let &entity = match candidates.as_slice() {
        [] => return Err(no_identity_provider(entities)),
        [one] => one,
        _ => return Err(Error::MetadataSeveralEntities { actual: names_of(candidates.into_iter()) }),
    };
    let role = idp_role(entity.element).ok_or_else(|| no_identity_provider(entities))?;
    // A second entity of the same name would be another answer to the same question.
    let name = entity_id(entity.element);
    let twins: Vec<_> = entities.iter().filter(|other| entity_id(other.element) == name).collect();
    if twins.len() > 1 {
        return Err(Error::MetadataSeveralEntities { actual: names_of(twins.into_iter()) });
    }
    Ok(Selected { enclosing: found.enclosing(entity), entity: entity.element, role })
}

/// The entity's name, without white space at its ends (its type is `xs:anyURI`).
pub(super) fn entity_id<'d>(entity: impl Read<'d>) -> Option<&'d str> {
    entity
        .attribute("entityID")
        .map(|value| value.trim_matches(WHITE_SPACE))
        .filter(|value| !value.is_empty())
}

/// White space of XML.
pub(super) const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The entities of a document in order, and the groups that enclose them.
struct Entities<E> {
    entities: Vec<Entity<E>>,
    groups: Vec<Group<E>>,
}

struct Entity<E> {
    element: E,
    group: Option<usize>,
}

struct Group<E> {
    element: E,
    /// The place of the enclosing group, which comes earlier.
    parent: Option<usize>,
}

impl<'d, E: Read<'d>> Entities<E> {
    /// Finds them without recursion.
    fn of(root: E) -> Result<Self, Error> {
        if root.is(names::MD, "EntityDescriptor") {
            return Ok(Self { entities: vec![Entity { element: root, group: None }], groups: Vec::new() });
        }
        if root.local_name().eq_ignore_ascii_case("html") {
            return Err(Error::MetadataHtml);
        }
        if !root.is(names::MD, "EntitiesDescriptor") {
            let (expected, actual) = ("md:EntityDescriptor", root.qualified_name().to_owned());
            return Err(Error::UnexpectedRoot { expected, actual });
        }
        let mut entities = Vec::new();
        let mut groups = vec![Group { element: root, parent: None }];
        let mut open = vec![(0, root.children())];
        while let Some((group, children)) = open.last_mut() {
            let group = *group;
            let Some(child) = children.next() else {
                open.pop();
                continue;
            };
            if child.is(names::MD, "EntitiesDescriptor") {
                open.push((groups.len(), child.children()));
                groups.push(Group { element: child, parent: Some(group) });
            } else if child.is(names::MD, "EntityDescriptor") {
                entities.push(Entity { element: child, group: Some(group) });
            }
        }
        Ok(Self { entities, groups })
    }

    /// The groups around an entity, innermost first.
    fn enclosing(&self, entity: &Entity<E>) -> Vec<E> {
        let group = |at: Option<usize>| at.and_then(|at| self.groups.get(at));
        std::iter::successors(group(entity.group), |inner| group(inner.parent))
            .map(|group| group.element)
            .collect()
    }
}

/// The first role of an identity provider that speaks SAML 2.0.
fn idp_role<'d, E: Read<'d>>(entity: E) -> Option<E> {
    entity.children().find(|child| child.is(names::MD, "IDPSSODescriptor") && speaks_saml_2(*child))
}

fn speaks_saml_2<'d>(role: impl Read<'d>) -> bool {
    role.attribute("protocolSupportEnumeration")
        .is_some_and(|protocols| protocols.split(WHITE_SPACE).any(|protocol| protocol == names::SAMLP))
}

fn no_identity_provider<'d, E: Read<'d>>(entities: &[Entity<E>]) -> Error {
    let actual = names_of(entities.iter());
    let is_sp =
        |entity: &Entity<E>| entity.element.children().any(|role| role.is(names::MD, "SPSSODescriptor"));
    if entities.iter().any(is_sp) {
        Error::MetadataSpOnly { actual }
    } else {
        Error::MetadataNoIdp { actual }
    }
}

fn names_of<'e, 'd, E: Read<'d> + 'e>(entities: impl Iterator<Item = &'e Entity<E>>) -> Vec<String> {
    let names = entities.map(|entity| entity_id(entity.element).unwrap_or("(no entityID)"));
    names.take(MOST_NAMES).map(|name| name.chars().take(LONGEST_NAME).collect()).collect()
}

const MOST_NAMES: usize = 10;
const LONGEST_NAME: usize = 1024;
