//! Reconciliation against the least that anybody must do for the same difference: look names and identifiers up, sort
//! numbers, merge, and count. And its memory against that of the input, and its time at one, two and four times
//! the size.
//!
//! Prints `reconcile/login ratio 1.23` and `reconcile/mapped ratio 1.23`; exit status 1 when a bound is broken.

#[allow(dead_code, unused_imports, reason = "examples and tests use more of it")]
#[path = "../examples/inspect/case.rs"]
mod case;
#[allow(dead_code, reason = "the other benchmarks use more of it")]
mod measure;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use admittance::groups::{
    Account, Accounts, Directory, Group, GroupKind, GroupMapping, LoginPolicy, MappedPlan, MappedPolicy,
    Membership, Memberships, Origin, Plan, PushedGroups, StoredGroups, Subject, reconcile_login,
    reconcile_mapped,
};
use admittance::id::{IdpGroupId, OrganizationId};
use admittance::profile::GroupsClaim;
use peak_alloc::PeakAlloc;

use measure::{compare_within, warm_up};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const BOUND: f64 = 3.0;
/// Peak to input.
const MEMORY_BOUND: f64 = 2.0;
/// Time for each element at a larger size to that at the smallest.
const GROWTH_BOUND: f64 = 1.5;
const LONG: Duration = Duration::from_secs(4);

const ORGANIZATIONS: usize = 200;
const CONNECTION: &str = "okta-acme";

fn main() -> ExitCode {
    warm_up();
    let mut broken = Vec::new();
    login(&mut broken);
    mapped(&mut broken);
    for bound in &broken {
        println!("reconcile: {bound}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A sign-in with 200 groups against a directory of 100 000 groups in 200 organizations.
fn login(broken: &mut Vec<String>) {
    const GROUPS: usize = 100_000;
    const SENT: usize = 200;
    let before = MEMORY.current_usage();
    let groups: Vec<Group> = (0..GROUPS).map(directory_group).collect();
    let input = MEMORY.current_usage() - before;
    let (directory, peak) = peak_of(|| Directory::new("d1", groups).expect("a directory"));
    memory("login, building the index", input, peak, broken);
    let index = Index::of(&directory);
    let input = MEMORY.current_usage() - before;

    let sign_in = &SignIn::new(0, SENT);
    let (plan, peak) = peak_of(|| sign_in.plan(&directory));
    memory("login", input, peak, broken);
    let counts = (plan.additions().count(), plan.removals().count());
    assert_eq!(index.count(sign_in), counts);
    drop(plan);

    let floor = || assert_eq!(black_box(index.count(black_box(sign_in))), counts);
    let comparison = compare_within(BOUND, LONG, floor, || drop(black_box(sign_in.plan(&directory))));
    println!("reconcile/login ratio {:.2}", comparison.ratio);
    println!(
        "    {SENT} names, {} memberships, {} changes: floor {:.1?}, plan {:.1?}",
        sign_in.memberships.rows().len(),
        counts.0 + counts.1,
        comparison.floor,
        comparison.subject
    );
    if comparison.ratio > BOUND {
        broken.push(format!("login takes {:.2} times the floor, above {BOUND}", comparison.ratio));
    }
    // The same names in four sign-ins, in two, in one.
    let persons = |factor: usize| -> Vec<SignIn> {
        (0..4 / factor).map(|n| SignIn::new(n * SENT * factor, SENT * factor)).collect()
    };
    let run = |sign_ins: &[SignIn]| {
        for sign_in in sign_ins {
            drop(black_box(sign_in.plan(&directory)));
        }
    };
    let smallest = persons(1);
    for factor in [1, 2, 4] {
        let larger = persons(factor);
        let comparison = compare_within(GROWTH_BOUND, LONG / 4, || run(&smallest), || run(&larger));
        let each = comparison.subject.as_secs_f64() * 1e9 / (SENT * 4) as f64;
        growth("login", factor, comparison.ratio, &format!("{each:.0} ns for each name"), broken);
    }
}

/// 10 000 mapped groups with 10 million memberships, of which 1 % changes.
fn mapped(broken: &mut Vec<String>) {
    const GROUPS: usize = 10_000;
    let [mut first, mut second] = [None, None];
    for factor in [1, 2, 4] {
        let size = GROUPS / 4 * factor;
        let before = MEMORY.current_usage();
        let enterprise = Enterprise::new(size);
        let input = MEMORY.current_usage() - before;
        let (plan, peak) = peak_of(|| enterprise.plan());
        let sets = Sets::new(size);
        let counts = (plan.additions().count(), plan.removals().count());
        assert_eq!(sets.count(), counts);
        let changes = plan.changes.len();
        drop(plan);
        if size == GROUPS {
            memory("mapped", input, peak, broken);
            let floor = || assert_eq!(black_box(&sets).count(), counts);
            let comparison = compare_within(BOUND, LONG, floor, || drop(black_box(enterprise.plan())));
            println!("reconcile/mapped ratio {:.2}", comparison.ratio);
            println!(
                "    {size} groups, {} memberships, {changes} changes: floor {:.1?}, plan {:.1?}",
                size * MEMBERS,
                comparison.floor,
                comparison.subject
            );
            if comparison.ratio > BOUND {
                broken.push(format!("mapped takes {:.2} times the floor, above {BOUND}", comparison.ratio));
            }
        }
        let slot = if first.is_none() { &mut first } else { &mut second };
        *slot = Some(enterprise);
        let Some(smallest) = &first else { continue };
        let this = second.as_ref().unwrap_or(smallest);
        let run = |enterprise: &Enterprise| drop(black_box(enterprise.plan()));
        let bound = factor as f64 * GROWTH_BOUND;
        let comparison = compare_within(bound, LONG / 4, || run(smallest), || run(this));
        let each = comparison.subject.as_secs_f64() * 1e9 / (size * MEMBERS) as f64;
        let growing = comparison.ratio / factor as f64;
        growth("mapped", factor, growing, &format!("{each:.2} ns for each membership"), broken);
    }
}

/// What runs, and how many bytes are in use at most meanwhile beyond those before.
fn peak_of<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// Input and what comes on top of it.
fn memory(name: &str, input: usize, on_top: usize, broken: &mut Vec<String>) {
    let times = (input + on_top) as f64 / input as f64;
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    println!(
        "reconcile/memory {name}: {times:.2} times the input, {:.1} MB on top of {:.1} MB",
        megabytes(on_top),
        megabytes(input)
    );
    if times > MEMORY_BOUND {
        broken.push(format!("{name} needs {times:.2} times the memory of its input, above {MEMORY_BOUND}"));
    }
}

/// Time for each element at `factor` times the size, to that at the smallest.
fn growth(name: &str, factor: usize, ratio: f64, each: &str, broken: &mut Vec<String>) {
    println!(
        "reconcile/linearity {name}, {factor} times the size: {ratio:.2} times the time for each, {each}"
    );
    if ratio > GROWTH_BOUND {
        broken.push(format!("{name} takes {ratio:.2} times the time for each at {factor} times the size"));
    }
}

/// Group `n` of the directory of sign-ins: each name in two organizations.
fn directory_group(n: usize) -> Group {
    Group {
        id: format!("g{n:06}").into(),
        organization: format!("o{:03}", n % ORGANIZATIONS).into(),
        name: format!("team {}", n / 2).into(),
        kind: GroupKind::Ordinary,
    }
}

/// What one person sends and has: nine names of ten are the same.
struct SignIn {
    subject: Subject,
    claim: GroupsClaim,
    memberships: Memberships,
    policy: LoginPolicy,
}

impl SignIn {
    /// `sent` names from `from` on, spread over the directory.
    fn new(from: usize, sent: usize) -> Self {
        let number = |k: usize| (from + k) * 7_919 % 50_000;
        let names = (0..sent).map(|k| format!("team {}", number(k)));
        let held = (sent / 10..sent / 10 + sent).flat_map(|k| [2 * number(k), 2 * number(k) + 1]);
        let row = |n: usize| Membership {
            group: format!("g{n:06}").into(),
            origin: Origin::Idp(CONNECTION.into()),
        };
        Self {
            subject: Subject::new(CONNECTION, "ada"),
            claim: GroupsClaim::from_names(names),
            memberships: Memberships::new("ada", "m1", held.map(row)),
            policy: LoginPolicy::default(),
        }
    }

    fn plan(&self, directory: &Directory) -> Plan {
        let plan = reconcile_login(&self.subject, &self.claim, directory, &self.memberships, &self.policy);
        plan.expect("a plan")
    }
}

/// The floor of a sign-in: numbers of groups by name and by identifier.
struct Index {
    names: HashMap<Box<str>, Vec<u32>>,
    ids: HashMap<Box<str>, u32>,
}

impl Index {
    fn of(directory: &Directory) -> Self {
        let mut names: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        let mut ids = HashMap::new();
        for (number, group) in (0..).zip(directory.groups()) {
            names.entry(group.name.as_str().into()).or_default().push(number);
            ids.insert(group.id.as_str().into(), number);
        }
        Self { names, ids }
    }

    /// How many memberships a sign-in adds and removes.
    fn count(&self, sign_in: &SignIn) -> (usize, usize) {
        let named = sign_in.claim.names().iter().filter_map(|name| self.names.get(name.as_str()));
        let mut want: Vec<u32> = named.flatten().copied().collect();
        let find = |row: &Membership| self.ids.get(row.group.as_str()).copied();
        let mut held: Vec<u32> = sign_in.memberships.rows().iter().filter_map(find).collect();
        want.sort_unstable();
        held.sort_unstable();
        let (removed, added) = merge(&held, &want);
        (added, removed)
    }
}

/// How many numbers are in one of two sorted sets and not in the other.
fn merge(left: &[u32], right: &[u32]) -> (usize, usize) {
    let (mut i, mut j, mut only_left, mut only_right) = (0, 0, 0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            Ordering::Equal => (i, j) = (i + 1, j + 1),
            Ordering::Less => (i, only_left) = (i + 1, only_left + 1),
            Ordering::Greater => (j, only_right) = (j + 1, only_right + 1),
        }
    }
    (only_left + left.len() - i, only_right + right.len() - j)
}

/// Group `n` of as many that are mapped: one organization after the other, as a host reads them.
fn mapped_group(n: usize, groups: usize) -> Group {
    Group {
        id: format!("g{n:06}").into(),
        organization: format!("o{:03}", n * ORGANIZATIONS / groups).into(),
        name: format!("team {n:06}").into(),
        kind: GroupKind::Ordinary,
    }
}

const USERS: usize = 100_000;
const MEMBERS: usize = 1_000;
/// So many members of each group leave, and as many join.
const EXCHANGED: usize = MEMBERS / 200;

/// Member `k` of group `group`, in order of `k`: one of each hundred users.
fn member(group: usize, k: usize) -> u32 {
    let within = group.wrapping_mul(0x9e37_79b9).wrapping_add(k.wrapping_mul(0x85eb_ca6b)) >> 7;
    u32::try_from(k * (USERS / MEMBERS) + within % (USERS / MEMBERS - 1)).expect("a user")
}

fn stored_members(group: usize) -> impl Iterator<Item = u32> {
    (0..MEMBERS).map(move |k| member(group, k))
}

/// The same but for a few, each of whom is exchanged for the next user.
fn pushed_members(group: usize) -> impl Iterator<Item = u32> {
    let exchanged = |k: usize| k % (MEMBERS / EXCHANGED) == 7;
    (0..MEMBERS).map(move |k| member(group, k) + u32::from(exchanged(k)))
}

/// What a host has read before it reconciles.
struct Enterprise {
    directory: Directory,
    pushed: PushedGroups,
    stored: StoredGroups,
    mapping: GroupMapping,
    policy: MappedPolicy,
}

impl Enterprise {
    fn new(groups: usize) -> Self {
        let users: Vec<String> = (0..USERS).map(|n| format!("u{n:06}")).collect();
        let people = users.iter().map(|user| Account::of(CONNECTION, user.as_str()));
        let accounts = Accounts::new(CONNECTION, "c1", people).expect("accounts");
        let group = |n| mapped_group(n, groups);
        let directory = Directory::new("d1", (0..groups).map(group)).expect("a directory");
        let mut pushed = PushedGroups::new(&accounts, "p1");
        let mut stored = StoredGroups::new(&accounts, "s1");
        let mut mapped: BTreeMap<OrganizationId, Vec<IdpGroupId>> = BTreeMap::new();
        let origin = Origin::Idp(CONNECTION.into());
        for n in 0..groups {
            let Group { id, name, organization, .. } = group(n);
            let link = format!("i{n}");
            let user = |number: u32| users[number as usize].as_str();
            pushed.add(link.as_str(), name, pushed_members(n).map(user)).expect("a group");
            stored.add(id.clone(), stored_members(n).map(|number| (user(number), origin.clone())));
            stored.link(id, link.as_str()).expect("a link");
            mapped.entry(organization).or_default().push(link.into());
        }
        let mapping = mapped.into_iter().fold(GroupMapping::new("m1"), |mapping, (organization, ids)| {
            mapping.set("m1", organization, ids)
        });
        Self { directory, pushed, stored, mapping, policy: MappedPolicy::default() }
    }

    fn plan(&self) -> MappedPlan {
        let Self { directory, pushed, stored, mapping, policy } = self;
        reconcile_mapped(pushed, mapping, directory, stored, policy, &[]).expect("a plan")
    }
}

/// The floor of pushed groups: members before and after, as sorted vectors of numbers.
struct Sets(Vec<(Vec<u32>, Vec<u32>)>);

impl Sets {
    fn new(groups: usize) -> Self {
        Self((0..groups).map(|n| (stored_members(n).collect(), pushed_members(n).collect())).collect())
    }

    /// How many memberships are added and removed.
    fn count(&self) -> (usize, usize) {
        self.0.iter().fold((0, 0), |(added, removed), (stored, pushed)| {
            let (gone, new) = merge(stored, pushed);
            (added + new, removed + gone)
        })
    }
}
