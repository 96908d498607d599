//! The life cycle of a connection: [`apply`] a [`Command`], or be told why not.

mod apply;
mod command;
mod event;
mod facts;
mod idp;
mod provisioning;
mod settings;
mod warnings;

pub use self::apply::apply;
pub use self::command::{Command, Confirmation};
pub use self::event::AuditEvent;
pub use self::facts::{
    Actor, Administrators, EnabledConnections, Facts, Licence, Observations, OtherDomains, SeveralConnections,
};
pub use self::warnings::{accepts_scim, accepts_sign_in, setup_warnings};
