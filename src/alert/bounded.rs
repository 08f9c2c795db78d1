//! Keeps documents bounded: a value that is too long is cut, with a mark that says how long it was, and counted. A search
//! engine refuses a whole document for one term above 32 766 bytes, and an alert must never be lost to its own evidence.

use serde_json::Value;

/// Longest value that is written whole, in bytes.
pub(super) const VALUE_BYTES: usize = 8 * 1024;
/// Longest field name, in bytes; names longer than this come from nobody's schema.
const NAME_BYTES: usize = 512;
/// What all values of one document may take together, in bytes, before further ones are cut to [`STUB_BYTES`].
const DOCUMENT_BYTES: usize = 512 * 1024;
/// What is left of a long value when the document is full.
const STUB_BYTES: usize = 128;
/// Values of one field of one event.
const VALUES: usize = 64;

/// Cuts what is too long, and counts it.
#[derive(Debug, Default)]
pub(super) struct Bounded {
    used: usize,
    cut: u64,
}

impl Bounded {
    /// How many values or names were cut so far.
    pub(super) fn cut(&self) -> u64 {
        self.cut
    }

    /// A text, cut if it is too long.
    pub(super) fn text(&mut self, text: &str) -> String {
        let limit = if self.used < DOCUMENT_BYTES { VALUE_BYTES } else { STUB_BYTES };
        let kept = self.shorten(text, limit);
        self.used += kept.len();
        kept
    }

    /// A field name, cut if it is too long; without NUL, which search engines reserve.
    pub(super) fn name(&mut self, name: &str) -> String {
        let plain = if name.contains('\0') { name.replace('\0', "\u{fffd}") } else { name.to_owned() };
        if plain.is_empty() { "_".to_owned() } else { self.shorten(&plain, NAME_BYTES) }
    }

    /// The values of one field: one as itself, several as a list, none as null. What is no scalar becomes its JSON text.
    pub(super) fn values(&mut self, values: &[Value]) -> Value {
        if let [only] = values {
            return self.scalar(only);
        }
        let mut kept: Vec<Value> = values.iter().take(VALUES).map(|value| self.scalar(value)).collect();
        if values.len() > VALUES {
            self.cut += 1;
            kept.push(format!("… ({} values in all)", values.len()).into());
        }
        if kept.is_empty() { Value::Null } else { kept.into() }
    }

    fn scalar(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(_) | Value::Object(_) => self.text(&value.to_string()).into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.used += 8;
                value.clone()
            }
        }
    }

    fn shorten(&mut self, text: &str, limit: usize) -> String {
        if text.len() <= limit {
            return text.to_owned();
        }
        self.cut += 1;
        let mark = format!("… (cut, {} bytes)", text.len());
        let room = limit.saturating_sub(mark.len());
        let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let head = text.get(..end).unwrap_or_default();
        format!("{head}{mark}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_megabyte_becomes_eight_kibibytes_with_a_mark() {
        let mut bounded = Bounded::default();
        let kept = bounded.text(&"x".repeat(1 << 20));
        assert_eq!(kept.len(), VALUE_BYTES);
        assert!(kept.ends_with("… (cut, 1048576 bytes)"));
        assert_eq!(bounded.cut(), 1);
        assert_eq!(bounded.text(&"x".repeat(VALUE_BYTES)).len(), VALUE_BYTES);
        assert_eq!(bounded.cut(), 1, "a value of exactly the limit is whole");
    }

    #[test]
    fn many_long_values_together_stay_small() {
        let mut bounded = Bounded::default();
        let total: usize = (0..1000).map(|_| bounded.text(&"y".repeat(9000)).len()).sum();
        assert!(total < DOCUMENT_BYTES + VALUE_BYTES + 1000 * STUB_BYTES, "{total}");
        assert_eq!(bounded.cut(), 1000);
    }

    #[test]
    fn fields_keep_their_types_and_lose_what_search_engines_refuse() {
        let mut bounded = Bounded::default();
        assert_eq!(bounded.values(&[json!(7)]), json!(7));
        assert_eq!(bounded.values(&[]), Value::Null);
        assert_eq!(bounded.values(&[json!("a"), Value::Null, json!(true)]), json!(["a", null, true]));
        assert_eq!(bounded.values(&[json!({"a": [1]})]), json!(r#"{"a":[1]}"#));
        assert_eq!(bounded.name("a\0b"), "a\u{fffd}b");
        assert_eq!(bounded.name(""), "_");
        assert_eq!(bounded.cut(), 0);
        let many: Vec<Value> = (0..100).map(|number| json!(number)).collect();
        assert_eq!(bounded.values(&many).as_array().map(Vec::len), Some(65));
        assert_eq!(bounded.cut(), 1);
    }

    proptest! {
        #[test]
        fn a_cut_never_splits_a_character(text in "[é模a]{2700,4100}") {
            let mut bounded = Bounded::default();
            let kept = bounded.text(&text);
            prop_assert!(kept.len() <= VALUE_BYTES);
            prop_assert_eq!(kept == text, text.len() <= VALUE_BYTES);
        }
    }
}
