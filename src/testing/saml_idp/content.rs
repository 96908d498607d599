//! What a response says, before it is written: facts that a fault can change one of.

use super::{
    AuthnRequest, User,
    markup::{Markup, Namespace},
    style::{GroupValues, Issuers, NameIdSource, NameIdStyle, Statements, Style, TimeStyle, ValueType},
};
use crate::{
    crypto::{DigestAlgorithm, digest},
    saml::names::{self, confirmation, name_id_format, status},
    time::Timestamp,
    xml::WriteError,
};

/// Everything that a response says.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) version: String,
    pub(super) response_id: String,
    /// One for each assertion.
    pub(super) assertion_ids: Vec<String>,
    pub(super) issue_instant: Timestamp,
    pub(super) destination: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) response_issuer: Option<String>,
    pub(super) status: Status,
    pub(super) assertion_issuer: String,
    pub(super) subject: Option<Subject>,
    pub(super) not_before: Timestamp,
    pub(super) not_on_or_after: Timestamp,
    pub(super) audience_restrictions: Vec<Vec<String>>,
    pub(super) unknown_condition: bool,
    pub(super) authn: Option<Authn>,
    pub(super) attributes: Vec<Attribute>,
}

#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) code: &'static str,
    pub(super) sub_code: Option<&'static str>,
    pub(super) message: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) name_id: Option<NameId>,
    pub(super) method: &'static str,
    pub(super) recipient: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) not_on_or_after: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(super) struct NameId {
    pub(super) value: String,
    pub(super) style: NameIdStyle,
}

#[derive(Clone, Debug)]
pub(super) struct Authn {
    pub(super) instant: Timestamp,
    pub(super) session_index: String,
    pub(super) session_not_on_or_after: Option<Timestamp>,
    pub(super) class: String,
}

#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// What identifies the messages of one answer.
pub(super) struct Ids {
    pub(super) response: String,
    pub(super) assertion: String,
    pub(super) session: String,
}

impl Content {
    /// A good answer.
    pub(super) fn new(
        entity_id: &str,
        request: &AuthnRequest,
        user: &User,
        style: &Style,
        ids: Ids,
        now: Timestamp,
    ) -> Self {
        let not_on_or_after = now.saturating_add(style.lifetime);
        let mut audiences = style.other_audiences.clone();
        audiences.push(request.issuer.clone());
        Self {
            version: names::VERSION.to_owned(),
            response_id: ids.response,
            issue_instant: now,
            destination: Some(request.acs_url.clone()),
            in_response_to: request.id.clone(),
            response_issuer: (style.issuers != Issuers::AssertionOnly).then(|| entity_id.to_owned()),
            status: Status { code: status::SUCCESS, sub_code: None, message: None },
            assertion_issuer: entity_id.to_owned(),
            subject: Some(Subject {
                name_id: Some(NameId::of(user, style, request, entity_id, &ids.session)),
                method: confirmation::BEARER,
                recipient: Some(request.acs_url.clone()),
                in_response_to: request.id.clone(),
                not_before: style.confirmation_not_before.map(|before| now.saturating_sub(before)),
                not_on_or_after: Some(not_on_or_after),
            }),
            not_before: now.saturating_sub(style.leeway),
            not_on_or_after,
            audience_restrictions: vec![audiences],
            unknown_condition: false,
            authn: Some(Authn {
                instant: now,
                session_index: ids.session,
                session_not_on_or_after: style.session_lifetime.map(|life| now.saturating_add(life)),
                class: request.requested_classes.first().unwrap_or(&style.authn_context).clone(),
            }),
            attributes: attributes(user, style),
            assertion_ids: vec![ids.assertion],
        }
    }

    /// The Response without signature.
    pub(super) fn write(&self, style: &Style) -> Result<Vec<u8>, WriteError> {
        let mut markup = Markup::new(style);
        markup.start_response();
        markup.attribute("ID", &self.response_id);
        markup.attribute("Version", &self.version);
        markup.attribute("IssueInstant", &style.times.write(self.issue_instant));
        markup.optional("Destination", self.destination.as_deref());
        markup.optional("InResponseTo", self.in_response_to.as_deref());
        if let Some(issuer) = &self.response_issuer {
            write_issuer(&mut markup, style, issuer);
        }
        self.write_status(&mut markup);
        for id in &self.assertion_ids {
            self.write_assertion(&mut markup, style, id);
        }
        markup.end();
        markup.finish()
    }

    fn write_status(&self, markup: &mut Markup<'_>) {
        markup.start(Namespace::Protocol, "Status");
        markup.start(Namespace::Protocol, "StatusCode");
        markup.attribute("Value", self.status.code);
        if let Some(code) = self.status.sub_code {
            markup.start(Namespace::Protocol, "StatusCode");
            markup.attribute("Value", code);
            markup.end();
        }
        markup.end();
        if let Some(message) = self.status.message {
            markup.element(Namespace::Protocol, "StatusMessage", message);
        }
        markup.end();
    }

    fn write_assertion(&self, markup: &mut Markup<'_>, style: &Style, id: &str) {
        markup.start_assertion();
        markup.attribute("ID", id);
        markup.attribute("Version", &self.version);
        markup.attribute("IssueInstant", &style.times.write(self.issue_instant));
        write_issuer(markup, style, &self.assertion_issuer);
        if let Some(subject) = &self.subject {
            subject.write(markup, style);
        }
        self.write_conditions(markup, style);
        if let Some(authn) = &self.authn {
            authn.write(markup, style);
        }
        self.write_attributes(markup, style);
        markup.end();
    }

    fn write_conditions(&self, markup: &mut Markup<'_>, style: &Style) {
        markup.start(Namespace::Assertion, "Conditions");
        markup.attribute("NotBefore", &style.times.write(self.not_before));
        markup.attribute("NotOnOrAfter", &style.times.write(self.not_on_or_after));
        for audiences in &self.audience_restrictions {
            markup.start(Namespace::Assertion, "AudienceRestriction");
            for audience in audiences {
                markup.element(Namespace::Assertion, "Audience", audience);
            }
            markup.end();
        }
        if style.one_time_use {
            markup.start(Namespace::Assertion, "OneTimeUse");
            markup.end();
        }
        if self.unknown_condition {
            markup.start(Namespace::Assertion, "Condition");
            markup.schema_type("anyType");
            markup.end();
        }
        markup.end();
    }

    fn write_attributes(&self, markup: &mut Markup<'_>, style: &Style) {
        let per_statement = match style.statements {
            Statements::One => self.attributes.len().max(1),
            Statements::OneEach => 1,
        };
        for attributes in self.attributes.chunks(per_statement) {
            markup.start(Namespace::Assertion, "AttributeStatement");
            for attribute in attributes {
                attribute.write(markup, style);
            }
            markup.end();
        }
    }
}

impl Subject {
    fn write(&self, markup: &mut Markup<'_>, style: &Style) {
        markup.start(Namespace::Assertion, "Subject");
        if let Some(name_id) = &self.name_id {
            markup.start(Namespace::Assertion, "NameID");
            markup.optional("Format", name_id.style.format.as_deref());
            markup.optional("NameQualifier", name_id.style.name_qualifier.as_deref());
            markup.optional("SPNameQualifier", name_id.style.sp_name_qualifier.as_deref());
            markup.text(&name_id.value);
            markup.end();
        }
        markup.start(Namespace::Assertion, "SubjectConfirmation");
        markup.attribute("Method", self.method);
        markup.start(Namespace::Assertion, "SubjectConfirmationData");
        markup.optional("InResponseTo", self.in_response_to.as_deref());
        let not_before = self.not_before.map(|time| style.times.write(time));
        markup.optional("NotBefore", not_before.as_deref());
        let not_on_or_after = self.not_on_or_after.map(|time| style.times.write(time));
        markup.optional("NotOnOrAfter", not_on_or_after.as_deref());
        markup.optional("Recipient", self.recipient.as_deref());
        markup.end();
        markup.end();
        markup.end();
    }
}

impl Authn {
    fn write(&self, markup: &mut Markup<'_>, style: &Style) {
        markup.start(Namespace::Assertion, "AuthnStatement");
        markup.attribute("AuthnInstant", &style.times.write(self.instant));
        markup.attribute("SessionIndex", &self.session_index);
        let end = self.session_not_on_or_after.map(|time| style.times.write(time));
        markup.optional("SessionNotOnOrAfter", end.as_deref());
        markup.start(Namespace::Assertion, "AuthnContext");
        markup.element(Namespace::Assertion, "AuthnContextClassRef", &self.class);
        markup.end();
        markup.end();
    }
}

impl Attribute {
    fn write(&self, markup: &mut Markup<'_>, style: &Style) {
        markup.start(Namespace::Assertion, "Attribute");
        markup.attribute("Name", &self.name);
        markup.optional("NameFormat", style.attribute_name_format.as_deref());
        for value in &self.values {
            markup.start(Namespace::Assertion, "AttributeValue");
            match style.value_type {
                ValueType::Omit => {}
                ValueType::String => markup.schema_type("string"),
                ValueType::AnyType => markup.schema_type("anyType"),
            }
            if !value.is_empty() {
                markup.text(value);
            }
            markup.end();
        }
        markup.end();
    }
}

impl NameId {
    fn of(user: &User, style: &Style, request: &AuthnRequest, entity_id: &str, session: &str) -> Self {
        let mut name_id = style.name_id.clone();
        // A provider gives what the request asks for.
        if let Some(format) = &request.name_id_format {
            let source = match format.as_str() {
                name_id_format::EMAIL_ADDRESS => Some(NameIdSource::Email),
                name_id_format::PERSISTENT => Some(NameIdSource::Persistent),
                name_id_format::TRANSIENT => Some(NameIdSource::Transient),
                _ => None,
            };
            if let Some(source) = source {
                (name_id.format, name_id.source) = (Some(format.clone()), source);
            }
        }
        let opaque = |parts: &[&str]| -> String { hexadecimal(&parts.join("\n")).chars().take(40).collect() };
        let value = user.name_id.clone().unwrap_or_else(|| match name_id.source {
            NameIdSource::Email => user.email.clone(),
            NameIdSource::Login => user.login.clone(),
            NameIdSource::Persistent => opaque(&[entity_id, &request.issuer, &user.login]),
            NameIdSource::Transient => opaque(&[entity_id, &request.issuer, &user.login, session]),
        });
        Self { value, style: name_id }
    }
}

impl TimeStyle {
    pub(super) fn write(self, time: Timestamp) -> String {
        // `2026-11-22T00:01:00.000Z`
        let text = time.to_string();
        let without_zone = text.trim_end_matches('Z');
        match self {
            Self::Millis => text,
            Self::Seconds => match without_zone.split_once('.') {
                Some((seconds, _)) => format!("{seconds}Z"),
                None => text,
            },
            Self::SevenDigits => format!("{without_zone}0000Z"),
            Self::NineDigits => format!("{without_zone}000000Z"),
            Self::Offset => {
                let shifted = time.saturating_add(OFFSET).to_string();
                format!("{}+02:00", shifted.trim_end_matches('Z'))
            }
            Self::NoZone => without_zone.to_owned(),
        }
    }
}

fn write_issuer(markup: &mut Markup<'_>, style: &Style, issuer: &str) {
    markup.start(Namespace::Assertion, "Issuer");
    if style.issuers == Issuers::BothWithFormat {
        markup.attribute("Format", name_id_format::ENTITY);
    }
    markup.text(issuer);
    markup.end();
}

fn attributes(user: &User, style: &Style) -> Vec<Attribute> {
    let names = &style.attributes;
    let mut attributes = Vec::new();
    for (name, value) in [(&names.name, &user.name), (&names.login, &user.login), (&names.email, &user.email)]
    {
        if let Some(name) = name {
            attributes.push(Attribute { name: name.clone(), values: vec![value.clone()] });
        }
    }
    if let Some(name) = &names.groups {
        attributes.extend(groups(name, &user.groups, style.group_values));
    }
    for (name, values) in &style.other_attributes {
        attributes.push(Attribute { name: name.clone(), values: values.clone() });
    }
    attributes
}

pub(super) fn groups(name: &str, groups: &[String], style: GroupValues) -> Vec<Attribute> {
    let attribute = |values| Attribute { name: name.to_owned(), values };
    match style {
        GroupValues::Values => vec![attribute(groups.to_vec())],
        GroupValues::Attributes => groups.iter().map(|group| attribute(vec![group.clone()])).collect(),
        GroupValues::Delimited(separator) => {
            vec![attribute(vec![groups.join(separator.encode_utf8(&mut [0; 4]))])]
        }
    }
}

/// SHA-256 in hexadecimal: a value that looks random and is always the same.
pub(super) fn hexadecimal(text: &str) -> String {
    let digest = digest(DigestAlgorithm::Sha256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

const OFFSET: std::time::Duration = std::time::Duration::from_secs(2 * 60 * 60);
