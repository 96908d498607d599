//! The words of each identity provider's console: where in its menus the settings are that a remedy speaks of.

use super::preset::Preset;

/// Names of settings in one console, each with the way to it.
pub(super) struct Console {
    words: &'static [(&'static str, &'static str)],
    protocol_words: &'static [(&'static str, &'static str)],
}

impl Console {
    pub(super) fn of(preset: Option<Preset>) -> &'static Self {
        match preset {
            Some(Preset::OktaOidc) => &OKTA_OIDC,
            Some(Preset::OktaSaml) => &OKTA_SAML,
            Some(Preset::EntraSaml) => &ENTRA_SAML,
            Some(Preset::EntraOidc) => &ENTRA_OIDC,
            Some(Preset::JumpcloudSaml) => &JUMPCLOUD,
            Some(Preset::GoogleWorkspace) => &GOOGLE,
            Some(Preset::Adfs) => &ADFS,
            Some(Preset::Pingone) => &PINGONE,
            Some(Preset::Onelogin) => &ONELOGIN,
            Some(Preset::Keycloak) => &KEYCLOAK,
            Some(Preset::CustomOidc) => &CUSTOM_OIDC,
            Some(Preset::CustomSaml) | None => &CUSTOM_SAML,
        }
    }

    /// The provider's own word, or else the protocol's.
    pub(super) fn word(&self, name: &str) -> Option<&'static str> {
        let own = self.words.iter().find(|(known, _)| *known == name);
        own.or_else(|| self.protocol_words.iter().find(|(known, _)| *known == name)).map(|(_, word)| *word)
    }
}

/// What every console has, in the words of the SAML standard. It names every word there is.
const SAML: &[(&str, &str)] = &[
    ("idp", "the identity provider"),
    ("acs", "the sign-on URL (ACS URL) of the application"),
    ("audience", "the entity ID (audience) of the application"),
    ("audience_value", "Service Provider Identity ID"),
    ("metadata", "the metadata of the application"),
    ("sign_response", "the application to sign the response"),
    ("sign_assertion", "the application to sign the assertion"),
    ("algorithm", "the signature algorithm to RSA-SHA256"),
    ("encryption", "the assertion encryption: AES256-GCM with RSA-OAEP, and our certificate"),
    ("certificate", "the signing certificate of the application"),
    ("attributes", "the attributes of the application"),
    ("email_source", "the person's email address"),
    ("login_source", "the person's unique user name"),
    ("name_source", "the person's full name"),
    ("groups", "the groups attribute of the application"),
    ("group_names", "the groups attribute, so that it sends the plain names of groups"),
    ("group_limit", "which groups are sent, so that only those of this application are"),
    ("name_id", "the Name ID, to a persistent or otherwise fixed identifier"),
    ("assign", "the assignments of the application"),
    ("tile", "the tile of the application"),
    ("clock", "the clock of the identity provider's server (NTP)"),
    ("redirect", "the redirect URI of the application"),
    ("client", "the client ID and client secret of the application"),
    ("issuer", "the issuer of the identity provider"),
    ("scope", "the groups claim of the application"),
    ("scim", "the provisioning settings of the application"),
    ("scim_groups", "the group push of the application"),
    ("scim_login", "the attribute that userName is filled from"),
];

const OIDC: &[(&str, &str)] = &[
    ("attributes", "the claims of the application's ID token"),
    ("groups", "the groups claim of the application"),
    ("group_names", "the groups claim, so that it sends the plain names of groups"),
    ("metadata", "the issuer of the identity provider"),
    ("algorithm", "the signing algorithm of ID tokens to RS256"),
];

const CUSTOM_SAML: Console = Console { words: &[], protocol_words: SAML };

static CUSTOM_OIDC: Console = Console { words: OIDC, protocol_words: SAML };

static OKTA_SAML: Console = Console {
    words: &[
        ("idp", "Okta"),
        ("acs", "General > SAML Settings > Single sign on URL (and nothing in Other Requestable SSO URLs)"),
        ("audience", "General > SAML Settings > Audience URI (SP Entity ID)"),
        ("metadata", "Sign On > Settings > Sign on methods > Metadata URL"),
        ("sign_response", "General > SAML Settings > Response to Signed"),
        ("sign_assertion", "General > SAML Settings > Assertion Signature to Signed"),
        ("algorithm", "General > SAML Settings > Signature Algorithm to RSA-SHA256"),
        (
            "encryption",
            "General > SAML Settings > Assertion Encryption: AES256-GCM, RSA-OAEP, and our Encryption Certificate",
        ),
        ("certificate", "Sign On > SAML Signing Certificates"),
        (
            "attributes",
            "Sign On > Attribute statements > Show legacy configuration > Profile attribute statements",
        ),
        ("email_source", "user.email"),
        ("login_source", "user.login"),
        ("name_source", "user.firstName"),
        (
            "groups",
            "Sign On > Attribute statements > Show legacy configuration > Group Attribute Statements, Matches regex .*",
        ),
        ("group_names", "the Group Attribute Statements, so that they send the plain names of groups"),
        (
            "group_limit",
            "the filter of Group Attribute Statements, so that it matches only the groups of this application",
        ),
        ("name_id", "General > SAML Settings > Name ID format and Application username"),
        ("assign", "Assignments"),
        ("tile", "General > App visibility > Do not display application icon to users"),
        ("clock", "our server's clock (NTP), since Okta keeps its own"),
        ("scim", "Provisioning > Integration"),
        ("scim_groups", "Push Groups"),
        ("scim_login", "Provisioning > Integration > Unique identifier field for users"),
    ],
    protocol_words: SAML,
};

static OKTA_OIDC: Console = Console {
    words: &[
        ("idp", "Okta"),
        ("metadata", "account menu > org URL"),
        ("attributes", "Sign On > Token claims"),
        ("email_source", "the profile's email, which the scope email brings"),
        ("login_source", "preferred_username, which the scope profile brings"),
        ("name_source", "name, which the scope profile brings"),
        (
            "groups",
            "Sign On > Token claims > Show legacy configuration: type Filter, name groups, Matches regex .*",
        ),
        ("scope", "Sign On > Token claims > Show legacy configuration: type Filter, name groups"),
        (
            "group_names",
            "Sign On > Token claims > Show legacy configuration, whose filter sends names of groups",
        ),
        ("group_limit", "the regular expression of the groups claim filter, so that it matches fewer groups"),
        ("assign", "Assignments > Assign > Assign to Groups"),
        ("redirect", "General > Sign-in redirect URIs"),
        ("client", "General > Client Credentials"),
        ("issuer", "account menu > org URL (without -admin)"),
        ("clock", "our server's clock (NTP), since Okta keeps its own"),
        ("tile", "General > Login initiated by, to App Only"),
        ("scim", "Provisioning > Integration"),
        ("scim_groups", "Push Groups"),
        ("scim_login", "Provisioning > Integration > Unique identifier field for users"),
        ("algorithm", "the signing algorithm of ID tokens to RS256"),
    ],
    protocol_words: SAML,
};

static ENTRA_SAML: Console = Console {
    words: &[
        ("idp", "Microsoft Entra ID"),
        (
            "acs",
            "Single sign-on > Basic SAML Configuration > Reply URL (Assertion Consumer Service URL), only one",
        ),
        ("audience", "Single sign-on > Basic SAML Configuration > Identifier (Entity ID)"),
        ("metadata", "Single sign-on > SAML Certificates > App Federation Metadata Url"),
        ("sign_response", "SAML Certificates > Edit > Signing Option to Sign SAML response and assertion"),
        ("sign_assertion", "SAML Certificates > Edit > Signing Option to Sign SAML assertion"),
        ("algorithm", "SAML Certificates > Edit > Signing Algorithm to SHA-256"),
        ("encryption", "Security > Token encryption > Import Certificate, with our certificate"),
        ("certificate", "SAML Certificates > Edit > New Certificate"),
        ("attributes", "Single sign-on > Attributes & Claims > Add new claim"),
        ("email_source", "user.mail"),
        ("login_source", "user.userprincipalname"),
        ("name_source", "user.givenname, or your own attribute with the full name"),
        (
            "groups",
            "Single sign-on > Attributes & Claims > Add a group claim > Groups assigned to the application",
        ),
        (
            "group_names",
            "the group claim's Source attribute to Cloud-only group display names, or to sAMAccountName with Emit group name for cloud-only groups",
        ),
        (
            "group_limit",
            "the group claim to Groups assigned to the application, and reduce the groups of the person",
        ),
        ("name_id", "Attributes & Claims > Unique User Identifier (Name ID)"),
        ("assign", "Users and groups"),
        ("tile", "Properties > Visible to users, to No"),
        ("clock", "our server's clock (NTP), since Microsoft keeps its own"),
        ("scim", "Provisioning > Admin credentials"),
        ("scim_groups", "Provisioning > Attribute mapping > Provision Microsoft Entra ID Groups"),
        ("scim_login", "Provisioning > Attribute mapping > Provision Microsoft Entra ID Users > userName"),
    ],
    protocol_words: SAML,
};

static ENTRA_OIDC: Console = Console {
    words: &[
        ("idp", "Microsoft Entra ID"),
        ("metadata", "Overview > Directory (tenant) ID"),
        ("attributes", "Token configuration > Add optional claim"),
        ("email_source", "email"),
        ("login_source", "preferred_username"),
        ("name_source", "name"),
        ("groups", "Token configuration > Add groups claim > Groups assigned to the application"),
        ("scope", "Token configuration > Add groups claim"),
        (
            "group_names",
            "Token configuration > groups claim > ID to sAMAccountName or Cloud-only group display names",
        ),
        ("group_limit", "Token configuration > groups claim to Groups assigned to the application"),
        ("assign", "Enterprise applications > Users and groups"),
        ("redirect", "Authentication > Web > Redirect URIs"),
        ("client", "Overview > Application (client) ID and Certificates & secrets > Value"),
        ("issuer", "Overview > Directory (tenant) ID, never common"),
        ("clock", "our server's clock (NTP), since Microsoft keeps its own"),
        ("tile", "Properties > Visible to users, to No"),
        ("scim", "Provisioning > Admin credentials"),
        ("scim_groups", "Provisioning > Attribute mapping > Provision Microsoft Entra ID Groups"),
        ("scim_login", "Provisioning > Attribute mapping > Provision Microsoft Entra ID Users > userName"),
        ("algorithm", "the signing algorithm of ID tokens to RS256"),
    ],
    protocol_words: SAML,
};

static JUMPCLOUD: Console = Console {
    words: &[
        ("idp", "JumpCloud"),
        ("acs", "SSO > Configuration Settings > ACS URLs > Default URL, only one"),
        ("audience", "SSO > Configuration Settings > SP Entity ID"),
        ("audience_value", "Single Sign-On URL"),
        ("metadata", "SSO > JumpCloud Metadata > Copy Metadata URL"),
        ("sign_response", "SSO > Sign to Response"),
        ("sign_assertion", "SSO > Sign to Assertion"),
        ("algorithm", "SSO > Signature Algorithm to RSA-SHA256"),
        ("certificate", "SSO > IdP Certificate"),
        ("attributes", "SSO > Attributes > User Attributes"),
        ("email_source", "email"),
        ("login_source", "username"),
        ("name_source", "displayname"),
        (
            "groups",
            "SSO > Attributes > Constant Attributes > Include Group Attribute > Groups Attribute Name",
        ),
        ("name_id", "SSO > SAMLSubject NameID and SAMLSubject NameID Format"),
        ("assign", "User Groups"),
        ("tile", "General Info > Show this application in User Portal"),
        ("clock", "our server's clock (NTP), since JumpCloud keeps its own"),
        ("scim", "Identity Management > Configuration Settings > Service Provider (SP) Configuration"),
        (
            "scim_groups",
            "Identity Management > Enable management of User Groups and Group Membership in this application",
        ),
        ("scim_login", "Identity Management > Attributes > userName"),
    ],
    protocol_words: SAML,
};

static GOOGLE: Console = Console {
    words: &[
        ("idp", "Google Workspace"),
        ("acs", "Apps > Web and mobile apps > Service provider details > ACS URL"),
        ("audience", "Apps > Web and mobile apps > Service provider details > Entity ID"),
        ("metadata", "Apps > Web and mobile apps > Download metadata, and upload it again"),
        ("sign_response", "Service provider details > Signed response to on"),
        ("sign_assertion", "Service provider details > Signed response to off, which signs the assertion"),
        ("certificate", "Service provider details > Manage certificates"),
        ("attributes", "SAML attribute mapping"),
        ("email_source", "Primary email"),
        ("login_source", "Primary email"),
        ("name_source", "First name"),
        ("groups", "SAML attribute mapping > Group membership > App attribute"),
        ("group_limit", "SAML attribute mapping > Group membership, and choose fewer groups"),
        ("name_id", "Service provider details > Name ID, to Primary email"),
        ("assign", "User access, to ON for the organizational unit"),
        ("tile", "User access"),
        ("clock", "our server's clock (NTP), since Google keeps its own"),
    ],
    protocol_words: SAML,
};

static ADFS: Console = Console {
    words: &[
        ("idp", "AD FS"),
        ("acs", "Relying Party Trusts > Properties > Endpoints, with one POST endpoint"),
        ("audience", "Relying Party Trusts > Properties > Identifiers"),
        (
            "metadata",
            "https://{host}/FederationMetadata/2007-06/FederationMetadata.xml, with {host} the name of the server",
        ),
        ("sign_response", "Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion"),
        ("sign_assertion", "Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion"),
        ("algorithm", "Relying Party Trusts > Properties > Advanced > Secure hash algorithm to SHA-256"),
        ("encryption", "Relying Party Trusts > Properties > Encryption, with our certificate"),
        ("certificate", "AD FS > Service > Certificates > Token-signing"),
        ("attributes", "Edit Claim Issuance Policy > Send LDAP Attributes as Claims"),
        ("email_source", "E-Mail-Addresses"),
        ("login_source", "User-Principal-Name"),
        ("name_source", "Display-Name"),
        (
            "groups",
            "Edit Claim Issuance Policy > Send LDAP Attributes as Claims > Token-Groups - Unqualified Names",
        ),
        ("group_names", "the claim rule's LDAP attribute to Token-Groups - Unqualified Names"),
        (
            "name_id",
            "Edit Claim Issuance Policy > Transform an Incoming Claim: E-Mail Address to Name ID, format Email",
        ),
        ("assign", "Access Control Policy"),
        ("tile", "the application on the idpinitiatedsignon page"),
        ("clock", "the clock of the AD FS server (NTP), or Set-AdfsRelyingPartyTrust -NotBeforeSkew 1"),
    ],
    protocol_words: SAML,
};

static PINGONE: Console = Console {
    words: &[
        ("idp", "PingOne"),
        ("acs", "Configuration > ACS URLs, only one"),
        ("audience", "Configuration > Entity ID"),
        ("metadata", "Configuration > IDP Metadata URL"),
        ("sign_response", "Configuration > Signing Key to Sign Assertion & Response"),
        ("sign_assertion", "Configuration > Signing Key to Sign Assertion"),
        ("algorithm", "Configuration > Signing Algorithm to RSA_SHA256"),
        ("encryption", "Configuration > Encrypt Assertion, with our certificate"),
        ("certificate", "Configuration > Signing Key > Download Signing Certificate"),
        ("attributes", "Attribute Mappings"),
        ("email_source", "Email Address"),
        ("login_source", "Username"),
        ("name_source", "Formatted"),
        ("groups", "Attribute Mappings > Group Names"),
        ("group_names", "Attribute Mappings to Group Names"),
        ("name_id", "Configuration > Subject NameID Format, and the mapping saml_subject"),
        ("assign", "Access"),
        ("clock", "our server's clock (NTP), since PingOne keeps its own"),
    ],
    protocol_words: SAML,
};

static ONELOGIN: Console = Console {
    words: &[
        ("idp", "OneLogin"),
        ("acs", "Configuration > ACS (Consumer) URL, and ACS (Consumer) URL Validator"),
        ("audience", "Configuration > Audience (EntityID)"),
        ("metadata", "SSO > Issuer URL"),
        ("sign_response", "Configuration > SAML signature element to Both"),
        ("sign_assertion", "Configuration > SAML signature element to Both"),
        ("algorithm", "SSO > SAML Signature Algorithm to SHA-256"),
        ("encryption", "Configuration > Encrypt assertion and SAML Encryption, with our public key"),
        ("certificate", "SSO > X.509 Certificate"),
        ("attributes", "Parameters, with Include in SAML assertion"),
        ("email_source", "Email"),
        ("login_source", "Username"),
        ("name_source", "Name"),
        ("groups", "Parameters > groups: MemberOf, multi-value, Semicolon Delimited input"),
        ("group_names", "Parameters > groups: MemberOf, Semicolon Delimited input (Multi-value output)"),
        ("name_id", "Configuration > SAML nameID format, and Parameters > NameID value"),
        ("assign", "Access > Roles"),
        ("tile", "Info > Visible in portal, and Configuration > SAML initiator, to Service Provider"),
        ("clock", "our server's clock (NTP), since OneLogin keeps its own"),
        ("scim", "Configuration > API Connection"),
        ("scim_groups", "Provisioning, and Rules for groups"),
        ("scim_login", "Parameters > SCIM Username"),
    ],
    protocol_words: SAML,
};

static KEYCLOAK: Console = Console {
    words: &[
        ("idp", "Keycloak"),
        ("acs", "Clients > Settings > Master SAML Processing URL and Valid redirect URIs, only one"),
        ("audience", "Clients > Settings > Client ID"),
        (
            "metadata",
            "https://{host}/realms/{realm}/protocol/saml/descriptor, with {host} and {realm} those of the server",
        ),
        ("sign_response", "Clients > Settings > Signature and Encryption > Sign documents to on"),
        ("sign_assertion", "Clients > Settings > Signature and Encryption > Sign assertions to on"),
        ("algorithm", "Clients > Settings > Signature and Encryption > Signature algorithm to RSA_SHA256"),
        ("encryption", "Clients > Keys > Encrypt assertions, with our certificate"),
        ("certificate", "Realm settings > Keys"),
        ("attributes", "Clients > Client scopes > dedicated scope > Add mapper > User Property"),
        ("email_source", "the property email"),
        ("login_source", "the property username"),
        ("name_source", "the properties firstName and lastName"),
        (
            "groups",
            "Clients > Client scopes > dedicated scope > Group list mapper, Single attribute on, Full group path off",
        ),
        ("group_names", "the Group list mapper: Full group path off, Single attribute on"),
        (
            "name_id",
            "Clients > Settings > Name ID format, to persistent or username, with Force name ID format",
        ),
        ("assign", "the person's groups and the client's access"),
        ("tile", "Clients > Settings > Always display in UI, to Off"),
    ],
    protocol_words: SAML,
};

#[cfg(test)]
mod tests {
    use super::{Console, SAML};
    use crate::connection::preset::Preset;

    #[test]
    fn consoles_rename_only_words_that_exist() {
        for preset in Preset::ALL {
            for (word, _) in Console::of(Some(preset)).words {
                assert!(SAML.iter().any(|(known, _)| known == word), "{preset}: {word}");
            }
        }
    }

    #[test]
    fn every_console_has_its_name() {
        let generic = Console::of(None).word("idp");
        for preset in Preset::ALL {
            let named = Console::of(Some(preset)).word("idp") != generic;
            assert_eq!(named, !matches!(preset, Preset::CustomSaml | Preset::CustomOidc), "{preset}");
        }
    }
}
