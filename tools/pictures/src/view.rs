//! What a dashboard shows at the end of the week: each panel's answer, for the range and the filter that a reader would have.

use clarion::dashboard::{Conditions, Dashboard, Panel, Row, Show, chosen, computed, listed};
use clarion::model::{Span, Timestamp};

use crate::Failure;
use crate::figures;
use crate::week::Week;

/// What every dashboard looks at, whatever it opens with: there is nothing before the week, and its last day is a quiet one.
const RANGE: Span = Span::seconds(7 * 86_400);
/// The model that is chosen where one has to be: the one with the most alerts.
const MODEL: &str = "fraud-scorer";

/// What a panel shows.
pub(crate) enum Answer {
    /// Text, which asks for nothing.
    Text,
    /// Buckets and what is measured in them.
    Rows(Vec<Row>),
    /// Documents, newest first.
    Documents(Vec<Vec<String>>),
}

/// A dashboard as somebody looks at it.
pub(crate) struct View<'a> {
    /// Which.
    pub(crate) dashboard: &'a Dashboard,
    /// Beginning of the range.
    pub(crate) from: Timestamp,
    /// End of the range.
    pub(crate) to: Timestamp,
    /// Width of a bucket of time.
    pub(crate) interval: Span,
    /// What is chosen at the top.
    pub(crate) filter: Conditions,
    week: &'a Week,
}

impl<'a> View<'a> {
    /// The dashboard over the whole week.
    pub(crate) fn new(dashboard: &'a Dashboard, week: &'a Week) -> Self {
        let single = dashboard.controls.iter().filter(|control| control.single);
        Self {
            dashboard,
            from: week.end.minus(RANGE),
            to: week.end,
            interval: figures::interval(RANGE),
            filter: single.map(|control| (control.field.clone(), vec![MODEL.to_owned()])).collect(),
            week,
        }
    }

    /// What a panel of it shows.
    ///
    /// # Errors
    /// A span of the panel is no length of time.
    pub(crate) fn answer(&self, panel: &Panel) -> Result<Answer, Failure> {
        let Some(source) = panel.source() else { return Ok(Answer::Text) };
        let documents = self.week.documents(source);
        let with = |conditions: &Conditions| -> Conditions {
            conditions.iter().chain(&self.filter).map(|(field, allowed)| (field.clone(), allowed.clone())).collect()
        };
        if let Show::Documents(shown) = &panel.show {
            let chosen = chosen(&documents, &with(&shown.conditions), self.from, self.to);
            return Ok(Answer::Documents(listed(shown, &chosen)));
        }
        let Some(cut) = panel.cut() else { return Ok(Answer::Text) };
        let from = match cut.recent {
            Some(recent) => self.to.minus(Span::parse(recent)?),
            None => self.from,
        };
        let chosen = chosen(&documents, &with(cut.conditions), from, self.to);
        Ok(Answer::Rows(computed(&cut, &chosen, self.interval)))
    }
}
