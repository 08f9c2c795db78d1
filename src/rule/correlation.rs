//! A correlation document as its author wrote it: type, rules, group-by, timespan, condition and the keys of the dialect
//! `clarion/1` (RULES 2.1). Names are resolved later, in `resolve`.

mod baseline;
mod checks;
mod expect;
mod kind;
mod metric;
mod percent;
mod weighted;

pub use baseline::{Baseline, Compared, Season, Statistic};
pub use expect::Expect;
pub use kind::Kind;
pub use metric::Metric;
pub(super) use metric::WITHOUT_EFFECT;
pub use percent::Percent;
pub use weighted::WeightedSum;

use super::diagnostic::Diagnostics;
use super::keys::Keys;
use super::lookup::Lookups;
use super::meta::Meta;
use super::number::Number;
use super::predicate::Comparison;
use super::selection::MissingTable;
use super::yaml::{Node, Place};
use crate::model::{LookupVersion, Span};

/// The window in which events belong together (RULES S4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The timespan before each event.
    Sliding,
    /// Fixed windows of the timespan's length, beginning at multiples of it plus the offset.
    Tumbling(Span),
    /// Events at most this far apart, all within the timespan.
    Session(Span),
}

/// When alerts are raised (RULES S10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    /// When the condition becomes true.
    Edge,
    /// At each event that satisfies it.
    Every,
    /// When it becomes true, and the group starts anew.
    Reset,
    /// Once, when the window closes.
    Close,
}

/// What happens to a late event (RULES S12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLate {
    /// Counted and put aside.
    Drop,
    /// Changes the state; what was decided stays.
    Apply,
    /// What was decided is decided again.
    Revise,
}

/// What happens to alerts of a rule that has not seen its whole timespan yet (RULES S14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColdStart {
    /// They say so.
    Annotate,
    /// They are withheld.
    Suppress,
    /// Nothing special.
    Alert,
}

/// A condition as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// None: the type's default.
    Default,
    /// Operators and thresholds.
    Thresholds(Vec<(Comparison, Number)>),
    /// Boolean text.
    Text(String),
}

/// A name with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name or id.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// A parsed correlation document.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// What it says of itself.
    pub meta: Meta,
    /// Where the document begins.
    pub place: Place,
    /// Its type.
    pub kind: Kind,
    /// The rules that it refers to.
    pub rules: Vec<Named>,
    /// Rules whose hits start the group anew.
    pub reset_on: Vec<Named>,
    /// Fields or aliases.
    pub group_by: Vec<String>,
    /// Alias, rule name, field.
    pub aliases: Vec<(String, Named, String)>,
    /// T.
    pub timespan: Span,
    /// The condition and its place.
    pub condition: (Written, Place),
    /// Fields whose values are counted or measured.
    pub value_fields: Vec<String>,
    /// Of a sum as a metric: after so long a value counts for half.
    pub half_life: Option<Span>,
    /// Of `weighted_sum`.
    pub weighted: Option<Box<WeightedSum>>,
    /// Of `value_percentile`.
    pub percentile: Option<Percent>,
    /// Fewer measured events than this give no value.
    pub min_count: Option<u64>,
    /// What the measure is compared with before the thresholds.
    pub baseline: Option<Baseline>,
    /// Only values count that were not seen for so long.
    pub unseen_for: Option<Span>,
    /// The groups that are judged even when they are empty.
    pub expect: Option<Expect>,
    /// The lookup tables that it was read with.
    pub lookups: Vec<LookupVersion>,
    /// Those that it names and that there are not.
    pub missing: Vec<MissingTable>,
    /// The window.
    pub window: Window,
    /// When to alert; `None` follows from the condition.
    pub emit: Option<Emit>,
    /// No new alert for this long after one.
    pub suppress: Option<Span>,
    /// For which fields; `None` is the group.
    pub suppress_by: Option<Vec<String>>,
    /// Evaluated on arrival.
    pub early: bool,
    /// Instead of the sources' lateness.
    pub lateness: Option<Span>,
    /// What happens to late events.
    pub on_late: OnLate,
    /// A missing group key is a group of its own.
    pub missing_key_groups: bool,
    /// What happens before it is warm.
    pub cold_start: ColdStart,
    /// It is written as a series and raises no alert.
    pub metric: Option<Metric>,
    /// The rules that it refers to alert by themselves too (pySigma reads it here), and it does when referred to.
    pub generate: Option<bool>,
    /// Equal for two rules of equal meaning.
    pub meaning: String,
}

const SIGMA_KEYS: [&str; 9] =
    ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "field", "percentile"];
/// Keys of the dialect in `correlation`.
pub(super) const DIALECT_KEYS: [&str; 21] = [
    "reset-on",
    "window",
    "gap",
    "align",
    "emit",
    "suppress",
    "suppress-by",
    "early",
    "lateness",
    "on-late",
    "missing-key",
    "min-count",
    "baseline",
    "unseen-for",
    "expect",
    "cold-start",
    "half-life",
    "weights",
    "otherwise",
    "base",
    "limits",
];

/// Reads a correlation document.
pub(super) fn read(
    document: &Node,
    meta: Meta,
    lookups: &Lookups,
    diagnostics: &mut Diagnostics,
) -> Option<Correlation> {
    let errors = diagnostics.errors();
    let node = document.get("correlation")?;
    let dialect = document.get("dialect").is_some();
    let generate_outside = Keys::of(document, "a rule", diagnostics)?.boolean("generate");
    let mut keys = Keys::of(node, "`correlation`", diagnostics)?;
    refuse_keys(&mut keys, dialect);
    let kind = read_kind(&mut keys, dialect);
    let timespan = keys.span("timespan");
    if keys.get("timespan").is_none() {
        let help = "add `timespan:`, such as 10m".to_owned();
        keys.diagnostics.error(node.place, "missing-timespan", "a correlation needs a `timespan`", Some(help));
    }
    if timespan == Some(Span::ZERO) {
        let place = keys.get("timespan").map_or(node.place, |node| node.place);
        keys.diagnostics.error(place, "bad-duration", "a timespan of zero holds no event", None);
    }
    let mut named = |key: &str| -> Vec<Named> {
        keys.texts(key).into_iter().map(|(name, place)| Named { name: name.to_owned(), place }).collect()
    };
    let (rules, reset_on) = (named("rules"), named("reset-on"));
    let (condition, mut value_fields) = read_condition(&mut keys);
    value_fields.extend(keys.strings("field"));
    let percentile = percent::read(&mut keys);
    let weighted = weighted::read(&mut keys, kind, &rules);
    let baseline = baseline::read(&mut keys, timespan.unwrap_or_default());
    let expect = expect::read(&mut keys, lookups);
    let metric = metric::read(document, &mut keys, timespan.unwrap_or_default());
    let half_life = metric::read_half_life(&mut keys, kind, metric.is_some());
    let window = match metric {
        None => read_window(&mut keys, timespan.unwrap_or_default()),
        Some(_) => Window::Sliding,
    };
    let correlation = Correlation {
        place: node.place,
        kind: kind?,
        rules,
        reset_on,
        group_by: keys.strings("group-by"),
        aliases: read_aliases(&mut keys),
        timespan: timespan?,
        condition,
        value_fields,
        half_life,
        weighted: weighted.map(Box::new),
        percentile,
        min_count: keys.count("min-count"),
        baseline,
        unseen_for: keys.span("unseen-for"),
        expect: expect.expect,
        lookups: expect.lookup.into_iter().collect(),
        missing: expect.missing.into_iter().collect(),
        window,
        emit: keys.word(
            "emit",
            &[("edge", Emit::Edge), ("every", Emit::Every), ("reset", Emit::Reset), ("close", Emit::Close)],
        ),
        suppress: keys.span("suppress"),
        suppress_by: keys.get("suppress-by").map(|_| keys.strings("suppress-by")),
        early: keys.boolean("early").unwrap_or(false),
        lateness: keys.span("lateness"),
        on_late: keys
            .word("on-late", &[("drop", OnLate::Drop), ("apply", OnLate::Apply), ("revise", OnLate::Revise)])
            .unwrap_or(OnLate::Drop),
        missing_key_groups: keys.word("missing-key", &[("drop", false), ("group", true)]).unwrap_or(false),
        cold_start: keys
            .word(
                "cold-start",
                &[("annotate", ColdStart::Annotate), ("suppress", ColdStart::Suppress), ("alert", ColdStart::Alert)],
            )
            .unwrap_or(ColdStart::Annotate),
        generate: keys.boolean("generate").into_iter().chain(generate_outside).max(),
        meaning: super::detection::canonical(node) + &metric::meaning(document),
        metric,
        meta,
    };
    checks::check(&correlation, diagnostics);
    (diagnostics.errors() == errors).then_some(correlation)
}

fn refuse_keys(keys: &mut Keys<'_, '_>, dialect: bool) {
    for (key, _) in keys.entries {
        let name = key.text().unwrap_or_default();
        if DIALECT_KEYS.contains(&name) && !dialect {
            let help = "add `dialect: clarion/1` at the top level of the document".to_owned();
            let message = format!("`{name}` is not Sigma: it belongs to the dialect clarion/1");
            keys.diagnostics.error(key.place, "dialect-not-declared", message, Some(help));
        }
    }
    let known: Vec<&str> = SIGMA_KEYS.iter().chain(&DIALECT_KEYS).copied().collect();
    keys.refuse_unknown("`correlation`", &known);
}

fn read_kind(keys: &mut Keys<'_, '_>, dialect: bool) -> Option<Kind> {
    let Some(text) = keys.text("type") else {
        if keys.get("type").is_none() {
            let help = "add `type:`, such as event_count".to_owned();
            keys.diagnostics.error(keys.place, "missing-type", "a correlation needs a `type`", Some(help));
        }
        return None;
    };
    let own = ["event_ratio", "value_max", "value_min", "value_last", "weighted_sum"];
    if own.contains(&text) && !dialect {
        let help = "add `dialect: clarion/1` at the top level of the document".to_owned();
        let place = keys.get("type").map_or(keys.place, |node| node.place);
        let message = format!("`{text}` is not Sigma: it belongs to the dialect clarion/1");
        keys.diagnostics.error(place, "dialect-not-declared", message, Some(help));
    }
    let kinds = Kind::ALL.map(|kind| (kind.name(), kind));
    keys.word("type", &kinds)
}

fn read_condition(keys: &mut Keys<'_, '_>) -> ((Written, Place), Vec<String>) {
    let Some(node) = keys.get("condition") else { return ((Written::Default, keys.place), Vec::new()) };
    if let Some(text) = node.text() {
        return ((Written::Text(text.to_owned()), node.place), Vec::new());
    }
    let Some(mut inner) = Keys::of(node, "`condition`", keys.diagnostics) else {
        return ((Written::Default, node.place), Vec::new());
    };
    let fields = inner.strings("field");
    let errors = inner.diagnostics.errors();
    inner.refuse_unknown("`condition`", &["gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"]);
    let operators = [
        ("gt", Comparison::Gt),
        ("gte", Comparison::Gte),
        ("lt", Comparison::Lt),
        ("lte", Comparison::Lte),
        ("eq", Comparison::Eq),
        ("neq", Comparison::Neq),
    ];
    let mut thresholds = Vec::new();
    for (name, comparison) in operators {
        let Some(value) = inner.get(name) else { continue };
        match value.text().and_then(Number::parse_yaml) {
            Some(number) => thresholds.push((comparison, number)),
            None => inner.diagnostics.error(value.place, "wrong-type", format!("`{name}` needs a number"), None),
        }
    }
    if thresholds.len() > 2 {
        inner.diagnostics.error(
            node.place,
            "too-many-operators",
            "a condition has one operator, or two for a range",
            None,
        );
    }
    // one that is misspelt or no number has been said already
    if thresholds.is_empty() && inner.diagnostics.errors() == errors {
        let help = "add one of gt, gte, lt, lte, eq, neq".to_owned();
        inner.diagnostics.error(node.place, "missing-operator", "the condition has no operator", Some(help));
    }
    ((Written::Thresholds(thresholds), node.place), fields)
}

fn read_window(keys: &mut Keys<'_, '_>, timespan: Span) -> Window {
    #[derive(Clone, Copy)]
    enum Word {
        Sliding,
        Tumbling,
        Session,
    }
    let word =
        keys.word("window", &[("sliding", Word::Sliding), ("tumbling", Word::Tumbling), ("session", Word::Session)]);
    let gap = keys.span("gap");
    let align = read_align(keys, timespan);
    let place = keys.get("window").map_or(keys.place, |node| node.place);
    match word.unwrap_or(Word::Sliding) {
        Word::Session => {
            if gap.is_none() {
                let help = "add `gap:`, the longest pause within a session".to_owned();
                keys.diagnostics.error(place, "missing-gap", "a session window needs a `gap`", Some(help));
            }
            Window::Session(gap.unwrap_or_default())
        }
        _ if gap.is_some() => {
            let place = keys.get("gap").map_or(place, |node| node.place);
            keys.diagnostics.error(place, "key-without-effect", "`gap` belongs to `window: session`", None);
            Window::Sliding
        }
        Word::Tumbling => Window::Tumbling(align.unwrap_or_default()),
        Word::Sliding => {
            if align.is_some() {
                let place = keys.get("align").map_or(place, |node| node.place);
                keys.diagnostics.error(place, "key-without-effect", "`align` belongs to `window: tumbling`", None);
            }
            Window::Sliding
        }
    }
}

/// `UTC`, an offset such as `+02:00`, or a duration: where windows begin, later than multiples of the timespan.
fn read_align(keys: &mut Keys<'_, '_>, timespan: Span) -> Option<Span> {
    let text = keys.text("align")?;
    let offset = if text.eq_ignore_ascii_case("utc") || text == "Z" {
        Some(Span::ZERO)
    } else if let Some((sign, rest)) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-")) {
        let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
        match (hours.parse::<i64>(), minutes.parse::<i64>()) {
            // local midnight east of Greenwich comes before midnight UTC
            (Ok(hours), Ok(minutes)) => {
                Some(Span::seconds((hours * 60 + minutes) * if sign == "+" { -60 } else { 60 }))
            }
            _ => None,
        }
    } else {
        Span::parse(text).ok()
    };
    let Some(offset) = offset else {
        let place = keys.get("align").map_or(keys.place, |node| node.place);
        let help = "write UTC, an offset such as +02:00, or a duration such as 6h".to_owned();
        keys.diagnostics.error(place, "bad-align", format!("`align: {text}` is no offset"), Some(help));
        return None;
    };
    Some(Span(offset.0.rem_euclid(timespan.0.max(1))))
}

fn read_aliases(keys: &mut Keys<'_, '_>) -> Vec<(String, Named, String)> {
    let Some(node) = keys.get("aliases") else { return Vec::new() };
    let Some(aliases) = Keys::of(node, "`aliases`", keys.diagnostics) else { return Vec::new() };
    let mut all = Vec::new();
    for (alias, fields) in aliases.entries {
        let alias = alias.text().unwrap_or_default();
        let Some(fields) = Keys::of(fields, "an alias", aliases.diagnostics) else { continue };
        for (rule, field) in fields.entries {
            let named = Named { name: rule.text().unwrap_or_default().to_owned(), place: rule.place };
            match field.text() {
                Some(field) => all.push((alias.to_owned(), named, field.to_owned())),
                None => {
                    fields.diagnostics.error(field.place, "wrong-type", "an alias names one field for each rule", None);
                }
            }
        }
    }
    all
}
