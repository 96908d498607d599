//! Protocol messages that we send (Core 3): [`AuthnRequest`](AuthnRequestOptions), with every option.

use serde::{Deserialize, Serialize};

use crate::{
    entropy::Entropy,
    saml::{
        Error, NameId,
        bindings::Binding,
        metadata::sp::{AcsBinding, AcsEndpoint, SpConfig},
        names,
    },
    time::Timestamp,
    xml::Writer,
};

/// What a sign-in asks for. The default fits every identity provider: nothing but
/// `NameIDPolicy AllowCreate="true"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthnRequestOptions {
    /// How the request travels.
    pub binding: RequestBinding,
    /// Where the response shall come to.
    pub acs: AcsChoice,
    /// Which name identifier the response shall have.
    pub name_id_policy: NameIdPolicy,
    /// Whether the person must authenticate again, whatever session there is. The response is checked for it.
    pub force_authn: bool,
    /// Whether the identity provider must not show anything.
    pub is_passive: bool,
    /// How the person shall authenticate. Left out by default: several identity providers refuse what they would
    /// have done anyway.
    pub requested_authn_context: Option<RequestedAuthnContext>,
    /// Who may be asked on our behalf.
    pub scoping: Option<Scoping>,
    /// Our name, for the person to read.
    pub provider_name: Option<String>,
    /// Who is about to sign in, as far as we know. Sent without confirmation, so it is a hint.
    pub subject: Option<NameId>,
    /// Which of our sets of attributes is asked for.
    pub attribute_consuming_service_index: Option<u16>,
    /// An opaque value that comes back with the response, at most 80 bytes. The address to return to does not
    /// belong here but into `return_to`.
    pub relay_state: Option<String>,
    /// Kept in [`Pending`](crate::saml::web_sso::Pending) for the host: where the person wanted to go.
    pub return_to: Option<String>,
    /// How old the authentication may be when the response arrives, in seconds; checked by us, not sent.
    pub max_authn_age_seconds: Option<u64>,
}

/// How the request travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RequestBinding {
    /// HTTP-Redirect where the identity provider has it, else HTTP-POST.
    #[default]
    Any,
    /// HTTP-Redirect.
    HttpRedirect,
    /// HTTP-POST.
    HttpPost,
}

/// How the request names the assertion consumer service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AcsChoice {
    /// The default one, by its address.
    #[default]
    Default,
    /// The one with this index, by its address.
    UrlOf(u16),
    /// By this index alone: the identity provider looks it up in our metadata.
    Index(u16),
}

/// Which name identifier is asked for (Core 3.4.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NameIdPolicy {
    /// Nothing is said.
    Omit,
    /// A policy.
    Ask {
        /// The format, where one is wanted.
        format: Option<String>,
        /// Whether the identity provider may make a new identifier.
        allow_create: bool,
        /// The group of service providers that shares the identifier.
        sp_name_qualifier: Option<String>,
    },
}

/// How the person shall authenticate (Core 3.3.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedAuthnContext {
    /// How the classes are meant.
    pub comparison: AuthnContextComparison,
    /// Class URIs, at least one, best first.
    pub class_refs: Vec<String>,
}

/// How requested and actual authentication compare. Only `Exact` can be checked without knowing an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthnContextComparison {
    /// One of the classes.
    #[default]
    Exact,
    /// As strong as one of them, or stronger.
    Minimum,
    /// As strong as possible, and not above one of them.
    Maximum,
    /// Stronger than each.
    Better,
}

/// Who may be asked on our behalf (Core 3.4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scoping {
    /// How many proxies may stand between.
    pub proxy_count: Option<u32>,
    /// The identity providers that may answer; empty says nothing.
    pub idp_list: Vec<IdpEntry>,
    /// Where the whole list is.
    pub get_complete: Option<String>,
    /// Who asked us.
    pub requester_ids: Vec<String>,
}

/// An identity provider that may answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdpEntry {
    /// Its entity ID.
    pub provider_id: String,
    /// Its name for people.
    pub name: Option<String>,
    /// Its sign-on service.
    pub loc: Option<String>,
}

/// One AuthnRequest (Core 3.4.1), ready to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthnRequest<'a> {
    pub(crate) id: &'a str,
    pub(crate) issue_instant: Timestamp,
    pub(crate) destination: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) acs: &'a AcsEndpoint,
    pub(crate) options: &'a AuthnRequestOptions,
}

impl Default for NameIdPolicy {
    /// `AllowCreate="true"` without a Format.
    fn default() -> Self {
        Self::Ask { format: None, allow_create: true, sp_name_qualifier: None }
    }
}

impl AuthnRequestOptions {
    /// Whether the parts fit each other and the service provider.
    pub(crate) fn check(&self, sp: &SpConfig) -> Result<(), Error> {
        let empty = |class: &String| class.trim().is_empty();
        if let Some(context) = &self.requested_authn_context
            && (context.class_refs.is_empty() || context.class_refs.iter().any(empty))
        {
            return Err(invalid("requested_authn_context", "", "it names no class"));
        }
        if let Some(index) = self.attribute_consuming_service_index
            && !sp.attribute_consuming_services.iter().any(|service| service.index == index)
        {
            let value = index.to_string();
            return Err(invalid("attribute_consuming_service_index", &value, "there is no such service"));
        }
        Ok(())
    }

    /// The assertion consumer service that the response shall come to.
    pub(crate) fn acs_of<'s>(&self, sp: &'s SpConfig) -> Result<&'s AcsEndpoint, Error> {
        let found = match self.acs {
            AcsChoice::Default => sp.acs.first(),
            AcsChoice::UrlOf(index) | AcsChoice::Index(index) => sp.acs.iter().find(|acs| acs.index == index),
        };
        found.ok_or_else(|| invalid("acs", &format!("{:?}", self.acs), "there is no such service"))
    }
}

impl RequestBinding {
    /// The bindings that will do, best first.
    pub(crate) const fn candidates(self) -> &'static [Binding] {
        match self {
            Self::Any => &[Binding::HttpRedirect, Binding::HttpPost],
            Self::HttpRedirect => &[Binding::HttpRedirect],
            Self::HttpPost => &[Binding::HttpPost],
        }
    }
}

impl AuthnRequest<'_> {
    /// The document, in the order of the schema, without signature.
    pub(crate) fn to_xml(self) -> Result<Vec<u8>, Error> {
        let options = self.options;
        let mut writer = Writer::new();
        writer.start("samlp:AuthnRequest");
        writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
        writer.attribute("ID", self.id).attribute("Version", names::VERSION);
        writer.attribute("IssueInstant", &self.issue_instant.to_string());
        writer.attribute("Destination", self.destination);
        if options.force_authn {
            writer.attribute("ForceAuthn", "true");
        }
        if options.is_passive {
            writer.attribute("IsPassive", "true");
        }
        self.write_acs(&mut writer);
        let index = options.attribute_consuming_service_index.map(|index| index.to_string());
        writer.optional("AttributeConsumingServiceIndex", index.as_deref());
        writer.optional("ProviderName", options.provider_name.as_deref());

        writer.element("saml:Issuer", &[], self.issuer);
        if let Some(subject) = &options.subject {
            write_subject(&mut writer, subject);
        }
        write_name_id_policy(&mut writer, &options.name_id_policy);
        if let Some(context) = &options.requested_authn_context {
            write_requested_authn_context(&mut writer, context);
        }
        if let Some(scoping) = &options.scoping {
            write_scoping(&mut writer, scoping);
        }
        writer.end();
        Ok(writer.finish()?)
    }

    /// Core 3.4.1: the index excludes address and binding.
    fn write_acs(self, writer: &mut Writer) {
        if let AcsChoice::Index(index) = self.options.acs {
            writer.attribute("AssertionConsumerServiceIndex", &index.to_string());
            return;
        }
        let binding = match self.acs.binding {
            AcsBinding::HttpPost => names::binding::HTTP_POST,
            AcsBinding::HttpArtifact => names::binding::HTTP_ARTIFACT,
        };
        writer.attribute("ProtocolBinding", binding);
        writer.attribute("AssertionConsumerServiceURL", &self.acs.location);
    }
}

/// `_` and 32 lower-case hexadecimal digits from 16 random bytes: an NCName, and hard to guess (Core 1.3.4).
pub(crate) fn message_id(entropy: &mut dyn Entropy) -> Result<String, Error> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("_{hex}"))
}

fn write_subject(writer: &mut Writer, subject: &NameId) {
    writer.start("saml:Subject");
    subject.write(writer);
    writer.end();
}

fn write_name_id_policy(writer: &mut Writer, policy: &NameIdPolicy) {
    let NameIdPolicy::Ask { format, allow_create, sp_name_qualifier } = policy else { return };
    writer.start("samlp:NameIDPolicy");
    writer.optional("Format", format.as_deref());
    writer.optional("SPNameQualifier", sp_name_qualifier.as_deref());
    writer.attribute("AllowCreate", if *allow_create { "true" } else { "false" }).end();
}

fn write_requested_authn_context(writer: &mut Writer, context: &RequestedAuthnContext) {
    let comparison = match context.comparison {
        AuthnContextComparison::Exact => "exact",
        AuthnContextComparison::Minimum => "minimum",
        AuthnContextComparison::Maximum => "maximum",
        AuthnContextComparison::Better => "better",
    };
    writer.start("samlp:RequestedAuthnContext").attribute("Comparison", comparison);
    for class in &context.class_refs {
        writer.element("saml:AuthnContextClassRef", &[], class);
    }
    writer.end();
}

fn write_scoping(writer: &mut Writer, scoping: &Scoping) {
    writer.start("samlp:Scoping");
    writer.optional("ProxyCount", scoping.proxy_count.map(|count| count.to_string()).as_deref());
    if !scoping.idp_list.is_empty() {
        writer.start("samlp:IDPList");
        for entry in &scoping.idp_list {
            writer.start("samlp:IDPEntry").attribute("ProviderID", &entry.provider_id);
            writer.optional("Name", entry.name.as_deref());
            writer.optional("Loc", entry.loc.as_deref()).end();
        }
        if let Some(get_complete) = &scoping.get_complete {
            writer.element("samlp:GetComplete", &[], get_complete);
        }
        writer.end();
    }
    for requester in &scoping.requester_ids {
        writer.element("samlp:RequesterID", &[], requester);
    }
    writer.end();
}

fn invalid(field: &'static str, value: &str, reason: &'static str) -> Error {
    Error::ConfigurationInvalid { field, value: value.to_owned(), reason }
}
