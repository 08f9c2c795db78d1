//! The modifiers behind a field name, `field|contains|all`, read left to right (RULES 1.3).

use super::diagnostic::suggest;
use super::pattern::Anchoring;
use super::predicate::Comparison;

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
    /// As a network.
    Network,
    /// For presence.
    Exists,
}

/// Why modifiers are refused: code, message, help.
pub type Refusal = (&'static str, String, Option<String>);

const KNOWN: [&str; 17] = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "exists",
    "cased",
    "neq",
    "re",
    "i",
    "m",
    "s",
    "lt",
    "lte",
    "gt",
    "gte",
    "cidr",
    "ignorecase",
];
const LATER: [&str; 19] = [
    "base64",
    "base64offset",
    "utf16",
    "utf16le",
    "utf16be",
    "wide",
    "windash",
    "fieldref",
    "expand",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "base64url",
    "multiline",
    "dotall",
    "hours",
];

/// Reads the modifiers of a field.
///
/// # Errors
/// A [`Refusal`] for an unknown one, one that this version does not have, or a combination that Sigma forbids.
pub fn read(names: &[&str]) -> Result<Modifiers, Refusal> {
    let mut modifiers = Modifiers::default();
    for (position, name) in names.iter().enumerate() {
        apply(&mut modifiers, position, name)?;
    }
    Ok(modifiers)
}

fn apply(modifiers: &mut Modifiers, position: usize, name: &str) -> Result<(), Refusal> {
    let comparison = match name {
        "lt" => Some(Comparison::Lt),
        "lte" => Some(Comparison::Lte),
        "gt" => Some(Comparison::Gt),
        "gte" => Some(Comparison::Gte),
        _ => None,
    };
    if let Some(comparison) = comparison {
        return set_kind(modifiers, name, Kind::Compare(comparison));
    }
    match name {
        "contains" => modifiers.anchoring = Anchoring { open_start: true, open_end: true },
        "startswith" => modifiers.anchoring.open_end = true,
        "endswith" => modifiers.anchoring.open_start = true,
        "all" => modifiers.all = true,
        "cased" => modifiers.cased = true,
        "neq" => modifiers.negated = true,
        "re" | "cidr" | "exists" if position > 0 => {
            let message = format!("`{name}` must be the first modifier");
            return Err(("modifier-order", message, Some(format!("write `field|{name}|…`"))));
        }
        "re" => return set_kind(modifiers, name, Kind::Regex),
        "cidr" => return set_kind(modifiers, name, Kind::Network),
        "exists" => return set_kind(modifiers, name, Kind::Exists),
        "i" | "m" | "s" | "ignorecase" if modifiers.kind == Kind::Regex => modifiers.flags.extend(name.chars().take(1)),
        "i" | "m" | "s" | "ignorecase" => {
            return Err((
                "modifier-order",
                format!("`{name}` is a flag of `re`"),
                Some(format!("write `field|re|{name}`")),
            ));
        }
        _ if LATER.contains(&name) => {
            let message = format!("the modifier `{name}` is not supported by this version");
            return Err(("unsupported-modifier", message, Some("leave this rule out until it is".to_owned())));
        }
        _ => {
            return Err(("unknown-modifier", format!("`{name}` is not a Sigma modifier"), suggest(name, KNOWN)));
        }
    }
    Ok(())
}

fn set_kind(modifiers: &mut Modifiers, name: &str, kind: Kind) -> Result<(), Refusal> {
    if modifiers.kind != Kind::Text || modifiers.anchoring != Anchoring::default() {
        return Err(("modifier-combination", format!("`{name}` does not combine with the modifiers before it"), None));
    }
    modifiers.kind = kind;
    Ok(())
}
