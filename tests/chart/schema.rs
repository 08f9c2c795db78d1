//! The values' schema: what is below `config` is the schema of the program's own configuration, word for word, and every value
//! that the chart has is described.

use serde_json::{Value, json};

use crate::tools::root;

const SCHEMA: &str = "helm/clarion/values.schema.json";

fn read(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

#[test]
fn the_configuration_is_described_as_the_program_does() {
    let mut schema = read(SCHEMA);
    let mut own = read("schemas/config.json");
    own.as_object_mut().unwrap().shift_remove("$schema");
    if std::env::var_os("CLARION_RENEW").is_some() {
        schema["properties"]["config"] = own.clone();
        std::fs::write(root().join(SCHEMA), serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    }
    assert!(schema["properties"]["config"] == own, "`CLARION_RENEW=1 cargo test --test chart` brings it up to date");
}

#[test]
fn every_value_is_described_and_nothing_else_is_taken() {
    fn compare(values: &Value, schema: &Value, path: &str) {
        let Some(values) = values.as_object() else { return };
        if !schema["properties"].is_object() {
            return;
        }
        assert_eq!(schema["additionalProperties"], json!(false), "{path}");
        for (key, value) in values {
            assert!(schema["properties"][key].is_object(), "{path}.{key} is not in the schema");
            compare(value, &schema["properties"][key], &format!("{path}.{key}"));
        }
        for key in schema["properties"].as_object().unwrap().keys() {
            let known = values.contains_key(key) || ["", ".resources", ".config"].contains(&path);
            assert!(known, "{path}.{key} is in the schema and has no default");
        }
    }
    let values: Value =
        serde_saphyr::from_str(&std::fs::read_to_string(root().join("helm/clarion/values.yaml")).unwrap()).unwrap();
    compare(&values, &read(SCHEMA), "");
    let schema = read(SCHEMA);
    for key in schema["properties"].as_object().unwrap().keys().filter(|key| *key != "global") {
        assert!(!values[key].is_null(), "{key} is in the schema and has no default");
    }
}
