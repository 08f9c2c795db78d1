//! Which rules may be judged on arrival: those that wait for nothing that is known behind the watermark only.

use super::Resolver;
use crate::rule::correlation::Correlation;
use crate::rule::diagnostic::Diagnostics;
use crate::rule::set::{Member, RuleRef};

impl Resolver {
    /// RULES S3: on arrival only what is itself known on arrival can be judged.
    pub(super) fn check_early(&self, correlation: &Correlation, members: &[Member], diagnostics: &mut Diagnostics) {
        for member in members.iter().filter(|_| correlation.early) {
            let RuleRef::Correlation(child) = member.rule else {
                if self.hears_alerts(member.rule) {
                    let message = "`early` cannot wait for alerts, which may be known behind the watermark only";
                    let help = "leave out `early`".to_owned();
                    diagnostics.error(correlation.place, "early-waits", message, Some(help));
                }
                continue;
            };
            if self.set.correlations.get(child).is_some_and(|child| !child.early) {
                let message =
                    format!("`early` cannot wait for `{}`, which is known behind the watermark", member.title);
                let help = "write `early: true` there too, or leave it out here".to_owned();
                diagnostics.error(correlation.place, "early-waits", message, Some(help));
            }
        }
    }

    /// Whether a rule depends on alert events (RULES S17).
    pub(super) fn hears_alerts(&self, rule: RuleRef) -> bool {
        match rule {
            RuleRef::Detection(index) => self.set.detections.get(index).is_some_and(|rule| rule.hears_alerts),
            RuleRef::Correlation(index) => self.set.correlations.get(index).is_some_and(|rule| rule.hears_alerts),
        }
    }
}
