//! What the dashboards show, as it is written: dashboards of panels on a grid of 48 columns. What a tool makes of it is in
//! that tool's folder; what is wrong with it is in `check`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Source;

/// All dashboards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// In the order in which they are listed and linked.
    pub dashboards: Vec<Dashboard>,
}

impl Description {
    /// The dashboard of that id.
    #[must_use]
    pub fn dashboard(&self, id: &str) -> Option<&Dashboard> {
        self.dashboards.iter().find(|dashboard| dashboard.id == id)
    }
}

/// One dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Lower-case letters and `-`; part of its address in every tool, so it never changes.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// How far back it looks at first, such as `7d`.
    pub range: String,
    /// What a reader can narrow it by.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// What is on it.
    pub panels: Vec<Panel>,
}

/// A choice of values that narrows the whole dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its name.
    pub title: String,
    /// The field.
    pub field: String,
    /// Where its values are looked up.
    pub source: Source,
    /// One value at a time, for pages about one thing.
    #[serde(default)]
    pub single: bool,
}

/// One panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Unique on its dashboard.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// How to read it, where the title does not say.
    #[serde(default)]
    pub note: Option<String>,
    /// Where it stands.
    pub at: Place,
    /// The dashboard that a click on a value opens, narrowed to that value.
    #[serde(default)]
    pub opens: Option<String>,
    /// What it shows.
    pub show: Show,
}

/// A rectangle on the grid: 48 columns; a row is about 20 pixels high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// First column, from 0.
    pub x: u32,
    /// First row, from 0.
    pub y: u32,
    /// Columns.
    pub w: u32,
    /// Rows.
    pub h: u32,
}

/// The kinds of panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// One number.
    Metric(Figure),
    /// Lines over time.
    Line(Chart),
    /// Bars over time, or over the values of a field.
    Bar(Chart),
    /// One row for each combination of values.
    Table(Table),
    /// Shares of a whole.
    Pie(Pie),
    /// The newest documents themselves.
    Documents(Documents),
    /// Text.
    Markdown(Markdown),
}

/// Conditions on documents: each field has one of its values.
pub type Conditions = BTreeMap<String, Vec<String>>;

/// One number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Of which documents.
    pub source: Source,
    /// Of which of them.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// Only the last so much of the dashboard's range, such as `1d`: the present value of something written now and then.
    #[serde(default)]
    pub recent: Option<String>,
    /// What is shown.
    pub measure: Measure,
}

/// Lines or bars.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// Of which documents.
    pub source: Source,
    /// Of which of them.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// As for [`Figure`]; only where `along` is a field.
    #[serde(default)]
    pub recent: Option<String>,
    /// What the height means.
    pub measure: Measure,
    /// The field along the axis; time where absent.
    #[serde(default)]
    pub along: Option<Terms>,
    /// One line, or one part of a bar, for each value.
    #[serde(default)]
    pub by: Option<Terms>,
}

/// Rows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Of which documents.
    pub source: Source,
    /// Of which of them.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// As for [`Figure`].
    #[serde(default)]
    pub recent: Option<String>,
    /// The leading columns.
    pub rows: Vec<Terms>,
    /// The other columns; rows are in falling order of the first.
    pub measures: Vec<Measure>,
}

/// Shares.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pie {
    /// Of which documents.
    pub source: Source,
    /// Of which of them.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// The parts.
    pub slices: Terms,
    /// Their size.
    pub measure: Measure,
}

/// Documents, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Which documents.
    pub source: Source,
    /// Which of them.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// Fields beside the time.
    pub columns: Vec<String>,
}

/// Text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Markdown {
    /// Markdown.
    pub text: String,
    /// Ids of dashboards to link to, below the text.
    #[serde(default)]
    pub links: Vec<String>,
}

/// The most frequent, or highest, values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The field.
    pub field: String,
    /// What it is called.
    pub title: String,
    /// How many of them.
    pub size: u32,
    /// Which values come first.
    #[serde(default)]
    pub order: Order,
}

/// Which values of a field come first, by the first measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Those of which the most is measured.
    #[default]
    Falling,
    /// Those of which the least is: the worst, where a low figure is bad.
    Rising,
}

impl Order {
    /// The word that Elasticsearch, Kibana and Grafana have for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Falling => "desc",
            Self::Rising => "asc",
        }
    }
}

/// What is measured in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// How.
    pub calculate: Calculation,
    /// Of which field; for `count` of none.
    #[serde(default)]
    pub field: Option<String>,
    /// What it is called.
    pub title: String,
    /// How it is written.
    #[serde(default)]
    pub unit: Unit,
}

/// How a bucket is measured. No `last`: the present value of a series is the `average` or `maximum` of what is `recent`, which
/// every tool and server can calculate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calculation {
    /// Documents.
    Count,
    /// Distinct values.
    Unique,
    /// Sum.
    Sum,
    /// Arithmetic mean.
    Average,
    /// Highest, or latest.
    Maximum,
    /// Lowest, or earliest.
    Minimum,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// As it is.
    #[default]
    Number,
    /// 1 is 100 %.
    Percent,
    /// A moment.
    Date,
}
