//! Strict JSON against `serde_json`, whose reading of what both accept must be the same.

use admittance::json;
use admittance::limits::{JsonLimits, Limits};
use proptest::prelude::*;
use serde_json::Value;

fn limits() -> JsonLimits {
    Limits::default().json
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Eighths: serde_json reads other fractions to the last bit or the one beside it.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_is_read_again(value in any_value()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(json::parse(text.as_bytes(), &limits()), Ok(value.clone()));
        }
    }

    /// Whatever is read here, another parser reads in the same way; what is refused here has a reason.
    #[test]
    fn no_reading_differs_from_serde_json(text in r#"[\[\]{}:,"0-9a\\ue. tr\-]{0,24}"#) {
        if let Ok(value) = json::parse(text.as_bytes(), &limits()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        } else if let Ok(value) = serde_json::from_str::<Value>(&text) {
            prop_assert!(json::parse(text.as_bytes(), &limits()).unwrap_err().code() == "json.duplicate_member", "{value}");
        }
    }
}
