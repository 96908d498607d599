//! D04–D15, D49.

use admittance::connection::Preset;
use admittance::groups::MaxRemovals;
use admittance::testing::saml_idp;
use admittance::testing::saml_idp::{Fault, GroupValues, Shape};

use super::super::scene::Scene;
use super::{Vector, fault, groups, many, test, vector};

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "groups.no_organization",
            || groups(&["Astronomers"]),
            || groups(&["Astronomers", "Developers"]),
        ),
        vector("groups.attribute_missing", || fault(Fault::NoGroups), || fault(Fault::EmptyGroups)),
        vector("groups.empty", || fault(Fault::EmptyGroups), || fault(Fault::NoGroups)),
        vector("groups.overage", || fault(Fault::GroupsOverage), || fault(Fault::NoGroups)),
        vector(
            "groups.possibly_truncated",
            || many(Preset::GoogleWorkspace, Shape::Google, 75),
            || many(Preset::GoogleWorkspace, Shape::Google, 74),
        ),
        vector(
            "groups.object_ids",
            || {
                test(|scene| {
                    scene.idp.fault = Some(Fault::ObjectIdsAsGroups);
                    scene.member_of = vec!["g0"];
                    // What the person is in by hand keeps the organization
                    scene.policy.groups.scope = admittance::groups::Scope::OwnedOnly;
                    scene.policy.groups.protected = ["g0".into()].into();
                })
            },
            || groups(&["Developers", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"]),
        ),
        vector(
            "groups.path_prefix",
            || groups(&["/Reviewers", "Developers"]),
            || groups(&["Reviewers", "Developers"]),
        ),
        vector(
            "groups.single_delimited",
            || {
                test(|scene| {
                    scene.user.groups = vec!["Developers".to_owned(), "Reviewers".to_owned()];
                    scene.idp.style.group_values = GroupValues::Delimited(';');
                    scene.member_of = vec!["g0"];
                    scene.policy.groups.protected = ["g0".into()].into();
                })
            },
            || groups(&["Developers", "Reviewers"]),
        ),
        vector(
            "groups.case_mismatch",
            || groups(&["reviewers", "Developers"]),
            || groups(&["Reviewers", "Developers"]),
        ),
        vector(
            "groups.near_miss",
            || groups(&["Reviewrs", "Developers"]),
            || groups(&["Rvwrs", "Developers"]),
        ),
        vector(
            "groups.default_ignored",
            || groups(&["Members", "Developers"]),
            || groups(&["members of all", "Developers"]),
        ),
        vector(
            "groups.nested_suspected",
            || {
                let change = |scene: &mut Scene| {
                    scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
                    scene.user.groups.clear();
                };
                Scene::preset(Preset::EntraSaml, Shape::EntraId, change).test().0.diagnoses
            },
            || fault(Fault::EmptyGroups),
        ),
        vector(
            "groups.mass_removal",
            || {
                test(|scene| {
                    scene.member_of = vec!["g1", "g3"];
                    scene.groups.push(("org-c", "Old"));
                    scene.member_of.push("g4");
                    scene.policy.groups.max_removals = MaxRemovals::Count(1);
                })
            },
            || {
                test(|scene| {
                    scene.member_of = vec!["g1"];
                    scene.policy.groups.max_removals = MaxRemovals::Count(1);
                })
            },
        ),
    ]
}
