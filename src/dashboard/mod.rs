//! Dashboards, described once and written for every tool that shows them. `dashboards/description.yml` says in a small
//! vocabulary what is seen; one folder a tool turns it into that tool's files. Pure: nothing here reads a file or the
//! network, but [`kibana::import`], which sends what was written.
//!
//! ```text
//! description ─▶ check ─▶ cut ─┬─▶ kibana   saved objects (8.x, 9.x), Dashboards API (9.5)
//!                             ├─▶ grafana  one dashboard a file
//!                             ├─▶ splunk   an app with Dashboard Studio views
//!                             ├─▶ query    the search that a panel makes, for those who want to see its answer
//!                             └─▶ answer   what a server must answer, computed from the documents
//! ```
//!
//! A *cut* is what a panel asks of the documents: which of them, into which buckets, and what is measured in each. Every tool
//! gets its queries from the same cut, so that no two of them show different things.

mod answer;
mod check;
mod condition;
mod cut;
mod description;
pub mod grafana;
pub mod kibana;
mod member;
mod output;
mod query;
mod source;
pub mod splunk;

pub use answer::{Row, chosen, computed, listed, values};
pub use check::{Problem, problems};
pub use cut::{Bucket, Cut};
pub use description::{
    Calculation, Chart, Conditions, Control, Dashboard, Description, Documents, Figure, Markdown, Measure, Order,
    Panel, Pie, Place, Show, Table, Terms, Unit,
};
pub use output::{Artefact, artefacts};
pub use query::{Window, search_body};
pub use source::Source;

/// The description that is shipped.
pub const SHIPPED: &str = include_str!("../../dashboards/description.yml");

/// Why a description is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DashboardError {
    /// It is not YAML, or has keys that nobody knows.
    #[error("the description of the dashboards cannot be read: {0}")]
    Unreadable(String),
    /// It says something that cannot be shown.
    #[error("the description of the dashboards is wrong:\n{}", .0.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<Problem>),
    /// A file could not be packed.
    #[error("the package cannot be made: {0}")]
    Package(String),
}

/// Reads and checks a description.
///
/// # Errors
/// [`DashboardError::Unreadable`] and [`DashboardError::Wrong`], the latter with everything that is wrong.
pub fn read(text: &str) -> Result<Description, DashboardError> {
    let description: Description =
        serde_saphyr::from_str(text).map_err(|error| DashboardError::Unreadable(error.to_string()))?;
    let found = problems(&description);
    if found.is_empty() { Ok(description) } else { Err(DashboardError::Wrong(found)) }
}
