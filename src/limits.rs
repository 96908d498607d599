//! [`Limits`]: how much of a foreign document is read at most; [`Budget`]: what one message has used of it.
//!
//! Every parser takes its limits as an argument, and loops over foreign data spend from a budget, so that
//! cost is bounded before anything is kept. The defaults fit every identity provider we know with a wide
//! margin; a host may lower them.

use std::fmt;

/// Bounds for one message or document. Sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Limits of protocol messages.
    pub message: XmlLimits,
    /// Limits of metadata: of a document with one entity, and of each entity of an aggregate.
    pub metadata: XmlLimits,
    /// Limits of JSON documents: bodies, headers and claims.
    pub json: JsonLimits,
    /// Limits of SCIM requests.
    pub scim: ScimLimits,
    /// Body of an HTTP answer: 1 MiB; key sets and discovery documents stay below 50 KiB.
    pub body: usize,
    /// Token in compact form: 64 KiB; providers that put 200 groups into a token stay below 16 KiB.
    pub token: usize,
    /// Header of a token after decoding: 8 KiB, room for a certificate chain that is never read.
    pub token_header: usize,
    /// Keys of a published set: 100; Entra ID publishes about ten.
    pub jwks_keys: usize,
    /// Private keys tried for one encrypted token: 4, the keys of a rollover in two kinds.
    pub decryption_keys: usize,
    /// Bytes of an aggregate, of which one entity is kept: 512 MiB, five times the largest that is published.
    pub aggregate: usize,
    /// Raw query string of the redirect binding: 64 KiB, the largest URL common servers accept.
    pub redirect_query: usize,
    /// DEFLATE output: 256 KiB; a logout request with a long session list stays far below.
    pub inflated: usize,
    /// DEFLATE output per input byte: 100; XML of repeated names reaches about 20.
    pub inflate_ratio: usize,
    /// Inbound RelayState: 4 KiB, fifty times what the binding allows.
    pub relay_state: usize,
    /// Signatures verified for one message: 3 (artifact response, response, assertion).
    pub signatures: usize,
    /// Keys tried for one signature: 8, the keys of two rollovers at once.
    pub keys_per_signature: usize,
    /// Private-key operations for one message: 16.
    pub private_key_operations: usize,
    /// Attributes of one assertion: 1 000.
    pub attributes: usize,
    /// Attribute values of one assertion: 20 000.
    pub attribute_values: usize,
    /// Query or form that a browser brings from an OpenID provider: 64 KiB, the largest URL common servers accept.
    pub callback: usize,
}

/// Bounds of the XML parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct XmlLimits {
    /// Input after decoding: 1 MiB for messages, 4 MiB for metadata.
    pub bytes: usize,
    /// Nested elements: 64; real messages stay below 20.
    pub depth: usize,
    /// Elements and texts: 50 000 for messages, 200 000 for metadata.
    pub nodes: usize,
    /// Attributes of one element, namespace declarations not counted: 256.
    pub attributes_per_element: usize,
    /// Namespace declarations in scope at one element: 64.
    pub namespaces_in_scope: usize,
    /// An element's or attribute's name: 1 KiB.
    pub name: usize,
    /// An attribute's value: 64 KiB.
    pub attribute_value: usize,
    /// One run of text: 1 MiB.
    pub text: usize,
}

/// Bounds of the JSON parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonLimits {
    /// Input: 1 MiB.
    pub bytes: usize,
    /// Nested objects and lists, the outermost counted: 32; real documents stay below 8.
    pub depth: usize,
    /// Members of one object: 1 000.
    pub members: usize,
    /// Members of all lists below one member of the document: 20 000, a person's groups at the largest providers.
    pub array_members: usize,
    /// Values of every kind: 50 000.
    pub values: usize,
    /// One text or name: 64 KiB.
    pub string: usize,
}

/// Bounds of SCIM requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScimLimits {
    /// Body of a request: 4 MiB, a group of 20 000 members with their names.
    pub body: usize,
    /// Body of a bulk request: 8 MiB.
    pub bulk_body: usize,
    /// Nested objects and lists of a body: 16.
    pub depth: usize,
    /// A filter's text: 8 KiB.
    pub filter: usize,
    /// Comparisons of a filter: 64.
    pub filter_terms: usize,
    /// Nested parentheses and negations of a filter: 16.
    pub filter_depth: usize,
    /// Operations of one PATCH: 1 000.
    pub patch_operations: usize,
    /// Members named in one request: 20 000.
    pub members: usize,
    /// Resources of a page where the request names no number: 100.
    pub default_page: usize,
    /// Resources of a page at most: 500; a larger number is lowered to it.
    pub page: usize,
    /// Operations of a bulk request: 1 000.
    pub bulk_operations: usize,
    /// One text: 8 KiB.
    pub string: usize,
    /// The text of a role: 64 KiB, since Entra ID puts JSON into it.
    pub role: usize,
}

/// What one message has used so far. A spent budget is an error, never a shorter answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    spent: [usize; Resource::COUNT],
}

/// Something that is bounded, with the name that an error shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Bytes of input.
    Bytes,
    /// Depth of nesting; the budget holds the deepest.
    Depth,
    /// Elements and texts.
    Nodes,
    /// Attributes of one element; the budget holds the largest number.
    Attributes,
    /// Namespace declarations in scope; the budget holds the largest number.
    Namespaces,
    /// Bytes of a name; the budget holds the longest.
    Name,
    /// Bytes of an attribute's value; the budget holds the longest.
    AttributeValue,
    /// Bytes of one text; the budget holds the longest.
    Text,
    /// Bytes that DEFLATE has written.
    Inflated,
    /// Signatures verified.
    Signatures,
    /// Keys tried for one signature; the budget holds the sum over all.
    Keys,
    /// Private-key operations.
    PrivateKeyOperations,
    /// Attributes of an assertion.
    AssertionAttributes,
    /// Attribute values of an assertion.
    AttributeValues,
    /// Depth of nested JSON objects and lists; the budget holds the deepest.
    JsonDepth,
    /// Members of one JSON object; the budget holds the largest number.
    JsonMembers,
    /// Members of the lists below one member of a JSON document; the budget holds the largest number.
    JsonArrayMembers,
    /// Values of a JSON document.
    JsonValues,
    /// Bytes of a text or name in JSON; the budget holds the longest.
    JsonString,
    /// Bytes of a token in compact form.
    Token,
    /// Bytes of a token's header.
    TokenHeader,
    /// Keys of a published set.
    JwksKeys,
}

/// A limit was reached: the input is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {limit} {resource}")]
pub struct LimitExceeded {
    /// What there is too much of.
    pub resource: Resource,
    /// The bound.
    pub limit: usize,
}

impl Budget {
    /// A budget with nothing spent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Uses `amount` more of something that adds up.
    ///
    /// # Errors
    /// [`LimitExceeded`] when the sum would pass `limit`; the sum then stays as it was.
    pub fn spend(&mut self, resource: Resource, amount: usize, limit: usize) -> Result<(), LimitExceeded> {
        let spent = self.counter(resource);
        match spent.checked_add(amount) {
            Some(sum) if sum <= limit => {
                *spent = sum;
                Ok(())
            }
            _ => Err(LimitExceeded { resource, limit }),
        }
    }

    /// Notes the size of something whose largest instance counts.
    ///
    /// # Errors
    /// [`LimitExceeded`] when `size` passes `limit`; the largest seen then stays as it was.
    pub fn reach(&mut self, resource: Resource, size: usize, limit: usize) -> Result<(), LimitExceeded> {
        if size > limit {
            return Err(LimitExceeded { resource, limit });
        }
        let largest = self.counter(resource);
        *largest = size.max(*largest);
        Ok(())
    }

    /// What has been used of `resource`: the sum or the largest, as its documentation says.
    #[must_use]
    pub fn spent(&self, resource: Resource) -> usize {
        self.spent.get(resource.index()).copied().unwrap_or_default()
    }

    fn counter(&mut self, resource: Resource) -> &mut usize {
        #[expect(
            clippy::indexing_slicing,
            reason = "INVARIANT (resource index): below COUNT for every variant"
        )]
        &mut self.spent[resource.index()]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: XmlLimits::MESSAGE,
            metadata: XmlLimits::METADATA,
            json: JsonLimits::default(),
            scim: ScimLimits::default(),
            body: 1024 * 1024,
            token: 64 * 1024,
            token_header: 8 * 1024,
            jwks_keys: 100,
            decryption_keys: 4,
            aggregate: 512 * 1024 * 1024,
            redirect_query: 64 * 1024,
            inflated: 256 * 1024,
            inflate_ratio: 100,
            relay_state: 4 * 1024,
            signatures: 3,
            keys_per_signature: 8,
            private_key_operations: 16,
            attributes: 1_000,
            attribute_values: 20_000,
            callback: 64 * 1024,
        }
    }
}

impl XmlLimits {
    /// The defaults for protocol messages.
    pub const MESSAGE: Self = Self {
        bytes: 1024 * 1024,
        depth: 64,
        nodes: 50_000,
        attributes_per_element: 256,
        namespaces_in_scope: 64,
        name: 1024,
        attribute_value: 64 * 1024,
        text: 1024 * 1024,
    };

    /// The defaults for metadata.
    pub const METADATA: Self = Self { bytes: 4 * 1024 * 1024, nodes: 200_000, ..Self::MESSAGE };
}

impl Default for ScimLimits {
    fn default() -> Self {
        Self {
            body: 4 * 1024 * 1024,
            bulk_body: 8 * 1024 * 1024,
            depth: 16,
            filter: 8 * 1024,
            filter_terms: 64,
            filter_depth: 16,
            patch_operations: 1_000,
            members: 20_000,
            default_page: 100,
            page: 500,
            bulk_operations: 1_000,
            string: 8 * 1024,
            role: 64 * 1024,
        }
    }
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self {
            bytes: 1024 * 1024,
            depth: 32,
            members: 1_000,
            array_members: 20_000,
            values: 50_000,
            string: 64 * 1024,
        }
    }
}

impl Resource {
    const COUNT: usize = 22;

    const fn index(self) -> usize {
        match self {
            Self::Bytes => 0,
            Self::Depth => 1,
            Self::Nodes => 2,
            Self::Attributes => 3,
            Self::Namespaces => 4,
            Self::Name => 5,
            Self::AttributeValue => 6,
            Self::Text => 7,
            Self::Inflated => 8,
            Self::Signatures => 9,
            Self::Keys => 10,
            Self::PrivateKeyOperations => 11,
            Self::AssertionAttributes => 12,
            Self::AttributeValues => 13,
            Self::JsonDepth => 14,
            Self::JsonMembers => 15,
            Self::JsonArrayMembers => 16,
            Self::JsonValues => 17,
            Self::JsonString => 18,
            Self::Token => 19,
            Self::TokenHeader => 20,
            Self::JwksKeys => 21,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes of input",
            Self::Depth => "nested elements",
            Self::Nodes => "nodes",
            Self::Attributes => "attributes of one element",
            Self::Namespaces => "namespace declarations in scope",
            Self::Name => "bytes in a name",
            Self::AttributeValue => "bytes in an attribute value",
            Self::Text => "bytes in one text",
            Self::Inflated => "inflated bytes",
            Self::Signatures => "signatures",
            Self::Keys => "keys tried for one signature",
            Self::PrivateKeyOperations => "private-key operations",
            Self::AssertionAttributes => "attributes",
            Self::AttributeValues => "attribute values",
            Self::JsonDepth => "nested objects and lists",
            Self::JsonMembers => "members of one object",
            Self::JsonArrayMembers => "members of lists",
            Self::JsonValues => "values",
            Self::JsonString => "bytes in one text",
            Self::Token => "bytes of a token",
            Self::TokenHeader => "bytes of a token's header",
            Self::JwksKeys => "keys in one set",
        })
    }
}
