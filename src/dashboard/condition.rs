//! Conditions as the text of a query language. KQL, Lucene and Splunk's search agree on quoted texts with a backslash before
//! quotes and backslashes, and differ in the words around them.

use super::Conditions;

/// How a language writes a condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    /// Between a field and a value.
    pub(super) is: &'static str,
    /// Between values.
    pub(super) or: &'static str,
    /// Between fields.
    pub(super) and: &'static str,
    /// A list of values stands behind its field once; otherwise the field stands before each.
    pub(super) lists: bool,
}

/// Kibana's.
pub(super) const KQL: Language = Language { is: " : ", or: " or ", and: " and ", lists: true };
/// Of Elasticsearch's `query_string`, which Grafana uses.
pub(super) const LUCENE: Language = Language { is: ":", or: " OR ", and: " AND ", lists: true };
/// Splunk's `search` command.
pub(super) const SPL: Language = Language { is: "=", or: " OR ", and: " ", lists: false };

/// The conditions in a language, with the names of fields as `name` says; empty where there are none.
pub(super) fn written(conditions: &Conditions, language: Language, name: impl Fn(&str) -> String) -> String {
    let one = |(field, values): (&String, &Vec<String>)| {
        let field = name(field);
        let Language { is, or, .. } = language;
        match values.as_slice() {
            [value] => format!("{field}{is}{}", quoted(value)),
            values if language.lists => {
                format!("{field}{is}({})", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(or))
            }
            values => {
                let each: Vec<String> = values.iter().map(|value| format!("{field}{is}{}", quoted(value))).collect();
                format!("({})", each.join(or))
            }
        }
    };
    conditions.iter().map(one).collect::<Vec<_>>().join(language.and)
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_same() {
        let conditions: Conditions = [
            ("a.b".to_owned(), vec!["x".to_owned(), "y \"z\"".to_owned()]),
            ("c".to_owned(), vec!["back\\slash".to_owned()]),
        ]
        .into();
        let same = str::to_owned;
        assert_eq!(written(&conditions, KQL, same), r#"a.b : ("x" or "y \"z\"") and c : "back\\slash""#);
        assert_eq!(written(&conditions, LUCENE, same), r#"a.b:("x" OR "y \"z\"") AND c:"back\\slash""#);
        assert_eq!(written(&conditions, SPL, same), r#"(a.b="x" OR a.b="y \"z\"") c="back\\slash""#);
        assert_eq!(written(&Conditions::new(), KQL, same), "");
    }
}
