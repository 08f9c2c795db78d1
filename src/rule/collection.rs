//! Documents of a file that stand for others: `action: global` is laid over every document that follows, `reset` ends
//! that, and `repeat` is the document before with some of it changed. Gone from the text of Sigma 2, but read by the tools
//! that people use.

use super::diagnostic::{Diagnostics, suggest};
use super::yaml::{Node, Value};

const ACTIONS: [&str; 3] = ["global", "reset", "repeat"];

/// Most nodes that are copied for the documents of one file, so that a small file cannot become a large tree.
const MOST_COPIES: usize = 2_000_000;

/// What `repeat` repeats.
#[derive(Clone, Copy)]
enum Previous {
    Nothing,
    Global,
    Resolved(usize),
}

/// The documents with all actions carried out.
pub(super) fn resolve(documents: Vec<Node>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let mut resolved: Vec<Node> = Vec::with_capacity(documents.len());
    let mut global: Option<Node> = None;
    let mut previous = Previous::Nothing;
    let mut copied = 0_usize;
    for mut document in documents {
        let place = document.place;
        let action = take_action(&mut document);
        let before = match (action.as_ref().map(|action| action.text().unwrap_or_default()), previous) {
            (None, _) => {
                copied += global.as_ref().map_or(0, size);
                let whole = global.iter().fold(document, merge);
                previous = Previous::Resolved(resolved.len());
                resolved.push(whole);
                None
            }
            (Some("global"), _) => {
                global = Some(document);
                previous = Previous::Global;
                None
            }
            (Some("reset"), _) => {
                global = None;
                previous = Previous::Nothing;
                None
            }
            (Some("repeat"), Previous::Resolved(index)) => resolved.get(index).map(|before| (before, document)),
            (Some("repeat"), Previous::Global) => global.as_ref().map(|before| (before, document)),
            (Some("repeat"), Previous::Nothing) => {
                let place = action.map_or(place, |action| action.place);
                let help = "put it behind the document that it repeats".to_owned();
                diagnostics.error(place, "nothing-to-repeat", "there is nothing to repeat", Some(help));
                None
            }
            (Some(name), _) => {
                let message = format!("`action: {name}` is none of {}", ACTIONS.join(", "));
                let place = action.as_ref().map_or(place, |action| action.place);
                diagnostics.error(place, "unknown-value", message, suggest(name, ACTIONS));
                None
            }
        };
        if let Some((before, changes)) = before {
            copied += size(before);
            let whole = Node { place, ..merge(before.clone(), &changes) };
            previous = Previous::Resolved(resolved.len());
            resolved.push(whole);
        }
        if copied > MOST_COPIES {
            let help = "write fewer documents, or split the file".to_owned();
            diagnostics.error(place, "collection-too-large", "the actions of this file copy too much", Some(help));
            break;
        }
    }
    resolved
}

/// Number of nodes of a tree.
fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar { .. } => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|(_, value)| 1 + size(value)).sum(),
    }
}

/// Takes the `action` out of a document.
fn take_action(document: &mut Node) -> Option<Node> {
    let Value::Mapping(entries) = &mut document.value else { return None };
    let at = entries.iter().position(|(key, _)| key.text() == Some("action"))?;
    Some(entries.remove(at).1)
}

/// `base` with everything that `over` says: maps are merged, anything else is replaced.
fn merge(mut base: Node, over: &Node) -> Node {
    let Some(additions) = over.mapping() else { return over.clone() };
    let Value::Mapping(entries) = &mut base.value else { return over.clone() };
    for (key, value) in additions {
        match entries.iter_mut().find(|(known, _)| known.text() == key.text()) {
            Some((_, known)) => {
                let before = std::mem::replace(known, value.clone());
                *known = merge(before, value);
            }
            None => entries.push((key.clone(), value.clone())),
        }
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::detection::canonical;
    use crate::rule::yaml;

    fn read(text: &str) -> (Vec<String>, Vec<&'static str>) {
        let mut diagnostics = Diagnostics::new("t.yml".into());
        let documents = yaml::parse(text, &mut diagnostics);
        let resolved = resolve(documents, &mut diagnostics).iter().map(canonical).collect();
        (resolved, diagnostics.into_found().iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn a_global_document_is_laid_over_those_that_follow() {
        let (resolved, _) =
            read("action: global\nt: {a: 1}\n---\nt: {b: 2}\n---\nu: 3\n---\naction: reset\n---\nv: 4\n");
        assert_eq!(resolved, [r#"{"t":{"a":"1","b":"2"}}"#, r#"{"t":{"a":"1"},"u":"3"}"#, r#"{"v":"4"}"#]);
    }

    #[test]
    fn a_repetition_changes_the_document_before() {
        let (resolved, _) = read("t: 1\nl: [a, b]\n---\naction: repeat\nl: [c]\n---\naction: repeat\nt: 2\n");
        assert_eq!(resolved, [r#"{"l":["a","b"],"t":"1"}"#, r#"{"l":["c"],"t":"1"}"#, r#"{"l":["c"],"t":"2"}"#]);
    }

    #[test]
    fn mistakes_have_names() {
        assert_eq!(read("action: repeat\na: 1\n").1, ["nothing-to-repeat"]);
        assert_eq!(read("action: golbal\na: 1\n").1, ["unknown-value"]);
    }
}
