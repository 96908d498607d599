//! Sign-in that a third party asks for (Core 4).
