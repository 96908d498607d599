//! How messages travel through the browser (Bindings 3.4, 3.5): HTTP-Redirect and HTTP-POST.
//!
//! - [`Binding`], [`Endpoint`]: how a message travels, and where to;
//! - [`Outgoing`]: a message on its way to the identity provider, as a redirect or as a [`PostForm`];
//! - [`Incoming`]: a message as it came in, a raw query or the fields of a form.

mod endpoint;
mod incoming;
mod outgoing;
mod parameter;
mod post;
mod redirect;

pub use endpoint::{Binding, Endpoint};
pub use incoming::Incoming;
pub use outgoing::Outgoing;
pub use parameter::MessageKind;
pub use post::PostForm;

pub(crate) use incoming::Received;
pub(crate) use outgoing::{Message, Signer, send};
pub(crate) use parameter::{LONGEST_RELAY_STATE, RelayState};
pub(crate) use post::decode_post;
pub(crate) use redirect::QuerySignature;
