use std::collections::BTreeSet;

use super::{Task, references};
use crate::{
    fold,
    scim::{
        fetch::{Fetch, Load, Target},
        operation::{MembersGiven, Op, Written},
        projection::Projection,
        service::{Kind, ServedType},
        tenant::ResourceId,
    },
};

impl Task<'_> {
    /// What the operation needs to know first. Members of a group are loaded for answers that show them, and for changes
    /// that cannot be said without them.
    pub(super) fn plan(&self) -> Fetch {
        let one = |served: &ServedType, id: &ResourceId, load: Load| Target::One {
            resource_type: served.resource_type.name.clone(),
            id: id.clone(),
            load,
        };
        let mut new_ids = 0;
        let mut references = BTreeSet::new();
        let target = match &self.op {
            Op::Answered(_) => Target::Nothing,
            Op::Get { served, id, projection } => one(served, id, Load::shown(projection.clone())),
            Op::List(listing) => self.part_to_load(listing),
            Op::Create(written) => {
                new_ids = 1;
                references = references::all(&written.served.resource_type, &written.resource);
                name_of_user(written)
                    .map_or(Target::Nothing, |name| Target::UserName { folded: fold::fold(name) })
            }
            Op::Replace { id, written, members } => {
                references = references::all(&written.served.resource_type, &written.resource);
                let load = Load::to_change(written.projection.clone());
                let load = match members {
                    MembersGiven::Kept => load,
                    MembersGiven::These => load.without_members(),
                };
                one(written.served, id, load)
            }
            Op::Patch { served, id, ops, projection } => {
                let load = Load::to_change(projection.clone().unwrap_or_else(nothing));
                let load = match ops.membership_delta() {
                    Some(delta) => {
                        references = delta.add.keys().map(|id| ResourceId::from(id.as_str())).collect();
                        load
                    }
                    None if served.kind == Kind::Group => load.with_members(),
                    None => load,
                };
                one(served, id, load)
            }
            Op::Delete { served, id } => one(served, id, Load::shown(nothing())),
        };
        Fetch { tenant: self.tenant.clone(), target, references: references.into_iter().collect(), new_ids }
    }
}

/// The name by which an account that a sign-in made is found.
fn name_of_user<'w>(written: &'w Written<'_>) -> Option<&'w str> {
    match written.served.kind {
        Kind::User => written.resource.text("userName"),
        Kind::Group | Kind::Other => None,
    }
}

fn nothing() -> Projection {
    Projection::Only(Vec::new())
}
