//! The document that [`SpConfig::metadata`] publishes, in the order of the metadata schema.

use crate::{
    crypto::{Certificate, DigestAlgorithm, SigningKey, digest},
    encoding::base64_encode,
    saml::{
        Error,
        bindings::{Binding, Endpoint},
        metadata::sp::{
            AcsBinding, AttributeConsumingService, ContactPerson, ContactType, EncryptionMethod, Localized,
            Organization, SignAuthnRequests, SpConfig, UiInfo,
        },
        names,
    },
    xml::Writer,
    xmldsig::{self, Placement, Signing},
};

/// Metadata 2.3.2 and 2.4.4, with an `ID` where one is given.
pub(super) fn write(sp: &SpConfig, id: Option<&str>) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new();
    writer.start("md:EntityDescriptor").attribute("xmlns:md", names::MD);
    writer.optional("ID", id);
    writer.attribute("entityID", &sp.entity_id);
    writer.optional("validUntil", sp.valid_until.map(|at| at.to_string()).as_deref());
    writer.optional(
        "cacheDuration",
        sp.cache_duration_seconds.map(|seconds| format!("PT{seconds}S")).as_deref(),
    );
    sp_sso_descriptor(&mut writer, sp);
    if let Some(organization) = &sp.organization {
        write_organization(&mut writer, organization);
    }
    for contact in &sp.contacts {
        contact_person(&mut writer, contact);
    }
    writer.end();
    Ok(writer.finish()?)
}

/// The same with a signature. The `ID` is made from the content, so that it changes with it and needs no
/// random bytes.
pub(super) fn write_signed(sp: &SpConfig, key: &SigningKey) -> Result<Vec<u8>, Error> {
    let id = content_id(&write(sp, None)?);
    let signing = Signing {
        id: &id,
        placement: Placement::FirstChild,
        key,
        algorithm: sp.signature_algorithm(key),
        certificate: sp.certificate_of(key),
        prefix_list: &[],
    };
    Ok(xmldsig::sign(write(sp, Some(&id))?, &signing)?)
}

fn sp_sso_descriptor(writer: &mut Writer, sp: &SpConfig) {
    writer.start("md:SPSSODescriptor");
    writer.attribute("AuthnRequestsSigned", boolean(sp.sign_authn_requests == SignAuthnRequests::Always));
    writer.attribute("WantAssertionsSigned", boolean(sp.want_assertions_signed));
    writer.attribute("protocolSupportEnumeration", names::SAMLP);
    if let Some(ui) = &sp.ui {
        writer.start("md:Extensions");
        ui_info(writer, ui);
        writer.end();
    }
    for certificate in &sp.signing_certificates {
        key_descriptor(writer, "signing", certificate, &[]);
    }
    for certificate in &sp.encryption_certificates {
        key_descriptor(writer, "encryption", certificate, &sp.encryption_methods);
    }
    for slo in &sp.slo {
        single_logout_service(writer, slo);
    }
    for format in &sp.name_id_formats {
        writer.element("md:NameIDFormat", &[], format);
    }
    for (position, acs) in sp.acs.iter().enumerate() {
        let index = acs.index.to_string();
        let binding = match acs.binding {
            AcsBinding::HttpPost => names::binding::HTTP_POST,
            AcsBinding::HttpArtifact => names::binding::HTTP_ARTIFACT,
        };
        writer.start("md:AssertionConsumerService");
        writer.attribute("Binding", binding).attribute("Location", &acs.location).attribute("index", &index);
        writer.attribute("isDefault", boolean(position == 0)).end();
    }
    for (position, service) in sp.attribute_consuming_services.iter().enumerate() {
        attribute_consuming_service(writer, service, position == 0);
    }
    writer.end();
}

fn ui_info(writer: &mut Writer, ui: &UiInfo) {
    writer.start("mdui:UIInfo").attribute("xmlns:mdui", names::MDUI);
    localized(writer, "mdui:DisplayName", &ui.display_names);
    localized(writer, "mdui:Description", &ui.descriptions);
    for logo in &ui.logos {
        writer.start("mdui:Logo");
        writer.attribute("height", &logo.height.to_string()).attribute("width", &logo.width.to_string());
        writer.optional("xml:lang", logo.lang.as_deref()).text(&logo.url).end();
    }
    localized(writer, "mdui:InformationURL", &ui.information_urls);
    localized(writer, "mdui:PrivacyStatementURL", &ui.privacy_statement_urls);
    writer.end();
}

/// One certificate for each descriptor: a chain in one element is what some readers stumble over.
fn key_descriptor(writer: &mut Writer, usage: &str, certificate: &Certificate, methods: &[EncryptionMethod]) {
    writer.start("md:KeyDescriptor").attribute("use", usage);
    writer.start("ds:KeyInfo").attribute("xmlns:ds", names::DS).start("ds:X509Data");
    writer.element("ds:X509Certificate", &[], &base64_encode(certificate.der()));
    writer.end().end();
    for method in methods {
        encryption_method(writer, *method);
    }
    writer.end();
}

fn encryption_method(writer: &mut Writer, method: EncryptionMethod) {
    let algorithm = match method {
        EncryptionMethod::Aes256Gcm => names::encryption::AES256_GCM,
        EncryptionMethod::Aes192Gcm => names::encryption::AES192_GCM,
        EncryptionMethod::Aes128Gcm => names::encryption::AES128_GCM,
        EncryptionMethod::Aes256Cbc => names::encryption::AES256_CBC,
        EncryptionMethod::Aes128Cbc => names::encryption::AES128_CBC,
        EncryptionMethod::RsaOaepMgf1p => names::encryption::RSA_OAEP_MGF1P,
        EncryptionMethod::RsaOaepSha256 => names::encryption::RSA_OAEP,
    };
    writer.start("md:EncryptionMethod").attribute("Algorithm", algorithm);
    if method == EncryptionMethod::RsaOaepSha256 {
        writer.element(
            "ds:DigestMethod",
            &[("xmlns:ds", names::DS), ("Algorithm", names::encryption::SHA256)],
            "",
        );
        let mask = [("xmlns:xenc11", names::XENC11), ("Algorithm", names::encryption::MGF1_SHA256)];
        writer.element("xenc11:MGF", &mask, "");
    }
    writer.end();
}

fn single_logout_service(writer: &mut Writer, slo: &Endpoint) {
    let binding = match slo.binding {
        Binding::HttpRedirect => names::binding::HTTP_REDIRECT,
        Binding::HttpPost => names::binding::HTTP_POST,
        Binding::Soap => names::binding::SOAP,
    };
    writer.start("md:SingleLogoutService");
    writer.attribute("Binding", binding).attribute("Location", &slo.location);
    writer.optional("ResponseLocation", slo.response_location.as_deref()).end();
}

fn attribute_consuming_service(writer: &mut Writer, service: &AttributeConsumingService, is_default: bool) {
    writer.start("md:AttributeConsumingService").attribute("index", &service.index.to_string());
    writer.attribute("isDefault", boolean(is_default));
    localized(writer, "md:ServiceName", &service.names);
    localized(writer, "md:ServiceDescription", &service.descriptions);
    for attribute in &service.requested_attributes {
        writer.start("md:RequestedAttribute").attribute("Name", &attribute.name);
        writer.optional("NameFormat", attribute.name_format.as_deref());
        writer.optional("FriendlyName", attribute.friendly_name.as_deref());
        writer.attribute("isRequired", boolean(attribute.is_required)).end();
    }
    writer.end();
}

fn write_organization(writer: &mut Writer, organization: &Organization) {
    writer.start("md:Organization");
    localized(writer, "md:OrganizationName", &organization.names);
    localized(writer, "md:OrganizationDisplayName", &organization.display_names);
    localized(writer, "md:OrganizationURL", &organization.urls);
    writer.end();
}

fn contact_person(writer: &mut Writer, contact: &ContactPerson) {
    let contact_type = match contact.contact_type {
        ContactType::Technical => "technical",
        ContactType::Support => "support",
        ContactType::Administrative => "administrative",
        ContactType::Billing => "billing",
        ContactType::Other => "other",
    };
    writer.start("md:ContactPerson").attribute("contactType", contact_type);
    for (name, value) in [
        ("md:Company", &contact.company),
        ("md:GivenName", &contact.given_name),
        ("md:SurName", &contact.sur_name),
    ] {
        if let Some(value) = value {
            writer.element(name, &[], value);
        }
    }
    for address in &contact.email_addresses {
        // Metadata 2.3.2.2: the value is a `mailto:` URI.
        let scheme = if address.starts_with("mailto:") { "" } else { "mailto:" };
        writer.element("md:EmailAddress", &[], &[scheme, address].concat());
    }
    for number in &contact.telephone_numbers {
        writer.element("md:TelephoneNumber", &[], number);
    }
    writer.end();
}

fn localized(writer: &mut Writer, name: &str, texts: &[Localized]) {
    for text in texts {
        writer.element(name, &[("xml:lang", &text.lang)], &text.value);
    }
}

fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn content_id(content: &[u8]) -> String {
    let digest = digest(DigestAlgorithm::Sha256, content);
    let hex: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("_{hex}")
}
