//! A SAML sign-in from the first byte to the last group, printed step by step.
//!
//! `cargo run --example saml_login`. No network: an identity provider made for tests answers as Okta does.

use std::{error::Error, sync::Arc, time::SystemTime};

use admittance::groups::{self, Directory, Group, GroupKind, LoginPolicy, Membership, Memberships, Origin};
use admittance::limits::{Budget, XmlLimits};
use admittance::profile::{self, AttributeNames, Mapping};
use admittance::saml::bindings::Outgoing;
use admittance::saml::metadata::{idp, sp::SpConfig};
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso::{self, Policy};
use admittance::testing::saml_idp::{Encryption, Fault, SamlIdp, Shape, TestKey, User};
use admittance::xml::{self, Element, Profile, Read};
use admittance::{crypto::DecryptionKey, encoding::base64_decode, entropy::OsEntropy, time::Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    // The library reads no clock and draws no random bytes by itself: both are arguments.
    #[expect(clippy::disallowed_methods, reason = "the host owns the clock")]
    let (now, mut entropy) = (Timestamp::from(SystemTime::now()), OsEntropy);

    println!("1. Who we are: our metadata, for the administrator of the identity provider");
    let mut sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
    sp.encryption_certificates = vec![TestKey::OtherRsa.certificate().clone()];
    let sp = sp.with_decrypter(Arc::new(DecryptionKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes())?));
    outline(&sp.metadata()?)?;

    println!("\n2. Who they are: their metadata, read once and kept");
    let mut okta = SamlIdp::new(7).shaped(Shape::Okta);
    let (idp, _) = idp::parse(&okta.metadata()?, &idp::ParseOptions::default(), now)?;
    row("entity ID", idp.entity_id().unwrap_or("not known yet"));
    row("signing keys", &idp.signing_keys().iter().count().to_string());

    println!("\n3. Ada clicks \"Sign in\": her browser is redirected, and we keep the request");
    let (outgoing, pending) = web_sso::begin(&sp, &idp, &AuthnRequestOptions::default(), &mut entropy, now)?;
    let Outgoing::Redirect(url) = &outgoing else { return Err("Okta takes redirects".into()) };
    row("redirect to", &format!("{url:.80}…"));
    row("kept for her", pending.request_id());

    println!("\n4. She signs in over there, and her browser posts the answer to us");
    let request = okta.receive(&outgoing, &sp)?;
    let ada = User::new("ada", "Ada Lovelace", "ada@corp.example");
    let ada = ada.in_groups(["Developers", "Reviewers", "ENT_ORGA_ADMINS"]);
    let response = okta.answer(&request, &ada, now)?;
    row("SAMLResponse", &format!("{response:.64}… ({} characters)", response.len()));
    outline(&base64_decode(response.as_bytes())?)?;

    println!("\n5. Every rule is checked, in one call, and what comes out is verified");
    let login = web_sso::finish(&sp, &idp, Some(&pending), &response, &Policy::new(), now)?;
    row("issuer", login.issuer());
    row("subject", &login.claims().subject().value);
    row("signed by", &format!("{:.23}…", login.signed_by().to_string()));
    for claim in login.claims().claims() {
        let values: Vec<&str> = claim.values.iter().filter_map(|value| value.as_text()).collect();
        row("attribute", &format!("{} = {}", claim.name, values.join(", ")));
    }
    let replay = login.replay();
    row("replay key", &format!("{}, to store until {}", replay.assertion_id, replay.keep_until));

    println!("\n6. What the connection's mapping makes of the attributes");
    let names = AttributeNames { name: "name", login: "login", email: "email", groups: "groups" };
    let (profile, _) = profile::map(&Mapping::exact(names), login.claims());
    let profile = profile?;
    row("profile", &format!("{}, {}, {}", profile.name, profile.login, profile.email));
    row("groups", &profile.groups.names().iter().cloned().collect::<Vec<_>>().join(", "));

    println!("\n7. What changes in our organizations, where Ada is an intern so far");
    let groups = [("g1", "web", "Developers"), ("g2", "mobile", "Reviewers"), ("g3", "web", "Interns")];
    let groups = groups.map(|(id, organization, name)| {
        let (id, organization, name) = (id.into(), organization.into(), name.into());
        Group { id, organization, name, kind: GroupKind::Ordinary }
    });
    let directory = Directory::new("1", groups)?;
    let intern = Membership { group: "g3".into(), origin: Origin::Idp("okta".into()) };
    let memberships = Memberships::new("ada", "1", [intern]);
    let (subject, policy) = (groups::Subject::new("okta", "ada"), LoginPolicy::default());
    let plan = groups::reconcile_login(&subject, &profile.groups, &directory, &memberships, &policy)?;
    plan.to_string().lines().for_each(|line| println!("   {line}"));

    println!("\n8. The same sign-in encrypted to our certificate: only we can read it, by the same call");
    okta.style.encryption = sp.encryption_certificates.first().map(Encryption::to);
    let response = okta.answer(&request, &ada, now)?;
    outline(&base64_decode(response.as_bytes())?)?;
    let login = web_sso::finish(&sp, &idp, Some(&pending), &response, &Policy::new(), now)?;
    row("subject", &login.claims().subject().value);

    println!("\n9. The same with a wrong audience at the identity provider: refused, and the error says why");
    okta.fault = Some(Fault::WrongAudience);
    let response = okta.answer(&request, &ada, now)?;
    let error = web_sso::finish(&sp, &idp, Some(&pending), &response, &Policy::new(), now).unwrap_err();
    row("refused", &format!("{}, {error}", error.code()));
    row("expected", &error.expected().unwrap_or_default());
    row("actual", &error.actual().unwrap_or_default());
    Ok(())
}

fn row(name: &str, value: &str) {
    println!("   {name:<13} {value}");
}

/// Prints the elements of a document; of a signature, that it is there.
fn outline(document: &[u8]) -> Result<(), xml::Error> {
    let document = xml::parse(document.to_vec(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new())?;
    print_element(document.root(), 1);
    Ok(())
}

fn print_element(element: Element<'_>, depth: usize) {
    print!("{:indent$}{}", "", element.qualified_name(), indent = 3 * depth);
    let names = ["entityID", "ID", "Value", "Method", "NotOnOrAfter", "InResponseTo", "Location", "Name"];
    for (name, value) in names.iter().filter_map(|name| Some((name, element.attribute(name)?))) {
        print!(" {name}={value:?}");
    }
    println!("{:.80}", format!(" {}", element.text()).trim_end());
    if element.local_name() != "Signature" {
        element.children().for_each(|child| print_element(child, depth + 1));
    }
}
