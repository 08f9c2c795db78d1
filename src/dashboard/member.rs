//! Adding a member to a JSON object that was written as a literal.

use serde_json::Value;

/// Sets a member; of what is no object, nothing.
pub(super) fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}
