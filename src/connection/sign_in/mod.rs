//! What a sign-in means: [`test_saml`] and [`test_oidc`] for the administrator's test, [`judge_saml`] and
//! [`judge_oidc`] for everybody else. Each gives the diagnoses and a [`FlowRecord`](super::FlowRecord).

mod account;
mod claims;
mod context;
mod evaluate;
mod groups;
mod live;
mod record;
mod test;
mod validation;

pub use self::context::{HostFinding, KnownAccount, Recording, SignInContext};
pub use self::live::Judgement;
#[cfg(feature = "saml")]
pub use self::live::judge_saml;
#[cfg(feature = "oidc")]
pub use self::live::{OidcLogin, judge_oidc};
#[cfg(feature = "oidc")]
pub use self::test::test_oidc;
#[cfg(feature = "saml")]
pub use self::test::test_saml;
pub use self::test::{TestAnswer, TestRun};
