//! Alerts on their way to the rules that hear alerts (RULES S17): one event for each entity, under those rules' own keys.
//!
//! An alert event is a hit: it enters after base events of its time, in the order of rule id and group, and comes late like any
//! other. Two things differ. What matters is the alert, after `suppress`, and not the hit before it. And a rule that drops
//! what is late cannot put a retraction into its place: for it the retraction is an event of its own with the negative score,
//! at the watermark, so that what it has added up is right from then on. So is whatever comes with a retraction.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arrival::Arrivals;
use super::emission::Emission;
use super::engine::Engine;
use super::handed::{Target, parent_groups};
use super::input::{AlertFacts, HitFacts, Input};
use super::renumber::{Renumber, Renumbering};
use super::shard::Hit;
use super::suppress::Raised;
use crate::model::{Alert, AlertId, AlertStatus, KeyHash, Row, Scalar, Signal, StableHasher, Timestamp};
use crate::rule::CorrelationRule;
use crate::rule::RuleRef;
use crate::rule::alert_events::{
    ALERT_ID, ALERT_RULE_ID, ALERT_RULE_LEVEL, ALERT_RULE_NAME, ENTITY_TYPE, ENTITY_VALUE, RISK_SCORE, TAGS,
};
use crate::rule::evidence::detection_alert_id;
use crate::rule::plan::Plan;
use crate::rule::risk::entities;

/// What was told of an alert that may still be taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Told {
    rule: u32,
    /// Type and name.
    entities: Vec<(String, String)>,
    /// It has not been taken back.
    stands: bool,
    /// Rules that had decided its moment already, and dropped it.
    unheard: Vec<u32>,
    /// Where its events stand for rules that take what is late, and for those that do not.
    places: [Timestamp; 2],
    /// Time of the last revision, or of the alert if that is later.
    pub(super) last: Timestamp,
}

impl Told {
    /// Whether its rule is there.
    pub(super) fn is_of_a_rule(&self, plan: &Plan) -> bool {
        plan.rules.correlations.get(self.rule as usize).is_some()
    }

    /// One that was told at a time.
    #[cfg(test)]
    pub(super) fn at(last: Timestamp) -> Self {
        Self { rule: 0, entities: Vec::new(), stands: true, unheard: Vec::new(), places: [last; 2], last }
    }

    /// Whether nothing changes it any more.
    pub(super) fn is_over(&self, horizon_of: impl Fn(u32) -> Timestamp) -> bool {
        self.last < horizon_of(self.rule)
    }
}

/// What a revision is to those who hear alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// An alert.
    Raised,
    /// One that comes of a retraction: of its own, or of the alert in whose place it stands.
    RaisedAgain,
    /// It should not have been.
    TakenBack,
}

/// An alert event, the same for everyone who hears it.
struct AlertEvent<'a> {
    emission: &'a Emission,
    rule: &'a CorrelationRule,
    /// Number, type and name.
    entity: (u32, &'a (String, String)),
    fields: Vec<(String, String)>,
}

/// When an alert event happens.
#[derive(Clone, Copy)]
struct Moment {
    news: News,
    /// Where the event stands, or stood that is taken back.
    place: Timestamp,
    /// When this is said.
    at: Timestamp,
}

impl Engine {
    /// Tells the rules that hear alerts of a revision, if it is one for them.
    /// `in_order` is when nothing can come out of order: when the watermarks advance.
    pub(super) fn make_alert_events(
        &mut self,
        raised: &Raised,
        alert: &Alert,
        arriving: &mut Arrivals,
        in_order: bool,
    ) {
        let plan = Arc::clone(&self.plan);
        let emission = &raised.emission;
        let Some(rule) = plan.rules.correlations.get(emission.rule as usize) else { return };
        if !plan.alerts.is_heard(emission.rule as usize) {
            return;
        }
        let retracted = emission.status == AlertStatus::Retracted;
        let known = self.told.remove(emission.id);
        let news = match &known {
            None if emission.revision > 1 || retracted => return,
            None if raised.promoted.is_some() => News::RaisedAgain,
            None => News::Raised,
            Some(told) if told.stands && retracted => News::TakenBack,
            Some(told) if !told.stands && !retracted => News::RaisedAgain,
            // only counts have changed
            Some(told) => {
                let last = told.last.max(emission.at);
                if let Some(told) = known {
                    self.remember_told(emission.id, Told { last, ..told });
                }
                return;
            }
        };
        let mut told = known.unwrap_or_else(|| Told {
            rule: emission.rule,
            entities: entities(alert),
            stands: true,
            unheard: Vec::new(),
            places: [emission.time; 2],
            last: Timestamp::MIN,
        });
        told.stands = !retracted;
        let at = raised.promoted.unwrap_or(emission.at).max(emission.time);
        told.last = told.last.max(at);
        if news == News::RaisedAgain {
            told.places = [if in_order { at } else { emission.time }, at];
        }
        let id = self.alert_id(emission, rule);
        for (number, entity) in (0_u32..).zip(&told.entities) {
            let event = AlertEvent { emission, rule, entity: (number, entity), fields: fields(alert, id, entity) };
            let score = i64::from(rule.card.risk_score);
            let matched = Matched {
                raised: self.matched(&event, score, news == News::Raised),
                taken_back: if news == News::TakenBack { self.matched(&event, -score, false) } else { Vec::new() },
            };
            for index in &plan.alerts.hearing {
                let reader = u32::try_from(*index).unwrap_or(u32::MAX);
                let Some(above) = plan.rules.correlations.get(*index) else { continue };
                if told.unheard.contains(&reader) {
                    continue;
                }
                let [own, known] = told.places;
                let moment = Moment { news, place: if above.remembers() { own } else { known }, at };
                if !self.tell(&event, (reader, above), &matched, moment, arriving) {
                    told.unheard.push(reader);
                }
            }
        }
        if rule.remembers() {
            self.remember_told(emission.id, told);
        }
    }

    /// Keeps what was told, so that it can be taken back.
    fn remember_told(&mut self, id: AlertId, told: Told) {
        self.counts.told_forgotten += self.told.insert(id, told, self.limits.told_alerts);
    }

    /// The identity of the alert; that of a detection is not its stand-in's.
    fn alert_id(&self, emission: &Emission, rule: &CorrelationRule) -> AlertId {
        let detection = rule.stands_for.and_then(|detection| self.plan.rules.detections.get(detection));
        let signal = emission.events.last().and_then(|bytes| Signal::decode_head(bytes).ok());
        match (detection, signal) {
            (Some(detection), Some(signal)) => detection_alert_id(detection, &signal),
            _ => emission.id,
        }
    }

    /// The detections that the event matches with that score. What a filter takes back is counted once.
    fn matched(&mut self, event: &AlertEvent<'_>, score: i64, counts: bool) -> Vec<usize> {
        let plan = Arc::clone(&self.plan);
        let rules = &plan.rules;
        let mut row = Row::new(rules.fields.len());
        let fields = event.fields_with(score);
        for (name, value) in &fields {
            let scalar = || {
                if name == RISK_SCORE { Scalar::Number(value.as_str()) } else { Scalar::Text(value.as_str().into()) }
            };
            if let Some(slot) = rules.fields.find(name) {
                row.push(slot, 0, scalar());
            }
            row.push_leaf(scalar());
        }
        let mut matched = Vec::new();
        for index in &plan.alerts.detections {
            let Some(detection) = rules.detections.get(*index).filter(|one| one.predicate.matches(&row)) else {
                continue;
            };
            let mut excepted = false;
            for filter in &detection.filters {
                if rules.filters.get(*filter).is_some_and(|filter| filter.suppresses(&row, event.emission.time)) {
                    excepted = true;
                    if let Some(count) = self.filtered.get_mut(*filter).filter(|_| counts) {
                        *count += 1;
                    }
                }
            }
            if !excepted {
                matched.push(*index);
            }
        }
        matched
    }

    /// Tells one rule. False when it dropped the event because it came too late.
    fn tell(
        &mut self,
        event: &AlertEvent<'_>,
        (reader, above): (u32, &CorrelationRule),
        matched: &Matched,
        moment: Moment,
        arriving: &mut Arrivals,
    ) -> bool {
        let said = self.said;
        self.said += 1;
        let score = i64::from(event.rule.card.risk_score);
        let input = event.input(moment.place, score, said);
        let decided = input.time < self.done_of(reader);
        let mut heard = true;
        for (group, positions, resets, was_raised) in matched.groups(&input, above) {
            let key = KeyHash::of_group(group.iter().map(Option::as_deref));
            let target = Target { above, index: reader, key, group: group.into() };
            let as_member = |input: Input| Input { positions, resets, ..input };
            match moment.news {
                News::Raised | News::RaisedAgain if decided && above.takes_late() => {
                    let (_, unit) = target.entry(arriving);
                    if unit.cause.is_empty() {
                        unit.cause = event.emission.cause.clone().unwrap_or_else(|| input.named());
                    }
                    unit.inputs.push(as_member(input.clone()));
                }
                News::Raised | News::RaisedAgain if decided => {
                    self.counts.late += 1;
                    heard = false;
                }
                News::Raised | News::RaisedAgain => self.wait(&target, event, as_member(input.clone())),
                News::TakenBack => {
                    let id = event.id(moment.place, score);
                    if was_raised && self.take_waiting_hit(&target, (event.emission, event.rule), moment.place, id) {
                        continue;
                    }
                    if above.metric.is_some() && was_raised {
                        self.wait(&target, event, as_member(event.taken_back(moment, score, said)));
                        continue;
                    }
                    if above.remembers() {
                        if !was_raised {
                            continue;
                        }
                        let (_, unit) = target.entry(arriving);
                        unit.cause = event.emission.cause.clone().unwrap_or_default();
                        unit.removals.push(id);
                        continue;
                    }
                    self.wait(&target, event, as_member(event.input(moment.at, -score, said)));
                }
            }
        }
        heard
    }

    /// How far a rule has decided.
    fn done_of(&self, reader: u32) -> Timestamp {
        let lane = self.plan.lane_of.get(reader as usize).copied().unwrap_or(0) as usize;
        self.done.get(lane).copied().unwrap_or(Timestamp::MIN)
    }

    /// Puts the event among those that wait for the rule's watermark.
    fn wait(&mut self, target: &Target<'_>, event: &AlertEvent<'_>, input: Input) {
        let said = input.hit.as_ref().map_or(0, |facts| facts.said);
        let order = target.order(event.emission, event.rule, input.time, said);
        let lane = self.plan.lane_of.get(target.index as usize).copied().unwrap_or(0) as usize;
        let shard = target.key.shard(self.shards.len());
        if let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane)) {
            hits.insert(order, Hit { group: Arc::clone(&target.group), input });
        }
    }
}

/// The detections that an alert event matches.
struct Matched {
    /// As it was raised: what took its score is to lose it again.
    raised: Vec<usize>,
    /// With the negative score.
    taken_back: Vec<usize>,
}

impl AlertEvent<'_> {
    fn fields_with(&self, score: i64) -> Vec<(String, String)> {
        let mut fields = self.fields.clone();
        for (_, value) in fields.iter_mut().filter(|(name, _)| name == RISK_SCORE) {
            *value = score.to_string();
        }
        fields
    }

    fn id(&self, time: Timestamp, score: i64) -> AlertId {
        let (kind, name) = self.entity.1;
        let hasher = StableHasher::new("alert event").part(&self.emission.id.0.to_le_bytes());
        AlertId(hasher.part(kind.as_bytes()).part(name.as_bytes()).number(score).number(time.0).finish())
    }

    /// Its end, as a metric sees it: a window that can be changed where it was, without going back to what was said.
    fn taken_back(&self, moment: Moment, score: i64, said: u64) -> Input {
        let input = self.input(moment.at, score, said);
        let end = input.hit.as_ref().map(|facts| {
            let alert = facts.alert.clone().map(|alert| AlertFacts { takes_back: Some(moment.place), ..alert });
            Arc::new(HitFacts { alert, ..(**facts).clone() })
        });
        Input { hit: end, ..input }
    }

    /// The event as the rules that hear it see it.
    fn input(&self, time: Timestamp, score: i64, said: u64) -> Input {
        let hit = self.emission.hit(self.rule, said);
        let alert = Some(AlertFacts { entity: self.entity.0, fields: self.fields_with(score), takes_back: None });
        let facts = hit.hit.as_ref().map(|facts| HitFacts { id: self.id(time, score), alert, ..(**facts).clone() });
        Input { time, hit: facts.map(Arc::new), ..hit }
    }
}

impl Matched {
    /// The groups of a rule that the event belongs to, as what, and whether it was raised there: one event may match several
    /// of the rule's detections.
    fn groups(&self, input: &Input, above: &CorrelationRule) -> Vec<(Vec<Option<String>>, u64, bool, bool)> {
        let mut all: Vec<(Vec<Option<String>>, u64, bool, bool)> = Vec::new();
        for member in &above.members {
            let RuleRef::Detection(detection) = member.rule else { continue };
            let was_raised = self.raised.contains(&detection);
            if !was_raised && !self.taken_back.contains(&detection) {
                continue;
            }
            for group in parent_groups(input, &member.key, above.missing_key_groups) {
                match all.iter_mut().find(|(known, ..)| *known == group) {
                    Some((_, positions, resets, raised)) => {
                        *positions |= member.positions;
                        *resets |= member.resets;
                        *raised |= was_raised;
                    }
                    None => all.push((group, member.positions, member.resets, was_raised)),
                }
            }
        }
        all
    }
}

/// The fields of an alert event. Those of the alert's group do not pass for its own.
fn fields(alert: &Alert, id: AlertId, (kind, name): &(String, String)) -> Vec<(String, String)> {
    let rule = &alert.rule;
    let mut fields: Vec<(String, String)> = [
        (ALERT_ID, id.to_string()),
        (ALERT_RULE_ID, rule.id.clone()),
        (ALERT_RULE_NAME, rule.title.clone()),
        (ALERT_RULE_LEVEL, rule.level.name().to_owned()),
        (ENTITY_TYPE, kind.clone()),
        (ENTITY_VALUE, name.clone()),
        (RISK_SCORE, rule.risk_score.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    fields.extend(rule.tags.iter().map(|tag| (TAGS.to_owned(), tag.clone())));
    let own = fields.len();
    for (name, value) in &alert.group {
        let taken = fields.get(..own).unwrap_or_default().iter().any(|(known, _)| known == name);
        if let Some(value) = value.as_ref().filter(|_| !taken) {
            fields.push((name.clone(), value.clone()));
        }
    }
    fields
}

impl Renumber for Told {
    fn renumber(&mut self, with: &Renumbering) {
        self.rule = Renumbering::of(&with.correlations, self.rule).unwrap_or(u32::MAX);
        self.unheard = self.unheard.iter().filter_map(|rule| Renumbering::of(&with.correlations, *rule)).collect();
    }
}
