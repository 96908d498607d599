//! xmldsig
