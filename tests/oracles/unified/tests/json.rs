//! The tests of strict JSON once more, with every feature of `serde_json` that changes how it reads or writes.

#[path = "../../../it/json.rs"]
mod json;

/// The features are on, otherwise nothing was tested.
#[test]
fn the_features_are_on() {
    assert!(serde_json::from_str::<serde_json::Value>("1e400").is_ok(), "arbitrary_precision");
    let value: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":2}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"b":1,"a":2}"#, "preserve_order");
}
