//! Connections: life cycle, assistant, diagnoses, report.

mod assistant;
mod behaviours;
mod certificates;
mod diagnoses;
mod domains;
mod fixture;
mod guards;
mod idp;
mod lifecycle;
mod login;
mod model;
mod oidc_scene;
mod presets;
mod record;
mod report;
mod scene;
mod set_up_links;
mod vectors;
