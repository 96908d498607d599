//! D34, D42–D44, D46, D47.

use admittance::connection::{Command, IdpSource, Observations, Preset, Reach, State, apply, setup_warnings};

use super::super::fixture::{facts, in_state, new, now, refused, run, typed};
use super::{Vector, certificate, good_metadata, metadata, upload, vector};

pub(super) fn vectors() -> Vec<Vector> {
    let all = vec![
        vector(
            "saml.certificate_wrong_kind",
            || upload("-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----"),
            || upload(&certificate()),
        ),
        vector("saml.metadata_not_xml", || metadata("{}"), || metadata(&good_metadata())),
        vector("saml.metadata_html", || metadata("<!doctype html><html>"), || metadata(&good_metadata())),
        vector(
            "saml.metadata_no_idp",
            || {
                metadata(
                    "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"><md:RoleDescriptor protocolSupportEnumeration=\"a\"/></md:EntityDescriptor>",
                )
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_no_sso",
            || {
                metadata(
                    &good_metadata()
                        .replace("bindings:HTTP-Redirect", "bindings:X")
                        .replace("bindings:HTTP-POST", "bindings:Y"),
                )
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_no_signing_key",
            || metadata(&good_metadata().replace("use=\"signing\"", "use=\"encryption\"")),
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_sp_only",
            || {
                let sp = admittance::saml::metadata::sp::SpConfig::new(
                    "https://sp.example/x",
                    "https://sp.example/acs",
                );
                metadata(&String::from_utf8(sp.metadata().unwrap()).unwrap())
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_several_entities",
            || {
                let second = good_metadata().replacen(
                    "entityID=\"https://idp.example/saml/metadata\"",
                    "entityID=\"https://b.example\"",
                    1,
                );
                let strip =
                    |text: &str| text.trim_start_matches(|c| c != '>').trim_start_matches('>').to_owned();
                let (one, two) = (good_metadata(), second);
                let body = |text: &str| if text.starts_with("<?xml") { strip(text) } else { text.to_owned() };
                metadata(&format!(
                    "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{}{}</md:EntitiesDescriptor>",
                    body(&one),
                    body(&two)
                ))
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_expired",
            || {
                metadata(&good_metadata().replacen(
                    "entityID=",
                    "validUntil=\"2020-01-01T00:00:00Z\" entityID=",
                    1,
                ))
            },
            || {
                metadata(&good_metadata().replacen(
                    "entityID=",
                    "validUntil=\"2030-01-01T00:00:00Z\" entityID=",
                    1,
                ))
            },
        ),
        vector(
            "saml.url_not_allowed",
            || {
                let draft = run(new(), [Command::Choose(Preset::OktaSaml)]);
                let source = IdpSource::MetadataUrl("http://idp.example/metadata".to_owned());
                refused(&draft, Command::SetIdp { source, reach: None })
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.metadata_unreachable",
            || {
                refused(
                    &in_state(State::Draft),
                    Command::Create(Reach::NotReached { reason: "status 404".to_owned() }),
                )
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "connection.mapping_outdated",
            || {
                let mut observations = Observations::default();
                observations.mapping_version += 1;
                setup_warnings(&in_state(State::Enabled), &observations, now())
            },
            || setup_warnings(&in_state(State::Enabled), &Observations::default(), now()),
        ),
        vector(
            "scim.blocked_by_sso_warnings",
            || {
                let tested = in_state(State::Tested);
                let mut facts = facts(&tested);
                facts.observations.mapping_version += 1;
                let why = apply(&tested, Command::SetUpScim, &facts, now()).unwrap_err();
                // What blocks it comes along
                why.into_iter().filter(|diagnosis| diagnosis.code != "connection.mapping_outdated").collect()
            },
            || {
                let tested = in_state(State::Tested);
                apply(&tested, Command::SetUpScim, &facts(&tested), now()).err().unwrap_or_default()
            },
        ),
        vector(
            "guard.last_enterprise_admin",
            || {
                let enabled = in_state(State::Enabled);
                let mut facts = facts(&enabled);
                facts.administrators.enterprise = 0;
                apply(&enabled, Command::Disable, &facts, now()).unwrap_err()
            },
            || {
                let enabled = in_state(State::Enabled);
                apply(&enabled, Command::Disable, &facts(&enabled), now()).err().unwrap_or_default()
            },
        ),
        vector(
            "guard.last_organization_admin",
            || {
                let enabled = in_state(State::Enabled);
                let mut facts = facts(&enabled);
                facts.administrators.organizations = [("org-b".into(), 0)].into();
                apply(&enabled, Command::Delete(typed("Acme")), &facts, now()).unwrap_err()
            },
            || {
                let enabled = in_state(State::Enabled);
                apply(&enabled, Command::Delete(typed("Acme")), &facts(&enabled), now())
                    .err()
                    .unwrap_or_default()
            },
        ),
    ];
    all
}
