//! Two nodes on one PostgreSQL: no request may notice which of them it reaches, nor that one dies.
