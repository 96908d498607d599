//! Filters of SCIM: what parses is printed and parsed again to the same filter, in either setting, and finds the same;
//! and a filter that is made of its grammar finds what a plain reading of the grammar finds.
#![no_main]

use std::sync::LazyLock;

use admittance::{
    limits::{Limits, ScimLimits},
    scim::{
        filter::{self, Filter},
        leniency::Leniency,
        resource::Reading,
        schema::{ENTERPRISE_USER, ResourceType},
    },
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};
use serde_json::{Map, Value, json};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        for leniency in [Leniency::strict(), Leniency::interop()] {
            again(text, leniency);
        }
    }
    let _ = run(&mut Unstructured::new(data));
});

static USER: LazyLock<ResourceType> = LazyLock::new(ResourceType::user);
static LIMITS: LazyLock<ScimLimits> = LazyLock::new(|| Limits::default().scim);

fn parse(text: &str, leniency: Leniency) -> Option<Filter> {
    filter::parse(text, &USER, &mut Reading::new(leniency, &LIMITS)).ok()
}

fn again(text: &str, leniency: Leniency) {
    let Some(filter) = parse(text, leniency) else { return };
    let printed = filter.to_string();
    // Parentheses that printing adds count as depth, and the text may grow beyond its limit.
    let mut limits = LIMITS.clone();
    (limits.filter, limits.filter_depth) = (1024 * 1024, 1024);
    let parsed = filter::parse(&printed, &USER, &mut Reading::new(leniency, &limits));
    assert_eq!(parsed.expect("what is printed parses"), filter, "{printed}");
}

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let user = user(input)?;
    for _ in 0..4 {
        let node = node(input, 3)?;
        let text = node.text(input)?;
        // A limit may be in its way.
        let Some(filter) = parse(&text, Leniency::strict()) else {
            assert!(text.len() > 500, "{text}");
            continue;
        };
        assert_eq!(filter.matches(&user), node.holds(&user), "{text} of {}", Value::Object(user.clone()));
        again(&text, Leniency::strict());
    }
    Ok(())
}

/// A filter, as its grammar has it.
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// One value of `emails` fulfils it; perhaps with a comparison of one of its parts after the brackets.
    Emails(Box<Node>, Option<Box<Node>>),
    Test(&'static Named, Test),
}

enum Test {
    Present,
    Absent,
    Text(&'static str, &'static str),
    Boolean(bool, bool),
    Instant(&'static str, (&'static str, i64)),
}

struct Named {
    /// Ways to write it.
    names: &'static [&'static str],
    path: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Folded,
    Exact,
    Boolean,
    Instant,
}

const fn named(names: &'static [&'static str], path: &'static [&'static str], kind: Kind) -> Named {
    Named { names, path, kind }
}

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
const QUALIFIED: &str = "urn:ietf:params:scim:schemas:core:2.0:User:userName";

static ATTRIBUTES: [Named; 10] = [
    named(&["userName", "USERNAME", QUALIFIED], &["userName"], Kind::Folded),
    named(&["externalId"], &["externalId"], Kind::Exact),
    named(&["title", "Title"], &["title"], Kind::Folded),
    named(&["name.familyName"], &["name", "familyName"], Kind::Folded),
    named(&["active"], &["active"], Kind::Boolean),
    named(&["meta.lastModified"], &["meta", "lastModified"], Kind::Instant),
    named(&["emails.value"], &["emails", "value"], Kind::Folded),
    named(&["emails.type", "EMAILS.Type"], &["emails", "type"], Kind::Folded),
    named(&[DEPARTMENT], &[ENTERPRISE_USER, "department"], Kind::Folded),
    named(&[MANAGER], &[ENTERPRISE_USER, "manager", "value"], Kind::Exact),
];

static PARTS: [Named; 3] = [
    named(&["value"], &["value"], Kind::Folded),
    named(&["type", "TYPE"], &["type"], Kind::Folded),
    named(&["primary"], &["primary"], Kind::Boolean),
];

const TEXTS: [&str; 10] = ["", "a", "A", "ab", "b", "é", "É", "a\"b", "a\\", "\u{0}"];
const INSTANTS: [(&str, i64); 4] = [
    ("2026-11-22T00:00:00Z", 1000),
    ("2026-11-22T01:00:00+01:00", 1000),
    ("2026-11-22T00:00:00.001Z", 1001),
    ("2026-11-21T23:59:59Z", 0),
];
const ORDERS: [&str; 6] = ["eq", "ne", "gt", "ge", "lt", "le"];
const OPERATORS: [&str; 9] = ["eq", "ne", "gt", "ge", "lt", "le", "co", "sw", "ew"];

fn node(input: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Node> {
    let kind = if depth == 0 { 0 } else { input.int_in_range(0..=7)? };
    Ok(match kind {
        1 => Node::All(nodes(input, depth)?),
        2 => Node::Any(nodes(input, depth)?),
        3 => Node::Not(Box::new(node(input, depth - 1)?)),
        4 => {
            let within = part(input, depth.min(2))?;
            let after = if input.arbitrary()? { Some(Box::new(test(input, &PARTS)?)) } else { None };
            Node::Emails(Box::new(within), after)
        }
        _ => test(input, &ATTRIBUTES)?,
    })
}

fn nodes(input: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Vec<Node>> {
    let count = input.int_in_range(2..=3)?;
    (0..count).map(|_| node(input, depth - 1)).collect()
}

/// Within brackets.
fn part(input: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Node> {
    let kind = if depth == 0 { 0 } else { input.int_in_range(0..=5)? };
    Ok(match kind {
        1 => Node::All(vec![part(input, depth - 1)?, part(input, depth - 1)?]),
        2 => Node::Any(vec![part(input, depth - 1)?, part(input, depth - 1)?]),
        3 => Node::Not(Box::new(part(input, depth - 1)?)),
        _ => test(input, &PARTS)?,
    })
}

fn test(input: &mut Unstructured<'_>, among: &'static [Named]) -> arbitrary::Result<Node> {
    let named = input.choose(among)?;
    let test = match input.int_in_range(0..=9)? {
        0 => Test::Present,
        1 => Test::Absent,
        _ => match named.kind {
            Kind::Folded | Kind::Exact => Test::Text(input.choose(&OPERATORS)?, input.choose(&TEXTS)?),
            Kind::Boolean => Test::Boolean(input.arbitrary()?, input.arbitrary()?),
            Kind::Instant => Test::Instant(input.choose(&ORDERS)?, *input.choose(&INSTANTS)?),
        },
    };
    Ok(Node::Test(named, test))
}

impl Node {
    /// As a client may write it: spaces and the case of words are free.
    fn text(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
        let joined = |nodes: &[Node], with: &str, input: &mut Unstructured<'_>| {
            let mut text = String::new();
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    text += &format!(" {} ", word(with, input)?);
                }
                // `and` binds more strongly than `or`.
                let bare = matches!(node, Node::Test(..) | Node::Not(_) | Node::Emails(..))
                    || (with == "or" && matches!(node, Node::All(_)));
                let inner = node.text(input)?;
                text += &if bare { inner } else { format!("( {inner})") };
            }
            Ok(text)
        };
        Ok(match self {
            Self::All(nodes) => joined(nodes, "and", input)?,
            Self::Any(nodes) => joined(nodes, "or", input)?,
            Self::Not(node) => format!("{} ({})", word("not", input)?, node.text(input)?),
            Self::Emails(within, after) => {
                let within = within.text(input)?;
                match after {
                    Some(after) => format!("emails[{within}].{}", after.text(input)?),
                    None => format!("emails[{within}]"),
                }
            }
            Self::Test(named, test) => {
                let name = input.choose(named.names)?;
                match test {
                    // A complex attribute is compared by its value, and is there when it has any part.
                    Test::Present if *name == MANAGER => format!("{name}.value pr"),
                    Test::Present => format!("{name} {}", word("pr", input)?),
                    Test::Absent => format!("{name} {} null", word("eq", input)?),
                    Test::Text(operator, text) => {
                        format!("{name}  {} {}", word(operator, input)?, Value::from(*text))
                    }
                    Test::Boolean(equal, value) => {
                        format!("{name} {} {value}", if *equal { "eq" } else { "ne" })
                    }
                    Test::Instant(operator, (text, _)) => format!("{name} {operator} \"{text}\""),
                }
            }
        })
    }

    /// What it says of a resource, or of one value of `emails`.
    fn holds(&self, of: &Map<String, Value>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(of)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(of)),
            Self::Not(node) => !node.holds(of),
            Self::Emails(within, after) => {
                let emails = of.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
                emails
                    .iter()
                    .filter_map(Value::as_object)
                    .any(|email| within.holds(email) && after.as_ref().is_none_or(|after| after.holds(email)))
            }
            Self::Test(named, test) => {
                let mut values = vec![Value::Object(of.clone())];
                for name in named.path {
                    let inner = values.iter().filter_map(|value| value.get(name).cloned());
                    values = inner
                        .flat_map(|value| match value {
                            Value::Array(values) => values,
                            value => vec![value],
                        })
                        .collect();
                }
                let there = values.iter().any(|value| *value != "");
                match test {
                    Test::Present => there,
                    Test::Absent => !there,
                    Test::Text("ne", _) | Test::Boolean(false, _) | Test::Instant("ne", _)
                        if values.is_empty() =>
                    {
                        true
                    }
                    test => values.iter().any(|value| test.passes(named.kind, value)),
                }
            }
        }
    }
}

impl Test {
    fn passes(&self, kind: Kind, value: &Value) -> bool {
        match self {
            Self::Present | Self::Absent => unreachable!("these look at all values"),
            Self::Boolean(equal, wanted) => (value == wanted) == *equal,
            Self::Text(operator, wanted) => {
                let case =
                    |text: &str| if kind == Kind::Folded { text.to_lowercase() } else { text.to_owned() };
                let (value, wanted) = (case(value.as_str().expect("a text")), case(wanted));
                match *operator {
                    "co" => value.contains(&wanted),
                    "sw" => value.starts_with(&wanted),
                    "ew" => value.ends_with(&wanted),
                    operator => compares(operator, value.as_bytes(), wanted.as_bytes()),
                }
            }
            Self::Instant(operator, (_, wanted)) => {
                let known = INSTANTS.iter().find(|(text, _)| value == text).expect("one of these");
                compares(operator, &known.1, wanted)
            }
        }
    }
}

fn compares<T: PartialOrd + ?Sized>(operator: &str, one: &T, other: &T) -> bool {
    match operator {
        "eq" => one == other,
        "ne" => one != other,
        "gt" => one > other,
        "ge" => one >= other,
        "lt" => one < other,
        "le" => one <= other,
        other => unreachable!("{other}"),
    }
}

fn word(word: &str, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    Ok(if input.arbitrary()? { word.to_uppercase() } else { word.to_owned() })
}

fn user(input: &mut Unstructured<'_>) -> arbitrary::Result<Map<String, Value>> {
    let mut user = Map::from_iter([("userName".to_owned(), Value::from(*input.choose(&TEXTS)?))]);
    for name in ["externalId", "title"] {
        if input.arbitrary()? {
            user.insert(name.to_owned(), Value::from(*input.choose(&TEXTS)?));
        }
    }
    if input.arbitrary()? {
        user.insert("name".to_owned(), json!({"familyName": input.choose(&TEXTS)?}));
    }
    if input.arbitrary()? {
        user.insert("active".to_owned(), Value::from(input.arbitrary::<bool>()?));
    }
    if input.arbitrary()? {
        user.insert("meta".to_owned(), json!({"lastModified": input.choose(&INSTANTS)?.0}));
    }
    if input.arbitrary()? {
        let manager = json!({"value": input.choose(&TEXTS)?});
        user.insert(
            ENTERPRISE_USER.to_owned(),
            json!({"department": input.choose(&TEXTS)?, "manager": manager}),
        );
    }
    let mut emails = Vec::new();
    for _ in 0..input.int_in_range(0..=3)? {
        let mut email = Map::new();
        for name in ["value", "type"] {
            if input.arbitrary()? {
                email.insert(name.to_owned(), Value::from(*input.choose(&TEXTS)?));
            }
        }
        if input.arbitrary()? {
            email.insert("primary".to_owned(), Value::from(input.arbitrary::<bool>()?));
        }
        if !email.is_empty() {
            emails.push(Value::Object(email));
        }
    }
    if !emails.is_empty() {
        user.insert("emails".to_owned(), Value::from(emails));
    }
    Ok(user)
}
