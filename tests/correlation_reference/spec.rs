//! A small correlation rule, and its YAML.

use std::fmt::Write as _;

/// The type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
}

/// The condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Default,
    /// Operator and threshold.
    Thresholds(Vec<(&'static str, i64)>),
    /// Alternatives of positive and negated positions in `rules`, ascending.
    Text(Vec<(Vec<usize>, Vec<usize>)>),
}

/// The window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    Sliding,
    /// Seconds after multiples of the timespan.
    Tumbling(i64),
    /// Gap in seconds.
    Session(i64),
}

/// When it alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emit {
    Edge,
    Every,
    Reset,
    Close,
}

/// A correlation rule. Durations are seconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) rules: Vec<String>,
    pub(crate) reset_on: Vec<String>,
    pub(crate) group_by: Vec<String>,
    /// Alias, then rule and field.
    pub(crate) aliases: Vec<(String, Vec<(String, String)>)>,
    pub(crate) timespan: i64,
    pub(crate) condition: Condition,
    /// Of `value_count`.
    pub(crate) fields: Vec<String>,
    pub(crate) window: Window,
    pub(crate) emit: Option<Emit>,
    pub(crate) suppress: Option<i64>,
    pub(crate) suppress_by: Option<Vec<String>>,
    pub(crate) missing_key_groups: bool,
    pub(crate) lateness: Option<i64>,
    pub(crate) cold_start: Option<&'static str>,
    pub(crate) generate: bool,
    /// Further keys, as they are.
    pub(crate) more: String,
}

impl Rule {
    /// A rule with nothing special.
    pub(crate) fn new(name: &str, kind: Kind, rules: &[&str], timespan: i64, condition: Condition) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            rules: rules.iter().map(|name| (*name).to_owned()).collect(),
            reset_on: Vec::new(),
            group_by: Vec::new(),
            aliases: Vec::new(),
            timespan,
            condition,
            fields: Vec::new(),
            window: Window::Sliding,
            emit: None,
            suppress: None,
            suppress_by: None,
            missing_key_groups: false,
            lateness: None,
            cold_start: None,
            generate: false,
            more: String::new(),
        }
    }

    /// When it alerts, with the default of RULES S10.
    pub(crate) fn emit(&self) -> Emit {
        self.emit.unwrap_or(match &self.condition {
            Condition::Thresholds(all)
                if all.len() > 1 || all.iter().any(|(operator, _)| !matches!(*operator, "gt" | "gte")) =>
            {
                Emit::Close
            }
            _ => Emit::Edge,
        })
    }

    /// Whether a number passes the condition.
    pub(crate) fn passes(&self, value: i64) -> bool {
        let all = match &self.condition {
            Condition::Thresholds(all) => all.clone(),
            Condition::Default => vec![("gte", self.rules.len() as i64)],
            Condition::Text(_) => return false,
        };
        all.iter().all(|(operator, threshold)| match *operator {
            "gt" => value > *threshold,
            "gte" => value >= *threshold,
            "lt" => value < *threshold,
            "lte" => value <= *threshold,
            "eq" => value == *threshold,
            "neq" => value != *threshold,
            other => panic!("no operator {other}"),
        })
    }

    /// The field of a group-by name in the events of a rule.
    pub(crate) fn key_field(&self, group_by: &str, rule: &str) -> String {
        let alias = self.aliases.iter().find(|(alias, _)| alias == group_by);
        alias
            .and_then(|(_, fields)| fields.iter().find(|(name, _)| name == rule))
            .map_or(group_by.to_owned(), |(_, field)| field.clone())
    }

    fn text(&self, alternatives: &[(Vec<usize>, Vec<usize>)]) -> String {
        let one = |(positives, negatives): &(Vec<usize>, Vec<usize>)| {
            let positives = positives.iter().map(|position| self.rules[*position].clone());
            let negatives = negatives.iter().map(|position| format!("not {}", self.rules[*position]));
            format!("({})", positives.chain(negatives).collect::<Vec<_>>().join(" and "))
        };
        alternatives.iter().map(one).collect::<Vec<_>>().join(" or ")
    }

    /// The document.
    pub(crate) fn yaml(&self) -> String {
        let mut out = format!("title: {0}\nname: {0}\ndialect: clarion/1\nlevel: low\ncorrelation:\n", self.name);
        let kind = match self.kind {
            Kind::EventCount => "event_count",
            Kind::ValueCount => "value_count",
            Kind::Temporal => "temporal",
            Kind::TemporalOrdered => "temporal_ordered",
        };
        let mut line = |text: String| writeln!(out, "    {text}").unwrap();
        line(format!("type: {kind}"));
        line(format!("rules: [{}]", self.rules.join(", ")));
        if !self.reset_on.is_empty() {
            line(format!("reset-on: [{}]", self.reset_on.join(", ")));
        }
        if !self.group_by.is_empty() {
            line(format!("group-by: [{}]", self.group_by.join(", ")));
        }
        if !self.aliases.is_empty() {
            let aliases: Vec<String> = self
                .aliases
                .iter()
                .map(|(alias, fields)| {
                    let fields: Vec<String> = fields.iter().map(|(rule, field)| format!("{rule}: {field}")).collect();
                    format!("{alias}: {{{}}}", fields.join(", "))
                })
                .collect();
            line(format!("aliases: {{{}}}", aliases.join(", ")));
        }
        line(format!("timespan: {}s", self.timespan));
        match &self.condition {
            Condition::Default => {}
            Condition::Thresholds(all) => {
                let mut parts: Vec<String> = all.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                if !self.fields.is_empty() {
                    parts.push(format!("field: [{}]", self.fields.join(", ")));
                }
                line(format!("condition: {{{}}}", parts.join(", ")));
            }
            Condition::Text(alternatives) => line(format!("condition: {}", self.text(alternatives))),
        }
        match self.window {
            Window::Sliding => {}
            Window::Tumbling(align) => {
                line("window: tumbling".to_owned());
                if align > 0 {
                    line(format!("align: {align}s"));
                }
            }
            Window::Session(gap) => {
                line("window: session".to_owned());
                line(format!("gap: {gap}s"));
            }
        }
        if let Some(emit) = self.emit {
            line(format!("emit: {}", format!("{emit:?}").to_lowercase()));
        }
        if let Some(suppress) = self.suppress {
            line(format!("suppress: {suppress}s"));
        }
        if let Some(fields) = &self.suppress_by {
            line(format!("suppress-by: [{}]", fields.join(", ")));
        }
        if self.missing_key_groups {
            line("missing-key: group".to_owned());
        }
        if let Some(lateness) = self.lateness {
            line(format!("lateness: {lateness}s"));
        }
        if let Some(cold_start) = self.cold_start {
            line(format!("cold-start: {cold_start}"));
        }
        if self.generate {
            line("generate: true".to_owned());
        }
        if !self.more.is_empty() {
            line(self.more.clone());
        }
        out
    }
}

/// The detections a to d.
pub(crate) fn detections() -> String {
    super::stream::DETECTIONS
        .iter()
        .map(|name| {
            format!(
                "title: {name}\nname: {name}\nlogsource: {{category: test}}\ndetection: {{s: {{is_{name}: true}}, condition: s}}\n"
            )
        })
        .collect::<Vec<_>>()
        .join("---\n")
}
