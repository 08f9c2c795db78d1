//! Names of fields in Splunk. JSON gives `a.b` for one value and `a.b{}` for a list; fields of the domain can be either, so
//! each gets a plain name that is calculated from both, and searches use that.

use std::collections::BTreeSet;

use super::super::{Bucket, Description, Panel, Show, Source};

/// The name that searches use.
pub(super) fn name(field: &str) -> String {
    match field {
        Source::TIME => "_time".to_owned(),
        // only the Elasticsearch sink writes it; Splunk has its own
        "event.ingested" => "_indextime".to_owned(),
        field if calculated(field) => field.trim_start_matches("aigov.").replace('.', "_"),
        field => field.to_owned(),
    }
}

/// Whether a field can be a list.
fn calculated(field: &str) -> bool {
    ["aigov.", "threat.", "user.", "related."].iter().any(|set| field.starts_with(set))
}

/// Every field of a description that is calculated.
pub(super) fn calculated_fields(description: &Description) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for dashboard in &description.dashboards {
        fields.extend(dashboard.controls.iter().map(|control| control.field.clone()));
        dashboard.panels.iter().for_each(|panel| collect(panel, &mut fields));
    }
    fields.retain(|field| calculated(field));
    fields
}

fn collect(panel: &Panel, fields: &mut BTreeSet<String>) {
    if let Show::Documents(documents) = &panel.show {
        fields.extend(documents.columns.iter().chain(documents.conditions.keys()).cloned());
    }
    let Some(cut) = panel.cut() else { return };
    fields.extend(cut.conditions.keys().cloned());
    fields.extend(cut.measures.iter().filter_map(|measure| measure.field.clone()));
    fields.extend(cut.buckets.iter().filter_map(|bucket| match bucket {
        Bucket::Terms(terms) => Some(terms.field.clone()),
        Bucket::Time => None,
    }));
}
