//! Connections: life cycle, assistant, diagnoses, report.

mod assistant;
mod certificates;
mod domains;
mod fixture;
mod guards;
mod idp;
mod lifecycle;
mod login;
mod model;
mod presets;
mod set_up_links;
