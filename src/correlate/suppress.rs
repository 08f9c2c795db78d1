//! `suppress` and `suppress-by` (RULES S10): after an alert no new one for the same values for a while; what is held back
//! is counted in the alert that is open.

use std::collections::BTreeMap;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::emission::Emission;
use super::renumber::{Renumber, Renumbering};
use crate::model::{Alert, AlertId, AlertStatus, Span, Timestamp};
use crate::rule::{CorrelationRule, RuleSet};

/// Suppression spans that are open, and those that a late event may still fall into.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Suppressor {
    /// By rule and values.
    spans: BTreeMap<(u32, Vec<Option<String>>), SuppressionSpan>,
    /// The alerts that opened a span which is not over, or whose episode is not, or that a late event may change.
    openers: BTreeMap<AlertId, Opener>,
    /// Alerts that were held back and whose later revisions are too.
    muted: HashMap<AlertId, Muted>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct SuppressionSpan {
    opener: AlertId,
    from: Timestamp,
    until: Timestamp,
    /// The watermark has passed it.
    over: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Opener {
    /// Its last revision.
    last: Emission,
    suppressed: u64,
    /// Held back since the last revision.
    untold: bool,
    /// A closing update will come.
    episode: bool,
    /// The span is not over.
    span: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Muted {
    /// Its rule.
    rule: u32,
    /// The alert that it stands behind.
    behind: AlertId,
    /// Of a rule that revises: its last revision, for when the alert before it is retracted.
    last: Option<Emission>,
}

/// A revision that gets through.
#[derive(Debug)]
pub(super) struct Raised {
    pub(super) emission: Emission,
    /// Alerts that it stands for beside itself.
    pub(super) suppressed: u64,
    /// It takes the place of an alert that should not have been: since then.
    pub(super) promoted: Option<Timestamp>,
}

impl Raised {
    fn new(emission: Emission) -> Self {
        Self { emission, suppressed: 0, promoted: None }
    }

    /// The alert.
    pub(super) fn alert(&self, rules: &RuleSet) -> Option<Alert> {
        let mut alert = self.emission.alert(rules)?;
        alert.suppressed = self.suppressed;
        Some(alert)
    }
}

impl Suppressor {
    /// Takes a rule's emissions in their order and gives the alerts that get through.
    pub(super) fn take(
        &mut self,
        rule: &CorrelationRule,
        emission: Emission,
        held_back: &mut u64,
        out: &mut Vec<Raised>,
    ) {
        let Some(span) = rule.suppress else {
            out.push(Raised::new(emission));
            return;
        };
        if emission.revision > 1 {
            self.update(rule, emission, out);
            return;
        }
        let key = Self::key(rule, &emission);
        let revises = rule.takes_late();
        if let Some(open) = self.spans.get(&key).copied() {
            // out of order, an alert may come long before the one that opened the span
            let near = !rule.remembers() || open.from < emission.time.plus(span);
            if emission.time < open.until && near {
                *held_back += 1;
                if let Some(opener) = self.openers.get_mut(&open.opener) {
                    opener.suppressed += 1;
                    opener.untold = true;
                    if open.over && !opener.episode {
                        out.push(opener.tell());
                    }
                }
                if rule.has_episodes() || revises {
                    let (id, rule, last) = (emission.id, emission.rule, revises.then_some(emission));
                    self.muted.insert(id, Muted { rule, behind: open.opener, last });
                }
                return;
            }
            if emission.time < open.from {
                out.push(Raised::new(emission));
                return;
            }
            self.end_span(rule, open.opener, out);
        }
        out.push(Raised::new(emission.clone()));
        self.open(key, rule, emission, span);
    }

    fn open(&mut self, key: (u32, Vec<Option<String>>), rule: &CorrelationRule, emission: Emission, span: Span) {
        let (opener, from, until) = (emission.id, emission.time, emission.time.plus(span));
        self.spans.insert(key, SuppressionSpan { opener, from, until, over: false });
        let episode = rule.has_episodes() && emission.status == AlertStatus::Open;
        self.openers.insert(opener, Opener { last: emission, suppressed: 0, untold: false, episode, span: true });
    }

    /// A later revision: of an alert that was held back, of one that opened a span, or of one whose span is long over.
    fn update(&mut self, rule: &CorrelationRule, emission: Emission, out: &mut Vec<Raised>) {
        let revises = rule.takes_late();
        if let Some(muted) = self.muted.get_mut(&emission.id) {
            let gone = |emission: &Emission| emission.status == AlertStatus::Retracted;
            let was_gone = muted.last.as_ref().is_some_and(gone);
            if let Some(opener) = self.openers.get_mut(&muted.behind)
                && was_gone != gone(&emission)
            {
                // it was counted wrongly, or is counted again
                opener.suppressed = opener.suppressed.saturating_add_signed(if was_gone { 1 } else { -1 });
                opener.untold = true;
            }
            if muted.last.is_some() {
                muted.last = Some(emission);
            } else {
                // an episode has one closing update; after it nothing more comes
                self.muted.remove(&emission.id);
            }
            return;
        }
        let Some(opener) = self.openers.get_mut(&emission.id) else {
            out.push(Raised::new(emission));
            return;
        };
        let (id, status, at) = (emission.id, emission.status, emission.at);
        let revision = opener.last.revision + 1;
        opener.last = Emission { revision, ..emission };
        opener.untold = false;
        opener.episode = rule.has_episodes() && status == AlertStatus::Open;
        out.push(opener.raised());
        if !opener.span && !opener.episode && !revises {
            self.openers.remove(&id);
        }
        if status == AlertStatus::Retracted {
            self.promote(rule, id, at, out);
        }
    }

    /// The alert that held others back should not have been: the first of them takes its place.
    fn promote(&mut self, rule: &CorrelationRule, retracted: AlertId, at: Timestamp, out: &mut Vec<Raised>) {
        let stands = |muted: &&Muted| {
            muted.behind == retracted && muted.last.as_ref().is_some_and(|last| last.status != AlertStatus::Retracted)
        };
        let first = self.muted.values().filter(stands).filter_map(|muted| muted.last.as_ref());
        let Some(first) = first.min_by_key(|last| (last.time, last.id)).map(|last| last.id) else { return };
        let Some(emission) = self.muted.remove(&first).and_then(|muted| muted.last) else { return };
        let key = Self::key(rule, &emission);
        let emission = Emission { revision: 1, ..emission };
        let mut others = 0;
        for muted in self.muted.values_mut().filter(|muted| muted.behind == retracted) {
            muted.behind = first;
            others += u64::from(muted.last.as_ref().is_none_or(|last| last.status != AlertStatus::Retracted));
        }
        let over = self.spans.get(&key).is_some_and(|span| span.over);
        self.open(key.clone(), rule, emission, rule.suppress.unwrap_or_default());
        if let Some(span) = self.spans.get_mut(&key) {
            span.over = over;
        }
        if let Some(opener) = self.openers.get_mut(&first) {
            opener.suppressed = others;
            opener.span = !over;
            out.push(Raised { promoted: Some(at), ..opener.raised() });
        }
    }

    /// A span is over. An alert that held others back since its last revision says so, at the latest with its episode.
    fn end_span(&mut self, rule: &CorrelationRule, id: AlertId, out: &mut Vec<Raised>) {
        let Some(opener) = self.openers.get_mut(&id) else { return };
        opener.span = false;
        if opener.episode {
            return;
        }
        if opener.untold {
            out.push(opener.tell());
        }
        if !rule.takes_late() {
            self.openers.remove(&id);
        }
    }

    /// Ends the spans that the watermark of their rule has passed, and forgets what no late event can change any more.
    pub(super) fn expire(
        &mut self,
        rules: &RuleSet,
        retention: Span,
        watermark_of: impl Fn(u32) -> Timestamp,
    ) -> Vec<Raised> {
        let over: Vec<_> = self
            .spans
            .iter()
            .filter(|((rule, _), span)| !span.over && span.until < watermark_of(*rule))
            .map(|(key, span)| (key.clone(), span.opener))
            .collect();
        let mut alerts = Vec::new();
        for (key, id) in over {
            let Some(rule) = rules.correlations.get(key.0 as usize) else { continue };
            if let Some(span) = self.spans.get_mut(&key).filter(|_| rule.takes_late()) {
                span.over = true;
            } else {
                self.spans.remove(&key);
            }
            self.end_span(rule, id, &mut alerts);
        }
        let horizon_of = |index: u32| {
            let rule = rules.correlations.get(index as usize);
            rule.map_or(Timestamp::MAX, |rule| rule.horizon(watermark_of(index), retention))
        };
        self.spans.retain(|(rule, _), span| !span.over || span.until >= horizon_of(*rule));
        let old = |last: &Emission| last.time.max(last.at) < horizon_of(last.rule);
        self.openers.retain(|_, opener| opener.span || opener.episode || !old(&opener.last));
        self.muted.retain(|_, muted| {
            muted
                .last
                .as_ref()
                .is_none_or(|last| last.status == AlertStatus::Open && has_open(rules, last) || !old(last))
        });
        alerts
    }

    /// What a span is kept under.
    fn key(rule: &CorrelationRule, emission: &Emission) -> (u32, Vec<Option<String>>) {
        let named = emission.named_group(rule);
        let values = rule
            .suppress_by
            .iter()
            .map(|name| named.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone()));
        (emission.rule, values.collect())
    }
}

fn has_open(rules: &RuleSet, last: &Emission) -> bool {
    rules.correlations.get(last.rule as usize).is_some_and(CorrelationRule::has_episodes)
}

impl Opener {
    /// One more revision, for what was held back.
    fn tell(&mut self) -> Raised {
        self.last.revision += 1;
        self.untold = false;
        self.raised()
    }

    fn raised(&self) -> Raised {
        Raised { emission: self.last.clone(), suppressed: self.suppressed, promoted: None }
    }
}

impl Renumber for Suppressor {
    fn renumber(&mut self, with: &Renumbering) {
        let spans = std::mem::take(&mut self.spans).into_iter();
        self.spans = spans
            .filter_map(|((rule, values), span)| Some(((Renumbering::of(&with.correlations, rule)?, values), span)))
            .collect();
        let is_there = |rule: u32| Renumbering::of(&with.correlations, rule).is_some();
        self.openers.retain(|_, opener| is_there(opener.last.rule));
        self.openers.values_mut().for_each(|opener| opener.last.renumber(with));
        // the alert before it may be long told
        self.muted.retain(|_, muted| {
            let now = Renumbering::of(&with.correlations, muted.rule);
            muted.rule = now.unwrap_or(muted.rule);
            muted.last.renumber(with);
            now.is_some()
        });
    }
}
