//! TXT records of a domain, as the resolvers of this machine have them.

use hickory_resolver::Resolver;
use hickory_resolver::proto::rr::{RData, RecordType};

/// The values of all TXT records of a name, each with its strings joined. That there is none is no failure.
pub(super) async fn look_up(name: &str) -> Result<Vec<String>, String> {
    let no_resolver = |error: &dyn std::fmt::Display| format!("DNS cannot be asked from here: {error}.");
    let mut builder = Resolver::builder_tokio().map_err(|error| no_resolver(&error))?;
    // Somebody has just added the record: what was seen before does not count
    builder.options_mut().cache_size = 0;
    let resolver = builder.build().map_err(|error| no_resolver(&error))?;
    let found = match resolver.lookup(format!("{name}."), RecordType::TXT).await {
        Ok(found) => found,
        Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
        Err(error) => return Err(format!("DNS does not answer: {error}.")),
    };
    let texts = found.answers().iter().filter_map(|record| match &record.data {
        RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
        _ => None,
    });
    Ok(texts.collect())
}
