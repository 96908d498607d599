//! What every public value and error promises to a host, checked by the compiler.

use admittance::{claims, limits, note};

const fn value<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
const fn error<E: std::error::Error + Send + Sync + 'static>() {}

const _: () = {
    value::<limits::Limits>();
    value::<limits::XmlLimits>();
    value::<limits::Budget>();
    value::<limits::Resource>();
    error::<limits::LimitExceeded>();

    value::<note::Note>();

    value::<claims::Claims>();
    value::<claims::SubjectId>();
    value::<claims::Stability>();
    value::<claims::Claim>();
    value::<claims::ClaimValue>();
    value::<claims::Overage>();
};
