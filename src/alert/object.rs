//! A JSON object under construction: keys in the order of the calls, absent things as absent keys.

use serde_json::{Map, Value};

/// A JSON object under construction.
#[derive(Debug, Default)]
pub(super) struct Object(pub(super) Map<String, Value>);

impl Object {
    /// Adds a member.
    pub(super) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Adds a member if there is a value.
    pub(super) fn put_if(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Adds a list if something is in it.
    pub(super) fn put_list(&mut self, key: &str, values: &[String]) {
        self.put_if(key, (!values.is_empty()).then(|| values.to_vec()));
    }

    /// Adds an object's members to the object that is there already, if one is.
    pub(super) fn merge(&mut self, key: &str, value: Value) {
        match (self.0.get_mut(key), value) {
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
            (_, value) => self.put(key, value),
        }
    }
}
