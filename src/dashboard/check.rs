//! Everything that can be wrong with a description: places that overlap, fields that no index has, links to nowhere. All of
//! it is found before anything is written.

use std::collections::BTreeSet;

use super::{Bucket, Calculation, Cut, Dashboard, Description, Measure, Panel, Show, Source, Unit};

/// Columns of the grid.
const COLUMNS: u32 = 48;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Problem {
    /// Dashboard, or dashboard and panel.
    pub place: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Everything wrong with a description.
#[must_use]
pub fn problems(description: &Description) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for dashboard in &description.dashboards {
        let mut complain = |what: String| found.push(Problem { place: dashboard.id.clone(), what });
        if !ids.insert(dashboard.id.as_str()) {
            complain("another dashboard has that id".to_owned());
        }
        if !is_id(&dashboard.id) {
            complain("an id has lower-case letters, digits and `-` only".to_owned());
        }
        if !is_span(&dashboard.range) {
            complain(format!("`{}` is no range: write a number and m, h, d or w", dashboard.range));
        }
        for control in &dashboard.controls {
            if control.source.field_type(&control.field) != Some("keyword") {
                complain(format!("the control `{}` needs a keyword field of {:?}", control.title, control.source));
            }
        }
        panels(description, dashboard, &mut found);
    }
    found
}

fn panels(description: &Description, dashboard: &Dashboard, found: &mut Vec<Problem>) {
    for (index, panel) in dashboard.panels.iter().enumerate() {
        let mut whats = of_panel(description, panel);
        let earlier = dashboard.panels.get(..index).unwrap_or_default();
        if earlier.iter().any(|other| other.id == panel.id) {
            whats.push("another panel of the dashboard has that id".to_owned());
        }
        for other in earlier.iter().filter(|other| overlap(panel, other)) {
            whats.push(format!("overlaps the panel `{}`", other.id));
        }
        let place = format!("{}/{}", dashboard.id, panel.id);
        found.extend(whats.into_iter().map(|what| Problem { place: place.clone(), what }));
    }
}

fn overlap(one: &Panel, other: &Panel) -> bool {
    let (one, other) = (one.at, other.at);
    one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h
}

fn of_panel(description: &Description, panel: &Panel) -> Vec<String> {
    let mut whats = Vec::new();
    if !is_id(&panel.id) {
        whats.push("an id has lower-case letters, digits and `-` only".to_owned());
    }
    let at = panel.at;
    if at.w == 0 || at.h < 3 || at.x + at.w > COLUMNS || !at.x.is_multiple_of(2) || !at.w.is_multiple_of(2) {
        whats.push(format!(
            "the place is not on the grid: {COLUMNS} columns, an even first column and width, 3 rows at least"
        ));
    }
    if let Some(target) = panel.opens.iter().find(|target| description.dashboard(target).is_none()) {
        whats.push(format!("opens `{target}`, which is no dashboard"));
    }
    match &panel.show {
        Show::Markdown(markdown) => {
            for link in markdown.links.iter().filter(|link| description.dashboard(link).is_none()) {
                whats.push(format!("links to `{link}`, which is no dashboard"));
            }
        }
        Show::Documents(documents) => {
            fields(documents.source, documents.conditions.keys().chain(&documents.columns), &mut whats);
        }
        _ => {
            if let Some(cut) = panel.cut() {
                of_cut(&cut, &mut whats);
            }
        }
    }
    whats
}

fn of_cut(cut: &Cut<'_>, whats: &mut Vec<String>) {
    fields(cut.source, cut.conditions.keys(), whats);
    for (field, values) in cut.conditions {
        if values.is_empty() {
            whats.push(format!("the condition on `{field}` has no value"));
        }
    }
    for bucket in &cut.buckets {
        if let Bucket::Terms(terms) = bucket {
            if cut.source.field_type(&terms.field) != Some("keyword") {
                whats.push(format!("`{}` is no keyword field of {:?}", terms.field, cut.source));
            }
            if terms.size == 0 {
                whats.push(format!("`{}` has a size of 0", terms.field));
            }
        }
    }
    if let Some(span) = cut.recent {
        if !is_span(span) {
            whats.push(format!("`{span}` is no span: write a number and m, h, d or w"));
        }
        if cut.buckets.contains(&Bucket::Time) {
            whats.push("`recent` is of no use over time".to_owned());
        }
    }
    if cut.measures.is_empty() {
        whats.push("measures nothing".to_owned());
    }
    cut.measures.iter().for_each(|measure| of_measure(cut.source, measure, whats));
}

fn of_measure(source: Source, measure: &Measure, whats: &mut Vec<String>) {
    let Some(field) = &measure.field else {
        if measure.calculate != Calculation::Count {
            whats.push(format!("`{}` needs a field", measure.title));
        }
        return;
    };
    if measure.calculate == Calculation::Count {
        whats.push(format!("`{}` counts documents and takes no field", measure.title));
        return;
    }
    let kind = source.field_type(field);
    let fits = match (measure.calculate, measure.unit) {
        (Calculation::Unique, _) => kind.is_some_and(|kind| !matches!(kind, "text" | "flattened")),
        (Calculation::Maximum | Calculation::Minimum, Unit::Date) => kind == Some("date"),
        _ => kind.is_some_and(|kind| matches!(kind, "long" | "double")),
    };
    if !fits {
        whats.push(format!("`{field}` of {source:?} cannot be measured like that"));
    }
}

fn fields<'a>(source: Source, names: impl Iterator<Item = &'a String>, whats: &mut Vec<String>) {
    for name in names.filter(|name| source.field_type(name).is_none()) {
        whats.push(format!("the index template of {source:?} has no field `{name}`"));
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A whole number and a unit that all tools know.
fn is_span(text: &str) -> bool {
    text.strip_suffix(['m', 'h', 'd', 'w']).is_some_and(|number| number.parse::<u32>().is_ok_and(|number| number > 0))
}
