//! The rows of the presets: step by step, in the order and the words that administrators find.

use admittance::connection::assistant::{self, Do, Step, Tab, Urls};
use admittance::connection::{Command, Connection, Preset, State};

use super::fixture::{new, run, saml, with_scim};

fn urls() -> Urls {
    let mut urls = Urls::new("Product", "https://product.example", "c1");
    urls.sp_certificate = Some("https://product.example/saml/c1/certificate.pem".to_owned());
    urls
}

fn chosen(preset: Preset) -> Connection {
    run(new(), [Command::Choose(preset)])
}

/// One action in a line, with ours named as data names them.
fn line(what: &Do) -> String {
    match what {
        Do::Copy { value, into, single, .. } => {
            let value = serde_json::to_value(value).unwrap();
            format!("copy {} → {into}{}", value.as_str().unwrap(), if *single { "!" } else { "" })
        }
        Do::Set { field, to } => format!("set {field} = {to}"),
        Do::Paste { from, into, .. } => format!("paste {from} → {into}"),
        Do::Upload { file, into } => format!("upload {file} → {into}"),
        Do::Warn { text } => format!("warn {text}"),
        Do::Run { run } => format!("run {}", serde_json::to_value(run).unwrap()),
        other => panic!("{other:?}"),
    }
}

/// Whether a step's lines have these beginnings and parts, in this order.
fn assert_lines(preset: &str, step: &Step, wanted: &[&[&str]]) {
    let lines: Vec<String> = step.actions.iter().map(|action| line(&action.what)).collect();
    let mut rest = lines.iter();
    for parts in wanted {
        let found =
            rest.any(|line| line.starts_with(parts[0]) && parts.iter().all(|part| line.contains(part)));
        assert!(
            found,
            "{preset}, {}: {parts:?} is not there, or out of order, in\n{}",
            step.title,
            lines.join("\n")
        );
    }
}

fn assert_sso(preset: Preset, wanted: &[&[&[&str]]]) {
    let steps = assistant::steps(&chosen(preset), &urls());
    assert_eq!(steps.len(), wanted.len(), "{preset}");
    for (step, wanted) in steps.iter().zip(wanted) {
        assert_lines(preset.title(), step, wanted);
    }
}

fn assert_scim(preset: Preset, wanted: &[&[&[&str]]]) {
    let steps = assistant::provisioning_steps(&chosen(preset), &urls());
    for (step, wanted) in steps.iter().zip(wanted) {
        assert_lines(preset.title(), step, wanted);
    }
    assert!(steps.len() >= wanted.len(), "{preset}");
}

const TEST: &[&[&str]] = &[&["set Assignments", "group or user"], &["run \"test\""], &["run \"enable\""]];
const OIDC_TEST: &[&[&str]] = &[&["run \"test\""], &["run \"enable\""]];
const ONLY_ONE: &[&str] = &["warn", "only this one value", "403"];

#[test]
fn okta_oidc() {
    assert_sso(
        Preset::OktaOidc,
        &[
            &[
                &["set", "Sign-in method = OIDC"],
                &["set", "Application type = Web application"],
                &["set", "App integration name = Product"],
                &["copy callback_url → Sign-in redirect URIs"],
                &["set", "Controlled access = Allow everyone"],
                &["set", "immediate access", "Federation Broker Mode"],
            ],
            &[
                &["paste General > Client Credentials > Client ID → client_id"],
                &["paste", "Client secret → client_secret"],
                &["paste account menu > org URL → okta_domain"],
                &["run \"create\""],
            ],
            &[
                &["set Sign On > Token claims", "legacy configuration", "= Filter"],
                &["set", "= groups"],
                &["set", "Matches regex .*"],
                &["warn", "100 groups", "cuts"],
                &["warn", "scope groups"],
            ],
            &[
                &["set Assignments", "Assign to Groups"],
                &["warn", "Federation Broker Mode", "Assignments matter"],
            ],
            OIDC_TEST,
        ],
    );
}

#[test]
fn okta_saml() {
    assert_sso(
        Preset::OktaSaml,
        &[
            &[
                &["set", "SAML 2.0"],
                &["set", "App name = Product"],
                &["set", "Do not display application icon to users = on"],
                &["copy acs_url", "Single sign on URL!"],
                ONLY_ONE,
                &["set Use this for Recipient URL and Destination URL = on"],
                &["copy sp_entity_id → Audience URI (SP Entity ID)"],
                &["set Response = Signed"],
                &["set Assertion Signature = Signed"],
                &["set Signature Algorithm = RSA-SHA256"],
                &["set Assertion Encryption = Encrypted"],
                &["set", "AES256-GCM"],
                &["set", "RSA-OAEP"],
                &["upload https://product.example/saml/c1/certificate.pem → Encryption Certificate"],
                &["warn", "Other Requestable SSO URLs empty"],
                &["set Feedback = Finish"],
            ],
            &[
                &["paste Sign On > Settings > Sign on methods > Metadata URL → metadata_url"],
                &["run \"create\""],
            ],
            &[
                &["set", "legacy configuration"],
                &["set", "Unspecified"],
                &["copy map.name", "user.firstName"],
                &["warn", "first name"],
                &["copy map.login", "user.login"],
                &["copy map.email", "user.email"],
                &["copy map.groups", "Group Attribute Statements", "Matches regex .*"],
            ],
            TEST,
        ],
    );
    let create = &assistant::steps(&chosen(Preset::OktaSaml), &urls())[0];
    let optional: Vec<String> =
        create.actions.iter().filter(|action| action.optional).map(|action| line(&action.what)).collect();
    assert_eq!(optional.len(), 4, "encryption is optional: {optional:?}");
}

#[test]
fn entra_saml() {
    assert_sso(
        Preset::EntraSaml,
        &[
            &[
                &["set", "Create your own application", "gallery"],
                &["warn", "gallery"],
                &["copy sp_entity_id", "Identifier (Entity ID)!"],
                &["copy acs_url", "Reply URL", "!"],
                &["copy login_url", "Sign on URL (Optional)"],
            ],
            &[
                &["paste", "SAML Certificates > App Federation Metadata Url → metadata_url"],
                &["run \"create\""],
            ],
            &[
                &["set", "Additional claims", "remove all"],
                &["copy map.email", "user.mail"],
                &["copy map.login", "user.userprincipalname"],
                &["copy map.name", "user.givenname"],
                &["warn", "first name"],
                &["set", "Groups assigned to the application"],
                &[
                    "set Source attribute",
                    "Cloud-only group display names",
                    "sAMAccountName",
                    "Emit group name for cloud-only groups",
                ],
                &["copy map.groups"],
                &["warn", "one group claim", "Nested groups", "150"],
            ],
            TEST,
        ],
    );
}

#[test]
fn entra_oidc() {
    assert_sso(
        Preset::EntraOidc,
        &[
            &[&["set App registration", "Web"], &["copy callback_url → Redirect URI!"], ONLY_ONE],
            &[
                &["paste", "Application (client) ID → client_id"],
                &["paste", "Certificates & secrets", "Value → client_secret"],
                &["paste", "Directory (tenant) ID → issuer"],
                &["warn", "never common"],
                &["run \"create\""],
            ],
            &[
                &["set Token configuration", "email"],
                &["set Token configuration", "Groups assigned to the application"],
                &["set", "preferred_username"],
                &["warn", "not verify", "200", "oid with tid"],
            ],
            &[&["set", "Assignment required?"], &["set", "groups"]],
            OIDC_TEST,
        ],
    );
}

#[test]
fn jumpcloud_saml() {
    assert_sso(
        Preset::JumpcloudSaml,
        &[
            &[
                &["set SSO Applications", "Custom Application"],
                &["set Manage Single Sign-On", "SAML"],
                &["set", "IdP Entity ID", "default"],
                &["copy acs_url → SP Entity ID"],
                &["copy acs_url → ACS URLs > Default URL!"],
                ONLY_ONE,
            ],
            &[&["paste", "Copy Metadata URL → metadata_url"], &["run \"create\""]],
            &[
                &["copy map.name", "displayname"],
                &["copy map.login", "username"],
                &["copy map.email", "email"],
                &["set", "Include Group Attribute"],
                &["copy map.groups → Groups Attribute Name"],
            ],
            TEST,
        ],
    );
}

#[test]
fn google_workspace() {
    assert_sso(
        Preset::GoogleWorkspace,
        &[
            &[
                &["set Apps > Web and mobile apps", "custom SAML app"],
                &["copy acs_url", "ACS URL!"],
                &["copy sp_entity_id → Entity ID"],
                &["set Name ID", "Primary email"],
            ],
            &[&["upload Download metadata", "→ metadata_xml"], &["run \"create\""]],
            &[
                &["copy map.email", "Primary email"],
                &["copy map.login", "Primary email"],
                &["copy map.name", "First name"],
                &["warn", "first name"],
                &["set Group membership", "groups"],
                &["copy map.groups", "Group membership"],
                &["warn", "75 groups", "renamed"],
            ],
            &[
                &["set User access", "ON", "organizational unit"],
                &["warn", "app_not_configured_for_user"],
                &["run \"test\""],
                &["run \"enable\""],
            ],
        ],
    );
    assert_eq!(assistant::provisioning_steps(&chosen(Preset::GoogleWorkspace), &urls()), []);
}

#[test]
fn adfs() {
    assert_sso(
        Preset::Adfs,
        &[
            &[
                &["set", "Add Relying Party Trust"],
                &["copy sp_entity_id → Identifiers"],
                &["copy acs_url", "Endpoints", "POST!"],
                &["set", "SamlResponseSignature = MessageAndAssertion"],
                &["set", "NotBeforeSkew = 1"],
            ],
            &[
                &["paste https://{host}/FederationMetadata/2007-06/FederationMetadata.xml", "→ metadata_url"],
                &["upload", "→ metadata_xml"],
                &["run \"create\""],
            ],
            &[
                &["copy map.email", "E-Mail"],
                &["copy map.login", "User-Principal-Name"],
                &["copy map.name", "Display-Name"],
                &["copy map.groups", "Token-Groups - Unqualified Names"],
                &["set", "E-Mail Address to Name ID"],
                &["warn", "InvalidNameIDPolicy"],
            ],
            TEST,
        ],
    );
    assert_eq!(assistant::provisioning_steps(&chosen(Preset::Adfs), &urls()), []);
}

#[test]
fn pingone() {
    assert_sso(
        Preset::Pingone,
        &[
            &[
                &["set", "SAML Application, switched on"],
                &["copy acs_url", "ACS URLs!"],
                &["copy sp_entity_id", "Entity ID"],
                &["set", "Sign Assertion"],
                &["set", "RSA_SHA256"],
            ],
            &[&["paste", "IDP Metadata URL → metadata_url"], &["run \"create\""]],
            &[
                &["copy map.email", "Email Address"],
                &["copy map.login", "Username"],
                &["copy map.name", "Formatted"],
                &["copy map.groups", "Group Names"],
            ],
            TEST,
        ],
    );
}

#[test]
fn onelogin() {
    assert_sso(
        Preset::Onelogin,
        &[
            &[
                &["set", "SAML Custom Connector (Advanced)"],
                &["copy sp_entity_id", "Audience (EntityID)"],
                &["copy acs_url", "ACS (Consumer) URL!"],
                &["copy acs_url_pattern", "ACS (Consumer) URL Validator"],
                &["set", "initiator = Service Provider"],
            ],
            &[
                &["paste SSO > Issuer URL → metadata_url"],
                &["upload More Actions > SAML Metadata → metadata_xml"],
                &["run \"create\""],
            ],
            &[
                &["set Parameters", "Include in SAML assertion"],
                &["copy map.name"],
                &["copy map.login"],
                &["copy map.email"],
                &["copy map.groups", "MemberOf", "multi-value", "Semicolon Delimited"],
            ],
            TEST,
        ],
    );
    let create = &assistant::steps(&chosen(Preset::Onelogin), &urls())[0];
    let pattern = create.actions.iter().find_map(|action| match &action.what {
        Do::Copy { text, into, .. } if into.ends_with("Validator") => text.clone(),
        _ => None,
    });
    assert_eq!(pattern.as_deref(), Some(r"^https://product\.example/saml/c1/acs$"));
}

#[test]
fn keycloak() {
    assert_sso(
        Preset::Keycloak,
        &[
            &[
                &["set", "Client type = SAML"],
                &["copy sp_entity_id → Client ID"],
                &["copy acs_url", "Master SAML Processing URL!"],
                &["copy acs_url", "Valid redirect URIs!"],
                &["set", "Client signature required = off"],
                &["upload", "certificate"],
                &["set", "Sign assertions = on"],
            ],
            &[
                &["paste https://{host}/realms/{realm}/protocol/saml/descriptor", "→ metadata_url"],
                &["run \"create\""],
            ],
            &[
                &["set", "User Property"],
                &["copy map.name"],
                &["copy map.login"],
                &["copy map.email"],
                &["copy map.groups", "Group list"],
                &["set", "Single Group Attribute = on"],
                &["set", "Full group path = off"],
            ],
            TEST,
        ],
    );
}

#[test]
fn custom_saml() {
    assert_sso(
        Preset::CustomSaml,
        &[
            &[&["copy sp_entity_id", "entity ID"], &["copy acs_url", "sign-on URL", "!"], ONLY_ONE],
            &[
                &["paste the metadata URL", "→ metadata_url"],
                &["paste the SSO login URL → sso_login_url"],
                &["upload the signing certificate", "→ idp_certificate"],
                &["run \"create\""],
            ],
            &[&["copy map.name"], &["copy map.login"], &["copy map.email"], &["copy map.groups"]],
            TEST,
        ],
    );
    let configure = &assistant::steps(&chosen(Preset::CustomSaml), &urls())[1];
    let tabs: Vec<Option<Tab>> = configure.actions.iter().map(|action| action.tab).collect();
    assert_eq!(tabs, [Some(Tab::Automatic), Some(Tab::Manual), Some(Tab::Manual), None]);
}

#[test]
fn custom_oidc() {
    assert_sso(
        Preset::CustomOidc,
        &[
            &[&["copy callback_url", "redirect URI!"], ONLY_ONE, &["set", "authorization code, with PKCE"]],
            &[
                &["paste the issuer", "→ issuer"],
                &["paste the client ID → client_id"],
                &["paste the client secret → client_secret"],
                &["run \"create\""],
            ],
            &[
                &["set", "= name"],
                &["set", "= preferred_username"],
                &["set", "= email"],
                &["set", "= groups"],
            ],
            &[&["set assignments"]],
            OIDC_TEST,
        ],
    );
}

#[test]
fn scim_okta() {
    assert_scim(
        Preset::OktaSaml,
        &[
            &[
                &["set General > App Settings", "Provisioning = SCIM"],
                &["copy scim_url", "SCIM connector base URL"],
                &["copy scim_user_id → Unique identifier field for users"],
                &[
                    "set",
                    "Import New Users and Profile Updates",
                    "Push New Users",
                    "Push Profile Updates",
                    "Push Groups",
                ],
                &["set Authentication Mode = HTTP Header"],
                &["run \"generate_token\""],
                &["copy scim_token", "Bearer"],
                &["run", "Test Connector Configuration"],
            ],
            &[
                &["set", "Create Users, Update User Attributes, Deactivate Users"],
                &["warn", "Suspending"],
                &["warn", "Provision User"],
            ],
            &[&["set Push Groups", "by name", "by rule", "no regular expressions", "at once"]],
            &[&["run \"enable\""], &["run \"map_groups\""], &["set permissions"]],
        ],
    );
}

#[test]
fn scim_entra() {
    assert_scim(
        Preset::EntraSaml,
        &[
            &[
                &["set", "Bearer authentication"],
                &["copy scim_url_with_flag → Tenant URL"],
                &["run \"generate_token\""],
                &["copy scim_token → Secret token"],
                &["run", "Test connection"],
                &["run", "Create"],
            ],
            &[
                &["set", "Groups", "Create, Update, Delete"],
                &["set", "Users", "Create, Update, Delete"],
                &["set", "userName", "source attribute", "Login"],
            ],
            &[
                &["set Provisioning Mode = Automatic"],
                &["set", "Scope = Sync only assigned users and groups"],
                &["set Provisioning Status = On"],
                &["run", "Start provisioning"],
                &["warn", "40 minutes"],
                &["warn", "nested groups"],
            ],
        ],
    );
    let connect = &assistant::provisioning_steps(&chosen(Preset::EntraOidc), &urls())[0];
    let tenant_url = connect.actions.iter().find_map(|action| match &action.what {
        Do::Copy { text, into, .. } if into == "Tenant URL" => text.clone(),
        _ => None,
    });
    assert_eq!(
        tenant_url.as_deref(),
        Some("https://product.example/scim/v2/connections/c1?aadOptscim062020")
    );
}

#[test]
fn scim_jumpcloud() {
    assert_scim(
        Preset::JumpcloudSaml,
        &[
            &[
                &["set", "API Type = SCIM API"],
                &["set SCIM Version = SCIM 2.0"],
                &["copy scim_url → Base URL", "without a slash at the end"],
                &["copy scim_token → Token Key"],
                &["set Test User Email = any"],
                &["run", "Test Connection"],
            ],
            &[&["set Enable management of User Groups", "= off"], &["run", "Activate"], &["run \"enable\""]],
        ],
    );
    let mut urls = urls();
    urls.scim_url.push('/');
    let connect = &assistant::provisioning_steps(&chosen(Preset::JumpcloudSaml), &urls)[0];
    let shown = connect.actions.iter().find_map(|action| match &action.what {
        Do::Copy { text, into, .. } if into.starts_with("Base URL") => text.clone(),
        _ => None,
    });
    assert_eq!(shown.as_deref(), Some("https://product.example/scim/v2/connections/c1"));
}

#[test]
fn scim_onelogin() {
    assert_scim(
        Preset::Onelogin,
        &[
            &[
                &["copy scim_url", "SCIM Base URL"],
                &["copy scim_token", "SCIM Bearer Token"],
                &["set SCIM JSON Template", "2.0"],
                &["set", "Enabled"],
            ],
            &[&["set", "Enable provisioning", "Create user, Update user, Delete user"], &["set Rules"]],
        ],
    );
}

#[test]
fn scim_generic() {
    for preset in [Preset::CustomSaml, Preset::CustomOidc, Preset::Keycloak, Preset::Pingone] {
        assert_scim(
            preset,
            &[
                &[
                    &["copy scim_url"],
                    &["copy scim_token"],
                    &["copy scim_user_id"],
                    &["set", "assigned users"],
                ],
                &[&["run", "userName"], &["set group push = on"]],
            ],
        );
    }
}

#[test]
fn completion() {
    let enabled = saml(Preset::OktaSaml, State::Enabled);
    let steps = assistant::completion_steps(&enabled, &urls());
    let titles: Vec<&str> = steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Configure one-click access", "Invite users to sign in", "Terminate"]);
    assert_lines(
        "completion",
        &steps[0],
        &[&["warn", "prepare groups and permissions"], &["warn", "begin here"], &["copy login_url"]],
    );
    assert_lines(
        "completion",
        &steps[1],
        &[&["copy login_url"], &["set each person", "organizations"], &["set", "tasks", "tokens"]],
    );
    assert_lines(
        "completion",
        &steps[2],
        &[
            &["set", "Administer Enterprise"],
            &["set old accounts"],
            &["warn", "Keep at least one", "recovers access"],
        ],
    );
    let link = steps[0].actions.iter().find_map(|action| match &action.what {
        Do::Copy { text, .. } => text.clone(),
        _ => None,
    });
    assert_eq!(link.as_deref(), Some("https://product.example/login/sso?enterprise_key=acme"));
    let scim = assistant::completion_steps(&with_scim(State::Enabled), &urls());
    assert!(!line(&scim[0].actions[0].what).contains("prepare groups"), "not with provisioning");
}
