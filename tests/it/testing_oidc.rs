//! The OpenID provider for tests, through the public API.

mod by_hand;
mod faults;
mod journey;
mod round_trip;
