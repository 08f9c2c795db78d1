//! The loaded rules, compiled and linked: what detect and correlate run.

use std::sync::Arc;

use super::boolean::Alternative;
use super::correlation::{Baseline, ColdStart, Emit, Expect, Kind, Metric, OnLate, Percent, Window};
use super::metric_values::Weighted;
use super::number::Number;
use super::predicate::{Comparison, Predicate};
use super::testcase::TestCase;
use crate::model::{FieldTable, LogSource, LookupVersion, Row, RuleCard, Slot, Span, Timestamp};

/// A rule of the set: which vector, which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleRef {
    /// Index into [`RuleSet::detections`].
    Detection(usize),
    /// Index into [`RuleSet::correlations`].
    Correlation(usize),
}

/// A compiled detection.
#[derive(Debug, Clone)]
pub struct DetectionRule {
    /// What its alerts carry.
    pub card: Arc<RuleCard>,
    /// Hash of what the rule means.
    pub meaning: u128,
    /// Which events it looks at.
    pub logsource: LogSource<'static>,
    /// What it looks for.
    pub predicate: Predicate,
    /// It raises alerts by itself.
    pub alerts: bool,
    /// It looks at alert events, and at no others (RULES S17).
    pub hears_alerts: bool,
    /// Nobody wrote it.
    pub built_in: bool,
    /// Fields that evidence of a match shows.
    pub shown: Vec<Slot>,
    /// Filters that it must pass as well: indices into [`RuleSet::filters`], ascending.
    pub filters: Vec<usize>,
}

/// A compiled filter (RULES S18).
#[derive(Debug, Clone)]
pub struct FilterRule {
    /// Its `id`, else `name`, else title: what its counter is called.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What must hold of an event as well.
    pub predicate: Predicate,
    /// From this event time on it does not apply any more.
    pub expires: Option<Timestamp>,
    /// Why it is there.
    pub reason: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// The file it was loaded from.
    pub file: Arc<str>,
    /// Lookup tables that it was compiled with.
    pub lookups: Vec<LookupVersion>,
}

impl FilterRule {
    /// Whether it takes back a match of this event.
    #[must_use]
    pub fn suppresses(&self, row: &Row<'_>, time: Timestamp) -> bool {
        self.expires.is_none_or(|expires| time < expires) && !self.predicate.matches(row)
    }
}

/// A rule that is loaded and cannot run: a lookup table is missing, or it refers to such a rule (RULES S18).
#[derive(Debug, Clone)]
pub struct InactiveRule {
    /// What it says of itself.
    pub card: Arc<RuleCard>,
    /// Why, in words.
    pub reason: String,
}

/// A part of a group key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyField {
    /// The field's name in the events of one rule: looked up in a hit's group first.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
}

/// A rule that a correlation refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The rule.
    pub rule: RuleRef,
    /// Its name as alerts show it.
    pub title: String,
    /// Positions in `rules`, as a bit set.
    pub positions: u64,
    /// A hit starts the group anew.
    pub resets: bool,
    /// The group key in its events.
    pub key: Vec<KeyField>,
}

/// What a counting correlation measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Events.
    Events,
    /// Different tuples of these fields.
    Distinct(Vec<KeyField>),
    /// Different rules of the list.
    Rules,
    /// The sum of a field.
    Sum(KeyField),
    /// The mean of a field.
    Average(KeyField),
    /// A percentile of a field, by linear interpolation between the two nearest values.
    Percentile(KeyField, Percent),
    /// The newest value of a field.
    Last(KeyField),
    /// Events of the first rule for one of the second.
    Ratio,
}

impl Measure {
    /// The fields that it reads.
    #[must_use]
    pub fn fields(&self) -> &[KeyField] {
        match self {
            Self::Events | Self::Rules | Self::Ratio => &[],
            Self::Distinct(fields) => fields,
            Self::Sum(field) | Self::Average(field) | Self::Percentile(field, _) | Self::Last(field) => {
                std::slice::from_ref(field)
            }
        }
    }

    /// Whether it is zero of no events; otherwise it has no value then.
    #[must_use]
    pub fn has_zero(&self) -> bool {
        matches!(self, Self::Events | Self::Distinct(_) | Self::Rules | Self::Sum(_))
    }
}

/// A sequence of steps with what must not happen around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Positions of the positive rules, in order.
    pub steps: Vec<usize>,
    /// Negated positions, each with its gap: 0 before the first step, i between step i and i+1, `steps.len()` after the last.
    pub absences: Vec<(usize, usize)>,
}

/// When a correlation's condition is true.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// A measure over the window passes all thresholds.
    Threshold(Measure, Vec<(Comparison, Number)>),
    /// Events of all rules of an alternative are in the window.
    Present(Vec<Alternative>),
    /// The same, with rules that must be absent around them.
    Absent(Vec<Alternative>),
    /// Events in order.
    Sequences(Vec<Sequence>),
}

/// A compiled correlation.
#[derive(Debug, Clone)]
pub struct CorrelationRule {
    /// What its alerts carry.
    pub card: Arc<RuleCard>,
    /// Hash of what the rule means, its members included.
    pub meaning: u128,
    /// Its type.
    pub kind: Kind,
    /// 0 when it reads detections only, else one more than the highest level it reads.
    pub level: usize,
    /// The rules it refers to, each once.
    pub members: Vec<Member>,
    /// Titles by position in `rules`.
    pub titles: Vec<String>,
    /// Group-by names as written.
    pub group_by: Vec<String>,
    /// T.
    pub timespan: Span,
    /// When it is true.
    pub logic: Logic,
    /// Fewer measured events than this give no value.
    pub min_count: u64,
    /// What the measure is compared with.
    pub baseline: Option<Baseline>,
    /// Only values count that were not seen for so long.
    pub unseen_for: Option<Span>,
    /// Groups whose empty windows are judged.
    pub expect: Option<Expect>,
    /// The window.
    pub window: Window,
    /// When to alert.
    pub emit: Emit,
    /// No new alert for this long.
    pub suppress: Option<Span>,
    /// For these of the group-by names.
    pub suppress_by: Vec<String>,
    /// Evaluated on arrival.
    pub early: bool,
    /// Instead of the sources' lateness.
    pub lateness: Option<Span>,
    /// Late events.
    pub on_late: OnLate,
    /// A missing key is a group.
    pub missing_key_groups: bool,
    /// Before it is warm.
    pub cold_start: ColdStart,
    /// It raises alerts (false when only its parents do).
    pub alerts: bool,
    /// Its value is written as a series; it raises no alert.
    pub metric: Option<Metric>,
    /// Of a sum: after so long a value counts for half.
    pub half_life: Option<Span>,
    /// It is a sum of the values of metrics.
    pub weighted: Option<Weighted>,
    /// It depends on alert events, so that its own alerts are none (RULES S17).
    pub hears_alerts: bool,
    /// The detection that it stands in for: it raises none of its alerts, but makes alert events of them.
    pub stands_for: Option<usize>,
    /// Correlations that refer to it.
    pub parents: Vec<usize>,
    /// Fields of contributing events that its parents group by or count.
    pub handed_up: Vec<KeyField>,
}

impl CorrelationRule {
    /// How long after an alert's time it may be known at the latest, beyond the watermark. Alternatives of an unordered
    /// absence are settled in the order of their events, so one that is true at once may wait for the one before it.
    #[must_use]
    pub fn delay(&self) -> Span {
        match &self.logic {
            Logic::Absent(alternatives) if alternatives.len() > 1 => self.timespan,
            _ => Span::ZERO,
        }
    }

    /// Whether its alerts have an end: an episode, while the condition stays true (RULES S10).
    #[must_use]
    pub fn has_episodes(&self) -> bool {
        self.emit == Emit::Edge && !matches!(self.logic, Logic::Sequences(_))
    }

    /// Whether a group must remember what it was told, because an input may come between others (RULES S3, S12).
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.early || self.takes_late()
    }

    /// Whether an event behind the watermark changes anything.
    #[must_use]
    pub fn takes_late(&self) -> bool {
        self.on_late != OnLate::Drop
    }

    /// How far behind the watermark an input may come, when late ones are taken for so long.
    #[must_use]
    pub fn horizon_distance(&self, retention: Span) -> Span {
        if self.takes_late() { retention } else { Span::ZERO }
    }

    /// The time before which nothing changes any more.
    #[must_use]
    pub fn horizon(&self, watermark: Timestamp, retention: Span) -> Timestamp {
        if watermark == Timestamp::MAX { watermark } else { watermark.minus(self.horizon_distance(retention)) }
    }

    /// What it measures over a window.
    #[must_use]
    pub fn measure(&self) -> Option<&Measure> {
        match &self.logic {
            Logic::Threshold(measure, _) => Some(measure),
            Logic::Present(_) | Logic::Absent(_) | Logic::Sequences(_) => None,
        }
    }

    /// How much history it needs before its alerts can be relied on, whatever they are about (RULES S14).
    #[must_use]
    pub fn learns_for(&self) -> Option<Span> {
        self.baseline.map(|baseline| baseline.history).or(self.unseen_for)
    }

    /// Whether something must be absent, so that history matters (RULES S14).
    #[must_use]
    pub fn has_absence(&self) -> bool {
        match &self.logic {
            Logic::Absent(_) => true,
            Logic::Sequences(sequences) => sequences.iter().any(|sequence| !sequence.absences.is_empty()),
            Logic::Threshold(..) | Logic::Present(_) => false,
        }
    }
}

/// A test of a rule file.
#[derive(Debug, Clone)]
pub struct RuleTest {
    /// The file.
    pub file: Arc<str>,
    /// Identity of the rule above the test.
    pub rule: String,
    /// The test.
    pub case: TestCase,
}

/// All loaded rules.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// The fields that they read.
    pub fields: FieldTable,
    /// Detections.
    pub detections: Vec<DetectionRule>,
    /// Correlations, children before parents.
    pub correlations: Vec<CorrelationRule>,
    /// Filters.
    pub filters: Vec<FilterRule>,
    /// Rules that are loaded and do not run.
    pub inactive: Vec<InactiveRule>,
    /// Tests of the rules that run.
    pub tests: Vec<RuleTest>,
}

impl RuleSet {
    /// The card of a rule.
    #[must_use]
    pub fn card(&self, rule: RuleRef) -> Option<&Arc<RuleCard>> {
        match rule {
            RuleRef::Detection(index) => self.detections.get(index).map(|rule| &rule.card),
            RuleRef::Correlation(index) => self.correlations.get(index).map(|rule| &rule.card),
        }
    }

    /// Every rule that somebody wrote.
    pub fn cards(&self) -> impl Iterator<Item = &Arc<RuleCard>> {
        let detections = self.detections.iter().filter(|rule| !rule.built_in);
        detections.map(|rule| &rule.card).chain(self.correlations.iter().map(|rule| &rule.card))
    }
}
