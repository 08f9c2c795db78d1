//! The modifiers behind a field name, `field|contains|all`, read left to right (RULES 1.3). What each family does to its
//! values has a file of its own; which may follow which is decided in `chain`.

mod chain;
pub(super) mod date_part;
pub(super) mod encoding;
pub(super) mod network;
pub(super) mod placeholder;
pub(super) mod regular_expression;
pub(super) mod windows_dash;

pub use chain::read;
pub use date_part::DatePart;
pub use encoding::Encoding;

use super::pattern::Anchoring;
use super::predicate::Comparison;
use super::text::Piece;

/// What a field's modifiers ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Modifiers {
    /// How values are tested.
    pub kind: Kind,
    /// A list means all of its values, not any.
    pub all: bool,
    /// Case matters.
    pub cased: bool,
    /// None of the values.
    pub negated: bool,
    /// Wildcards added at the ends.
    pub anchoring: Anchoring,
    /// Regex flags `i`, `m`, `s`.
    pub flags: String,
    /// What is done to a value before it is compared, first step first.
    pub steps: Vec<Step>,
}

/// How a value is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// As a text with wildcards.
    #[default]
    Text,
    /// As a regular expression.
    Regex,
    /// As a number.
    Compare(Comparison),
    /// As a part of a date.
    Date(DatePart, Comparison),
    /// As a network.
    Network,
    /// As the name of another field.
    Reference,
    /// For presence.
    Exists,
}

/// A step that makes one or several values of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `%name%` becomes the values of a table.
    Expand,
    /// A dash becomes any dash.
    Dash,
    /// The text becomes the bytes of an encoding.
    Wide(Encoding),
    /// The bytes become Base64.
    Base64,
    /// The bytes become what Base64 makes of them at each offset.
    Base64Offset,
}

impl Modifiers {
    /// Whether placeholders of the values stand for tables.
    #[must_use]
    pub fn expands(&self) -> bool {
        self.steps.contains(&Step::Expand)
    }

    /// Whether some step encodes.
    #[must_use]
    pub fn encodes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Base64 | Step::Base64Offset))
    }
}

/// Why a value cannot be taken through its steps: code, message, help.
pub type Refusal = (&'static str, String, Option<String>);

/// A value on its way through its steps: several, where one of them makes several of one.
pub(super) type Values = Vec<Vec<Piece>>;
