//! Templates: read, compiled, tried on an example when the configuration is checked, and rendered within bounds. What they say comes
//! out escaped for the place that it is for.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, escape_formatter};

use super::mrkdwn;
use super::notice::Told;
use super::template_source::TemplateSource;

/// Steps that a template may take; the defaults take some thousands for a full message.
const STEPS: u64 = 2_000_000;
/// Bytes that it may write.
const BYTES: usize = 4 << 20;
/// The only template of its environment.
const NAME: &str = "template";
/// How values are escaped for Slack.
const MRKDWN: &str = "mrkdwn";

/// What a template writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    /// Plain text; nothing is escaped.
    Text,
    /// HTML: `&<>"'` of values are escaped.
    Html,
    /// JSON: a value is written as JSON, a text with its quotation marks.
    Json,
    /// Slack's markup: `&<>` of values are escaped, and nobody is mentioned by them.
    Mrkdwn,
}

/// A compiled template.
#[derive(Debug)]
pub(super) struct Template {
    environment: Environment<'static>,
    writes: Writes,
    /// How its place is named: the file, or the setting.
    place: String,
    /// The first line of an inline template is no line of a file.
    text: String,
}

impl Template {
    /// Reads and compiles a template. `setting` names it when it is written in the configuration.
    ///
    /// # Errors
    /// What is wrong, with file, line and column.
    pub(super) fn read(source: &TemplateSource, setting: &str, writes: Writes) -> Result<Self, String> {
        match source {
            TemplateSource::Text(text) => Self::compile(text.clone(), setting.to_owned(), writes),
            TemplateSource::File { file } => {
                let place = file.display().to_string();
                let text = std::fs::read_to_string(file).map_err(|error| format!("{place} cannot be read: {error}"))?;
                Self::compile(text, place, writes)
            }
        }
    }

    /// Compiles a text.
    pub(super) fn compile(text: String, place: String, writes: Writes) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(STEPS));
        environment.set_auto_escape_callback(move |_| match writes {
            Writes::Text => AutoEscape::None,
            Writes::Html => AutoEscape::Html,
            Writes::Json => AutoEscape::Json,
            Writes::Mrkdwn => AutoEscape::Custom(MRKDWN.into()),
        });
        environment.set_formatter(|out, state, value| match state.auto_escape() {
            AutoEscape::Custom(_) if value.is_safe() => Ok(std::fmt::Write::write_str(out, &value.to_string())?),
            AutoEscape::Custom(_) => Ok(std::fmt::Write::write_str(out, &mrkdwn::escaped(&value.to_string(), BYTES))?),
            _ => escape_formatter(out, state, value),
        });
        environment.add_template_owned(NAME, text.clone()).map_err(|error| described(&error, &place, &text, None))?;
        Ok(Self { environment, writes, place, text })
    }

    /// Tries it on an example: what it would say, or what is wrong, a name that nothing has among it even where it is only asked for.
    ///
    /// # Errors
    /// What is wrong, with file, line and column.
    pub(super) fn check(&self, example: &Told) -> Result<(), String> {
        let context = Value::from(Serde(example));
        let template = self.environment.get_template(NAME).map_err(|error| error.to_string())?;
        let known: Vec<String> = context.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        unknown.retain(|name| !known.contains(name) && !globals.contains(&name.as_str()));
        unknown.sort_unstable();
        if let Some(name) = unknown.first() {
            let at = word_at(&self.text, name);
            let before = self.text.get(..at).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Err(format!("{}:{line}:{column}: {}", self.place, missing(name, name, &known)));
        }
        self.render(example).map(drop)
    }

    /// What it says of a message.
    ///
    /// # Errors
    /// Why it cannot, with file, line and column.
    pub(super) fn render(&self, told: &Told) -> Result<String, String> {
        let context = Value::from(Serde(told));
        let mut written = Bounded(Vec::new());
        let rendered = self
            .environment
            .get_template(NAME)
            .and_then(|template| template.render_captured_to(context.clone(), &mut written).map(drop));
        rendered.map_err(|error| described(&error, &self.place, &self.text, Some(&context)))?;
        let text = String::from_utf8(written.0).map_err(|_| format!("{}: the template wrote no text", self.place))?;
        if self.writes == Writes::Json {
            serde_json::from_str::<serde::de::IgnoredAny>(&text)
                .map_err(|error| format!("{}: what the template writes is no JSON: {error}", self.place))?;
        }
        Ok(text)
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > BYTES {
            return Err(std::io::Error::other("the template writes more than 4 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Where a word begins in a text.
fn word_at(text: &str, word: &str) -> usize {
    let is_inner = |symbol: char| symbol.is_alphanumeric() || symbol == '_';
    let whole = |at: &usize| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(|symbol| is_inner(symbol) || symbol == '.') && !after.is_some_and(is_inner)
    };
    text.match_indices(word).map(|(at, _)| at).find(whole).unwrap_or_default()
}

/// Place, what is wrong, and what may be meant.
fn described(error: &minijinja::Error, place: &str, text: &str, context: Option<&Value>) -> String {
    let range = error.range();
    let line = error.line().unwrap_or(1);
    let column = range.as_ref().map_or(1, |range| {
        let before = text.get(..range.start).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count() + 1
    });
    let mut words = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "the template takes too many steps".to_owned(),
        (ErrorKind::UndefinedError, _) => unknown(range.map_or("", |range| name_around(text, range)), context),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    if let Some(source) = std::error::Error::source(error) {
        words.push_str(&format!(": {source}"));
    }
    format!("{place}:{line}:{column}: {words}")
}

/// An unknown variable and those that are known in its place. A variable of a loop is taken for an alert: what else is looped over
/// has no parts to mistake.
fn unknown(path: &str, context: Option<&Value>) -> String {
    let Some(context) = context else { return missing(path, path, &[]) };
    let part = |of: &Value, name: &str| of.get_attr(name).ok().filter(|value| !value.is_undefined());
    let mut names = path.split('.').peekable();
    let mut here = context.clone();
    if let Some(first) = names.peek()
        && path.contains('.')
        && part(context, first).is_none()
        && let Some(alert) = part(context, "alerts").and_then(|alerts| alerts.get_item_by_index(0).ok())
    {
        here = alert;
        names.next();
    }
    for name in names {
        match part(&here, name) {
            Some(found) => here = found,
            None => {
                let known: Vec<String> = here.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
                return missing(path, name, &known);
            }
        }
    }
    format!("`{path}` is not there")
}

fn missing(path: &str, name: &str, known: &[String]) -> String {
    let nearest = known.iter().map(|other| (strsim::damerau_levenshtein(name, other), other)).min();
    match nearest.filter(|(distance, other)| *distance <= 1 + other.len() / 4) {
        Some((_, other)) => format!("there is no `{path}`; did you mean `{other}`?"),
        None if known.is_empty() => format!("there is no `{path}`"),
        None => format!("there is no `{path}` (there are: {})", known.join(", ")),
    }
}

/// The name, dots included, that a place in a template belongs to.
fn name_around(text: &str, range: std::ops::Range<usize>) -> &str {
    let is_inner = |symbol: char| symbol.is_alphanumeric() || "_.".contains(symbol);
    let before = text.get(..range.start).unwrap_or_default();
    let start = before.trim_end_matches(is_inner).len();
    let rest = text.get(start..).unwrap_or_default();
    let skipped = rest.trim_start_matches(|symbol| !is_inner(symbol));
    skipped.split(|symbol| !is_inner(symbol)).next().unwrap_or_default().trim_matches('.')
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
