//! Imports point from the trusted towards the raw, never back: the layer table, and the ban on clock, files,
//! network and environment in the library.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LAYER_0: &[&str] =
    &["time", "limits", "entropy", "encoding", "json", "endpoint", "note", "version", "id", "fold"];
const PROTOCOLS: &[&str] = &["saml", "oidc", "scim"];

/// Which top-level modules `module` may name. `None`: the table does not know the module.
fn allowed(module: &str) -> Option<Vec<&'static str>> {
    let with_layer_0 = |more: &[&'static str]| [LAYER_0, more].concat();
    Some(match module {
        "encoding" | "json" => vec!["limits"],
        "time" | "limits" | "entropy" | "endpoint" | "note" | "version" | "id" | "fold" => vec![],
        "claims" | "crypto" | "xml" => with_layer_0(&[]),
        "xmldsig" | "xmlenc" | "jose" => with_layer_0(&["xml", "crypto"]),
        "saml" => with_layer_0(&["xmldsig", "xmlenc", "xml", "claims", "crypto"]),
        "oidc" => with_layer_0(&["jose", "claims", "crypto"]),
        "scim" => with_layer_0(&["claims", "crypto"]),
        "profile" => with_layer_0(&["claims"]),
        "groups" => with_layer_0(&["profile"]),
        "connection" => [
            LAYER_0,
            PROTOCOLS,
            &["claims", "crypto", "xml", "xmldsig", "xmlenc", "jose", "profile", "groups"],
        ]
        .concat(),
        "testing" => [
            LAYER_0,
            PROTOCOLS,
            &["claims", "crypto", "xml", "xmldsig", "xmlenc", "jose", "profile", "groups", "connection"],
        ]
        .concat(),
        "manual" => vec![],
        _ => return None,
    })
}

#[test]
fn imports_only_point_to_lower_layers() {
    let mut wrong = Vec::new();
    for file in sources() {
        wrong.extend(
            violations(&file.module, file.depth, &file.text).iter().map(|v| format!("{}: {v}", file.path)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// INVARIANT (only plaintext takes a place): what stands in the place of a signed element counts as signed, so no
/// module but the one that decrypts may put something there.
#[test]
fn only_decryption_puts_something_in_the_place_of_an_element() {
    let named_by = |name: &str| {
        let naming = sources().into_iter().filter(|file| tokens(&file.text).contains(&name.to_owned()));
        naming.map(|file| file.path).collect::<Vec<_>>()
    };
    assert_eq!(named_by("parse_in_place"), ["src/xml/fragment.rs", "src/xml/mod.rs", "src/xmlenc.rs"]);
    assert_eq!(
        named_by("parse_inside"),
        ["src/xml/fragment.rs", "src/xml/parse.rs"],
        "the door behind that door"
    );
}

#[test]
fn the_check_sees_what_it_must_see() {
    let refused = [
        ("xml", 1, "use crate::saml::names;"),
        ("xml", 2, "use crate::{limits::Budget, crypto};"),
        ("xml", 2, "use crate::{limits::{Budget, Limits}, note, saml::{names}};"),
        ("saml", 2, "fn f() -> crate::oidc::Error { x }"),
        ("saml", 2, "fn f(x: &'a str) { let y = 'x'; crate::testing::f() }"),
        ("profile", 2, "use super::super::saml::Error;"),
        ("profile", 1, "use super::saml::Error;"),
        ("time", 1, "use crate::limits::Budget;"),
        ("endpoint", 1, "use std::{fmt, net::IpAddr};"),
        ("saml", 2, "let now = std::time::SystemTime::now();"),
        ("saml", 2, "let now = Instant :: now();"),
        ("crypto", 2, "use ::std::fs::File;"),
        ("crypto", 2, "use std::{self, env};"),
        ("unheard_of", 1, "use std::fmt;"),
    ];
    for (module, depth, text) in refused {
        assert_eq!(violations(module, depth, text).len(), 1, "{module}: {text}");
    }
    let fine = [
        ("xml", 2, "use crate::{limits::{Budget, Limits}, xml::Document};"),
        ("saml", 3, "use crate::xmldsig; /* crate::oidc /* nested */ std::fs */ // crate::testing"),
        (
            "saml",
            3,
            "/// [`crate::connection`] reads [`std::fs`]\nfn f() { g(\"crate::oidc\", r#\"\"crate::oidc\"#, '\"') }",
        ),
        ("saml", 3, "use super::super::names;"),
        ("limits", 1, "use std::fmt; mod tests { use super::Budget; }"),
        ("endpoint", 1, "use core::net::IpAddr;"),
        ("time", 1, "impl From<SystemTime> for Timestamp {}"),
    ];
    for (module, depth, text) in fine {
        assert_eq!(violations(module, depth, text), Vec::<String>::new(), "{module}: {text}");
    }
}

/// One file of `src`: `saml/web_sso/begin.rs` lies in the module `saml` at depth 3.
struct Source {
    path: String,
    module: String,
    depth: usize,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let sources: Vec<_> = files
        .iter()
        .filter(|file| **file != root.join("lib.rs"))
        .map(|file| {
            let relative = file.strip_prefix(&root).unwrap().with_extension("");
            let mut names: Vec<_> = relative.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
            names.retain(|name| name != "mod");
            Source {
                path: format!("src/{}.rs", relative.display()),
                module: names[0].clone(),
                depth: names.len(),
                text: fs::read_to_string(file).unwrap(),
            }
        })
        .collect();
    assert!(sources.len() > 5, "the sources were not found under {}", root.display());
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn violations(module: &str, depth: usize, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let Some(allowed) = allowed(module) else {
        return vec![format!("the layer table does not know the module `{module}`")];
    };
    for name in names_below(&tokens, "crate") {
        if name != module && !allowed.contains(&name.as_str()) {
            found.push(format!("`{module}` may not use `crate::{name}`"));
        }
    }
    for (at, supers) in super_chains(&tokens) {
        let opens_module = |three: &&[String]| three[0] == "mod" && is_name(&three[1]) && three[2] == "{";
        let inside = tokens[..at].windows(3).filter(opens_module).count();
        if supers >= depth + inside {
            found.push(format!("`super` chain of {supers} reaches the crate's root; write `crate::`"));
        }
    }
    for name in names_below(&tokens, "std") {
        if ["fs", "net", "env"].contains(&name.as_str()) {
            found.push(format!("`std::{name}` belongs to the host"));
        }
    }
    for clock in ["SystemTime", "Instant"] {
        if names_below(&tokens, clock).contains(&"now".to_owned()) {
            found.push(format!("`{clock}::now`: time is an argument"));
        }
    }
    found
}

/// The names that follow `root::`, through one level of braces: `root::{a, b::{c}}` gives a and b.
fn names_below(tokens: &[String], root: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, window) in tokens.windows(3).enumerate() {
        if window[0] != root || window[1] != "::" {
            continue;
        }
        if window[2] != "{" {
            names.push(window[2].clone());
            continue;
        }
        let mut depth = 0usize;
        let mut first = true;
        for token in &tokens[at + 2..] {
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                "," if depth == 1 => first = true,
                name if depth == 1 && first => {
                    names.push(name.to_owned());
                    first = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

/// Each `super::super::…`, with its place and its length.
fn super_chains(tokens: &[String]) -> Vec<(usize, usize)> {
    let mut chains = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut length = 0;
        while tokens.get(at + 2 * length).is_some_and(|token| token == "super") {
            length += 1;
            if tokens.get(at + 2 * length - 1).is_none_or(|token| token != "::") {
                break;
            }
        }
        // `pub(super)` names no module's content.
        if length > 0 && tokens.get(at + 1).is_some_and(|token| token == "::") {
            chains.push((at, length));
        }
        at += (2 * length).max(1);
    }
    chains
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters; comments, texts and character literals are left out.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0usize;
                while i < chars.len() {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            '"' => i = after_text(&chars, i),
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            ':' if at(i + 1) == ':' => {
                tokens.push("::".to_owned());
                i += 2;
            }
            c if is_name(&c.to_string()) => {
                let start = i;
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                let name: String = chars[start..i].iter().collect();
                let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
                if ["r", "br"].contains(&name.as_str()) && at(i + hashes) == '"' {
                    let end: Vec<char> =
                        std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                    i += hashes + 1;
                    while i < chars.len() && !chars[i..].starts_with(&end) {
                        i += 1;
                    }
                    i += end.len();
                } else {
                    tokens.push(name);
                }
            }
            c if c.is_whitespace() => i += 1,
            c => {
                tokens.push(c.to_string());
                i += 1;
            }
        }
    }
    tokens
}

fn after_text(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}
