//! The end of a session: at the provider, because we ask for it; or here, because the provider says so.
//!
//! | who ends it | how | with |
//! |---|---|---|
//! | we | the browser goes to the provider and comes back | [`rp_initiated`] |
//! | the provider | it posts a token to us | [`backchannel`] |
//! | the provider | the browser loads our address in a frame | [`frontchannel`] |
//!
//! The host's own session ends first and whatever comes of the rest.

pub mod backchannel;
pub mod frontchannel;
pub mod rp_initiated;
