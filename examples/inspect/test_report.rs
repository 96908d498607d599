//! A case as an administrator's test sign-in: the report that a set-up assistant shows.

use admittance::connection::assistant::Urls;
use admittance::connection::sign_in::{Recording, SignInContext, TestAnswer, TestRun, test_saml};
use admittance::connection::{
    Actor, Command, Connection, ConnectionPolicy, Diagnosis, Facts, IdpSource, Licence, NewConnection,
    Preset, Reach, TestReport, TestStatus, apply,
};
use admittance::crypto::Secret;
use admittance::endpoint::UrlPolicy;
use admittance::groups::{Directory, NameIndex};
use admittance::profile::Mapping;
use serde_json::Value;

use super::{MappingMembers, Refusal, SamlResponse, SignIn, typed, unusable};

/// The report of a `saml_response`; `Err` says why there is none.
pub fn test_report(case: &Value) -> Result<TestReport, String> {
    let members =
        case.as_object().filter(|members| members.get("kind").is_some_and(|kind| kind == "saml_response"));
    let members = members.ok_or("only a case of the kind saml_response is a test sign-in")?;
    report(typed(members).map_err(reason)?).map_err(reason)
}

fn report(case: SamlResponse) -> Result<TestReport, Refusal> {
    let mapping = case.mapping.as_ref().map(MappingMembers::mapping);
    let sign_in = SignIn::new(case, &mut Vec::new())?;
    let connection = connection(&sign_in, mapping)?;
    let actor = administrator();
    let run = TestRun::begin(&connection, &actor);
    let (Ok(directory), urls) = (Directory::new("none", []), urls(&sign_in)) else {
        return Err(unusable("case.invalid", "an empty directory is none"));
    };
    let (names, key) = (NameIndex::of(&directory), Secret::new("nothing is recorded"));
    let context = SignInContext {
        connection: &connection,
        urls: &urls,
        directory: &directory,
        names: &names,
        candidates: None,
        account: None,
        findings: &[],
        recording: Recording::names(&key),
        reference: "inspect",
    };
    let SignIn { sp, pending, response, now, .. } = &sign_in;
    let test = TestAnswer { run: &run, actor: &actor };
    let (mut report, _) = test_saml(test, sp, pending.as_ref(), response, &context, *now);
    // A case knows the groups that were sent and none of ours
    report.diagnoses.retain(|diagnosis| diagnosis.code != "groups.no_organization");
    report.status = TestStatus::of(&report.diagnoses);
    Ok(report)
}

/// A connection that is set up as the case says.
fn connection(sign_in: &SignIn, mapping: Option<Mapping>) -> Result<Connection, Refusal> {
    let mut policy = ConnectionPolicy::default();
    policy.saml = sign_in.policy.clone();
    let mut connection =
        Connection::new(NewConnection { id: "inspect", name: "inspect", enterprise_key: "inspect" });
    let mut commands = vec![
        Command::Choose(Preset::CustomSaml),
        Command::SetIdp { source: source(sign_in), reach: None },
        Command::Create(Reach::NothingToFetch),
        Command::SetPolicy(Box::new(policy)),
    ];
    commands.extend(mapping.map(|mapping| Command::SetMapping(Box::new(mapping))));
    for command in commands {
        let mut facts = Facts::new(administrator(), connection.version());
        facts.licence = Licence::Enterprise;
        facts.urls = UrlPolicy::DangerAnyHttp;
        let (after, _) =
            apply(&connection, command, &facts, sign_in.now).map_err(|refused| not_set_up(&refused))?;
        connection = after;
    }
    Ok(connection)
}

/// By hand, from what was read of the metadata: a case may have picked one of many entities.
fn source(sign_in: &SignIn) -> IdpSource {
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

fn urls(sign_in: &SignIn) -> Urls {
    let mut urls = Urls::new("this product", "https://product.example", "inspect");
    urls.sp_entity_id.clone_from(&sign_in.sp.entity_id);
    urls.acs_url = sign_in.sp.acs_urls().next().unwrap_or_default().to_owned();
    urls
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
