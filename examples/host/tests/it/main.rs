//! The product as its users reach it: each test starts the binary, on a database of its own.
//!
//! Every test runs on SQLite, and on PostgreSQL too where `POSTGRES_URL` names a server; `tests/run` starts one.

mod browser;
mod corpus;
mod database;
mod life_cycle;
mod mapped;
mod node;
mod nodes;
mod provisioned;
mod scene;
mod sign_in;
