//! Discovery: the request for the provider's document, and its reading.
