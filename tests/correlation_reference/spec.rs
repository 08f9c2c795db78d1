//! A small correlation rule, and its YAML.

use std::fmt::Write as _;

/// The type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
    ValueSum,
    ValueAverage,
    ValueMedian,
    ValuePercentile,
    EventRatio,
    ValueMax,
    ValueMin,
    ValueLast,
    WeightedSum,
}

/// Of `weighted_sum`: weights and what counts otherwise by position in `rules`, in quarters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Weights {
    pub(crate) weights: Vec<i64>,
    pub(crate) otherwise: Vec<Option<i64>>,
    pub(crate) base: i64,
    pub(crate) limits: Option<(i64, i64)>,
}

/// `metric`, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metric {
    pub(crate) every: i64,
    pub(crate) align: i64,
}

/// `baseline`, with its history in timespans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Baseline {
    pub(crate) buckets: i64,
    pub(crate) median: bool,
    pub(crate) measure: &'static str,
    pub(crate) min_samples: usize,
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

/// `risk`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Risk {
    pub(crate) score: i64,
    /// Type and field.
    pub(crate) entities: Vec<(String, String)>,
}

impl Risk {
    fn yaml(&self) -> String {
        let entities = self.entities.iter().map(|(kind, field)| format!("{{type: {kind}, field: {field}}}"));
        format!("risk: {{score: {}, entities: [{}]}}\n", self.score, entities.collect::<Vec<_>>().join(", "))
    }
}

/// The name of any alert.
pub(crate) const ANY_ALERT: &str = "any_alert";

/// A detection that stands alone and matches what `d` matches, with its risk.
pub(crate) fn lone_risk() -> Risk {
    Risk { score: 1, entities: vec![("thing".to_owned(), "k".to_owned())] }
}

/// Its name.
pub(crate) const LONE: &str = "lone";

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
    /// Of the value types.
    pub(crate) fields: Vec<String>,
    /// The thresholds are so many times what is written.
    pub(crate) scale: i64,
    pub(crate) percentile: i64,
    pub(crate) min_count: usize,
    pub(crate) baseline: Option<Baseline>,
    pub(crate) unseen_for: Option<i64>,
    /// `expect: seen`.
    pub(crate) expect: bool,
    pub(crate) window: Window,
    pub(crate) emit: Option<Emit>,
    pub(crate) suppress: Option<i64>,
    pub(crate) suppress_by: Option<Vec<String>>,
    pub(crate) missing_key_groups: bool,
    pub(crate) lateness: Option<i64>,
    pub(crate) cold_start: Option<&'static str>,
    pub(crate) generate: bool,
    pub(crate) metric: Option<Metric>,
    pub(crate) half_life: Option<i64>,
    pub(crate) weighted: Weights,
    pub(crate) risk: Option<Risk>,
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
            scale: 1,
            percentile: 0,
            min_count: 1,
            baseline: None,
            unseen_for: None,
            expect: false,
            window: Window::Sliding,
            emit: None,
            suppress: None,
            suppress_by: None,
            missing_key_groups: false,
            lateness: None,
            cold_start: None,
            generate: false,
            metric: None,
            half_life: None,
            weighted: Weights::default(),
            risk: None,
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
            _ if self.expect => Emit::Close,
            _ => Emit::Edge,
        })
    }

    /// Whether a quotient passes the condition.
    pub(crate) fn passes_quotient(&self, part: i128, whole: i128) -> bool {
        let all = match &self.condition {
            Condition::Thresholds(all) => all.clone(),
            Condition::Default => vec![("gte", self.rules.len() as i64)],
            Condition::Text(_) => return false,
        };
        let value = part * i128::from(self.scale);
        all.iter().all(|(operator, threshold)| {
            let threshold = i128::from(*threshold) * whole;
            match *operator {
                "gt" => value > threshold,
                "gte" => value >= threshold,
                "lt" => value < threshold,
                "lte" => value <= threshold,
                "eq" => value == threshold,
                "neq" => value != threshold,
                other => panic!("no operator {other}"),
            }
        })
    }

    /// Whether a double passes the condition.
    pub(crate) fn passes_double(&self, value: f64) -> bool {
        let Condition::Thresholds(all) = &self.condition else { return false };
        all.iter().all(|(operator, threshold)| {
            let threshold = *threshold as f64 / self.scale as f64;
            match *operator {
                "gt" => value > threshold,
                "gte" => value >= threshold,
                "lt" => value < threshold,
                "lte" => value <= threshold,
                "eq" => value.total_cmp(&threshold).is_eq(),
                "neq" => value.total_cmp(&threshold).is_ne(),
                other => panic!("no operator {other}"),
            }
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
        let metric = self
            .metric
            .map_or_else(String::new, |metric| format!("metric: {{name: {}, every: {}s}}\n", self.name, metric.every));
        let risk = self.risk.as_ref().map_or_else(String::new, Risk::yaml);
        let mut out =
            format!("title: {0}\nname: {0}\ndialect: clarion/1\nlevel: low\n{metric}{risk}correlation:\n", self.name);
        let kind = match self.kind {
            Kind::EventCount => "event_count",
            Kind::ValueCount => "value_count",
            Kind::Temporal => "temporal",
            Kind::TemporalOrdered => "temporal_ordered",
            Kind::ValueSum => "value_sum",
            Kind::ValueAverage => "value_avg",
            Kind::ValueMedian => "value_median",
            Kind::ValuePercentile => "value_percentile",
            Kind::EventRatio => "event_ratio",
            Kind::ValueMax => "value_max",
            Kind::ValueMin => "value_min",
            Kind::ValueLast => "value_last",
            Kind::WeightedSum => "weighted_sum",
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
        if let Some(metric) = self.metric {
            if !self.fields.is_empty() {
                line(format!("field: [{}]", self.fields.join(", ")));
            }
            if metric.align > 0 {
                line(format!("align: {}s", metric.align));
            }
            if let Some(half_life) = self.half_life {
                line(format!("half-life: {half_life}s"));
            }
            if self.kind == Kind::WeightedSum {
                let Weights { weights, otherwise, base, limits } = &self.weighted;
                let quarters = |value: &i64| *value as f64 / 4.0;
                let by_rule = |values: &mut dyn Iterator<Item = (&String, Option<&i64>)>| -> String {
                    let known = values.filter_map(|(name, value)| Some(format!("{name}: {}", quarters(value?))));
                    known.collect::<Vec<_>>().join(", ")
                };
                line(format!("weights: {{{}}}", by_rule(&mut self.rules.iter().zip(weights.iter().map(Some)))));
                let otherwise = otherwise.iter().map(Option::as_ref);
                line(format!("otherwise: {{{}}}", by_rule(&mut self.rules.iter().zip(otherwise))));
                line(format!("base: {}", quarters(base)));
                if let Some((least, greatest)) = limits {
                    line(format!("limits: [{}, {}]", quarters(least), quarters(greatest)));
                }
            }
        }
        match &self.condition {
            Condition::Default => {}
            Condition::Thresholds(all) => {
                let written = |value: &i64| *value as f64 / self.scale as f64;
                let mut parts: Vec<String> =
                    all.iter().map(|(name, value)| format!("{name}: {}", written(value))).collect();
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
        if self.kind == Kind::ValuePercentile {
            line(format!("percentile: {}", self.percentile));
        }
        if self.min_count > 1 {
            line(format!("min-count: {}", self.min_count));
        }
        if let Some(Baseline { buckets, median, measure, min_samples }) = &self.baseline {
            let statistic = if *median { "median" } else { "mean" };
            let history = buckets * self.timespan;
            line(format!(
                "baseline: {{history: {history}s, stat: {statistic}, measure: {measure}, min-samples: {min_samples}}}"
            ));
        }
        if let Some(unseen_for) = self.unseen_for {
            line(format!("unseen-for: {unseen_for}s"));
        }
        if self.expect {
            line("expect: seen".to_owned());
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

/// The detection that stands alone.
pub(crate) fn lone() -> String {
    format!(
        "title: {LONE}\nname: {LONE}\ndialect: clarion/1\n{}logsource: {{category: test}}\ndetection: {{s: {{is_d: true}}, condition: s}}\n",
        lone_risk().yaml()
    )
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
