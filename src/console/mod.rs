//! Layer 4: the console: a page for people, and its interface over HTTP. It is fed as a sink is, keeps a history of its own,
//! and changes nothing in the engine but the files of exceptions that somebody asks for.
//!
//! | file | what it does |
//! |---|---|
//! | `server`, `patience` | listens, within bounds of time and number |
//! | `gate`, `sessions`, `session` | who may ask, and from where |
//! | `routes`, `openapi` | every address, and their description |
//! | `alerts`, `timeline`, `csv`, `stream` | alerts, one with its evidence, as a table, and as they come |
//! | `status`, `overview`, `rules`, `exceptions` | how the engine is, what its metrics say, what its rules and filters are |
//! | `history` | what is remembered |
//! | `query`, `id`, `body`, `problem`, `assets`, `state` | what is asked, of what, what comes with it, refusals, the page, what all share |

mod alerts;
mod assets;
mod body;
mod csv;
#[cfg(test)]
mod examples;
mod exceptions;
mod gate;
pub mod history;
mod id;
mod openapi;
mod overview;
mod patience;
mod problem;
mod query;
mod routes;
mod rules;
mod server;
mod session;
mod sessions;
mod state;
mod status;
mod stream;
mod timeline;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::model::Secret;
use crate::pipeline::LiveStatus;

pub use exceptions::ExceptionParts;
pub use rules::RuleTexts;
pub use server::Console;

/// Why the console cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The address.
    #[error("cannot listen on {address} for the console: {reason}: choose another console.listen, or write `off`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The history.
    #[error(transparent)]
    History(#[from] history::HistoryError),
}

/// What the console is made of.
pub struct ConsoleParts {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Another port is taken when that one is in use.
    pub any_port: bool,
    /// What who wants in must know.
    pub token: Option<Secret>,
    /// What it remembers.
    pub history: Arc<history::History>,
    /// What it could not remember.
    pub missed: Arc<history::Missed>,
    /// The engine.
    pub status: Arc<LiveStatus>,
    /// The texts of the rules.
    pub rules: RuleTexts,
    /// Where exceptions are written, where they may be.
    pub exceptions: Option<ExceptionParts>,
    /// The name of this instance.
    pub instance: String,
    /// The kind of each sink, in their order.
    pub sink_kinds: Vec<String>,
    /// Whether this is the demonstration.
    pub demo: bool,
}
