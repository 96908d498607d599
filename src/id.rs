//! Identifiers that the host chooses: texts that are compared byte for byte and cheap to clone.

text! {
    /// A user, as the host names it.
    UserId
}
text! {
    /// A group of one organization, as the host names it: it stays when the group is renamed.
    GroupId
}
text! {
    /// A group of the identity provider, as it was pushed: the identifier under which provisioning stores it.
    IdpGroupId
}
text! {
    /// A group's name. Case, white space and the Unicode form count.
    GroupName
}
text! {
    /// An organization, as the host names it.
    OrganizationId
}
text! {
    /// A connection of an enterprise to an identity provider, as the host names it.
    ConnectionId
}
text! {
    /// A state of stored data: a counter, an entity tag, whatever changes when the data does. Compared for
    /// equality alone.
    Revision
}

macro_rules! text {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(::std::sync::Arc<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl ::std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}
pub(crate) use text;
