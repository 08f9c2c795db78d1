//! What a panel asks of the documents, whatever its looks: which of them, into which buckets, and what is measured in each.

use super::{Conditions, Measure, Order, Panel, Show, Source, Terms};

/// A question to the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'a> {
    /// Of which documents.
    pub source: Source,
    /// Of which of them.
    pub conditions: &'a Conditions,
    /// Only the last so much of the range.
    pub recent: Option<&'a str>,
    /// From the outermost inwards; none for a single number.
    pub buckets: Vec<Bucket<'a>>,
    /// What is measured; terms are in the order of the first.
    pub measures: Vec<&'a Measure>,
}

/// How documents are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket<'a> {
    /// By time, into intervals that suit the range.
    Time,
    /// By the values of a field.
    Terms(&'a Terms),
}

impl Cut<'_> {
    /// Which values of the outermost field come first.
    #[must_use]
    pub fn order(&self) -> Order {
        let of = |bucket: &Bucket<'_>| match bucket {
            Bucket::Terms(terms) => Some(terms.order),
            Bucket::Time => None,
        };
        self.buckets.iter().find_map(of).unwrap_or_default()
    }
}

impl Panel {
    /// What the panel asks for; `None` where it shows text, or documents as they are.
    #[must_use]
    pub fn cut(&self) -> Option<Cut<'_>> {
        let cut = match &self.show {
            Show::Metric(figure) => Cut {
                source: figure.source,
                conditions: &figure.conditions,
                recent: figure.recent.as_deref(),
                buckets: Vec::new(),
                measures: vec![&figure.measure],
            },
            Show::Line(chart) | Show::Bar(chart) => Cut {
                source: chart.source,
                conditions: &chart.conditions,
                recent: chart.recent.as_deref(),
                buckets: chart
                    .by
                    .iter()
                    .map(Bucket::Terms)
                    .chain([chart.along.as_ref().map_or(Bucket::Time, Bucket::Terms)])
                    .collect(),
                measures: vec![&chart.measure],
            },
            Show::Table(table) => Cut {
                source: table.source,
                conditions: &table.conditions,
                recent: table.recent.as_deref(),
                buckets: table.rows.iter().map(Bucket::Terms).collect(),
                measures: table.measures.iter().collect(),
            },
            Show::Pie(pie) => Cut {
                source: pie.source,
                conditions: &pie.conditions,
                recent: None,
                buckets: vec![Bucket::Terms(&pie.slices)],
                measures: vec![&pie.measure],
            },
            Show::Documents(_) | Show::Markdown(_) => return None,
        };
        Some(cut)
    }

    /// The documents that the panel reads.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        match &self.show {
            Show::Documents(documents) => Some(documents.source),
            _ => self.cut().map(|cut| cut.source),
        }
    }
}
