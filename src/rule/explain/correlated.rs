//! A correlation in plain sentences, from what its author wrote: what is measured, over which window, for which groups, when
//! it alerts, and what happens at the edges.

use crate::rule::boolean::{self, Alternative};
use crate::rule::yaml::Node;

/// The sentences about a correlation document. `title` gives the title of a rule by its name or id.
pub(super) fn sentences(document: &Node, title: &dyn Fn(&str) -> String) -> Vec<String> {
    let Some(node) = document.get("correlation") else { return Vec::new() };
    let text = |key: &str| node.get(key).and_then(Node::text);
    let kind = text("type").unwrap_or_default();
    let rules = strings(node.get("rules"));
    let timespan = text("timespan").unwrap_or("?");
    let mut all = vec![match kind {
        "temporal" | "temporal_ordered" => happenings(node, kind, &rules, timespan, title),
        _ => measured(node, kind, &rules, timespan, title),
    }];
    if let Some(metric) = document.get("metric") {
        return vec![series(node, metric, kind, &rules, timespan, title), grouping(node, title), waiting(node)];
    }
    all.push(grouping(node, title));
    let resets = strings(node.get("reset-on"));
    if !resets.is_empty() {
        let names: Vec<String> = resets.iter().map(|name| quoted(title, name)).collect();
        all.push(format!("An event of {} sets the group back to nothing.", list(&names, "or")));
    }
    all.push(emission(node, kind));
    all.extend(edges(node, kind));
    all
}

/// The window, as the words behind "within".
fn window(node: &Node, timespan: &str) -> String {
    match node.get("window").and_then(Node::text) {
        Some("tumbling") => {
            let align = node.get("align").and_then(Node::text).unwrap_or("UTC");
            format!("in each fixed window of {timespan} (beginning by {align})")
        }
        Some("session") => {
            let gap = node.get("gap").and_then(Node::text).unwrap_or("?");
            format!("in each session (events at most {gap} apart, {timespan} in all)")
        }
        _ => format!("within {timespan}, counted back from each event and both ends included"),
    }
}

/// What a metric writes, and when.
fn series(
    node: &Node,
    metric: &Node,
    kind: &str,
    rules: &[String],
    timespan: &str,
    title: &dyn Fn(&str) -> String,
) -> String {
    let text = |key: &str| metric.get(key).and_then(Node::text);
    let name = text("name").unwrap_or("?");
    let unit = text("unit").map_or_else(String::new, |unit| format!(" ({unit})"));
    let every = text("every").unwrap_or(timespan);
    let align = node.get("align").and_then(Node::text).unwrap_or("UTC");
    let empty = match kind {
        "event_count" | "value_count" | "value_sum" => "0",
        _ => "no value",
    };
    let what = quantity(node, kind, rules, title);
    format!(
        "Raises no alert: writes {name}{unit}, {what}, every {every} (by {align}) over the {timespan} before, the end of which belongs to it. A group without events has one more, {empty}.{}",
        least(node)
    )
}

/// How long its values are waited for.
fn waiting(node: &Node) -> String {
    node.get("lateness").and_then(Node::text).map_or_else(
        || {
            "A value is written when the watermark has passed its time; later events are dropped and counted."
                .to_owned()
        },
        |span| {
            format!("It waits {span} for late events, whatever the sources say; later ones are dropped and counted.")
        },
    )
}

fn least(node: &Node) -> String {
    let count = node.get("min-count").and_then(Node::text);
    count.map_or_else(String::new, |count| format!(" There must be at least {count} events."))
}

fn measured(node: &Node, kind: &str, rules: &[String], timespan: &str, title: &dyn Fn(&str) -> String) -> String {
    let condition = node.get("condition");
    let what = quantity(node, kind, rules, title);
    let unseen = node
        .get("unseen-for")
        .and_then(Node::text)
        .map_or_else(String::new, |span| format!(", counting only values not seen for {span}"));
    let least = least(node);
    let compared = node.get("baseline").map_or_else(String::new, |baseline| {
        let word = |key: &str, default: &str| baseline.get(key).and_then(Node::text).unwrap_or(default).to_owned();
        format!(
            " It is compared with its own past: the {} of the windows of the last {} (season: {}) gives the {}, to which the threshold applies.",
            word("stat", "mean"),
            word("history", "?"),
            word("season", "none"),
            word("measure", "ratio"),
        )
    });
    let threshold = thresholds(condition);
    format!("True when {what}{unseen}, {}, {threshold}.{least}{compared}", window(node, timespan))
}

/// What is measured.
fn quantity(node: &Node, kind: &str, rules: &[String], title: &dyn Fn(&str) -> String) -> String {
    let condition = node.get("condition");
    let mut fields = strings(condition.and_then(|condition| condition.get("field")));
    fields.extend(strings(node.get("field")));
    let fields = list(&fields, "and");
    let names: Vec<String> = rules.iter().map(|name| quoted(title, name)).collect();
    let of = list(&names, "or");
    match kind {
        "event_count" => format!("the number of events of {of}"),
        "value_count" => format!("the number of different values of {fields} among the events of {of}"),
        "value_sum" => match node.get("half-life").and_then(Node::text) {
            Some(half_life) => format!(
                "the sum of {fields} over the events of {of}, of which half is left after {half_life}, a quarter after twice as long, and so on"
            ),
            None => format!("the sum of {fields} over the events of {of}"),
        },
        "weighted_sum" => weighted(node, rules, &names),
        "value_avg" => format!("the mean of {fields} over the events of {of}"),
        "value_median" => format!("the median of {fields} over the events of {of}"),
        "value_max" | "value_min" | "value_last" => {
            let word = match kind {
                "value_max" => "greatest",
                "value_min" => "smallest",
                _ => "last",
            };
            format!("the {word} {fields} of the events of {of}")
        }
        "value_percentile" => {
            let inner = condition.and_then(|condition| condition.get("percentile")).or_else(|| node.get("percentile"));
            format!("percentile {} of {fields} over the events of {of}", inner.and_then(Node::text).unwrap_or("?"))
        }
        "event_ratio" => {
            let part = names.first().cloned().unwrap_or_default();
            let whole = names.get(1).cloned().unwrap_or_default();
            format!("the events of {part} as a share of those of {whole}")
        }
        other => format!("{other} of the events of {of}"),
    }
}

/// The sum of a `weighted_sum` in words.
fn weighted(node: &Node, rules: &[String], names: &[String]) -> String {
    let of = |key: &str, rule: &str| node.get(key).and_then(|all| all.get(rule)).and_then(Node::text);
    let part = |(rule, name): (&String, &String)| {
        let otherwise = of("otherwise", rule).map_or_else(String::new, |value| format!(" ({value} if there is none)"));
        format!("{} times {name}{otherwise}", of("weights", rule).unwrap_or("?"))
    };
    let parts: Vec<String> = rules.iter().zip(names).map(part).collect();
    let base = node.get("base").and_then(Node::text).map_or_else(String::new, |base| format!("{base} plus "));
    let limits: Vec<&str> =
        node.get("limits").and_then(Node::sequence).unwrap_or_default().iter().filter_map(Node::text).collect();
    let limits = match limits.as_slice() {
        [least, greatest] => format!(", at least {least} and at most {greatest}"),
        _ => String::new(),
    };
    format!("{base}the sum of the newest values: {}{limits}", list(&parts, "and"))
}

fn thresholds(condition: Option<&Node>) -> String {
    let words: Vec<String> = condition
        .and_then(Node::mapping)
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, value)| {
            let word = match key.text()? {
                "gt" => "is greater than",
                "gte" => "is at least",
                "lt" => "is less than",
                "lte" => "is at most",
                "eq" => "is exactly",
                "neq" => "is not",
                _ => return None,
            };
            Some(format!("{word} {}", value.text()?))
        })
        .collect();
    if words.is_empty() { "has a value".to_owned() } else { words.join(" and ") }
}

fn happenings(node: &Node, kind: &str, rules: &[String], timespan: &str, title: &dyn Fn(&str) -> String) -> String {
    let condition = node.get("condition");
    let ordered = kind == "temporal_ordered";
    let names: Vec<String> = rules.iter().map(|name| quoted(title, name)).collect();
    let written = condition.and_then(Node::text).and_then(|text| boolean::parse(text, rules).ok());
    let Some(alternatives) = written else {
        return match condition {
            Some(condition) if condition.mapping().is_some() && !ordered => format!(
                "True when the number of different rules with an event, among {}, {}, {}.",
                list(&names, "and"),
                window(node, timespan),
                thresholds(Some(condition))
            ),
            _ if ordered => format!("True when there is {}, within {timespan}.", names.join(", and after it ")),
            _ => format!("True when there are events of {}, in any order, within {timespan}.", list(&names, "and")),
        };
    };
    let words: Vec<String> = alternatives.iter().map(|one| alternative(one, &names, ordered, timespan)).collect();
    format!("True when {}.", words.join("; or when "))
}

fn alternative(one: &Alternative, names: &[String], ordered: bool, timespan: &str) -> String {
    let name = |position: usize| names.get(position).cloned().unwrap_or_default();
    let present: Vec<String> = one.positives.iter().map(|position| name(*position)).collect();
    if !ordered {
        let absent: Vec<String> = one.negatives.iter().map(|position| name(*position)).collect();
        let missing = if absent.is_empty() {
            String::new()
        } else {
            format!(", and no event of {} in the {timespan} before and after them", list(&absent, "or"))
        };
        return format!("there are events of {}, in any order, within {timespan}{missing}", list(&present, "and"));
    }
    let mut words = format!("there is {}", present.join(", and after it "));
    if present.len() > 1 {
        words.push_str(&format!(", within {timespan}"));
    }
    let (first, last) = (present.first().cloned().unwrap_or_default(), present.last().cloned().unwrap_or_default());
    for negative in &one.negatives {
        let gap = one.positives.iter().filter(|step| *step < negative).count();
        let missing = name(*negative);
        let place = if gap == 0 && one.positives.len() == 1 {
            format!("in the {timespan} before it")
        } else if gap == 0 {
            format!("in the {timespan} before {first}")
        } else if gap == one.positives.len() && gap == 1 {
            format!("in the {timespan} after it")
        } else if gap == one.positives.len() {
            format!("after {last}, until {timespan} after {first}")
        } else {
            let before = present.get(gap - 1).cloned().unwrap_or_default();
            let after = present.get(gap).cloned().unwrap_or_default();
            format!("between {before} and {after}")
        };
        words.push_str(&format!(", and no {missing} {place}"));
    }
    words
}

fn grouping(node: &Node, title: &dyn Fn(&str) -> String) -> String {
    let fields = strings(node.get("group-by"));
    if fields.is_empty() {
        return "All events are one group.".to_owned();
    }
    let mut words = format!("For each {} by itself.", list(&fields, "and"));
    for (alias, mapping) in node.get("aliases").and_then(Node::mapping).unwrap_or_default() {
        let of: Vec<String> = mapping
            .mapping()
            .unwrap_or_default()
            .iter()
            .filter_map(|(rule, field)| Some(format!("{} of {}", field.text()?, quoted(title, rule.text()?))))
            .collect();
        words.push_str(&format!(" {} is {}.", alias.text().unwrap_or_default(), list(&of, "and")));
    }
    if node.get("missing-key").and_then(Node::text) == Some("group") {
        words.push_str(" Events without it are a group of their own.");
    } else {
        words.push_str(" Events without it are left out, and counted.");
    }
    words
}

fn emission(node: &Node, kind: &str) -> String {
    let early_truth = node.get("condition").and_then(Node::mapping).is_some_and(|entries| {
        let operators: Vec<&str> =
            entries.iter().filter_map(|(key, _)| key.text()).filter(|key| *key != "field").collect();
        operators.len() > 1 || operators.iter().any(|key| matches!(*key, "lt" | "lte" | "eq" | "neq"))
    });
    let default = if early_truth && kind != "temporal_ordered" { "close" } else { "edge" };
    let mut words = match node.get("emit").and_then(Node::text).unwrap_or(default) {
        "every" => "Alerts at every event for which it is true.",
        "reset" => "Alerts when it becomes true; then the group starts anew.",
        "close" => "Judged once, when the window is over.",
        _ if kind == "temporal_ordered" => "Alerts once for each sequence; its events are used up.",
        _ => "Alerts when it becomes true, once; when it is over, the same alert gets its final count.",
    }
    .to_owned();
    if let Some(span) = node.get("suppress").and_then(Node::text) {
        let by = strings(node.get("suppress-by"));
        let whom = if by.is_empty() { "group".to_owned() } else { list(&by, "and") };
        words.push_str(&format!(" After an alert there is no new one of the same {whom} for {span}."));
    }
    if node.get("early").and_then(Node::boolean) == Some(true) {
        words.push_str(" It is judged as events arrive, without waiting for earlier ones.");
    }
    words
}

fn edges(node: &Node, kind: &str) -> Vec<String> {
    let mut words = Vec::new();
    let negated = node.get("condition").and_then(Node::text).is_some_and(|text| {
        text.split(|symbol: char| !symbol.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("not"))
    });
    if negated {
        let order = if kind == "temporal_ordered" { " The order of `rules` says where it is missed." } else { "" };
        words.push(format!(
            "What is missed counts as there when it has exactly the same time. An absence is known when the watermark has passed the end of its time, and not before.{order}"
        ));
        words.push(match node.get("cold-start").and_then(Node::text) {
            Some("suppress") => "Before the rule has run for its timespan its alerts are withheld.".to_owned(),
            Some("alert") => "It alerts from the start, although it has not seen what came before.".to_owned(),
            _ => "Before the rule has run for its timespan its alerts say so (cold_start).".to_owned(),
        });
    }
    if let Some(span) = node.get("lateness").and_then(Node::text) {
        words.push(format!("It waits {span} for late events, whatever the sources say."));
    }
    match node.get("on-late").and_then(Node::text) {
        Some("apply") => words.push("Later events still count, but decisions stay.".to_owned()),
        Some("revise") => {
            words.push("Later events are judged anew, and an alert that was wrong is retracted.".to_owned());
        }
        _ => {}
    }
    words
}

pub(super) fn strings(node: Option<&Node>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    match node.sequence() {
        Some(items) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
        None => node.text().map(str::to_owned).into_iter().collect(),
    }
}

fn quoted(title: &dyn Fn(&str) -> String, name: &str) -> String {
    format!("\"{}\"", title(name))
}

fn list(items: &[String], joined: &str) -> String {
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {joined} {last}", rest.join(", ")),
    }
}
