use std::time::Duration;

use super::{
    TestKey,
    content::{Attribute, Content, groups, hexadecimal},
    style::{GroupValues, NameIdSource, NameIdStyle, SignedElements, Style},
};
use crate::{
    saml::names::{confirmation, name_id_format, status},
    time::Timestamp,
};

/// One thing that is wrong with an answer. Everything else stays as it should be, so that the one rule that is
/// broken decides.
///
/// Each variant names the code that [`finish`](crate::saml::web_sso::finish) answers with under the default
/// policy; [`code`](Self::code) gives it to tests. Some break no rule of sign-in: these responses are accepted, and
/// the variant says what is odd about the result. That assumes that the response answers an outstanding request
/// and, where a variant speaks of the Response, that the [`Style`] signs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    // The Response.
    /// Another version of SAML: `saml.version_unsupported`.
    Version,
    /// The Response's Issuer is somebody else: `saml.issuer_mismatch`.
    WrongResponseIssuer,
    /// The Destination is not ours: `saml.destination_mismatch`.
    WrongDestination,
    /// No Destination, though the Response is signed: `saml.destination_missing`.
    NoDestination,
    /// The status is not Success, and there is no assertion: `saml.idp_status`.
    StatusNotSuccess,
    /// No assertion, though the status is Success: `saml.assertion_count`.
    NoAssertion,
    /// Two assertions: `saml.assertion_count`.
    TwoAssertions,

    // Signatures.
    /// Never signed: `saml.signature_missing`.
    Unsigned,
    /// Signed, and every signature cut out again: `saml.signature_missing`.
    SignatureRemoved,
    /// The assertion was changed after it was signed: `saml.digest_mismatch`.
    ChangedAfterSigning,
    /// Signed with a key that the metadata does not have: `saml.signature_invalid`.
    WrongKey,
    /// A comment in the middle of the NameID, put there after signing: `saml.xml_comment`.
    CommentInNameId,

    // The Assertion.
    /// The Assertion's Issuer is somebody else: `saml.issuer_mismatch`.
    WrongIssuer,
    /// No Subject: `saml.subject_missing`.
    NoSubject,
    /// No NameID: `saml.name_id_missing`.
    NoNameId,
    /// An empty NameID: `saml.name_id_invalid`.
    EmptyNameId,
    /// Accepted, with the note `saml.name_id_transient`: the NameID is another one at each sign-in.
    TransientNameId,
    /// No bearer confirmation, only one for holders of a key: `saml.bearer_missing`.
    NoBearer,
    /// The Recipient is not ours: `saml.recipient_mismatch`.
    WrongRecipient,
    /// No Recipient: `saml.recipient_missing`.
    NoRecipient,
    /// The confirmation has no NotOnOrAfter: `saml.confirmation_expiry_missing`.
    NoConfirmationExpiry,
    /// The confirmation has expired: `saml.confirmation_expired`.
    ConfirmationExpired,
    /// The confirmation is not valid yet: `saml.confirmation_not_yet_valid`.
    ConfirmationNotYetValid,
    /// The answer to another request: `saml.in_response_to_mismatch`.
    WrongInResponseTo,
    /// The answer to no request, though one is outstanding: `saml.in_response_to_missing`, or
    /// `saml.idp_initiated_denied` where none is.
    NoInResponseTo,
    /// The Conditions have expired: `saml.assertion_expired`.
    Expired,
    /// The Conditions are not valid yet: `saml.not_yet_valid`.
    NotYetValid,
    /// For another audience: `saml.audience_mismatch`.
    WrongAudience,
    /// For us, and in a second restriction for another audience: `saml.audience_mismatch`.
    SecondAudienceRestriction,
    /// No audience: `saml.audience_missing`.
    NoAudience,
    /// A condition that nobody knows: `saml.condition_unknown`.
    UnknownCondition,
    /// No authentication statement: `saml.authn_statement_missing`.
    NoAuthnStatement,
    /// The session at the provider is over: `saml.session_expired`.
    SessionExpired,
    /// The person authenticated in the future: `saml.authn_instant_invalid`.
    AuthnInFuture,
    /// The provider's clock is an hour fast: `saml.not_yet_valid`.
    ClockFast,
    /// The provider's clock is three hours slow: `saml.confirmation_expired`.
    ClockSlow,

    // Attributes. A mapping reports these, not the sign-in.
    /// Accepted; no e-mail address: `claims.email_missing`.
    NoEmail,
    /// Accepted; something else in its place: `claims.email_invalid`.
    InvalidEmail,
    /// Accepted; two e-mail addresses: `claims.email_multiple`.
    TwoEmails,
    /// Accepted; no login: `claims.login_missing`.
    NoLogin,
    /// Accepted; name and login exchanged: `claims.attributes_swapped`.
    SwappedAttributes,
    /// Accepted; no groups attribute: `groups.attribute_missing`, never an empty set.
    NoGroups,
    /// Accepted; a groups attribute without values: `groups.empty`.
    EmptyGroups,
    /// Accepted; Entra ID's link instead of more than 150 groups: `groups.overage`, never an empty set.
    GroupsOverage,
    /// Accepted; object IDs instead of the names of groups: `groups.object_ids`.
    ObjectIdsAsGroups,
    /// Accepted; groups with a path before their names: `groups.path_prefix`.
    GroupPaths,
    /// Accepted; all groups in one value: `groups.single_delimited`.
    DelimitedGroups,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 47] = [
        Self::Version,
        Self::WrongResponseIssuer,
        Self::WrongDestination,
        Self::NoDestination,
        Self::StatusNotSuccess,
        Self::NoAssertion,
        Self::TwoAssertions,
        Self::Unsigned,
        Self::SignatureRemoved,
        Self::ChangedAfterSigning,
        Self::WrongKey,
        Self::CommentInNameId,
        Self::WrongIssuer,
        Self::NoSubject,
        Self::NoNameId,
        Self::EmptyNameId,
        Self::TransientNameId,
        Self::NoBearer,
        Self::WrongRecipient,
        Self::NoRecipient,
        Self::NoConfirmationExpiry,
        Self::ConfirmationExpired,
        Self::ConfirmationNotYetValid,
        Self::WrongInResponseTo,
        Self::NoInResponseTo,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongAudience,
        Self::SecondAudienceRestriction,
        Self::NoAudience,
        Self::UnknownCondition,
        Self::NoAuthnStatement,
        Self::SessionExpired,
        Self::AuthnInFuture,
        Self::ClockFast,
        Self::ClockSlow,
        Self::NoEmail,
        Self::InvalidEmail,
        Self::TwoEmails,
        Self::NoLogin,
        Self::SwappedAttributes,
        Self::NoGroups,
        Self::EmptyGroups,
        Self::GroupsOverage,
        Self::ObjectIdsAsGroups,
        Self::GroupPaths,
        Self::DelimitedGroups,
    ];

    /// The code of the refusal; `None` where the response is accepted.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::Version => "saml.version_unsupported",
            Self::WrongResponseIssuer | Self::WrongIssuer => "saml.issuer_mismatch",
            Self::WrongDestination => "saml.destination_mismatch",
            Self::NoDestination => "saml.destination_missing",
            Self::StatusNotSuccess => "saml.idp_status",
            Self::NoAssertion | Self::TwoAssertions => "saml.assertion_count",
            Self::Unsigned | Self::SignatureRemoved => "saml.signature_missing",
            Self::ChangedAfterSigning => "saml.digest_mismatch",
            Self::WrongKey => "saml.signature_invalid",
            Self::CommentInNameId => "saml.xml_comment",
            Self::NoSubject => "saml.subject_missing",
            Self::NoNameId => "saml.name_id_missing",
            Self::EmptyNameId => "saml.name_id_invalid",
            Self::NoBearer => "saml.bearer_missing",
            Self::WrongRecipient => "saml.recipient_mismatch",
            Self::NoRecipient => "saml.recipient_missing",
            Self::NoConfirmationExpiry => "saml.confirmation_expiry_missing",
            Self::ConfirmationExpired | Self::ClockSlow => "saml.confirmation_expired",
            Self::ConfirmationNotYetValid => "saml.confirmation_not_yet_valid",
            Self::WrongInResponseTo => "saml.in_response_to_mismatch",
            Self::NoInResponseTo => "saml.in_response_to_missing",
            Self::Expired => "saml.assertion_expired",
            Self::NotYetValid | Self::ClockFast => "saml.not_yet_valid",
            Self::WrongAudience | Self::SecondAudienceRestriction => "saml.audience_mismatch",
            Self::NoAudience => "saml.audience_missing",
            Self::UnknownCondition => "saml.condition_unknown",
            Self::NoAuthnStatement => "saml.authn_statement_missing",
            Self::SessionExpired => "saml.session_expired",
            Self::AuthnInFuture => "saml.authn_instant_invalid",
            Self::TransientNameId
            | Self::NoEmail
            | Self::InvalidEmail
            | Self::TwoEmails
            | Self::NoLogin
            | Self::SwappedAttributes
            | Self::NoGroups
            | Self::EmptyGroups
            | Self::GroupsOverage
            | Self::ObjectIdsAsGroups
            | Self::GroupPaths
            | Self::DelimitedGroups => return None,
        })
    }

    /// The provider's time, where it is the clock that is wrong.
    pub(super) fn clock(self, now: Timestamp) -> Timestamp {
        match self {
            Self::ClockFast => now.saturating_add(HOUR),
            Self::ClockSlow => now.saturating_sub(3 * HOUR),
            _ => now,
        }
    }

    /// Who signs, and what.
    pub(super) fn change_signing(self, style: &mut Style) {
        match self {
            Self::Unsigned => style.signed = SignedElements::Neither,
            Self::WrongKey => {
                let other = if style.key == TestKey::OtherRsa { TestKey::Rsa } else { TestKey::OtherRsa };
                // An algorithm for another kind of key would be another fault.
                (style.key, style.algorithm) = (other, None);
            }
            _ => {}
        }
    }

    /// Breaks what the response says.
    pub(super) fn change(self, content: &mut Content, style: &Style, now: Timestamp) {
        self.change_response(content);
        self.change_subject(content, now);
        self.change_assertion(content, now);
        self.change_attributes(content, style);
    }

    fn change_response(self, content: &mut Content) {
        match self {
            Self::Version => content.version = "1.1".to_owned(),
            Self::WrongResponseIssuer => content.response_issuer = Some(OTHER_IDP.to_owned()),
            Self::WrongDestination => content.destination = Some(OTHER_ACS.to_owned()),
            Self::NoDestination => content.destination = None,
            Self::StatusNotSuccess => {
                content.status.code = status::RESPONDER;
                content.status.sub_code = Some(status::AUTHN_FAILED);
                content.status.message = Some("the person could not be authenticated");
                content.assertion_ids.clear();
            }
            Self::NoAssertion => content.assertion_ids.clear(),
            Self::TwoAssertions => {
                let second = content.assertion_ids.first().map(|id| format!("{id}b"));
                content.assertion_ids.extend(second);
            }
            _ => {}
        }
    }

    fn change_subject(self, content: &mut Content, now: Timestamp) {
        match self {
            Self::NoSubject => return content.subject = None,
            Self::NoInResponseTo => content.in_response_to = None,
            Self::WrongInResponseTo => content.in_response_to = Some(OTHER_REQUEST.to_owned()),
            _ => {}
        }
        let Some(subject) = &mut content.subject else { return };
        match self {
            Self::NoNameId => subject.name_id = None,
            Self::EmptyNameId => {
                if let Some(name_id) = &mut subject.name_id {
                    name_id.value.clear();
                }
            }
            Self::TransientNameId => {
                if let Some(name_id) = &mut subject.name_id {
                    name_id.value = hexadecimal(&content.response_id);
                    name_id.style = NameIdStyle::new(name_id_format::TRANSIENT, NameIdSource::Transient);
                }
            }
            Self::NoBearer => subject.method = confirmation::HOLDER_OF_KEY,
            Self::WrongRecipient => subject.recipient = Some(OTHER_ACS.to_owned()),
            Self::NoRecipient => subject.recipient = None,
            Self::NoConfirmationExpiry => subject.not_on_or_after = None,
            Self::ConfirmationExpired => subject.not_on_or_after = Some(now.saturating_sub(HOUR)),
            Self::ConfirmationNotYetValid => subject.not_before = Some(now.saturating_add(HOUR)),
            Self::WrongInResponseTo | Self::NoInResponseTo => {
                subject.in_response_to.clone_from(&content.in_response_to);
            }
            _ => {}
        }
    }

    fn change_assertion(self, content: &mut Content, now: Timestamp) {
        match self {
            Self::WrongIssuer => content.assertion_issuer = OTHER_IDP.to_owned(),
            Self::Expired => {
                content.not_before = now.saturating_sub(2 * HOUR);
                content.not_on_or_after = now.saturating_sub(HOUR);
            }
            Self::NotYetValid => {
                content.not_before = now.saturating_add(HOUR);
                content.not_on_or_after = now.saturating_add(2 * HOUR);
            }
            Self::WrongAudience => content.audience_restrictions = vec![vec![OTHER_SP.to_owned()]],
            Self::SecondAudienceRestriction => {
                content.audience_restrictions.push(vec![OTHER_SP.to_owned()]);
            }
            Self::NoAudience => content.audience_restrictions.clear(),
            Self::UnknownCondition => content.unknown_condition = true,
            Self::NoAuthnStatement => content.authn = None,
            Self::SessionExpired => {
                if let Some(authn) = &mut content.authn {
                    authn.session_not_on_or_after = Some(now.saturating_sub(HOUR));
                }
            }
            Self::AuthnInFuture => {
                if let Some(authn) = &mut content.authn {
                    authn.instant = now.saturating_add(HOUR);
                }
            }
            _ => {}
        }
    }

    fn change_attributes(self, content: &mut Content, style: &Style) {
        let names = &style.attributes;
        let attributes = &mut content.attributes;
        match self {
            Self::NoEmail => remove(attributes, names.email.as_deref()),
            Self::InvalidEmail => set(attributes, names.email.as_deref(), &["not an address"]),
            Self::TwoEmails => {
                set(attributes, names.email.as_deref(), &["ada@corp.example", "ada@other.example"]);
            }
            Self::NoLogin => remove(attributes, names.login.as_deref()),
            Self::SwappedAttributes => {
                for attribute in attributes {
                    if Some(&attribute.name) == names.name.as_ref() {
                        attribute.name = names.login.clone().unwrap_or_default();
                    } else if Some(&attribute.name) == names.login.as_ref() {
                        attribute.name = names.name.clone().unwrap_or_default();
                    }
                }
            }
            Self::NoGroups => remove(attributes, names.groups.as_deref()),
            Self::EmptyGroups => set(attributes, names.groups.as_deref(), &[]),
            Self::GroupsOverage => {
                remove(attributes, names.groups.as_deref());
                attributes.push(Attribute { name: GROUPS_LINK.to_owned(), values: vec![GRAPH.to_owned()] });
            }
            Self::ObjectIdsAsGroups => set(
                attributes,
                names.groups.as_deref(),
                &["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "9b2c7a54-6a6e-4a0f-8a3d-5d7f0e1c2b3a"],
            ),
            Self::GroupPaths => {
                for attribute in attributes.iter_mut().filter(|a| Some(&a.name) == names.groups.as_ref()) {
                    attribute.values.iter_mut().for_each(|group| group.insert(0, '/'));
                }
            }
            Self::DelimitedGroups => {
                let Some(name) = names.groups.as_deref() else { return };
                let values = |a: &Attribute| if a.name == name { a.values.clone() } else { Vec::new() };
                let all: Vec<String> = attributes.iter().flat_map(values).collect();
                remove(attributes, Some(name));
                attributes.extend(groups(name, &all, GroupValues::Delimited(';')));
            }
            _ => {}
        }
    }
}

fn remove(attributes: &mut Vec<Attribute>, name: Option<&str>) {
    attributes.retain(|attribute| Some(attribute.name.as_str()) != name);
}

/// Gives the attribute of this name these values; an attribute that is there several times becomes one.
fn set(attributes: &mut Vec<Attribute>, name: Option<&str>, values: &[&str]) {
    let Some(name) = name else { return };
    remove(attributes, Some(name));
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    attributes.push(Attribute { name: name.to_owned(), values });
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const OTHER_IDP: &str = "https://other-idp.example/metadata";
const OTHER_SP: &str = "https://other-sp.example/saml/metadata";
const OTHER_ACS: &str = "https://other-sp.example/saml/acs";
const OTHER_REQUEST: &str = "_0000000000000000000000000000beef";
const GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";
const GRAPH: &str = "https://graph.microsoft.example/v1.0/users/3f2504e0/getMemberObjects";
