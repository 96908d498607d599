//! The set-up assistant as data: [`steps`] of single sign-on, [`provisioning_steps`], what comes after
//! ([`completion_steps`]), and the [`hub`] with its two tasks.
//!
//! A step has actions: copy a value of ours into a field of the identity provider, set a field, paste something from
//! there, upload a file, mind a warning, run something. Fields are named as the provider's console names them, with
//! the way to them. The texts are tables with a version ([`PRESETS_VERSION`]): a menu that moves is a change of data.
//!
//! ```
//! use admittance::connection::assistant::{self, Do, OurValue, Urls};
//! use admittance::connection::{Connection, NewConnection};
//!
//! let connection = Connection::new(NewConnection { id: "c1", name: "Acme", enterprise_key: "acme" });
//! let urls = Urls::new("Product", "https://product.example", "c1");
//! let [choose] = &assistant::steps(&connection, &urls)[..] else { panic!("one step") };
//! assert_eq!(choose.title, "Choose identity provider or protocol");
//! ```

mod hub;
mod presets;
mod render;
mod status;
mod step;
mod urls;

pub use self::hub::{Hub, HubTask, hub};
pub use self::presets::PRESETS_VERSION;
pub use self::render::{completion_steps, provisioning_steps, steps};
pub use self::step::{Action, Do, OurField, OurValue, Run, Step, StepStatus, Tab};
pub use self::urls::Urls;
