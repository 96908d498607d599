//! Any list of commands, in any order, with any facts: a model says which state follows (W9), and what always holds.

use admittance::connection::{
    Actor, Command, Confirmation, Connection, Domains, IdpSource, Licence, Preset, Reach, State, Test,
    TestStatus, accepts_scim, accepts_sign_in, apply, default_mapping,
};
use admittance::groups::GroupSource;
use admittance::scim::token::MAX_LIVE_TOKENS;
use admittance::testing::saml_idp::{SamlIdp, Shape};
use proptest::prelude::*;

use super::fixture::{METADATA_URL, client, facts, later, metadata, new, report, token, typed};

/// A command before it is made for a connection.
#[derive(Clone, Copy, Debug)]
enum Move {
    Choose(Preset),
    SetIdp { other_issuer: bool, fetched: bool },
    SetClient,
    Create { good: bool },
    SetMapping,
    SetPolicy { strict: bool },
    SetGroupSource(GroupSource),
    SetDomains,
    RecordTest { status: TestStatus, stale: bool },
    Enable,
    Disable,
    SetUpScim,
    GenerateToken(u8),
    RevokeToken(u8),
    RemoveScim { confirmed: bool },
    SetGroupMapping,
    MapAll,
    Refresh { other_issuer: bool },
    NewSetUpLink,
    Delete { confirmed: bool },
}

/// What the host knows this time.
#[derive(Clone, Copy, Debug)]
struct World {
    administrators: bool,
    licensed: bool,
    second: bool,
    current: bool,
    member: bool,
    metadata_broken: bool,
}

fn moves() -> impl Strategy<Value = Move> {
    let status = prop_oneof![Just(TestStatus::Ok), Just(TestStatus::Warnings), Just(TestStatus::Failed)];
    let preset = prop_oneof![
        4 => Just(Preset::OktaSaml),
        2 => Just(Preset::JumpcloudSaml),
        1 => Just(Preset::GoogleWorkspace),
        1 => Just(Preset::OktaOidc),
    ];
    prop_oneof![
        2 => preset.prop_map(Move::Choose),
        4 => (prop::bool::weighted(0.2), prop::bool::weighted(0.8))
            .prop_map(|(other_issuer, fetched)| Move::SetIdp { other_issuer, fetched }),
        1 => Just(Move::SetClient),
        5 => prop::bool::weighted(0.9).prop_map(|good| Move::Create { good }),
        1 => Just(Move::SetMapping),
        1 => any::<bool>().prop_map(|strict| Move::SetPolicy { strict }),
        1 => prop_oneof![Just(GroupSource::Login), Just(GroupSource::Scim)].prop_map(Move::SetGroupSource),
        1 => Just(Move::SetDomains),
        6 => (status, prop::bool::weighted(0.1)).prop_map(|(status, stale)| Move::RecordTest { status, stale }),
        4 => Just(Move::Enable),
        2 => Just(Move::Disable),
        3 => Just(Move::SetUpScim),
        3 => (0..8u8).prop_map(Move::GenerateToken),
        1 => (0..8u8).prop_map(Move::RevokeToken),
        1 => any::<bool>().prop_map(|confirmed| Move::RemoveScim { confirmed }),
        1 => Just(Move::SetGroupMapping),
        1 => Just(Move::MapAll),
        1 => prop::bool::weighted(0.2).prop_map(|other_issuer| Move::Refresh { other_issuer }),
        1 => Just(Move::NewSetUpLink),
        1 => any::<bool>().prop_map(|confirmed| Move::Delete { confirmed }),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    let mostly = || prop::bool::weighted(0.9);
    (mostly(), mostly(), prop::bool::weighted(0.1), mostly(), mostly(), prop::bool::weighted(0.05)).prop_map(
        |(administrators, licensed, second, current, member, metadata_broken)| World {
            administrators,
            licensed,
            second,
            current,
            member,
            metadata_broken,
        },
    )
}

fn document(other_issuer: bool) -> Vec<u8> {
    if other_issuer { SamlIdp::new(1).shaped(Shape::Keycloak).metadata().unwrap() } else { metadata() }
}

impl Move {
    fn command(self, connection: &Connection) -> Command {
        match self {
            Self::Choose(preset) => Command::Choose(preset),
            Self::SetIdp { other_issuer, fetched } => Command::SetIdp {
                source: IdpSource::MetadataUrl(METADATA_URL.to_owned()),
                reach: fetched.then(|| Reach::Metadata(document(other_issuer))),
            },
            Self::SetClient => Command::SetClient(client()),
            Self::Create { good: true } => Command::Create(Reach::Metadata(metadata())),
            Self::Create { good: false } => {
                Command::Create(Reach::NotReached { reason: "timed out".to_owned() })
            }
            Self::SetMapping => Command::SetMapping(Box::new(default_mapping(Preset::CustomSaml))),
            Self::SetPolicy { strict } => {
                let mut policy = connection.policy().clone();
                if strict {
                    policy.saml.signed = admittance::saml::web_sso::Signed::Both;
                } else {
                    policy.saml.signed = admittance::saml::web_sso::Signed::Either;
                }
                Command::SetPolicy(Box::new(policy))
            }
            Self::SetGroupSource(source) => Command::SetGroupSource(source),
            Self::SetDomains => Command::SetDomains(Domains::default()),
            Self::RecordTest { status, stale } => {
                let mut report = report(connection, status);
                report.version = report.version.saturating_sub(u64::from(stale));
                Command::RecordTest(Box::new(report))
            }
            Self::Enable => Command::Enable,
            Self::Disable => Command::Disable,
            Self::SetUpScim => Command::SetUpScim,
            Self::GenerateToken(n) => Command::GenerateToken(token(&format!("t{n}"))),
            Self::RevokeToken(n) => Command::RevokeToken { id: format!("t{n}") },
            Self::RemoveScim { confirmed } => {
                Command::RemoveScim(if confirmed { Confirmation::Given } else { Confirmation::None })
            }
            Self::SetGroupMapping => {
                Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() }
            }
            Self::MapAll => Command::MapAll {
                groups: ["g1".into(), "g2".into()].into(),
                organizations: ["org-a".into(), "org-b".into()].into(),
                confirmation: Confirmation::Given,
            },
            Self::Refresh { other_issuer } => Command::Refresh(Reach::Metadata(document(other_issuer))),
            Self::NewSetUpLink => Command::NewSetUpLink,
            Self::Delete { confirmed } => {
                Command::Delete(if confirmed { typed("Acme") } else { Confirmation::Given })
            }
        }
    }

    /// What leads out of the feature needs no licence.
    fn leads_out(self) -> bool {
        matches!(
            self,
            Self::Disable
                | Self::RevokeToken(_)
                | Self::RemoveScim { .. }
                | Self::Refresh { .. }
                | Self::Delete { .. }
        )
    }
}

/// The table of connection rules §2, written once more: what a connection is, by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    state: State,
    preset: Option<Preset>,
    source: bool,
    /// Whether the issuer is the other one; `None` while nothing was reached.
    issuer: Option<bool>,
    fresh: bool,
    strict: bool,
    scim: bool,
    tokens: Vec<u8>,
    groups: GroupSource,
    mapped: bool,
}

impl Model {
    fn new() -> Self {
        Self {
            state: State::Draft,
            preset: None,
            source: false,
            issuer: None,
            fresh: false,
            strict: false,
            scim: false,
            tokens: Vec::new(),
            groups: GroupSource::Login,
            mapped: false,
        }
    }

    /// The model after a command; `None` where it is refused.
    fn after(&self, step: Move, world: World) -> Option<Self> {
        use State::{Created, Deleted, Disabled, Draft, Enabled, Tested};
        let alive = self.state != Deleted;
        let chosen = self.preset.is_some();
        let saml = self.preset.is_some_and(|preset| preset != Preset::OktaOidc);
        let sends_groups =
            self.preset.is_some_and(|preset| preset == Preset::OktaSaml || preset == Preset::OktaOidc);
        let offers_scim = self.preset.is_some_and(|preset| preset != Preset::GoogleWorkspace);
        if !world.member || !world.current || !(world.licensed || step.leads_out()) || !alive {
            return None;
        }
        let mut after = self.clone();
        let allowed = match step {
            Move::Choose(preset) => {
                if self.preset != Some(preset) {
                    after = Self {
                        scim: false,
                        tokens: Vec::new(),
                        groups: GroupSource::Login,
                        mapped: false,
                        ..after
                    };
                }
                after = Self {
                    preset: Some(preset),
                    state: Draft,
                    source: false,
                    issuer: None,
                    fresh: false,
                    ..after
                };
                self.state == Draft && !world.second
            }
            Move::SetIdp { other_issuer, fetched } => {
                after.source = true;
                after.fresh = false;
                match self.state {
                    Enabled | Disabled => after.issuer = Some(other_issuer),
                    _ => {
                        after.state = Draft;
                        after.issuer = None;
                    }
                }
                let whole = match self.state {
                    Enabled => fetched && self.issuer == Some(other_issuer),
                    Disabled => fetched,
                    _ => true,
                };
                saml && whole
            }
            Move::SetClient => {
                after.fresh = false;
                if matches!(self.state, Created | Tested) {
                    after.state = Draft;
                }
                chosen && !saml
            }
            Move::Create { good } => {
                after.state = Created;
                after.issuer = Some(false);
                self.state == Draft && saml && self.source && good
            }
            Move::SetMapping => {
                after.fresh = false;
                if self.state == Tested {
                    after.state = Created;
                }
                self.state != Draft
            }
            Move::SetPolicy { strict } => {
                after.fresh = self.fresh && strict == self.strict;
                after.strict = strict;
                chosen
            }
            Move::SetGroupSource(GroupSource::Login) => {
                after.groups = GroupSource::Login;
                chosen
            }
            Move::SetGroupSource(GroupSource::Scim) => {
                after.groups = GroupSource::Scim;
                chosen && self.scim && sends_groups
            }
            Move::SetDomains | Move::NewSetUpLink => chosen || matches!(step, Move::NewSetUpLink),
            Move::RecordTest { status, stale } => {
                let passed = status != TestStatus::Failed;
                after.fresh = passed;
                after.state = match (self.state, passed) {
                    (Created, true) => Tested,
                    (Tested, false) => Created,
                    (state, _) => state,
                };
                self.state != Draft && !stale
            }
            Move::Enable => {
                after.state = Enabled;
                self.state == Enabled
                    || (matches!(self.state, Tested | Disabled)
                        && self.fresh
                        && !world.second
                        && !world.metadata_broken)
            }
            Move::Disable => {
                after.state = Disabled;
                self.state == Enabled && world.administrators
            }
            Move::SetUpScim => {
                if !self.scim && sends_groups {
                    after.groups = GroupSource::Scim;
                }
                after.scim = true;
                matches!(self.state, Tested | Enabled | Disabled)
                    && offers_scim
                    && self.fresh
                    && !world.metadata_broken
            }
            Move::GenerateToken(n) => {
                after.tokens.push(n);
                chosen && self.scim && !self.tokens.contains(&n) && self.tokens.len() < MAX_LIVE_TOKENS
            }
            Move::RevokeToken(n) => {
                after.tokens.retain(|token| *token != n);
                chosen && self.scim && self.tokens.contains(&n)
            }
            Move::RemoveScim { confirmed } => {
                after = Self {
                    scim: false,
                    tokens: Vec::new(),
                    groups: GroupSource::Login,
                    mapped: false,
                    ..after
                };
                chosen && self.scim && confirmed
            }
            Move::SetGroupMapping | Move::MapAll => {
                after.mapped = true;
                self.state == Enabled && self.scim && self.groups == GroupSource::Scim
            }
            Move::Refresh { other_issuer } => self.state != Draft && self.issuer == Some(other_issuer),
            Move::Delete { confirmed } => {
                after = Self {
                    state: Deleted,
                    scim: false,
                    tokens: Vec::new(),
                    groups: GroupSource::Login,
                    mapped: false,
                    ..after
                };
                confirmed && (world.administrators || !matches!(self.state, Enabled | Disabled))
            }
        };
        allowed.then_some(after)
    }

    fn of(connection: &Connection) -> Self {
        let issuer = connection.provider().and_then(|provider| provider.issuer());
        let tokens = connection.scim().map(|scim| scim.tokens.clone()).unwrap_or_default();
        let number = |id: &str| id.trim_start_matches('t').parse().unwrap();
        Self {
            state: connection.state(),
            preset: connection.preset(),
            source: connection.source().is_some(),
            issuer: issuer.map(|issuer| issuer == Shape::Keycloak.entity_id()),
            fresh: matches!(connection.test(), Test::Passed { .. }),
            strict: connection.policy().saml.signed == admittance::saml::web_sso::Signed::Both,
            scim: connection.scim().is_some(),
            tokens: tokens.iter().map(|token| number(&token.id)).collect(),
            groups: connection.group_source(),
            mapped: !connection.group_mapping().is_empty(),
        }
    }
}

/// Whatever came before.
fn always(connection: &Connection) {
    let enabled = connection.state() == State::Enabled;
    if enabled {
        assert!(connection.provider().is_some() && connection.preset().is_some());
    }
    assert_eq!(accepts_sign_in(connection).is_ok(), enabled);
    if accepts_scim(connection).is_ok() {
        assert!(matches!(connection.state(), State::Tested | State::Enabled));
    }
    if connection.group_source() == GroupSource::Scim {
        assert!(connection.scim().is_some());
    }
    if let Some(preset) = connection.preset() {
        let groups_over_scim = preset.provisioning().is_some_and(|provisioning| provisioning.sends_groups());
        assert!(groups_over_scim || connection.group_source() == GroupSource::Login);
    }
    assert!(connection.scim().is_none_or(|scim| scim.tokens.len() <= MAX_LIVE_TOKENS));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn w9_any_order_of_commands_follows_the_table(steps in prop::collection::vec((moves(), worlds()), 1..40)) {
        let mut connection = new();
        let mut model = Model::new();
        for (number, (step, world)) in (0u64..).zip(steps) {
            let mut facts = facts(&connection);
            facts.licence = if world.licensed { Licence::Enterprise } else { Licence::Missing };
            facts.administrators.enterprise = u32::from(world.administrators);
            facts.enabled.others = if world.second { vec!["c9".into()] } else { Vec::new() };
            facts.version = facts.version.wrapping_sub(u64::from(!world.current));
            if world.metadata_broken {
                facts.observations.metadata = Some(admittance::note::Note::new("saml.metadata_html"));
            }
            if !world.member {
                facts.actor = Actor::Other { name: "mallory".to_owned() };
            }
            let outcome = apply(&connection, step.command(&connection), &facts, later(number));
            match (outcome, model.after(step, world)) {
                (Ok((after, events)), Some(expected)) => {
                    prop_assert_eq!(&Model::of(&after), &expected, "{:?} in {:?}", step, world);
                    let idle = matches!(step, Move::Enable) && model.state == State::Enabled;
                    prop_assert_eq!(after.version(), connection.version() + u64::from(!idle));
                    prop_assert_eq!(events.len(), usize::from(!idle));
                    connection = after;
                    model = expected;
                }
                (Err(refused), None) => prop_assert!(!refused.is_empty() && refused.iter().all(|r| r.is_error() || r.code.starts_with("connection.test"))),
                (outcome, expected) => prop_assert!(false, "{step:?} in {world:?} on {model:?}: {outcome:?}, wanted {expected:?}"),
            }
            always(&connection);
        }
        let stored = serde_json::to_string(&connection).unwrap();
        prop_assert_eq!(serde_json::from_str::<Connection>(&stored).unwrap(), connection);
    }
}
