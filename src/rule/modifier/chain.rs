//! Which modifiers there are and which may follow which. What the specification forbids, or what could not mean anything,
//! is refused with the reason.

use super::{DatePart, Encoding, Kind, Modifiers, Refusal, Step};
use crate::rule::diagnostic::suggest;
use crate::rule::pattern::Anchoring;
use crate::rule::predicate::Comparison;

const KNOWN: [&str; 34] = [
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
    "ignorecase",
    "multiline",
    "dotall",
    "lt",
    "lte",
    "gt",
    "gte",
    "cidr",
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
];

/// Reads the modifiers of a field.
///
/// # Errors
/// A [`Refusal`] for an unknown one, or a combination that Sigma forbids.
pub fn read(names: &[&str]) -> Result<Modifiers, Refusal> {
    let mut chain = Chain { modifiers: Modifiers::default(), names, at: 0 };
    for (position, name) in names.iter().enumerate() {
        chain.at = position;
        chain.apply(name)?;
    }
    chain.finish()
}

struct Chain<'n> {
    modifiers: Modifiers,
    names: &'n [&'n str],
    at: usize,
}

type Applied = Result<(), Refusal>;

impl Chain<'_> {
    fn apply(&mut self, name: &str) -> Applied {
        if self.modifiers.kind == Kind::Exists {
            return Err(self.alone("exists"));
        }
        if let Some(comparison) = comparison(name) {
            return self.compare(name, comparison);
        }
        if let Some(part) = DatePart::of(name) {
            return self.kind(name, Kind::Date(part, Comparison::Eq));
        }
        if let Some(encoding) = Encoding::of(name) {
            return self.wide(name, encoding);
        }
        match name {
            "contains" => self.anchor(name, Anchoring { open_start: true, open_end: true }),
            "startswith" => self.anchor(name, Anchoring { open_start: false, open_end: true }),
            "endswith" => self.anchor(name, Anchoring { open_start: true, open_end: false }),
            "all" => {
                self.modifiers.all = true;
                Ok(())
            }
            "neq" => {
                self.modifiers.negated = true;
                Ok(())
            }
            "cased" => {
                self.only_for(name, &[Kind::Text, Kind::Reference], "texts")?;
                self.modifiers.cased = true;
                Ok(())
            }
            "exists" if self.names.len() > 1 => Err(self.alone(name)),
            "re" | "cidr" if self.at > 0 => {
                let message = format!("`{name}` must be the first modifier");
                Err(("modifier-order", message, Some(format!("write `field|{name}|…`"))))
            }
            "re" => self.kind(name, Kind::Regex),
            "cidr" => self.kind(name, Kind::Network),
            "exists" => self.kind(name, Kind::Exists),
            "fieldref" => self.reference(name),
            "i" | "m" | "s" | "ignorecase" | "multiline" | "dotall" => self.flag(name),
            "windash" => self.step(name, Step::Dash),
            "expand" => self.step(name, Step::Expand),
            "base64" => self.step(name, Step::Base64),
            "base64offset" => self.step(name, Step::Base64Offset),
            _ => Err(("unknown-modifier", format!("`{name}` is not a Sigma modifier"), suggest(name, KNOWN))),
        }
    }

    fn finish(self) -> Result<Modifiers, Refusal> {
        if let Some(Step::Wide(encoding)) = self.modifiers.steps.last() {
            let name = encoding.name();
            let message = format!("`{name}` makes bytes, which no field can be compared with");
            return Err(("modifier-order", message, Some(format!("write `{name}|base64offset|contains`"))));
        }
        Ok(self.modifiers)
    }

    /// Whether the value has become something that only some modifiers understand.
    fn is_wide(&self) -> bool {
        matches!(self.modifiers.steps.last(), Some(Step::Wide(_)))
    }

    fn no_combination(&self, name: &str) -> Refusal {
        let before = self.names.get(..self.at).unwrap_or_default().join("|");
        ("modifier-combination", format!("`{name}` does not combine with `{before}`"), None)
    }

    fn alone(&self, name: &str) -> Refusal {
        let help = format!("write `field|{name}: true` and the rest in an item of its own");
        ("modifier-combination", format!("`{name}` must be the only modifier"), Some(help))
    }

    fn only_for(&self, name: &str, kinds: &[Kind], what: &str) -> Applied {
        if kinds.contains(&self.modifiers.kind) {
            return Ok(());
        }
        let (code, message, _) = self.no_combination(name);
        Err((code, message, Some(format!("`{name}` is for {what}"))))
    }

    /// What makes something else than a text of the value must come before whatever looks at a text.
    fn kind(&mut self, name: &str, kind: Kind) -> Applied {
        let modifiers = &self.modifiers;
        let is_plain = modifiers.kind == Kind::Text
            && modifiers.anchoring == Anchoring::default()
            && modifiers.steps.is_empty()
            && !modifiers.cased;
        if !is_plain {
            return Err(self.no_combination(name));
        }
        self.modifiers.kind = kind;
        Ok(())
    }

    fn compare(&mut self, name: &str, comparison: Comparison) -> Applied {
        if let Kind::Date(part, Comparison::Eq) = self.modifiers.kind {
            self.modifiers.kind = Kind::Date(part, comparison);
            return Ok(());
        }
        self.kind(name, Kind::Compare(comparison))
    }

    /// `fieldref` keeps the ends that were opened before it.
    fn reference(&mut self, name: &str) -> Applied {
        self.only_for(name, &[Kind::Text], "texts")?;
        if !self.modifiers.steps.is_empty() {
            return Err(self.no_combination(name));
        }
        self.modifiers.kind = Kind::Reference;
        Ok(())
    }

    fn anchor(&mut self, name: &str, anchoring: Anchoring) -> Applied {
        self.only_for(name, &[Kind::Text, Kind::Regex, Kind::Reference], "texts")?;
        if self.is_wide() {
            let help = Some("encode it first: `utf16le|base64offset|contains`".to_owned());
            return Err(("modifier-order", format!("`{name}` before the bytes are Base64"), help));
        }
        let current = self.modifiers.anchoring;
        let contains = Anchoring { open_start: true, open_end: true };
        let is_other_end = current != Anchoring::default() && current != contains && current != anchoring;
        if is_other_end && anchoring != contains {
            let help = Some("write `contains`".to_owned());
            let message = "`startswith` and `endswith` do not combine".to_owned();
            return Err(("modifier-combination", message, help));
        }
        self.modifiers.anchoring.open_start |= anchoring.open_start;
        self.modifiers.anchoring.open_end |= anchoring.open_end;
        Ok(())
    }

    fn flag(&mut self, name: &str) -> Applied {
        if self.modifiers.kind != Kind::Regex {
            let message = format!("`{name}` is a flag of `re`");
            return Err(("modifier-order", message, Some(format!("write `field|re|{name}`"))));
        }
        self.modifiers.flags.push(match name {
            "ignorecase" | "i" => 'i',
            "multiline" | "m" => 'm',
            _ => 's',
        });
        Ok(())
    }

    fn wide(&mut self, name: &str, encoding: Encoding) -> Applied {
        if self.is_wide() {
            return Err(self.no_combination(name));
        }
        self.step(name, Step::Wide(encoding))
    }

    fn step(&mut self, name: &str, step: Step) -> Applied {
        match step {
            Step::Expand => self.only_for(name, &[Kind::Text, Kind::Regex, Kind::Network], "values")?,
            _ => self.only_for(name, &[Kind::Text], "texts")?,
        }
        let changes_text = matches!(step, Step::Expand | Step::Dash);
        let late = if changes_text {
            self.is_wide() || self.modifiers.encodes()
        } else {
            self.modifiers.anchoring != Anchoring::default()
        };
        if late {
            let before = self.names.get(..self.at).unwrap_or_default().join("|");
            let message = format!("`{name}` comes too late behind `{before}`");
            return Err(("modifier-order", message, Some(format!("write `{name}` before it"))));
        }
        if changes_text && self.modifiers.steps.contains(&step) {
            return Err(self.no_combination(name));
        }
        self.modifiers.steps.push(step);
        Ok(())
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    match name {
        "lt" => Some(Comparison::Lt),
        "lte" => Some(Comparison::Lte),
        "gt" => Some(Comparison::Gt),
        "gte" => Some(Comparison::Gte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(chain: &str) -> &'static str {
        let names: Vec<&str> = chain.split('|').collect();
        read(&names).map_or_else(|(code, _, _)| code, |_| "accepted")
    }

    #[test]
    fn what_the_specification_has_is_accepted() {
        for chain in [
            "contains|all|windash",
            "wide|base64offset|contains",
            "utf16le|base64",
            "utf16be|base64offset|contains|all",
            "re|i|m|s",
            "re|contains",
            "cidr|neq",
            "expand|contains",
            "contains|expand",
            "cidr|expand",
            "re|expand",
            "hour|gte",
            "minute|neq",
            "fieldref|endswith|cased",
            "startswith|fieldref",
            "fieldref|neq",
            "cased|endswith|all",
            "exists",
            "base64|base64",
        ] {
            assert_eq!(refused(chain), "accepted", "{chain}");
        }
    }

    #[test]
    fn what_it_forbids_is_refused() {
        for (chain, code) in [
            ("exists|all", "modifier-combination"),
            ("contains|exists", "modifier-combination"),
            ("contains|re", "modifier-order"),
            ("all|cidr", "modifier-order"),
            ("i", "modifier-order"),
            ("startswith|endswith", "modifier-combination"),
            ("gt|lt", "modifier-combination"),
            ("gte|hour", "modifier-combination"),
            ("wide", "modifier-order"),
            ("wide|contains", "modifier-order"),
            ("wide|utf16be|base64", "modifier-combination"),
            ("contains|base64", "modifier-order"),
            ("base64|windash", "modifier-order"),
            ("base64|expand", "modifier-order"),
            ("re|cased", "modifier-combination"),
            ("cased|gt", "modifier-combination"),
            ("fieldref|expand", "modifier-combination"),
            ("contians", "unknown-modifier"),
            ("", "unknown-modifier"),
        ] {
            assert_eq!(refused(chain), code, "{chain}");
        }
    }
}
