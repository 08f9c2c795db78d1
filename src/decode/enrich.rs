//! Fields that an event does not have itself: joined from tables by the value of one of its fields, before rules see it
//! (RULES S18). What no rule reads is not joined, and a source without such tables pays nothing.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{FieldTable, JoinTable, Row, Scalar, Slot};

/// A table that the events of a source are joined with.
#[derive(Debug, Clone)]
pub struct Enrichment {
    /// The field whose value is looked for.
    pub key: String,
    /// The rows.
    pub table: Arc<JoinTable>,
    /// The fields that the values of a row become, in the order of the table's columns.
    pub fields: Vec<String>,
    /// What the event has itself is replaced.
    pub overrides: bool,
}

/// An enrichment over the slots of one decoder.
#[derive(Debug)]
struct Join {
    key: Slot,
    table: Arc<JoinTable>,
    /// Column, and the slot that its value goes to.
    fields: Vec<(usize, Slot)>,
    overrides: bool,
}

/// The enrichments of a source of which something is read.
#[derive(Debug, Default)]
pub(super) struct Joins {
    joins: Vec<Join>,
}

impl Joins {
    /// Those that somebody reads something of. The fields that they look for are added to `fields`.
    pub(super) fn of(enrichments: &[Enrichment], fields: &mut FieldTable) -> Self {
        let mut joins = Vec::new();
        // from the last to the first: one may look for what one before it has found
        for enrichment in enrichments.iter().rev() {
            let read = enrichment.fields.iter().enumerate();
            let read: Vec<(usize, Slot)> =
                read.filter_map(|(column, name)| Some((column, fields.find(name)?))).collect();
            if !read.is_empty() {
                joins.push(Join {
                    key: fields.slot(&enrichment.key),
                    table: Arc::clone(&enrichment.table),
                    fields: read,
                    overrides: enrichment.overrides,
                });
            }
        }
        joins.reverse();
        Self { joins }
    }

    /// Adds to an event what its rows say.
    pub(super) fn apply<'a>(&'a self, row: &mut Row<'a>) {
        for join in &self.joins {
            let found = row.values(join.key).filter_map(Scalar::as_text).find_map(|key| join.table.find(key));
            let Some(found) = found else { continue };
            for (column, slot) in &join.fields {
                let Some(value) = found.get(*column).and_then(Option::as_deref) else { continue };
                if join.overrides || is_missing(row, *slot) {
                    row.forget(*slot);
                    row.push(*slot, 0, Scalar::Text(Cow::Borrowed(value)));
                }
            }
        }
    }
}

/// Whether the event says nothing there. A null says nothing; an object or an empty list is something.
fn is_missing(row: &Row<'_>, slot: Slot) -> bool {
    let mut values = row.values(slot).peekable();
    !row.is_present(slot) || (values.peek().is_some() && values.all(|value| *value == Scalar::Null))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::decode::{Decoder, DecoderSettings, Format};
    use crate::model::Record;

    fn table(rows: &[(&str, &[Option<&str>])]) -> Arc<JoinTable> {
        let mut table = JoinTable::default();
        for (key, values) in rows {
            table.insert(key, values.iter().map(|value| value.map(str::to_owned)));
        }
        Arc::new(table)
    }

    fn enrichment(key: &str, table: &Arc<JoinTable>, fields: &[&str], overrides: bool) -> Enrichment {
        let fields = fields.iter().map(|name| (*name).to_owned()).collect();
        Enrichment { key: key.to_owned(), table: Arc::clone(table), fields, overrides }
    }

    /// What the rules see of a document in the fields that they read.
    fn seen(enrich: Vec<Enrichment>, read: &[&str], text: &str) -> Vec<String> {
        let mut fields = FieldTable::new();
        let slots: Vec<Slot> = read.iter().map(|name| fields.slot(name)).collect();
        let settings = DecoderSettings { format: Format::Json, enrich, ..DecoderSettings::default() };
        let mut decoder = Decoder::new(&settings, &fields);
        let topic: Arc<str> = "t".into();
        let value = Some(text.as_bytes());
        let record = Record { topic: &topic, partition: 0, offset: 0, timestamp: None, headers: &[], value };
        let mut all = Vec::new();
        decoder.decode(&record, &mut |event| {
            let (row, _) = event.unwrap();
            for slot in &slots {
                let values: Vec<&str> = row.values(*slot).map(|value| value.as_text().unwrap_or("null")).collect();
                all.push(values.join(","));
            }
        });
        all
    }

    #[test]
    fn a_row_becomes_fields_of_the_event_and_takes_nothing_away() {
        let owners = table(&[("m1", &[Some("ada"), Some("high")]), ("m2", &[Some("bob"), None])]);
        let joined = |text: &str, overrides| {
            seen(vec![enrichment("model", &owners, &["owner", "risk"], overrides)], &["owner", "risk"], text)
        };
        assert_eq!(joined(r#"{"model": "m1"}"#, false), ["ada", "high"]);
        assert_eq!(joined(r#"{"model": "m2"}"#, false), ["bob", ""], "an empty cell says nothing");
        assert_eq!(joined(r#"{"model": "M1"}"#, false), ["", ""], "keys are compared as they are spelled");
        assert_eq!(joined(r#"{"other": "m1"}"#, false), ["", ""]);
        assert_eq!(joined(r#"{"model": "m1", "owner": "eve"}"#, false), ["eve", "high"]);
        assert_eq!(joined(r#"{"model": "m1", "owner": "eve"}"#, true), ["ada", "high"]);
        assert_eq!(joined(r#"{"model": "m1", "owner": ["eve", "kim"]}"#, true), ["ada", "high"]);
        assert_eq!(joined(r#"{"model": "m2", "risk": "low"}"#, true), ["bob", "low"]);
        assert_eq!(joined(r#"{"model": "m1", "owner": null, "risk": {}}"#, false), ["ada", ""]);
        assert_eq!(joined(r#"{"model": ["m3", null, "m2", "m1"]}"#, false), ["bob", ""], "the first that has a row");
        assert_eq!(joined(r#"[{"model": "m1"}, {"model": "m3"}]"#, false), ["ada", "high", "", ""]);
    }

    #[test]
    fn what_one_table_says_another_may_look_for_and_what_nobody_reads_is_left_alone() {
        let (owners, teams) = (table(&[("m1", &[Some("ada")])]), table(&[("ada", &[Some("risk team")])]));
        let chain =
            vec![enrichment("model", &owners, &["owner"], false), enrichment("owner", &teams, &["team"], false)];
        assert_eq!(seen(chain.clone(), &["team"], r#"{"model": "m1"}"#), ["risk team"]);
        let mut fields = FieldTable::new();
        fields.slot("model");
        assert!(Joins::of(&chain, &mut fields).joins.is_empty());
        assert_eq!(fields.len(), 1, "no field is decoded for it");
    }

    proptest! {
        #[test]
        fn it_is_as_if_the_event_had_said_it_itself(
            rows in proptest::collection::btree_map("[ab]", proptest::collection::vec(proptest::option::of("[xy]"), 2), 0..3),
            event in proptest::collection::btree_map(prop_oneof![Just("k"), Just("c0"), Just("c1")], "[abxy]", 0..4),
            overrides in any::<bool>(),
        ) {
            let mut joined = JoinTable::default();
            rows.iter().for_each(|(key, values)| joined.insert(key, values.iter().cloned()));
            let document = |event: &BTreeMap<&str, String>| serde_json::json!(event).to_string();
            let mut whole = event.clone();
            let found = event.get("k").and_then(|key| rows.get(key));
            for (name, value) in ["c0", "c1"].into_iter().zip(found.into_iter().flatten()) {
                match value {
                    Some(value) if overrides || !event.contains_key(name) => { whole.insert(name, value.clone()); }
                    _ => {}
                }
            }
            let read = ["c0", "c1", "k"];
            let enrich = vec![enrichment("k", &Arc::new(joined), &["c0", "c1"], overrides)];
            prop_assert_eq!(seen(enrich, &read, &document(&event)), seen(Vec::new(), &read, &document(&whole)));
        }
    }
}
