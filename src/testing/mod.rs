//! Values for tests: claims without a sign-in behind them. Nothing here may decide about a real person.

mod claims;

pub use self::claims::ClaimsBuilder;
