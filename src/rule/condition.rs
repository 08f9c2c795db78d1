//! The condition grammar of a detection: `and`, `or`, `not`, parentheses, `1 of`, `any of`, `all of`, names and name
//! patterns, in any case of letters (RULES 1.4).

/// A condition over the search identifiers of a detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The identifier of that index.
    Is(usize),
    /// All of them.
    And(Vec<Condition>),
    /// At least one of them.
    Or(Vec<Condition>),
    /// Not it.
    Not(Box<Condition>),
}

impl Condition {
    /// Calls `visit` with every identifier that is named, as often as it is.
    pub fn visit(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::Is(index) => visit(*index),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(visit)),
            Self::Not(part) => part.visit(visit),
        }
    }

    /// Whether some part is negated.
    #[must_use]
    pub fn negates(&self) -> bool {
        match self {
            Self::Is(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::negates),
            Self::Not(_) => true,
        }
    }
}

/// Longest text of a condition, in bytes.
pub(super) const MAX_CONDITION_BYTES: usize = 64 * 1024;
/// Deepest nesting of parentheses.
pub(super) const MAX_CONDITION_DEPTH: usize = 64;

/// Why a condition does not parse: the offending word, its position in characters, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionError {
    /// Stable code of the finding.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl ConditionError {
    pub(super) fn new(code: &'static str, message: impl Into<String>, help: impl Into<Option<String>>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    pub(super) fn too_large() -> Self {
        let message = format!("the condition is longer than {MAX_CONDITION_BYTES} bytes");
        Self::new("condition-too-large", message, Some("use `1 of` and `all of` with a pattern".to_owned()))
    }

    pub(super) fn too_deep() -> Self {
        let message = format!("parentheses are nested deeper than {MAX_CONDITION_DEPTH}");
        Self::new("condition-too-large", message, None)
    }
}

/// Parses a condition over the given identifiers.
///
/// # Errors
/// [`ConditionError`] for bad syntax, an unknown identifier, or a pattern that no identifier matches.
pub fn parse(text: &str, identifiers: &[String]) -> Result<Condition, ConditionError> {
    if text.contains('|') {
        let help = "write a correlation document instead".to_owned();
        return Err(ConditionError::new(
            "old-aggregation",
            "aggregations behind `|` are not part of Sigma 2",
            Some(help),
        ));
    }
    if text.len() > MAX_CONDITION_BYTES {
        return Err(ConditionError::too_large());
    }
    let mut parser = Parser { words: words(text), at: 0, depth: 0, identifiers };
    let condition = parser.or()?;
    match parser.words.get(parser.at) {
        None => Ok(condition),
        Some(word) => Err(ConditionError::new("condition-syntax", format!("`{word}` is not expected here"), None)),
    }
}

/// Splits at white space and around parentheses.
pub(super) fn words(text: &str) -> Vec<String> {
    text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect()
}

struct Parser<'a> {
    words: Vec<String>,
    at: usize,
    depth: usize,
    identifiers: &'a [String],
}

impl Parser<'_> {
    fn accept(&mut self, word: &str) -> bool {
        let matched = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(matched);
        matched
    }

    fn or(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.and()?];
        while self.accept("or") {
            parts.push(self.and()?);
        }
        Ok(join(parts, Condition::Or))
    }

    fn and(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.not()?];
        while self.accept("and") {
            parts.push(self.not()?);
        }
        Ok(join(parts, Condition::And))
    }

    fn not(&mut self) -> Result<Condition, ConditionError> {
        let mut negated = false;
        while self.accept("not") {
            negated = !negated;
        }
        let atom = self.atom()?;
        Ok(if negated { Condition::Not(Box::new(atom)) } else { atom })
    }

    fn atom(&mut self) -> Result<Condition, ConditionError> {
        let Some(word) = self.words.get(self.at).cloned() else {
            let help = "end it with an identifier of this detection".to_owned();
            return Err(ConditionError::new("condition-syntax", "the condition ends too early", Some(help)));
        };
        self.at += 1;
        if word == "(" {
            self.depth += 1;
            if self.depth > MAX_CONDITION_DEPTH {
                return Err(ConditionError::too_deep());
            }
            let inner = self.or()?;
            self.depth -= 1;
            if self.accept(")") {
                return Ok(inner);
            }
            return Err(ConditionError::new("condition-syntax", "a `(` is not closed", Some("add `)`".to_owned())));
        }
        let quantified = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case("of"));
        if quantified {
            let all = match word.to_ascii_lowercase().as_str() {
                "all" => true,
                "1" | "any" => false,
                _ => {
                    let message = format!("`{word} of` is not part of Sigma");
                    return Err(ConditionError::new(
                        "condition-quantifier",
                        message,
                        Some("write `1 of`, `any of` or `all of`".to_owned()),
                    ));
                }
            };
            self.at += 1;
            return self.quantified(all);
        }
        self.identifier(&word)
    }

    fn quantified(&mut self, all: bool) -> Result<Condition, ConditionError> {
        let Some(pattern) = self.words.get(self.at).cloned() else {
            return Err(ConditionError::new("condition-syntax", "`of` needs a name pattern or `them`", None));
        };
        self.at += 1;
        let them = pattern.eq_ignore_ascii_case("them");
        let hidden_wanted = pattern.starts_with('_');
        let matching: Vec<Condition> = self
            .identifiers
            .iter()
            .enumerate()
            .filter(|(_, name)| hidden_wanted || !name.starts_with('_'))
            .filter(|(_, name)| them || name_matches(&pattern, name))
            .map(|(index, _)| Condition::Is(index))
            .collect();
        if matching.is_empty() {
            let message = format!("`{pattern}` matches no identifier of this detection");
            let help =
                super::diagnostic::suggest(pattern.trim_matches('*'), self.identifiers.iter().map(String::as_str));
            return Err(ConditionError::new("condition-matches-nothing", message, help));
        }
        Ok(join(matching, if all { Condition::And } else { Condition::Or }))
    }

    fn identifier(&mut self, word: &str) -> Result<Condition, ConditionError> {
        if let Some(index) = self.identifiers.iter().position(|name| name == word) {
            return Ok(Condition::Is(index));
        }
        let help = super::diagnostic::suggest(word, self.identifiers.iter().map(String::as_str))
            .or_else(|| Some(format!("this detection has: {}", self.identifiers.join(", "))));
        let (code, message) =
            if matches!(word.to_ascii_lowercase().as_str(), "and" | "or" | "not" | ")" | "of" | "them") {
                ("condition-syntax", format!("`{word}` is not expected here"))
            } else {
                ("unknown-identifier", format!("the condition names `{word}`, which this detection does not define"))
            };
        Err(ConditionError::new(code, message, help))
    }
}

fn join(mut parts: Vec<Condition>, make: impl Fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.swap_remove(0) } else { make(parts) }
}

/// Whether a name matches a pattern in which `*` stands for any text. Case counts, as it does for names.
fn name_matches(pattern: &str, name: &str) -> bool {
    super::pattern::Pattern::parse(pattern, super::pattern::Anchoring::default(), true).matches(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Condition, &'static str> {
        let names = ["selection", "filter_a", "filter_b", "_hidden"].map(str::to_owned);
        parse(text, &names).map_err(|error| error.code)
    }

    #[test]
    fn precedence_is_not_then_and_then_or() {
        use Condition::{And, Is, Not, Or};
        assert_eq!(
            read("selection and not filter_a or filter_b"),
            Ok(Or(vec![And(vec![Is(0), Not(Box::new(Is(1)))]), Is(2)]))
        );
        assert_eq!(read("NOT (selection OR filter_a)"), Ok(Not(Box::new(Or(vec![Is(0), Is(1)])))));
        assert_eq!(
            read("selection and not 1 of filter_*"),
            Ok(And(vec![Is(0), Not(Box::new(Or(vec![Is(1), Is(2)])))]))
        );
        assert_eq!(read("all of them"), Ok(And(vec![Is(0), Is(1), Is(2)])), "hidden ones are left out");
        assert_eq!(read("1 of _*"), Ok(Is(3)));
    }

    #[test]
    fn mistakes_have_names() {
        for (text, code) in [
            ("selecton", "unknown-identifier"),
            ("selection and", "condition-syntax"),
            ("(selection", "condition-syntax"),
            ("selection filter_a", "condition-syntax"),
            ("2 of filter_*", "condition-quantifier"),
            ("1 of nothing*", "condition-matches-nothing"),
            ("selection | count() > 5", "old-aggregation"),
            ("", "condition-syntax"),
            (&"(".repeat(100), "condition-too-large"),
            (&"not ".repeat(20_000), "condition-too-large"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
    }
}
