//! `suppress` and `suppress-by` (RULES S10): after an alert no new one for the same values for a while; what is held back
//! is counted in the alert that is open.

use std::collections::BTreeMap;

use foldhash::HashSet;
use serde::{Deserialize, Serialize};

use super::emission::Emission;
use crate::model::{Alert, AlertId, Timestamp};
use crate::rule::{CorrelationRule, RuleSet};

/// Suppression spans that are open.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Suppressor {
    spans: BTreeMap<(u32, Vec<Option<String>>), OpenSpan>,
    /// Alerts that were held back and whose later revisions are too.
    muted: HashSet<AlertId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct OpenSpan {
    until: Timestamp,
    /// The last revision of the alert that opened it.
    last: Emission,
    suppressed: u64,
}

impl Suppressor {
    /// Takes a rule's emissions in their order and gives the alerts that get through.
    pub(super) fn take(
        &mut self,
        rules: &RuleSet,
        rule: &CorrelationRule,
        emission: Emission,
        held_back: &mut u64,
    ) -> Option<Alert> {
        let Some(span) = rule.suppress else { return emission.alert(rules) };
        if self.muted.contains(&emission.id) {
            // an episode has one closing update; after it nothing more comes
            self.muted.remove(&emission.id);
            return None;
        }
        let named = emission.named_group(rule);
        let values = rule
            .suppress_by
            .iter()
            .map(|name| named.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone()));
        let key = (emission.rule, values.collect::<Vec<_>>());
        let open = self.spans.get_mut(&key);
        match open {
            Some(open) if open.last.id == emission.id => {
                let revision = open.last.revision + 1;
                open.last = Emission { revision, ..emission };
                with_count(&open.last, open.suppressed, rules)
            }
            Some(open) if emission.revision == 1 && emission.time < open.until => {
                open.suppressed += 1;
                *held_back += 1;
                if rule.emit == crate::rule::correlation::Emit::Edge
                    && !matches!(rule.logic, crate::rule::Logic::Sequences(_))
                {
                    self.muted.insert(emission.id);
                }
                None
            }
            _ if emission.revision > 1 => emission.alert(rules),
            _ => {
                let until = emission.time.plus(span);
                let alert = emission.alert(rules);
                self.spans.insert(key, OpenSpan { until, last: emission, suppressed: 0 });
                alert
            }
        }
    }

    /// Ends the spans that the watermark of their rule has passed; an alert that held others back says so once more.
    pub(super) fn expire(&mut self, rules: &RuleSet, watermark_of: impl Fn(u32) -> Timestamp) -> Vec<Alert> {
        let over: Vec<_> = self
            .spans
            .iter()
            .filter(|((rule, _), span)| span.until < watermark_of(*rule))
            .map(|(key, _)| key.clone())
            .collect();
        let mut alerts = Vec::new();
        for key in over {
            let Some(span) = self.spans.remove(&key) else { continue };
            if span.suppressed > 0 {
                let revision = span.last.revision + 1;
                alerts.extend(with_count(&Emission { revision, ..span.last }, span.suppressed, rules));
            }
        }
        alerts
    }
}

fn with_count(emission: &Emission, suppressed: u64, rules: &RuleSet) -> Option<Alert> {
    let mut alert = emission.alert(rules)?;
    alert.suppressed = suppressed;
    Some(alert)
}
