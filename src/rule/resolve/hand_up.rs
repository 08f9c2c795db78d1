//! What a rule needs of the rules that it refers to: fields that come to it with their hits (RULES S13).

use super::Resolver;
use crate::rule::set::{Measure, RuleRef};

impl Resolver {
    /// Fields that a parent groups by or counts must reach it through its children's hits, from the base events up.
    pub(super) fn hand_up(&mut self) {
        for index in (0..self.set.correlations.len()).rev() {
            let Some(parent) = self.set.correlations.get(index) else { continue };
            let counted = parent.measure().map_or(&[][..], Measure::fields).to_vec();
            let (members, own) = (parent.members.clone(), parent.handed_up.clone());
            for member in &members {
                let mut wanted = member.key.clone();
                wanted.extend(counted.iter().cloned());
                wanted.extend(own.iter().cloned());
                match member.rule {
                    RuleRef::Correlation(child) => {
                        // a value of a metric has its group and itself, and no events behind it
                        let child = self.set.correlations.get_mut(child).filter(|child| child.metric.is_none());
                        let Some(child) = child else { continue };
                        for field in wanted {
                            if !child.handed_up.contains(&field) {
                                child.handed_up.push(field);
                            }
                        }
                    }
                    RuleRef::Detection(child) => {
                        let Some(child) = self.set.detections.get_mut(child) else { continue };
                        child.shown.extend(wanted.iter().map(|field| field.slot));
                        child.shown.sort_unstable();
                        child.shown.dedup();
                    }
                }
            }
        }
    }
}
