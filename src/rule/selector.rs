//! Array selectors in a field name (Sigma enhancement proposal 212): `a.b[any].c` is the field `c` of some element of `a.b`.
//! Reads them; what they do is in `element`.

/// Which elements must pass a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// At least one.
    Any,
    /// Every one, and there is one.
    All,
    /// Every one; also when there is none.
    AllOrEmpty,
    /// None.
    None,
    /// The one at this place, from 0; from the end when negative. When it is not there, it is an element that lacks every
    /// field.
    At(i64),
}

/// Every selector but places.
const WORDS: [(&str, Selector); 4] =
    [("any", Selector::Any), ("all", Selector::All), ("all_or_empty", Selector::AllOrEmpty), ("none", Selector::None)];

impl Selector {
    /// As it is written, without its brackets.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::At(index) => index.to_string(),
            other => WORDS.iter().find(|(_, known)| *known == other).map_or("", |(word, _)| word).to_owned(),
        }
    }
}

/// The name of the element itself.
pub(super) const ITSELF: &str = ".";

/// A field name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// Arrays, from the outside, each with what is selected of it.
    pub(super) steps: Vec<(String, Selector)>,
    /// The field within the innermost element; `None` for the element itself.
    pub(super) last: Option<String>,
}

/// What is wrong with a name, and what to do.
pub(super) type Unreadable = (String, Option<String>);

/// Reads a name without white space. `\[` and `\]` are brackets of the name itself.
pub(super) fn parse(name: &str) -> Result<Path, Unreadable> {
    let mut steps: Vec<(String, Selector)> = Vec::new();
    let mut field = String::new();
    let mut is_behind = false;
    let mut rest = name;
    while let Some(symbol) = rest.chars().next() {
        rest = rest.get(symbol.len_utf8()..).unwrap_or_default();
        match symbol {
            '\\' if rest.starts_with(['[', ']']) => {
                field.extend(rest.chars().next());
                rest = rest.get(1..).unwrap_or_default();
            }
            '[' => {
                let Some((word, behind)) = rest.split_once(']') else {
                    return Err((format!("the bracket in `{name}` is not closed"), Some(escape_help())));
                };
                let array = match std::mem::take(&mut field) {
                    array if !array.is_empty() => array,
                    _ if is_behind => ITSELF.to_owned(),
                    _ => return Err((format!("`[{word}]` in `{name}` has no field before it"), Some(escape_help()))),
                };
                steps.push((array, selector(word)?));
                is_behind = true;
                rest = match behind.strip_prefix('.') {
                    Some("") => return Err((format!("`{name}` ends with a dot"), None)),
                    Some(further) => {
                        is_behind = false;
                        further
                    }
                    None if behind.is_empty() || behind.starts_with('[') => behind,
                    None => {
                        let help = format!("write a dot behind the bracket; {}", escape_help());
                        return Err((format!("`{behind}` stands right behind a selector in `{name}`"), Some(help)));
                    }
                };
            }
            other => field.push(other),
        }
    }
    let last = if is_behind || (field.is_empty() && !steps.is_empty()) { None } else { Some(field) };
    Ok(Path { steps, last })
}

fn escape_help() -> String {
    "a bracket that belongs to the name is written `\\[`".to_owned()
}

fn selector(word: &str) -> Result<Selector, Unreadable> {
    if let Some((_, known)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Ok(*known);
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && word != "-0";
    if let Some(index) = word.parse().ok().filter(|_| is_number) {
        return Ok(Selector::At(index));
    }
    let meant = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word) || (word == "*" && *known == "any"));
    let help = match meant {
        Some((known, _)) => format!("write `[{known}]`"),
        None => format!("write any, all, all_or_empty, none, or a place such as 0 or -1; {}", escape_help()),
    };
    Err((format!("`[{word}]` selects nothing"), Some(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        match parse(name) {
            Ok(path) => {
                let steps: Vec<String> =
                    path.steps.iter().map(|(array, selector)| format!("{array}<{}>", selector.word())).collect();
                format!("{} {}", steps.join(" "), path.last.unwrap_or_else(|| "itself".to_owned()))
            }
            Err((message, _)) => format!("error: {message}"),
        }
    }

    #[test]
    fn names_are_taken_apart_at_their_brackets() {
        assert_eq!(shown("a.b"), " a.b");
        assert_eq!(shown("a.b[any]"), "a.b<any> itself");
        assert_eq!(shown("a.b[0].c.d"), "a.b<0> c.d");
        assert_eq!(shown("a[all].b[-12]"), "a<all> b<-12> itself");
        assert_eq!(shown("a[none][all_or_empty].c"), "a<none> .<all_or_empty> c");
        assert_eq!(shown("args\\[0\\]"), " args[0]");
        assert_eq!(shown("a\\[x\\][1].b\\["), "a[x]<1> b[");
        assert_eq!(shown("a]"), " a]");
        assert_eq!(shown("C:\\x"), " C:\\x");
        assert_eq!(shown(""), " ");
    }

    #[test]
    fn what_is_no_selector_is_said() {
        for (name, message) in [
            ("a[some]", "`[some]` selects nothing"),
            ("a[]", "`[]` selects nothing"),
            ("a[-0]", "`[-0]` selects nothing"),
            ("a[+1]", "`[+1]` selects nothing"),
            ("a[1.5]", "`[1.5]` selects nothing"),
            ("a[99999999999999999999]", "`[99999999999999999999]` selects nothing"),
            ("a[any", "the bracket in `a[any` is not closed"),
            ("[any]", "`[any]` in `[any]` has no field before it"),
            ("a[0]. [1]", "`[1]` in `a[0]. [1]` has no field before it"),
            ("a[0]b", "`b` stands right behind a selector in `a[0]b`"),
            ("a[0].", "`a[0].` ends with a dot"),
        ] {
            assert_eq!(shown(&name.replace(' ', "")), format!("error: {}", message.replace(". [1]", ".[1]")), "{name}");
        }
        assert_eq!(parse("a[ANY]").unwrap_err().1.unwrap(), "write `[any]`");
        assert_eq!(parse("a[*]").unwrap_err().1.unwrap(), "write `[any]`");
    }
}
