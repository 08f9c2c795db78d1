//! One value of a rule, taken through its modifiers to the tests that it means: one, or several of which any may pass.

use super::ambiguous;
use super::modifier::placeholder::{self, Failed, MOST_VALUES};
use super::modifier::{
    DatePart, Kind, Modifiers, Refusal, Step, Values, encoding, network, regular_expression, windows_dash,
};
use super::number::Number;
use super::pattern::Pattern;
use super::predicate::{Comparison, Test};
use super::reference::Reference;
use super::selection::{Compiler, MissingTable, field_name};
use super::text::{Piece, split};
use super::yaml::{Node, Place, Value};

impl Compiler<'_> {
    /// The tests of a value; `None` after an error.
    pub(super) fn tests(&mut self, value: &Node, listed: bool, modifiers: &Modifiers) -> Option<Vec<Test>> {
        let Value::Scalar { text, plain } = &value.value else {
            let message = format!("a value is a single value, not {}", value.kind());
            let help = value.mapping().map(|_| {
                "for a field within it write `field.name`; for one element of a list `field[any]:` with the map"
                    .to_owned()
            });
            self.diagnostics.error(value.place, "wrong-type", message, help);
            return None;
        };
        if value.is_null() && modifiers.kind != Kind::Exists {
            return self.null(value.place, listed, modifiers);
        }
        match modifiers.kind {
            Kind::Exists => match value.boolean() {
                Some(wanted) => Some(vec![Test::Exists(wanted)]),
                None => {
                    let help = "write `exists: true` or `exists: false`".to_owned();
                    self.diagnostics.error(value.place, "wrong-type", "`exists` needs true or false", Some(help));
                    None
                }
            },
            Kind::Compare(comparison) => {
                self.number(value.place, text).map(|number| vec![Test::Compare(comparison, number)])
            }
            Kind::Date(part, comparison) => self.date(value.place, text, part, comparison),
            Kind::Network => self.networks(value.place, text, modifiers),
            Kind::Regex => self.expressions(value.place, text, modifiers),
            Kind::Reference => self.reference(value.place, text, modifiers),
            Kind::Text => {
                ambiguous::lint(value, "a value that is compared as text", self.diagnostics);
                self.patterns(value, text, *plain, modifiers)
            }
        }
    }

    fn null(&mut self, place: Place, listed: bool, modifiers: &Modifiers) -> Option<Vec<Test>> {
        let is_bare = Modifiers { negated: false, ..modifiers.clone() } == Modifiers::default();
        if listed || !is_bare {
            let help = "give `null` a search identifier of its own, joined with `or`".to_owned();
            let message = "`null` cannot stand in a list or behind a modifier";
            self.diagnostics.error(place, "null-in-list", message, Some(help));
            return None;
        }
        Some(vec![Test::Null])
    }

    fn number(&mut self, place: Place, text: &str) -> Option<Number> {
        let number = Number::parse_yaml(text);
        if number.is_none() {
            self.diagnostics.error(place, "wrong-type", format!("`{text}` is not a number"), None);
        }
        number
    }

    fn date(&mut self, place: Place, text: &str, part: DatePart, comparison: Comparison) -> Option<Vec<Test>> {
        let number = self.number(place, text)?;
        let range = part.range();
        if comparison == Comparison::Eq && !matches!(number, Number::Integer(whole) if range.contains(&whole)) {
            let message = format!("`{}` is never {text}", part.name());
            let help = format!("it is a whole number from {} to {}", range.start(), range.end());
            self.diagnostics.error(place, "never-true", message, Some(help));
            return None;
        }
        Some(vec![Test::Date(part, comparison, number)])
    }

    fn networks(&mut self, place: Place, text: &str, modifiers: &Modifiers) -> Option<Vec<Test>> {
        let texts = if modifiers.expands() {
            let expanded = placeholder::text(text, &str::to_owned, &|name| Some(self.lookups.find(name)?.values));
            self.expanded(place, text, expanded)?
        } else {
            vec![text.to_owned()]
        };
        let mut tests = Vec::new();
        for text in texts {
            let network = self.accept(place, network::parse(&text))?;
            if network::has_host_bits(&network) {
                let message = format!("`{text}` is read as the network {}", network.trunc());
                self.diagnostics.warning(place, "network-host-bits", message, None);
            }
            tests.push(Test::Network(network.trunc()));
        }
        Some(tests)
    }

    fn expressions(&mut self, place: Place, text: &str, modifiers: &Modifiers) -> Option<Vec<Test>> {
        if !modifiers.expands() {
            let regex = self.accept(place, regular_expression::compile(text, modifiers))?;
            return Some(vec![Test::Regex(Box::new(regex))]);
        }
        // the values of a table are one group of alternatives: one expression, however long the table
        let grouped: Vec<(String, Vec<String>)> = split(text, true)
            .into_iter()
            .filter_map(|piece| if let Piece::Placeholder(name) = piece { Some(name) } else { None })
            .filter_map(|name| {
                let values: Vec<String> =
                    self.lookups.find(&name)?.values.iter().map(|value| regex::escape(value)).collect();
                let group = if values.is_empty() { Vec::new() } else { vec![format!("(?:{})", values.join("|"))] };
                Some((name, group))
            })
            .collect();
        let find = |name: &str| grouped.iter().find(|(known, _)| known == name).map(|(_, group)| group.as_slice());
        let expanded = placeholder::text(text, &str::to_owned, &find);
        let mut tests = Vec::new();
        for text in self.expanded(place, text, expanded)? {
            let regex = self.accept(place, regular_expression::compile(&text, modifiers))?;
            tests.push(Test::Regex(Box::new(regex)));
        }
        Some(tests)
    }

    fn reference(&mut self, place: Place, text: &str, modifiers: &Modifiers) -> Option<Vec<Test>> {
        let name = field_name(text);
        if name.is_empty() || name.contains(['*', '?']) {
            let help = "write the name of one field".to_owned();
            let message = format!("`{text}` is not a field's name");
            self.diagnostics.error(place, "bad-field-reference", message, Some(help));
            return None;
        }
        let other = self.plain_slot(&name, place)?;
        let reference = Reference { other, anchoring: modifiers.anchoring, cased: modifiers.cased };
        Some(vec![Test::Reference(reference)])
    }

    fn patterns(&mut self, value: &Node, text: &str, plain: bool, modifiers: &Modifiers) -> Option<Vec<Test>> {
        let values = self.texts(value, text, modifiers)?;
        let own = || if plain { Number::parse_yaml(text) } else { Number::parse(text) };
        let tests = values.into_iter().map(|pieces| {
            let pattern = Pattern::of(pieces, modifiers.anchoring, modifiers.cased);
            let number = match (pattern.literal(), modifiers.steps.as_slice()) {
                (None, _) => None,
                (Some(_), []) => own(),
                (Some(literal), [Step::Expand]) => Number::parse(literal),
                (Some(_), _) => None,
            };
            Test::Text(pattern, number)
        });
        Some(tests.collect())
    }

    /// What the steps of the modifiers make of a text; `None` after an error.
    pub(super) fn texts(&mut self, value: &Node, text: &str, modifiers: &Modifiers) -> Option<Values> {
        let place = value.place;
        let mut all: Values = vec![split(text, modifiers.expands())];
        let mut wide = None;
        for step in &modifiers.steps {
            let mut next: Values = Vec::new();
            for pieces in all {
                match step {
                    Step::Expand => {
                        let expanded = placeholder::pieces(&pieces, &|name| Some(self.lookups.find(name)?.values));
                        next.extend(self.expanded(place, text, expanded)?);
                    }
                    Step::Dash => next.push(windows_dash::apply(pieces)),
                    Step::Wide(encoding) => {
                        wide = Some(*encoding);
                        next.push(pieces);
                    }
                    Step::Base64 | Step::Base64Offset => {
                        let offset = *step == Step::Base64Offset;
                        next.extend(self.accept(place, encode(&pieces, wide, offset))?);
                    }
                }
            }
            if matches!(step, Step::Base64 | Step::Base64Offset) {
                wide = None;
            }
            all = next;
        }
        Some(all)
    }

    /// Takes note of the tables that were used, or of those that are not there; then the rule is inactive and the value
    /// means nothing.
    fn expanded<T>(&mut self, place: Place, text: &str, outcome: Result<Vec<T>, Failed>) -> Option<Vec<T>> {
        match outcome {
            Ok(values) => {
                for piece in split(text, true) {
                    if let Piece::Placeholder(name) = piece
                        && let Some(found) = self.lookups.find(&name)
                    {
                        self.tables.insert(found.table.to_owned(), found.version.to_owned());
                    }
                }
                Some(values)
            }
            Err(Failed::Missing(names)) => {
                let lookups = self.lookups;
                let missing = |name: String| MissingTable { help: lookups.advise(&name), name, place };
                self.missing.extend(names.into_iter().map(missing));
                Some(Vec::new())
            }
            Err(Failed::TooMany) => {
                let message = format!("the placeholders make more than {MOST_VALUES} values of this one");
                let help = "use one placeholder, or smaller tables".to_owned();
                self.diagnostics.error(place, "too-many-values", message, Some(help));
                None
            }
        }
    }

    fn accept<T>(&mut self, place: Place, outcome: Result<T, Refusal>) -> Option<T> {
        match outcome {
            Ok(accepted) => Some(accepted),
            Err((code, message, help)) => {
                self.diagnostics.error(place, code, message, help);
                None
            }
        }
    }
}

/// The encoded forms of a value, one for each spelling of its dashes and each offset.
fn encode(pieces: &[Piece], wide: Option<encoding::Encoding>, offset: bool) -> Result<Values, Refusal> {
    let Some(spellings) = windows_dash::spellings(pieces) else {
        let help = "split the value, or leave `windash` out".to_owned();
        return Err(("too-many-values", "too many dashes to encode every spelling".to_owned(), Some(help)));
    };
    let mut all = Vec::new();
    for spelling in spellings {
        let bytes = encoding::bytes(&spelling, wide)?;
        let texts =
            if offset { encoding::base64_at_each_offset(&bytes)?.to_vec() } else { vec![encoding::base64(&bytes)] };
        all.extend(texts.into_iter().map(|text| vec![Piece::Literal(text)]));
    }
    Ok(all)
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
