//! A case as an administrator's test sign-in: the report that a set-up assistant shows.

use admittance::connection::assistant::Urls;
use admittance::connection::sign_in::{
    OidcLogin, Recording, SignInContext, TestAnswer, TestRun, test_oidc, test_saml,
};
use admittance::connection::{
    Actor, ClientRegistration, Command, Connection, ConnectionPolicy, Diagnosis, Facts, IdpSource, Licence,
    NewConnection, Preset, Reach, SecretName, TestReport, TestStatus, apply,
};
use admittance::crypto::Secret;
use admittance::endpoint::UrlPolicy;
use admittance::groups::{Directory, NameIndex};
use admittance::profile::Mapping;
use admittance::time::Timestamp;
use serde_json::Value;

use super::{MappingMembers, Refusal, SamlResponse, SignIn, oidc, typed, unusable};

/// The report of a `saml_response` or an `oidc_login`; `Err` says why there is none.
pub fn test_report(case: &Value) -> Result<TestReport, String> {
    let members = case.as_object().ok_or("a case is a JSON object")?;
    match members.get("kind").and_then(Value::as_str) {
        Some("saml_response") => typed(members).and_then(saml_report),
        Some("oidc_login") => typed(members).and_then(oidc_report),
        _ => return Err("only a saml_response or an oidc_login is a test sign-in".to_owned()),
    }
    .map_err(reason)
}

fn saml_report(case: SamlResponse) -> Result<TestReport, Refusal> {
    let mapping = case.mapping.as_ref().map(MappingMembers::mapping);
    let sign_in = SignIn::new(case, &mut Vec::new())?;
    let mut policy = ConnectionPolicy::default();
    policy.saml = sign_in.policy.clone();
    let commands = [
        Command::Choose(Preset::CustomSaml),
        Command::SetIdp { source: by_hand(&sign_in), reach: None },
        Command::Create(Reach::NothingToFetch),
    ];
    let connection = connection(commands, policy, mapping, sign_in.now)?;
    let mut urls = urls();
    urls.sp_entity_id.clone_from(&sign_in.sp.entity_id);
    urls.acs_url = sign_in.sp.acs_urls().next().unwrap_or_default().to_owned();
    let SignIn { sp, pending, response, now, .. } = &sign_in;
    report(&connection, &urls, |test, context| {
        test_saml(test, sp, pending.as_ref(), response, context, *now).0
    })
}

fn oidc_report(case: oidc::Login) -> Result<TestReport, Refusal> {
    let mut notes = Vec::new();
    let sign_in = oidc::SignIn::new(case, &mut notes)?;
    let oidc::SignIn { provider, client, now, .. } = &sign_in;
    let mut policy = ConnectionPolicy::default();
    policy.oidc = client.policy.clone();
    let registration = ClientRegistration {
        client_id: client.client_id.clone(),
        client_secret: Some(SecretName("inspect".to_owned())),
    };
    let commands = [
        Command::Choose(Preset::CustomOidc),
        Command::SetIdp { source: IdpSource::Issuer(provider.issuer.clone()), reach: None },
        Command::SetClient(registration),
        Command::Create(Reach::Discovery(Box::new(Ok(provider.clone())))),
    ];
    let connection = connection(commands, policy, sign_in.mapping.clone(), *now)?;
    let mut urls = urls();
    urls.callback_url.clone_from(&client.redirect_uri);
    let outcome = sign_in.finish(&mut notes);
    let login = OidcLogin { outcome: outcome.as_ref(), notes: &notes };
    report(&connection, &urls, |test, context| test_oidc(test, login, context, *now).0)
}

/// A connection that is set up as the case says.
fn connection(
    set_up: impl IntoIterator<Item = Command>,
    policy: ConnectionPolicy,
    mapping: Option<Mapping>,
    now: Timestamp,
) -> Result<Connection, Refusal> {
    let mut connection =
        Connection::new(NewConnection { id: "inspect", name: "inspect", enterprise_key: "inspect" });
    let more = mapping.map(|mapping| Command::SetMapping(Box::new(mapping)));
    let more = [Command::SetPolicy(Box::new(policy))].into_iter().chain(more);
    for command in set_up.into_iter().chain(more) {
        let mut facts = Facts::new(administrator(), connection.version());
        facts.licence = Licence::Enterprise;
        facts.urls = UrlPolicy::DangerAnyHttp;
        (connection, _) = apply(&connection, command, &facts, now).map_err(|refused| not_set_up(&refused))?;
    }
    Ok(connection)
}

/// By hand, from what was read of the metadata: a case may have picked one of many entities.
fn by_hand(sign_in: &SignIn) -> IdpSource {
    let idp = &sign_in.idp;
    let certificates = idp.signing_keys().iter().filter_map(|key| key.certificate());
    IdpSource::Manual {
        login_url: idp.sso().first().map(|service| service.location.clone()).unwrap_or_default(),
        certificates: certificates
            .map(|certificate| admittance::encoding::base64_encode(certificate.der()))
            .collect(),
        entity_id: idp.entity_id().map(str::to_owned),
    }
}

/// Judges the answer of the case against a directory without groups: a case has none of ours.
fn report(
    connection: &Connection,
    urls: &Urls,
    judge: impl FnOnce(TestAnswer<'_>, &SignInContext<'_>) -> TestReport,
) -> Result<TestReport, Refusal> {
    let Ok(directory) = Directory::new("none", []) else {
        return Err(unusable("case.invalid", "an empty directory is none"));
    };
    let (names, key) = (NameIndex::of(&directory), Secret::new("nothing is recorded"));
    let context = SignInContext {
        connection,
        urls,
        directory: &directory,
        names: &names,
        candidates: None,
        account: None,
        findings: &[],
        recording: Recording::names(&key),
        reference: "inspect",
    };
    let actor = administrator();
    let run = TestRun::begin(connection, &actor);
    let mut report = judge(TestAnswer { run: &run, actor: &actor }, &context);
    report.diagnoses.retain(|diagnosis| diagnosis.code != "groups.no_organization");
    report.status = TestStatus::of(&report.diagnoses);
    Ok(report)
}

fn urls() -> Urls {
    Urls::new("this product", "https://product.example", "inspect")
}

fn administrator() -> Actor {
    Actor::EnterpriseAdministrator { name: "inspect".to_owned() }
}

fn not_set_up(refused: &[Diagnosis]) -> Refusal {
    let messages: Vec<&str> = refused.iter().map(|diagnosis| diagnosis.message.as_str()).collect();
    unusable("case.invalid", messages.join(" "))
}

fn reason(refusal: Refusal) -> String {
    match refusal {
        Refusal::Rejected(failure) | Refusal::Unusable(failure) => failure.reason(),
    }
}
