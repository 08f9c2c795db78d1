//! Dotted names as nested objects: `model.name` becomes `{"model": {"name": …}}`. No value is ever lost: where one name is
//! both a value and the beginning of another (`a` and `a.b`), the longer one keeps its dotted spelling.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Levels of objects; search engines refuse deeper ones (20) for fields of free shape.
const DEPTH: usize = 12;

/// Nests fields in the order given. Several values under one name become a list.
pub(super) fn nest(fields: Vec<(String, Value)>) -> Map<String, Value> {
    let names: BTreeSet<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let mut root = Map::new();
    for (name, value) in fields {
        let segments: Vec<&str> = name.split('.').collect();
        let plain = segments.len() <= DEPTH && segments.iter().all(|segment| !segment.is_empty());
        if plain && !has_shorter(&names, &name) {
            put(&mut root, &segments, value);
        } else {
            merge(&mut root, &name, value);
        }
    }
    root
}

/// Whether a name that `name` continues after a dot is a value of its own.
fn has_shorter(names: &BTreeSet<String>, name: &str) -> bool {
    name.match_indices('.').any(|(at, _)| name.get(..at).is_some_and(|shorter| names.contains(shorter)))
}

fn put(object: &mut Map<String, Value>, segments: &[&str], value: Value) {
    match segments {
        [] => {}
        [last] => merge(object, last, value),
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn merge(object: &mut Map<String, Value>, key: &str, value: Value) {
    let Some(earlier) = object.get_mut(key) else {
        object.insert(key.to_owned(), value);
        return;
    };
    let mut all = match earlier.take() {
        Value::Array(values) => values,
        single => vec![single],
    };
    match value {
        Value::Array(values) => all.extend(values),
        single => all.push(single),
    }
    *earlier = Value::Array(all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn nested(fields: &[(&str, Value)]) -> Value {
        Value::Object(nest(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()))
    }

    #[test]
    fn dots_become_objects_in_the_order_given() {
        let fields = [("model.name", json!("m")), ("user", json!("u")), ("model.version", json!("7"))];
        assert_eq!(nested(&fields).to_string(), r#"{"model":{"name":"m","version":"7"},"user":"u"}"#);
    }

    #[test]
    fn a_value_that_is_also_a_prefix_loses_nothing() {
        let fields = [("a.b.c", json!(3)), ("a", json!(1)), ("a.b", json!(2))];
        assert_eq!(nested(&fields), json!({"a.b.c": 3, "a": 1, "a.b": 2}));
    }

    #[test]
    fn odd_names_stay_as_they_are_and_repeated_ones_add_up() {
        assert_eq!(nested(&[("a..b", json!(1)), (".", json!(2))]), json!({"a..b": 1, ".": 2}));
        assert_eq!(nested(&[("a", json!(1)), ("a", json!([2, 3])), ("a", json!(4))]), json!({"a": [1, 2, 3, 4]}));
        let deep = vec!["x"; 40].join(".");
        assert_eq!(nested(&[(&deep, json!(1))]), json!({deep: 1}));
    }

    fn leaves(prefix: &str, value: &Value, found: &mut Vec<(String, Value)>) {
        let Value::Object(object) = value else {
            found.push((prefix.to_owned(), value.clone()));
            return;
        };
        for (key, inner) in object {
            leaves(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, inner, found);
        }
    }

    proptest! {
        #[test]
        fn every_name_can_be_read_back(names in proptest::collection::btree_set("[ab](\\.{1,2}[abc]){0,4}", 0..12)) {
            let fields: Vec<(String, Value)> =
                names.iter().enumerate().map(|(at, name)| (name.clone(), json!(at))).collect();
            let mut found = Vec::new();
            let tree = Value::Object(nest(fields.clone()));
            if !fields.is_empty() {
                leaves("", &tree, &mut found);
            }
            found.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(found, fields);
        }
    }
}
