//! As much of HTML as login pages need: forms and their inputs.

pub struct Form {
    pub action: String,
    pub inputs: Vec<Input>,
}

pub struct Input {
    pub name: String,
    kind: String,
    value: String,
}

/// The forms of a page, in order.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for tag in tags(page) {
        let (element, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
        let attribute = |name: &str| attribute(attributes, name);
        match (element.to_ascii_lowercase().as_str(), forms.last_mut()) {
            ("form", _) => {
                forms.push(Form { action: attribute("action").unwrap_or_default(), inputs: Vec::new() });
            }
            ("input", Some(form)) => form.inputs.extend(attribute("name").map(|name| Input {
                name,
                kind: attribute("type").unwrap_or_default().to_ascii_lowercase(),
                value: attribute("value").unwrap_or_default(),
            })),
            _ => {}
        }
    }
    forms
}

/// The text of a page, for messages.
pub fn text(page: &str) -> String {
    let text: String =
        page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    let words: Vec<&str> = if text.is_empty() { page } else { &text }.split_whitespace().collect();
    words.join(" ").chars().take(400).collect()
}

impl Form {
    /// Whether it asks for a password.
    pub fn signs_in(&self) -> bool {
        self.inputs.iter().any(|input| input.kind == "password")
    }

    /// Whether it carries a message of SAML, an answer of OpenID Connect, or a consent.
    pub fn carries_message(&self) -> bool {
        let names = ["SAMLRequest", "SAMLResponse", "state", "prompt", "xsrf"];
        self.inputs.iter().any(|input| names.contains(&input.name.as_str()))
    }
}

impl Input {
    /// Its value after the person has typed.
    pub fn filled(self) -> String {
        match (self.kind.as_str(), self.name.as_str()) {
            ("password", _) => "countess".to_owned(),
            (_, "username" | "login") => "ada".to_owned(),
            _ => self.value,
        }
    }
}

/// What stands between `<` and `>`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(tag, _)| tag)
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        let (found, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, behind) = after.get(1..)?.split_once(quote)?;
        let found = found.split_whitespace().last().unwrap_or_default();
        if found.eq_ignore_ascii_case(name) {
            return Some(unescape(value));
        }
        rest = behind;
    }
}

fn unescape(value: &str) -> String {
    let mut pieces = value.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(';').and_then(|(entity, rest)| Some((character(entity)?, rest))) {
            Some((character, rest)) => {
                text.push(character);
                text.push_str(rest);
            }
            None => {
                text.push('&');
                text.push_str(piece);
            }
        }
    }
    text
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}
