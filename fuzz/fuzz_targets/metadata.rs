//! Metadata that is accepted gives a configuration that is complete, stored and read again without a change,
//! and found again by its name; it ends when it says. However it comes in, it is read the same way, and what is
//! accepted in pieces is a document as a whole.
#![no_main]

use std::io::BufReader;

use admittance::{
    endpoint::{self, UrlPolicy},
    limits::{Budget, XmlLimits},
    saml::metadata::idp::{EntityChoice, IdpConfig, ParseOptions, parse, parse_stream},
    time::Timestamp,
    xml::{self, Profile},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let now = Timestamp::parse("2026-11-22T00:00:00Z").expect("a time").at;
    let mut options = ParseOptions::default();
    let at_a_time = 1 + usize::from(data.last().copied().unwrap_or_default());
    let in_pieces =
        |options: &ParseOptions| parse_stream(&mut BufReader::with_capacity(at_a_time, data), options, now);
    let read = parse(data, &options, now);
    assert_eq!(in_pieces(&options), read);
    options.entity = EntityChoice::Named("https://idp.example/metadata".to_owned());
    assert_eq!(in_pieces(&options), parse(data, &options, now));
    options.entity = EntityChoice::Only;
    let Ok((config, _)) = read else { return };
    if std::str::from_utf8(data).is_ok_and(|text| !text.contains("8859-1")) {
        match xml::parse(data.to_vec(), Profile::Metadata, &XmlLimits::METADATA, &mut Budget::new()) {
            // Identifiers are compared within one entity, sizes too.
            Ok(_)
            | Err(xml::Error::DuplicateId { .. } | xml::Error::InvalidId { .. } | xml::Error::Limit(_)) => {}
            Err(error) => panic!("accepted in pieces: {error}"),
        }
    }

    let entity_id = config.entity_id().expect("metadata names its entity");
    assert!(!entity_id.is_empty() && entity_id.len() <= 1024);
    assert!(!config.sso().is_empty());
    let keys = config.signing_keys().iter().count();
    assert!((1..=options.limits.keys_per_signature).contains(&keys));
    let locations = config.sso().iter().chain(config.slo()).flat_map(|endpoint| {
        [Some(&endpoint.location), endpoint.response_location.as_ref()].into_iter().flatten()
    });
    for location in locations.chain(config.artifact_resolution().iter().map(|service| &service.location)) {
        let url = endpoint::check(location, UrlPolicy::Https).expect("only allowed addresses are kept");
        assert_eq!(url.scheme(), "https");
    }

    let stored = serde_json::to_string(&config).expect("a configuration can be stored");
    assert_eq!(serde_json::from_str::<IdpConfig>(&stored).expect("and read again"), config);

    options.entity = EntityChoice::Named(entity_id.to_owned());
    assert_eq!(parse(data, &options, now).expect("the entity by its name").0, config);
    if let Some(end) = config.valid_until() {
        assert!(now < end);
        assert_eq!(
            parse(data, &options, end).expect_err("its validity has ended").code(),
            "saml.metadata_expired"
        );
    }
    assert!(config.refresh_at().is_none_or(|at| config.valid_until().is_none_or(|end| at <= end)));
});
