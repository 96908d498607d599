//! Documents as nobody would write them: namespaces, characters, places and spellings drawn at random, with one or
//! two signatures in them.

use admittance::crypto::{TrustedKey, TrustedKeys};
use admittance::xml::Profile;

use super::Question;
use super::dice::Dice;
use super::signature::{KEYS, Key, Template};

/// A signed document and what to ask about it.
pub(super) fn signed(dice: &mut Dice) -> (String, Question) {
    let profile = if dice.percent(25) { Profile::Metadata } else { Profile::Message };
    let mut draft = Draft {
        text: String::new(),
        profile,
        key: &KEYS[dice.below(KEYS.len())],
        names: Vec::new(),
        templates: Vec::new(),
        to_sign: 0,
        room: 20,
    };
    draft.document(dice);
    let mut text = draft.text;
    // The innermost first, since the outer signature covers it.
    draft.templates.sort_by_key(|template| std::cmp::Reverse(template.number));
    for template in &draft.templates {
        text = template.sign(text, draft.key, profile, dice);
    }
    let mut keys = vec![TrustedKey::from(draft.key.certificate.clone())];
    if dice.percent(30) {
        keys.insert(dice.below(2), TrustedKey::from(KEYS[dice.below(KEYS.len())].certificate.clone()));
    }
    (text, Question::new(profile, TrustedKeys::new(keys).unwrap()))
}

struct Draft {
    text: String,
    profile: Profile,
    key: &'static Key,
    /// Prefixes in scope with their namespaces, innermost last.
    names: Vec<(&'static str, &'static str)>,
    templates: Vec<Template>,
    /// Elements that are signed, the ones still open included.
    to_sign: usize,
    /// Elements that may still be written.
    room: usize,
}

impl Draft {
    fn document(&mut self, dice: &mut Dice) {
        if dice.percent(20) {
            self.text.push_str(dice.pick(&DECLARATIONS));
        }
        self.outside_of_the_root(dice);
        let above = dice.below(4);
        self.element(dice, Some(above), 6);
        self.outside_of_the_root(dice);
    }

    fn outside_of_the_root(&mut self, dice: &mut Dice) {
        if self.profile == Profile::Metadata && dice.percent(30) {
            self.text.push_str(dice.pick(&["<!-- c -->", "<?pi data?>", "<!----><?a?>"]));
        } else if dice.percent(20) {
            self.text.push_str(dice.pick(&["\n", " \r\n\t"]));
        }
    }

    /// An element some levels `above` the one to sign, or beside it.
    fn element(&mut self, dice: &mut Dice, above: Option<usize>, depth: usize) {
        let outer_names = self.names.len();
        self.room = self.room.saturating_sub(1);
        let mut attributes = self.declarations(dice);
        let name = format!("{}{}", self.prefix(dice), dice.pick(&LOCAL_NAMES));
        attributes.extend(self.attributes(dice));
        let template = (above == Some(0)).then(|| {
            let id = format!("{}{}", dice.pick(&IDENTIFIERS), self.text.len());
            attributes.push(format!("ID=\"{id}\""));
            self.to_sign += 1;
            Template::new(dice, id, self.to_sign, self.key)
        });
        self.text.push_str(&format!("<{name}"));
        while !attributes.is_empty() {
            let attribute = attributes.swap_remove(dice.below(attributes.len()));
            self.text.push_str(dice.pick(&[" ", " ", " ", "\n  ", "\t", " \r\n"]));
            self.text.push_str(&attribute);
        }

        let wanted = if depth == 0 || self.room == 0 { 0 } else { dice.below(4) };
        let children = wanted.max(usize::from(above.is_some_and(|above| above > 0)));
        if children == 0 && template.is_none() && dice.percent(40) {
            self.text.push_str(dice.pick(&["/>", " />"]));
        } else {
            self.text.push('>');
            self.content(dice, template, above, children, depth);
            self.text.push_str(&format!("</{name}{}>", dice.pick(&["", "", " ", "\n"])));
        }
        self.names.truncate(outer_names);
    }

    fn content(
        &mut self,
        dice: &mut Dice,
        mut template: Option<Template>,
        above: Option<usize>,
        children: usize,
        depth: usize,
    ) {
        let signs = template.is_some();
        let (signature_at, chosen) = (dice.below(children + 1), dice.below(children));
        for position in 0..=children {
            if signature_at == position
                && let Some(template) = template.take()
            {
                self.text.push_str(&template.markup);
                self.templates.push(template);
            }
            self.character_data(dice);
            if position < children {
                let above = match above {
                    // One signed element in another, as an assertion in a response.
                    Some(0) if signs && self.to_sign < 2 && dice.percent(25) => Some(0),
                    Some(above) if above > 0 && position == chosen => Some(above - 1),
                    _ => None,
                };
                self.element(dice, above, depth.saturating_sub(1));
            }
        }
    }

    fn declarations(&mut self, dice: &mut Dice) -> Vec<String> {
        let mut declared = Vec::new();
        let mut written = Vec::new();
        for _ in 0..dice.below(4) {
            let prefix = dice.pick(&PREFIXES);
            if declared.contains(&prefix) {
                continue;
            }
            declared.push(prefix);
            let mut uri =
                if dice.below(300) == 0 { dice.pick(&ODD_NAMESPACES) } else { dice.pick(&NAMESPACES) };
            if prefix.is_empty() && dice.percent(30) {
                uri = "";
            }
            self.names.push((prefix, uri));
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            written.push(format!("{name}=\"{}\"", uri.replace('&', "&amp;")));
        }
        written
    }

    fn attributes(&mut self, dice: &mut Dice) -> Vec<String> {
        let mut known = Vec::new();
        let mut written = Vec::new();
        for _ in 0..dice.below(4) {
            let prefix = self.prefix(dice);
            let name = (self.uri(&prefix), dice.pick(&ATTRIBUTE_NAMES));
            if known.contains(&name) {
                continue;
            }
            known.push(name);
            let quote = dice.pick(&['"', '"', '\'']);
            let parts: String = (0..dice.below(5)).map(|_| dice.pick(&VALUES)).collect();
            let parts = parts.replace(quote, "");
            written.push(format!("{prefix}{}={quote}{parts}{quote}", name.1));
        }
        if dice.percent(5) {
            written.push(dice.pick(&XML_ATTRIBUTES).replace('N', &self.text.len().to_string()));
        }
        if dice.percent(2) {
            let prefix = self.prefix(dice);
            let other = if prefix.is_empty() { "Id" } else { "ID" };
            written.push(format!("{prefix}{other}=\"other{}\"", self.text.len()));
        }
        written
    }

    fn character_data(&mut self, dice: &mut Dice) {
        for _ in 0..dice.below(3) {
            self.text.push_str(dice.pick(&TEXTS));
        }
        if dice.percent(4) {
            let sections = ["<![CDATA[]]>", "<![CDATA[<a> & ]] \r\n>]]>", "<![CDATA[x]]]]><![CDATA[>]]>"];
            self.text.push_str(dice.pick(&sections));
        }
        if self.profile == Profile::Metadata && dice.percent(6) {
            self.text.push_str(dice.pick(&["<!--c-->", "<!---->", "<!-- <a> & -->"]));
        }
    }

    /// A prefix that is in scope, with its colon, or none.
    fn prefix(&self, dice: &mut Dice) -> String {
        let in_scope: Vec<&str> =
            self.names.iter().map(|(prefix, _)| *prefix).filter(|p| !p.is_empty()).collect();
        if in_scope.is_empty() || dice.percent(40) {
            return String::new();
        }
        format!("{}:", dice.pick(&in_scope))
    }

    /// The namespace that a prefix with its colon has for an attribute.
    fn uri(&self, prefix: &str) -> Option<&'static str> {
        let prefix = prefix.strip_suffix(':')?;
        self.names.iter().rev().find(|(known, _)| *known == prefix).map(|(_, uri)| *uri)
    }
}

const DECLARATIONS: [&str; 5] = [
    "<?xml version=\"1.0\"?>",
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n",
    "<?xml version = \"1.0\" encoding = \"UTF-8\" ?>\r\n",
    "\u{FEFF}",
    "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
];

const PREFIXES: [&str; 6] = ["", "", "p", "q", "r", "\u{e9}"];

const NAMESPACES: [&str; 6] = [
    "urn:a",
    "urn:b",
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "urn:a",
];

/// Some of these no parser should take.
const ODD_NAMESPACES: [&str; 21] = [
    "http://u@[::1]:80/p?q=/?r#f",
    "urn:a&b",
    "urn:%20",
    "x:",
    "file:///etc",
    "http://",
    "http://h:0080",
    "x:/a//b;c=1,2/@:!$'()*+~",
    "urn:a#",
    "urn:a b",
    "urn:\u{e9}",
    "urn:%2",
    "urn:a#b#c",
    "urn:{a}",
    "http://h:",
    "http://h:a/",
    "http://h:99999999999/",
    "http://[::1",
    "http://a[b]/",
    "x:[",
    "1:a",
];

const LOCAL_NAMES: [&str; 7] = ["a", "b", "Assertion", "c.-_1", "\u{e9}l\u{e9}ment", "_", "Signature"];

const ATTRIBUTE_NAMES: [&str; 6] = ["a", "b", "B", "name", "\u{e9}", "\u{10000}"];

const XML_ATTRIBUTES: [&str; 6] = [
    "xml:lang=\"en\"",
    "xml:space=\"preserve\"",
    "xml:space=\"odd\"",
    "xml:base=\"x/y\"",
    "xml:id=\"xN\"",
    "xml:id=\" N y\"",
];

/// None of these is usual; the last ones are what a reference by XPointer would mean something by.
const IDENTIFIERS: [&str; 16] = [
    "_",
    "_",
    "_",
    "id",
    "1",
    "a-b.",
    "\u{e9}",
    "a:",
    "%20",
    "a+/=",
    "[x]",
    "a,b;",
    "(a)",
    "a(",
    "^(x)^",
    "xpointer(/)",
];

const VALUES: [&str; 20] = [
    "a",
    "b",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&#9;",
    "&#xA;",
    "&#13;",
    ">",
    "'",
    "\"",
    "\u{1F600}\u{85}",
];

const TEXTS: [&str; 20] = [
    "text",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "&amp;",
    "&lt;",
    "&gt;",
    ">",
    "&quot;\"",
    "&apos;'",
    "&#13;",
    "&#xd;&#10;",
    "&#x9;",
    "\u{e9}",
    "\u{1F600}",
    "&#x10FFFF;",
    "\u{85}\u{2028}",
    "]]",
];
