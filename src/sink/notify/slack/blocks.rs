//! A message in Slack's blocks, with a text for those who show no blocks. Slack's bounds: 40,000 characters of text, 50 blocks,
//! 3,000 characters of a section, 150 of a header. Whatever comes from outside is escaped.

use serde_json::{Value, json};

use crate::model::harmless;
use crate::sink::notify::mrkdwn::escaped;
use crate::sink::notify::notice::{Notice, Told};

/// Slack's bound of `text`, less a little.
pub(super) const TEXT: usize = 39_000;
const SECTION: usize = 3000;
const HEADER: usize = 150;
const BLOCKS: usize = 50;
/// Alerts that are told in full; each of the others is a line.
const IN_FULL: usize = 8;
/// Characters of an alert in full, so that all of them fit.
const ALERT: usize = 1400;
/// Others with level and title; the rest by id only.
const NAMED: usize = 50;
/// Steps of triage of one alert.
const STEPS: usize = 3;

/// The usual message: text and blocks.
pub(super) fn usual(told: &Told) -> (String, Vec<Value>) {
    let full: Vec<String> = told.alerts.iter().take(IN_FULL).map(in_full).collect();
    let rest: Vec<&Notice> = told.alerts.iter().skip(IN_FULL).collect();
    let mut pieces = full;
    if !rest.is_empty() {
        pieces.extend(listed(&format!("*{} more of this group*", rest.len()), &rest));
    }
    if !told.more.is_empty() {
        let more: Vec<&Notice> = told.more.iter().collect();
        let heading = format!("*{} more alerts*, held back by the limit of this route", more.len());
        pieces.extend(listed(&heading, &more));
    }
    let header = json!({"type": "header", "text": {"type": "plain_text", "text": harmless(&told.title, HEADER), "emoji": false}});
    let blocks = std::iter::once(header).chain(pieces.iter().map(|piece| section(piece))).take(BLOCKS).collect();
    let title = format!("*{}*", escaped(&told.title, 400));
    let text = std::iter::once(title).chain(pieces).collect::<Vec<_>>().join("\n\n");
    (bounded(&text, TEXT), blocks)
}

/// A text of a template as blocks.
pub(super) fn of_text(text: &str) -> Vec<Value> {
    chunks(text.lines().map(str::to_owned), "").iter().map(|piece| section(piece)).take(BLOCKS).collect()
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

/// Level and rule, what happened, how often, where to read on, what to do.
fn in_full(notice: &Notice) -> String {
    let mut lines =
        vec![format!("*{}*", escaped(&notice.headline(), 240)), escaped(&notice.reason, 500), notice.extent()];
    let mut links = Vec::new();
    if !notice.url.is_empty() {
        links.push(link(&notice.url, "Open in the console"));
    }
    if let Some(reference) = notice.references.first() {
        links.push(link(reference, "Runbook"));
    }
    if let Some(technique) = notice.techniques.first() {
        let words = format!("{} {}", technique.id, technique.name);
        links.push(if technique.url.starts_with("https://") {
            link(&technique.url, &words)
        } else {
            escaped(&words, 80)
        });
    }
    if !links.is_empty() {
        lines.push(links.join(" · "));
    }
    lines.extend(
        (1..).zip(notice.triage.iter().take(STEPS)).map(|(step, text)| format!("{step}. {}", escaped(text, 150))),
    );
    // whole lines only: half of one may end within a link
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() < ALERT {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
        }
    }
    text
}

/// `<address|words>`; an address that could end the link is not made one.
fn link(address: &str, words: &str) -> String {
    let words = escaped(words, 80).replace('|', "/");
    if address.len() > 300 || address.chars().any(|symbol| "<>|".contains(symbol) || !symbol.is_ascii_graphic()) {
        return words;
    }
    format!("<{}|{words}>", address.replace('&', "&amp;"))
}

/// A line for each, the later ones by id only, in pieces that fit a section.
fn listed(heading: &str, notices: &[&Notice]) -> Vec<String> {
    let named = notices.iter().take(NAMED).map(|notice| {
        let id = if notice.url.is_empty() { notice.id.clone() } else { link(&notice.url, &notice.id) };
        format!("• {} {id}", escaped(&notice.headline(), 100))
    });
    let by_id = notices
        .get(NAMED..)
        .unwrap_or_default()
        .chunks(4)
        .map(|four| four.iter().map(|notice| notice.id.as_str()).collect::<Vec<_>>().join(" "));
    chunks(named.chain(by_id), heading)
}

/// Lines put together into texts that fit a section.
fn chunks(lines: impl Iterator<Item = String>, heading: &str) -> Vec<String> {
    let mut chunks = vec![heading.to_owned()];
    let mut length = heading.chars().count();
    for line in lines {
        for piece in pieces(&line) {
            let size = piece.chars().count() + 1;
            match chunks.last_mut() {
                Some(last) if length + size <= SECTION => {
                    if !last.is_empty() {
                        last.push('\n');
                    }
                    last.push_str(&piece);
                    length += size;
                }
                _ => {
                    length = size;
                    chunks.push(piece);
                }
            }
        }
    }
    chunks.retain(|chunk| !chunk.trim().is_empty());
    chunks
}

/// A line that is longer than a section, in several.
fn pieces(line: &str) -> Vec<String> {
    let symbols: Vec<char> = line.chars().collect();
    symbols.chunks(SECTION - 1).map(|piece| piece.iter().collect()).collect()
}

/// The text, cut to so many characters.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit.saturating_sub(1)) {
        Some((end, _)) if text.chars().count() > limit => format!("{}…", text.get(..end).unwrap_or_default()),
        _ => text.to_owned(),
    }
}
