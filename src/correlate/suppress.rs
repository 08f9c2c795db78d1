//! `suppress` and `suppress-by` (RULES S10): after an alert no new one for the same values for a while; what is held back
//! is counted in the alert that is open.

use std::collections::BTreeMap;

use foldhash::HashSet;
use serde::{Deserialize, Serialize};

use super::emission::Emission;
use crate::model::{Alert, AlertId, Timestamp};
use crate::rule::correlation::Emit;
use crate::rule::{CorrelationRule, Logic, RuleSet};

/// Suppression spans that are open.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Suppressor {
    /// By rule and values: the alert that opened the span, and when the span ends.
    spans: BTreeMap<(u32, Vec<Option<String>>), (AlertId, Timestamp)>,
    /// The alerts that opened a span which is not over, or whose episode is not.
    openers: BTreeMap<AlertId, Opener>,
    /// Alerts that were held back and whose later revisions are too.
    muted: HashSet<AlertId>,
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

impl Suppressor {
    /// Takes a rule's emissions in their order and gives the alerts that get through.
    pub(super) fn take(
        &mut self,
        rules: &RuleSet,
        rule: &CorrelationRule,
        emission: Emission,
        held_back: &mut u64,
        out: &mut Vec<Alert>,
    ) {
        let Some(span) = rule.suppress else {
            out.extend(emission.alert(rules));
            return;
        };
        if emission.revision > 1 {
            self.update(rules, emission, out);
            return;
        }
        let named = emission.named_group(rule);
        let values = rule
            .suppress_by
            .iter()
            .map(|name| named.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone()));
        let key = (emission.rule, values.collect::<Vec<_>>());
        let episode = rule.emit == Emit::Edge && !matches!(rule.logic, Logic::Sequences(_));
        if let Some((id, until)) = self.spans.get(&key).copied() {
            if emission.time < until {
                *held_back += 1;
                if let Some(opener) = self.openers.get_mut(&id) {
                    opener.suppressed += 1;
                    opener.untold = true;
                }
                if episode {
                    self.muted.insert(emission.id);
                }
                return;
            }
            self.end_span(rules, id, out);
        }
        out.extend(emission.alert(rules));
        self.spans.insert(key, (emission.id, emission.time.plus(span)));
        self.openers.insert(emission.id, Opener { last: emission, suppressed: 0, untold: false, episode, span: true });
    }

    /// A later revision: of an alert that was held back, of one that opened a span, or of one whose span is long over.
    fn update(&mut self, rules: &RuleSet, emission: Emission, out: &mut Vec<Alert>) {
        // an episode has one closing update; after it nothing more comes
        if self.muted.remove(&emission.id) {
            return;
        }
        let Some(opener) = self.openers.get_mut(&emission.id) else {
            out.extend(emission.alert(rules));
            return;
        };
        let revision = opener.last.revision + 1;
        opener.last = Emission { revision, ..emission };
        opener.untold = false;
        opener.episode = false;
        out.extend(opener.alert(rules));
        if !opener.span {
            let id = opener.last.id;
            self.openers.remove(&id);
        }
    }

    /// A span is over. An alert that held others back since its last revision says so, at the latest with its episode.
    fn end_span(&mut self, rules: &RuleSet, id: AlertId, out: &mut Vec<Alert>) {
        let Some(opener) = self.openers.get_mut(&id) else { return };
        opener.span = false;
        if opener.episode {
            return;
        }
        if opener.untold {
            opener.last.revision += 1;
            out.extend(opener.alert(rules));
        }
        self.openers.remove(&id);
    }

    /// Ends the spans that the watermark of their rule has passed.
    pub(super) fn expire(&mut self, rules: &RuleSet, watermark_of: impl Fn(u32) -> Timestamp) -> Vec<Alert> {
        let over: Vec<_> = self
            .spans
            .iter()
            .filter(|((rule, _), (_, until))| *until < watermark_of(*rule))
            .map(|(key, (id, _))| (key.clone(), *id))
            .collect();
        let mut alerts = Vec::new();
        for (key, id) in over {
            self.spans.remove(&key);
            self.end_span(rules, id, &mut alerts);
        }
        alerts
    }
}

impl Opener {
    fn alert(&self, rules: &RuleSet) -> Option<Alert> {
        let mut alert = self.last.alert(rules)?;
        alert.suppressed = self.suppressed;
        Some(alert)
    }
}
