//! YAML as a tree that knows where everything stands and how every scalar was spelled (RULES A22: a plain scalar that is
//! compared as text keeps its spelling in the file). Aliases, merge keys, tags and duplicate keys are refused, so that a
//! small file cannot become a large tree.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::diagnostic::Diagnostics;

/// Largest rule file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Most lists, maps and single values of a file: each takes many times the memory of its text.
pub const MAX_NODES: usize = 1_000_000;
const MAX_DEPTH: usize = 64;

/// A place in a file: line and column counted from 1, and the range in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    start: usize,
    end: usize,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1, start: 0, end: 0 };

    fn of(span: Span) -> Self {
        Self {
            line: span.start.line(),
            column: span.start.col() + 1,
            start: span.start.index(),
            end: span.end.index().max(span.start.index()),
        }
    }

    /// The range in bytes of the text that the place was made for.
    #[must_use]
    pub fn bytes(&self, source: &str) -> Range<usize> {
        let byte_at = |index: usize| source.char_indices().nth(index).map_or(source.len(), |(at, _)| at);
        let start = byte_at(self.start);
        start..byte_at(self.end).max(start)
    }
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar with its text and whether it was written plain (without quotes or block marks).
    Scalar {
        /// The text, as spelled when plain, unescaped when quoted.
        text: String,
        /// No quotes: it may be a null, a boolean or a number.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A map in the order of the file.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is a plain `null`, `~` or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// A plain `true` or `false` (YAML 1.2 core).
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub fn mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.mapping()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// What it is, for an error message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a map",
        }
    }
}

/// Parses a file that may hold several documents. Findings go to `diagnostics`; the documents read so far come back.
pub fn parse(source: &str, diagnostics: &mut Diagnostics) -> Vec<Node> {
    if source.len() > MAX_FILE_BYTES {
        let message = format!("the file is {} bytes long, more than {MAX_FILE_BYTES}", source.len());
        diagnostics.error(Place::START, "file-too-large", message, Some("split it".to_owned()));
        return Vec::new();
    }
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut builder = Builder { parser: Parser::new_from_str(text), diagnostics, nodes: 0 };
    let mut documents = Vec::new();
    if let Err(error) = builder.stream(&mut documents) {
        match error {
            Stop::Syntax(error) => {
                let place = Place::of(Span::empty(*error.marker()));
                let help = "check indentation, quotes and colons at this place".to_owned();
                diagnostics.error(place, "yaml-syntax", format!("not valid YAML: {}", error.info()), Some(help));
            }
            Stop::Refused => {}
        }
    }
    documents
}

enum Stop {
    Syntax(ScanError),
    Refused,
}

struct Builder<'a, 'd> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    diagnostics: &'d mut Diagnostics,
    nodes: usize,
}

impl<'a> Builder<'a, '_> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Stop> {
        self.parser.next_event().transpose().map_err(Stop::Syntax)
    }

    fn stream(&mut self, documents: &mut Vec<Node>) -> Result<(), Stop> {
        while let Some((event, span)) = self.next()? {
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                event => {
                    let node = self.node(event, span, 0)?;
                    if !node.is_null() {
                        documents.push(node);
                    }
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, span: Span, code: &'static str, message: &str, help: &str) -> Stop {
        self.diagnostics.error(Place::of(span), code, message, Some(help.to_owned()));
        Stop::Refused
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Stop> {
        if depth > MAX_DEPTH {
            return Err(self.refuse(span, "too-deep", "nested deeper than 64 levels", "flatten the document"));
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.refuse(span, "file-too-large", "the file has more than a million values", "split it"));
        }
        let place = Place::of(span);
        match event {
            Event::Alias(_) => {
                Err(self.refuse(span, "yaml-alias", "YAML aliases are not allowed in rules", "write the value out"))
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(self.refuse(
                    span,
                    "yaml-tag",
                    "YAML tags are not allowed in rules",
                    "remove the tag that begins with `!`",
                ))
            }
            Event::Scalar(text, style, _, None) => {
                let plain = style == ScalarStyle::Plain;
                Ok(Node { place, value: Value::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(_, None) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        None | Some((Event::SequenceEnd, _)) => break,
                        Some((event, span)) => items.push(self.node(event, span, depth + 1)?),
                    }
                }
                Ok(Node { place, value: Value::Sequence(items) })
            }
            Event::MappingStart(_, None) => self.mapping(place, depth),
            _ => Err(self.refuse(span, "yaml-syntax", "unexpected end of a list or map", "check the indentation")),
        }
    }

    fn mapping(&mut self, place: Place, depth: usize) -> Result<Node, Stop> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen = foldhash::HashSet::<String>::default();
        loop {
            match self.next()? {
                None | Some((Event::MappingEnd, _)) => break,
                Some((event, span)) => {
                    let key = self.node(event, span, depth + 1)?;
                    let Some(name) = key.text().map(str::to_owned) else {
                        return Err(self.refuse(span, "yaml-key", "a key must be a single value", "quote it"));
                    };
                    let Some((event, value_span)) = self.next()? else { break };
                    let value = self.node(event, value_span, depth + 1)?;
                    if seen.contains(&name) {
                        let message = format!("the key `{name}` stands twice in this map");
                        let help = "remove one of the two, or make them one list".to_owned();
                        self.diagnostics.error(key.place, "duplicate-key", message, Some(help));
                        continue;
                    }
                    seen.insert(name);
                    entries.push((key, value));
                }
            }
        }
        Ok(Node { place, value: Value::Mapping(entries) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (Vec<Node>, Vec<&'static str>) {
        let mut diagnostics = Diagnostics::new("t.yml".into());
        let documents = parse(source, &mut diagnostics);
        (documents, diagnostics.into_found().iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn plain_scalars_keep_their_spelling() {
        let (documents, findings) = read("a: 00000429\nb: '1'\nc: 0x17\nd: null\ne: yes\n---\nf: []\n");
        assert!(findings.is_empty());
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].get("a").and_then(Node::text), Some("00000429"));
        assert!(documents[0].get("d").is_some_and(Node::is_null));
        assert_eq!(documents[0].get("e").and_then(Node::boolean), None, "YAML 1.2: yes is a text");
        assert_eq!(documents[0].get("c").map(|node| (node.place.line, node.place.column)), Some((3, 4)));
    }

    #[test]
    fn what_could_grow_or_confuse_is_refused() {
        for (source, code) in [
            ("a: &x [1]\nb: *x\n", "yaml-alias"),
            ("a: !!int 1\n", "yaml-tag"),
            ("a: 1\na: 2\n", "duplicate-key"),
            ("a: [1\nb: 2\n", "yaml-syntax"),
            ("{[1]: 2}", "yaml-key"),
        ] {
            assert_eq!(read(source).1, [code], "{source}");
        }
        let deep = "[".repeat(100);
        assert!(!read(&deep).1.is_empty());
    }
}
