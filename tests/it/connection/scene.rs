//! One SAML sign-in with everything around it: by default Okta, a person in one group that exists, and no finding.

use std::sync::Arc;

use admittance::connection::assistant::Urls;
use admittance::connection::sign_in::{
    HostFinding, Judgement, KnownAccount, Recording, SignInContext, TestAnswer, TestRun, judge_saml,
    test_saml,
};
use admittance::connection::{
    Actor, Command, Connection, ConnectionPolicy, Domains, FlowRecord, Preset, Reach, State, TestReport,
    TestStatus,
};
use admittance::crypto::{DecryptionKey, Secret};
use admittance::groups::{Directory, Group, GroupKind, Membership, Memberships, NameIndex, Origin, Subject};
use admittance::profile::{Candidate, Mapping};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso;
use admittance::testing::saml_idp::{AuthnRequest, SamlIdp, Shape, User};
use admittance::time::Timestamp;

use super::fixture::{Counter, administrator, by_url, facts, new, now, run};

pub(super) struct Scene {
    pub(super) preset: Preset,
    pub(super) idp: SamlIdp,
    pub(super) policy: ConnectionPolicy,
    pub(super) mapping: Option<Mapping>,
    pub(super) domains: Domains,
    pub(super) user: User,
    /// Organization and name; the group "Members" of each organization is the default group.
    pub(super) groups: Vec<(&'static str, &'static str)>,
    pub(super) member_of: Vec<&'static str>,
    pub(super) candidates: Option<Vec<Candidate>>,
    pub(super) findings: Vec<HostFinding>,
    pub(super) debug_until: Option<Timestamp>,
    pub(super) scim: bool,
    pub(super) state: State,
    /// Whether a set-up link was made.
    pub(super) linked: bool,
    /// Whether a request is outstanding.
    pub(super) solicited: bool,
    pub(super) decryption_key: Option<&'static str>,
    /// Our addresses, where they are not those that the identity provider was given.
    pub(super) urls: Urls,
    pub(super) now: Timestamp,
    /// Changes the signed message on its way.
    pub(super) on_the_way: fn(Vec<u8>) -> Vec<u8>,
    /// Which metadata the connection knows, where it is not the identity provider's current.
    pub(super) known_metadata: Option<Vec<u8>>,
    /// Changes what the identity provider was told about us.
    pub(super) at_the_idp: fn(&mut SpConfig),
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            preset: Preset::OktaSaml,
            idp: SamlIdp::new(1).shaped(Shape::Okta),
            policy: ConnectionPolicy::default(),
            mapping: None,
            domains: Domains::default(),
            user: User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Developers"]),
            groups: vec![
                ("org-a", "Developers"),
                ("org-a", "Reviewers"),
                ("org-a", "Members"),
                ("org-b", "Developers"),
            ],
            member_of: Vec::new(),
            candidates: None,
            findings: Vec::new(),
            debug_until: None,
            scim: false,
            state: State::Created,
            linked: false,
            solicited: true,
            decryption_key: None,
            urls: Urls::new("Product", "https://sp.example", "c1"),
            now: now(),
            on_the_way: |message| message,
            known_metadata: None,
            at_the_idp: |_| {},
        }
    }

    pub(super) fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = Self::new();
        change(&mut scene);
        scene
    }

    pub(super) fn preset(preset: Preset, shape: Shape, change: impl FnOnce(&mut Self)) -> Self {
        Self::with(|scene| {
            scene.preset = preset;
            scene.idp = SamlIdp::new(1).shaped(shape);
            change(scene);
        })
    }

    pub(super) fn connection(&self) -> Connection {
        let metadata = self.known_metadata.clone().unwrap_or_else(|| self.idp.metadata().unwrap());
        let mut connection = run(new(), [Command::Choose(self.preset), by_url()]);
        connection = self.apply(connection, Command::Create(Reach::Metadata(metadata)));
        let mut policy = self.policy.clone();
        policy.groups.source = connection.group_source();
        connection = self.apply(connection, Command::SetPolicy(Box::new(policy)));
        connection = self.apply(connection, Command::SetDomains(self.domains.clone()));
        if let Some(mapping) = &self.mapping {
            connection = self.apply(connection, Command::SetMapping(Box::new(mapping.clone())));
        }
        if self.linked {
            connection = self.apply(connection, Command::NewSetUpLink);
        }
        if self.state == State::Created && !self.scim {
            return connection;
        }
        let report = super::fixture::report(&connection, TestStatus::Ok);
        connection = self.apply(connection, Command::RecordTest(Box::new(report)));
        if self.scim {
            connection = self.apply(connection, Command::SetUpScim);
        }
        if matches!(self.state, State::Enabled | State::Disabled) {
            connection = self.apply(connection, Command::Enable);
        }
        if self.state == State::Disabled {
            connection = self.apply(connection, Command::Disable);
        }
        connection
    }

    fn apply(&self, connection: Connection, command: Command) -> Connection {
        admittance::connection::apply(&connection, command, &facts(&connection), self.now)
            .unwrap_or_else(|refused| panic!("{refused:#?}"))
            .0
    }

    fn sp(&self, connection: &Connection) -> SpConfig {
        let sp = connection.sp_config(&self.urls.sp_entity_id, &self.urls.acs_url);
        match self.decryption_key {
            Some(pem) => sp.with_decrypter(Arc::new(DecryptionKey::from_pem(pem.as_bytes()).unwrap())),
            None => sp,
        }
    }

    /// The form field, and what the host has kept for it.
    fn answer(&self, connection: &Connection) -> (SpConfig, Option<web_sso::Pending>, String) {
        let sp = self.sp(connection);
        let idp = connection.provider().unwrap().saml().unwrap();
        let options = AuthnRequestOptions::default();
        let (outgoing, pending) = web_sso::begin(&sp, idp, &options, &mut Counter(3), self.now).unwrap();
        let mut told = sp.clone();
        (self.at_the_idp)(&mut told);
        let mut provider = self.idp.clone();
        let mut request = provider.receive(&outgoing, &sp).unwrap();
        request.issuer.clone_from(&told.entity_id);
        request.acs_url.clone_from(&told.acs[0].location);
        if !self.solicited {
            request = AuthnRequest::none(&told.entity_id, &told.acs[0].location);
        }
        let unsigned = provider.unsigned(&request, &self.user, self.now).unwrap();
        let message = (self.on_the_way)(provider.sign(unsigned).unwrap());
        use base64::Engine as _;
        let form_field = base64::engine::general_purpose::STANDARD.encode(message);
        (sp, self.solicited.then_some(pending), form_field)
    }

    pub(super) fn directory(&self) -> Directory {
        let group = |(number, (organization, name)): (usize, &(&str, &str))| Group {
            id: format!("g{number}").into(),
            organization: (*organization).into(),
            name: (*name).into(),
            kind: if *name == "Members" { GroupKind::Default } else { GroupKind::Ordinary },
        };
        Directory::new("d1", self.groups.iter().enumerate().map(group)).unwrap()
    }

    fn in_context<T>(&self, connection: &Connection, judge: impl FnOnce(&SignInContext<'_>) -> T) -> T {
        let directory = self.directory();
        let names = NameIndex::of(&directory);
        let subject = Subject::new("c1", "u1");
        let rows = self
            .member_of
            .iter()
            .map(|group| Membership { group: (*group).into(), origin: Origin::Idp("c1".into()) });
        let memberships = Memberships::new("u1", "m1", rows);
        let key = Secret::new("the key for hashes of subjects");
        let context = SignInContext {
            connection,
            urls: &self.urls,
            directory: &directory,
            names: &names,
            candidates: self.candidates.as_deref(),
            account: Some(KnownAccount { subject: &subject, memberships: &memberships }),
            findings: &self.findings,
            recording: Recording { subject_key: &key, debug_until: self.debug_until },
            reference: "8Q2ZK3D7MN",
        };
        judge(&context)
    }

    /// The administrator's test.
    pub(super) fn test(&self) -> (TestReport, FlowRecord, Connection) {
        let run = TestRun::begin(&self.connection(), &administrator());
        self.test_as(&run, &administrator())
    }

    /// A test that was begun so, when this actor comes back.
    pub(super) fn test_as(&self, run: &TestRun, actor: &Actor) -> (TestReport, FlowRecord, Connection) {
        let connection = self.connection();
        let (sp, pending, form_field) = self.answer(&connection);
        let (report, record) = self.in_context(&connection, |context| {
            test_saml(TestAnswer { run, actor }, &sp, pending.as_ref(), &form_field, context, self.now)
        });
        (report, record, connection)
    }

    /// Somebody's sign-in.
    pub(super) fn sign_in(&self) -> (Judgement, Connection) {
        let connection = self.connection();
        self.sign_in_later(&connection, self.now)
    }

    /// A sign-in whose answer comes at another time.
    pub(super) fn sign_in_later(&self, connection: &Connection, at: Timestamp) -> (Judgement, Connection) {
        let (sp, pending, form_field) = self.answer(connection);
        let idp = connection.provider().unwrap().saml().unwrap();
        let policy = &connection.policy().saml;
        let login = web_sso::finish(&sp, idp, pending.as_ref(), &form_field, policy, at);
        let judgement = self.in_context(connection, |context| {
            judge_saml(login.as_ref(), &sp, pending.as_ref(), &form_field, context, at)
        });
        (judgement, connection.clone())
    }

    /// The codes that a test shows.
    pub(super) fn codes(&self) -> Vec<String> {
        self.test().0.diagnoses.into_iter().map(|diagnosis| diagnosis.code).collect()
    }
}
