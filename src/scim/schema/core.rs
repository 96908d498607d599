//! The schemas of RFC 7643 §3.1, §4 and §8.7.

use super::{
    ENTERPRISE_USER, GROUP, USER,
    attribute::{Attribute, AttributeType, Mutability, Returned},
    resource_type::Schema,
};

/// The attributes that every resource has and no schema lists (RFC 7643 §3.1).
pub(super) fn common() -> Vec<Attribute> {
    vec![
        Attribute::new("schemas", AttributeType::Reference, "URNs of the schemas in use")
            .many()
            .returned(Returned::Always),
        Attribute::text("id", "Identifier that the service gave")
            .exact()
            .mutability(Mutability::ReadOnly)
            .returned(Returned::Always),
        Attribute::text("externalId", "Identifier that the client gave").exact(),
        Attribute::complex(
            "meta",
            "What the service records about the resource",
            vec![
                Attribute::text("resourceType", "Name of the resource type").exact(),
                Attribute::new("created", AttributeType::DateTime, "When it was made"),
                Attribute::new("lastModified", AttributeType::DateTime, "When it was last changed"),
                Attribute::new("location", AttributeType::Reference, "Its address").refers_to(&["uri"]),
                Attribute::text("version", "Its entity tag").exact(),
            ]
            .into_iter()
            .map(|one| one.mutability(Mutability::ReadOnly))
            .collect(),
        )
        .mutability(Mutability::ReadOnly),
    ]
}

/// RFC 7643 §4.1.
pub(super) fn user() -> Schema {
    let attributes = vec![
        Attribute::text("userName", "Name that the person signs in with").required().unique(),
        Attribute::complex(
            "name",
            "The parts of the person's name",
            vec![
                Attribute::text("formatted", "The full name, for display"),
                Attribute::text("familyName", "Last name"),
                Attribute::text("givenName", "First name"),
                Attribute::text("middleName", "Middle names"),
                Attribute::text("honorificPrefix", "Title before the name"),
                Attribute::text("honorificSuffix", "Suffix after the name"),
            ],
        ),
        Attribute::text("displayName", "Name to show"),
        Attribute::text("nickName", "Casual name"),
        Attribute::new("profileUrl", AttributeType::Reference, "Address of a page about the person")
            .refers_to(&["external"]),
        Attribute::text("title", "Job title"),
        Attribute::text("userType", "Relation to the organization"),
        Attribute::text("preferredLanguage", "Preferred language"),
        Attribute::text("locale", "Where the person is, for formats of dates and numbers"),
        Attribute::text("timezone", "Time zone, such as Europe/Paris"),
        Attribute::new("active", AttributeType::Boolean, "Whether the account may be used"),
        Attribute::text("password", "A password to set")
            .exact()
            .mutability(Mutability::WriteOnly)
            .returned(Returned::Never),
        plural(
            "emails",
            "E-mail addresses",
            Attribute::text("value", "The address"),
            &["work", "home", "other"],
        ),
        plural(
            "phoneNumbers",
            "Telephone numbers",
            Attribute::text("value", "The number"),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        plural(
            "ims",
            "Addresses for instant messages",
            Attribute::text("value", "The address"),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        plural(
            "photos",
            "Addresses of pictures",
            Attribute::new("value", AttributeType::Reference, "The address of the picture")
                .refers_to(&["external"]),
            &["photo", "thumbnail"],
        ),
        Attribute::complex(
            "addresses",
            "Postal addresses",
            vec![
                Attribute::text("formatted", "The whole address, for display"),
                Attribute::text("streetAddress", "Street and number"),
                Attribute::text("locality", "City"),
                Attribute::text("region", "State or region"),
                Attribute::text("postalCode", "Postal code"),
                Attribute::text("country", "Country"),
                Attribute::text("type", "What it is for").canonical(&["work", "home", "other"]),
                primary(),
            ],
        )
        .many(),
        Attribute::complex(
            "groups",
            "Groups that the person is in",
            vec![
                Attribute::text("value", "Identifier of the group").exact(),
                Attribute::new("$ref", AttributeType::Reference, "Address of the group")
                    .refers_to(&["Group"]),
                Attribute::text("display", "Name of the group"),
                Attribute::text("type", "How the person is in it").canonical(&["direct", "indirect"]),
            ]
            .into_iter()
            .map(|one| one.mutability(Mutability::ReadOnly))
            .collect(),
        )
        .many()
        .mutability(Mutability::ReadOnly),
        plural(
            "entitlements",
            "Things that the person has",
            Attribute::text("value", "The entitlement"),
            &[],
        ),
        plural("roles", "Roles that the person plays", Attribute::text("value", "The role"), &[]),
        plural(
            "x509Certificates",
            "Certificates",
            Attribute::new("value", AttributeType::Binary, "The certificate in DER"),
            &[],
        ),
    ];
    Schema::new(USER, "User", "A person's account", attributes)
}

/// RFC 7643 §4.2.
pub(super) fn group() -> Schema {
    let attributes = vec![
        Attribute::text("displayName", "Name of the group").required().unique(),
        Attribute::complex(
            "members",
            "Who is in the group",
            vec![
                Attribute::text("value", "Identifier of the member")
                    .exact()
                    .mutability(Mutability::Immutable),
                Attribute::new("$ref", AttributeType::Reference, "Address of the member")
                    .refers_to(&["User", "Group"])
                    .mutability(Mutability::Immutable),
                Attribute::text("type", "Whether it is a person or a group")
                    .canonical(&["User", "Group"])
                    .mutability(Mutability::Immutable),
                Attribute::text("display", "Name of the member").mutability(Mutability::Immutable),
            ],
        )
        .many(),
    ];
    Schema::new(GROUP, "Group", "A group of people", attributes)
}

/// RFC 7643 §4.3.
pub(super) fn enterprise_user() -> Schema {
    let attributes = vec![
        Attribute::text("employeeNumber", "Number of the person in the organization"),
        Attribute::text("costCenter", "Cost center"),
        Attribute::text("organization", "Organization"),
        Attribute::text("division", "Division"),
        Attribute::text("department", "Department"),
        Attribute::complex(
            "manager",
            "The person's manager",
            vec![
                Attribute::text("value", "Identifier of the manager").exact(),
                Attribute::new("$ref", AttributeType::Reference, "Address of the manager")
                    .refers_to(&["User"]),
                Attribute::text("displayName", "Name of the manager").mutability(Mutability::ReadOnly),
            ],
        ),
    ];
    Schema::new(ENTERPRISE_USER, "EnterpriseUser", "What a company records about a person", attributes)
}

/// The usual parts of a value among several (RFC 7643 §2.4).
fn plural(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    let parts = vec![
        value,
        Attribute::text("display", "What to show"),
        Attribute::text("type", "What it is for").canonical(types),
        primary(),
    ];
    Attribute::complex(name, description, parts).many()
}

fn primary() -> Attribute {
    Attribute::new("primary", AttributeType::Boolean, "Whether it is the preferred one; at most one is")
}
