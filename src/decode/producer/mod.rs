//! The producers whose native formats are known: one file each, with a table from canonical field names to where they
//! come from. Tables are data: plans, documentation and tests read them.

mod assessment;
mod chained;
mod evidently;
mod facts;
mod git;
mod jira;
mod mlflow;
mod opa;
mod servicenow;

pub(super) use facts::{Arena, Emit, Facts, part_of, scalar_text};

use std::borrow::Cow;

use crate::model::LogSource;

use super::Format;
use super::error::DecodeError;

/// A path of object keys from the root of the native document.
pub(super) type Keys = &'static [&'static str];

/// Computes a field from what was captured.
pub(super) type Derive = for<'a> fn(&Facts<'_, 'a>, &mut Emit<'_, 'a>);

/// Checks that the document is what it should be, and says when it happened and who it is.
pub(super) type Describe = for<'a> fn(&Facts<'_, 'a>) -> Result<Described<'a>, DecodeError>;

/// Finds the events of a batch.
pub(super) type Batch = for<'a> fn(&Facts<'_, 'a>) -> Option<&'a str>;

/// Where a canonical field comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The first of these paths that is there.
    Paths(&'static [Keys]),
    /// Always this text.
    Constant(&'static str),
    /// Computed, and only when somebody reads it.
    Derived(Derive),
}

/// What an event says of itself.
#[derive(Debug, Default)]
pub(super) struct Described<'a> {
    /// The time as it is spelled.
    pub(super) time: Option<Cow<'a, str>>,
    /// The producer's own id.
    pub(super) id: Option<Cow<'a, str>>,
}

/// A producer: how its documents are recognised and read.
pub(super) struct Producer {
    /// Prefix under which native paths are reachable, `mlflow` in `mlflow.data.name`.
    pub(super) prefix: &'static str,
    /// The log that all its events belong to.
    pub(super) logsource: LogSource<'static>,
    /// What [`Facts::get`] can be asked for: the index is the place in this list.
    pub(super) captures: &'static [Keys],
    /// Canonical fields.
    pub(super) fields: &'static [(&'static str, Origin)],
    /// The text of the array of events that the document is a batch of, if it is one.
    pub(super) batch: Batch,
    pub(super) describe: Describe,
}

/// For producers whose documents are always one event.
pub(super) fn no_batch<'a>(_facts: &Facts<'_, 'a>) -> Option<&'a str> {
    None
}

/// The producer of a format; none for `auto` and plain JSON.
pub(super) fn of(format: Format) -> Option<&'static Producer> {
    match format {
        Format::Auto | Format::Json => None,
        Format::MlflowWebhook => Some(&mlflow::MLFLOW),
        Format::OpaDecisionLog => Some(&opa::OPA),
        Format::Evidently => Some(&evidently::EVIDENTLY),
        Format::GitDecisionLog => Some(&git::GIT),
        Format::ChainedDecisionLog => Some(&chained::CHAINED),
        Format::Jira => Some(&jira::JIRA),
        Format::ServiceNow => Some(&servicenow::SERVICENOW),
    }
}

/// `event.action` of a human decision of that kind.
fn decision_action(kind: &'static str) -> &'static str {
    match kind {
        "approval" => "decision.approval",
        "rejection" => "decision.rejection",
        "deployment" => "decision.deployment",
        "override" => "decision.override",
        "review" => "decision.review",
        _ => "decision.other",
    }
}
