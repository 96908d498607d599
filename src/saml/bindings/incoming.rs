use super::{
    Binding,
    parameter::{MessageKind, check_received},
    post,
    redirect::{self, QuerySignature},
};
use crate::{
    limits::Budget,
    saml::{Error, web_sso::Policy},
};

/// A message as it came in through the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// Over HTTP-Redirect (Bindings 3.4).
    Redirect {
        /// The query string exactly as the request had it, without the `?`. Nothing of it may have been decoded or
        /// put in order: the signature covers these bytes.
        query: &'a str,
    },
    /// Over HTTP-POST (Bindings 3.5).
    Post {
        /// Names and values of the posted form, decoded once. Fields of other names are passed over.
        fields: &'a [(String, String)],
    },
}

/// A message out of its binding. Nothing of it is trusted.
pub(crate) struct Received {
    pub(crate) kind: MessageKind,
    pub(crate) binding: Binding,
    /// The document.
    pub(crate) xml: Vec<u8>,
    pub(crate) relay_state: Option<String>,
    /// The signature over the query, if it came in one.
    pub(crate) signature: Option<QuerySignature>,
}

impl Received {
    /// 2.3 #1–#5 for HTTP-Redirect, 2.1 #1 and #2 for HTTP-POST.
    pub(crate) fn decode(
        incoming: Incoming<'_>,
        policy: &Policy,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        let received = match incoming {
            Incoming::Redirect { query } => redirect::decode(query, policy, budget)?,
            Incoming::Post { fields } => post::decode(fields, &policy.limits)?,
        };
        received.relay_state.as_deref().map_or(Ok(()), |value| check_received(value, &policy.limits))?;
        Ok(received)
    }
}
