//! `re`: regular expressions as Sigma's authors write them (the subset of PCRE), for an engine without backtracking. Where
//! the two spell something differently, the expression is rewritten; what only backtracking can do is refused.

use regex::{Regex, RegexBuilder};

use super::{Modifiers, Refusal};

/// Largest compiled expression, in bytes.
const SIZE: usize = 4 * 1024 * 1024;

/// Longest expression, in bytes of its text.
const LENGTH: usize = 256 * 1024;

/// Compiles an expression with the flags and open ends of its modifiers. The search is not anchored (Sigma 2.2.0): with
/// `startswith` it is at the start, with `endswith` at the end, and `contains` says what holds anyway.
pub(in crate::rule) fn compile(text: &str, modifiers: &Modifiers) -> Result<Regex, Refusal> {
    if text.len() > LENGTH {
        let message = format!("the regular expression is {} bytes long, more than {LENGTH}", text.len());
        return Err(("bad-regex", message, Some("split it into several values".to_owned())));
    }
    let mut expression = rewrite(text);
    let ends = modifiers.anchoring;
    match (ends.open_start, ends.open_end) {
        (false, true) => expression = format!("\\A(?:{expression})"),
        (true, false) => expression = format!("(?:{expression})\\z"),
        _ => {}
    }
    let has = |flag: char| modifiers.flags.contains(flag);
    RegexBuilder::new(&expression)
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .dot_matches_new_line(has('s'))
        .size_limit(SIZE)
        .build()
        .map_err(|error| {
            let lines = error.to_string();
            let reason = lines.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            let help = "Sigma regular expressions have no look-around and no back references".to_owned();
            ("bad-regex", format!("the regular expression does not compile: {reason}"), Some(help))
        })
}

/// The expression in the words of this engine: `\<` and `\>` are the characters and no word boundaries, `\Z` and `\e` and
/// `\h` have other names, and within a class `[`, `&&`, `--` and `~~` are no operators.
fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut symbols = text.chars().peekable();
    let mut class: Option<Class> = None;
    while let Some(symbol) = symbols.next() {
        if symbol == '\\' {
            let escaped = symbols.next();
            match (escaped, class.is_some()) {
                (Some('<'), _) => out.push('<'),
                (Some('>'), _) => out.push('>'),
                (Some('Z'), false) => out.push_str("\\z"),
                (Some('e'), _) => out.push_str("\\x1B"),
                (Some('h'), _) => out.push_str(if class.is_some() { "\\t " } else { "[\\t ]" }),
                (Some(other), _) => out.extend(['\\', other]),
                (None, _) => out.push('\\'),
            }
            if let Some(class) = &mut class {
                class.after(None);
            }
            continue;
        }
        let Some(inside) = &mut class else {
            out.push(symbol);
            if symbol == '[' {
                let mut inside = Class::default();
                if symbols.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // a bracket that comes first is itself
                if symbols.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                    inside.after(None);
                }
                class = Some(inside);
            }
            continue;
        };
        match symbol {
            ']' => {
                out.push(']');
                class = None;
                continue;
            }
            '[' => match symbols.peek() {
                // `[:alpha:]`
                Some(':') => {
                    out.push('[');
                    for inner in symbols.by_ref() {
                        out.push(inner);
                        if inner == ']' {
                            break;
                        }
                    }
                }
                _ => out.push_str("\\["),
            },
            '-' if inside.before == Some('-') || inside.is_empty => out.push_str("\\-"),
            '&' | '~' if inside.before == Some(symbol) => out.extend(['\\', symbol]),
            _ => out.push(symbol),
        }
        inside.after(Some(symbol));
    }
    out
}

/// A class of characters that is being read.
struct Class {
    is_empty: bool,
    /// The character before, unless it was escaped.
    before: Option<char>,
}

impl Default for Class {
    fn default() -> Self {
        Self { is_empty: true, before: None }
    }
}

impl Class {
    fn after(&mut self, symbol: Option<char>) {
        self.is_empty = false;
        self.before = symbol;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::modifier::read;

    fn matches(chain: &str, expression: &str, text: &str) -> bool {
        let names: Vec<&str> = chain.split('|').collect();
        compile(expression, &read(&names).unwrap()).unwrap().is_match(text)
    }

    #[test]
    fn the_search_is_not_anchored_and_heeds_case() {
        assert!(matches("re", "b+c", "abbcd") && !matches("re", "B", "abc") && matches("re|i", "B", "abc"));
        assert!(matches("re", "^ab$", "ab") && !matches("re", "^ab$", "ab\nc") && matches("re|m", "^ab$", "c\nab"));
        assert!(!matches("re", "a.b", "a\nb") && matches("re|s", "a.b", "a\nb") && matches("re|dotall", "a.b", "a\nb"));
        assert!(matches("re", "(?i)ABC", "xabc"), "inline flags");
    }

    #[test]
    fn open_ends_anchor_the_other_end() {
        assert!(matches("re|startswith", "a|b", "bc") && !matches("re|startswith", "a|b", "cb"));
        assert!(matches("re|endswith", "a|b", "cb") && !matches("re|endswith", "a|b", "bc"));
        assert!(matches("re|contains", "b", "abc"));
    }

    #[test]
    fn expressions_of_other_engines_mean_what_they_mean_there() {
        assert!(matches("re", r"\<script\>", "<script>"), "no word boundaries");
        assert!(matches("re", r"[[a]+x", "[ax") && !matches("re", r"^[[a]x$", "]x"), "a bracket within a class");
        assert!(matches("re", r"^[a&&b]$", "&") && matches("re", r"^[a~~b]$", "~"), "no set operators");
        assert!(matches("re", r"^[!--]$", "+") && matches("re", r"^[-a]$", "-") && matches("re", r"^[a\-z]$", "-"));
        assert!(matches("re", r"^[]a]$", "]") && matches("re", r"^[^]a]$", "b"), "a bracket that comes first");
        assert!(matches("re", r"^[[:alpha:]_]+$", "a_b") && !matches("re", r"^[[:alpha:]]$", ":"));
        assert!(matches("re", r"a\Z", "ba") && matches("re", r"a\hb", "a\tb") && matches("re", r"[\h]", " "));
        assert!(matches("re", r"C:\\Windows\/x\-y", r"C:\Windows/x-y"));
    }

    #[test]
    fn what_needs_backtracking_is_refused() {
        let modifiers = read(&["re"]).unwrap();
        for expression in ["(?=a)b", "(?<!a)b", r"(a)\1", "(", "a{2,1}"] {
            assert_eq!(compile(expression, &modifiers).unwrap_err().0, "bad-regex", "{expression}");
        }
    }
}
