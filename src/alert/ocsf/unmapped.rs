//! What OCSF has no attribute for, by the names that it has in the ECS document, so that what is known of one is known of
//! the other.

use serde_json::{Map, Value};

use crate::alert::bounded::Bounded;
use crate::alert::document::{card, state};
use crate::alert::object::Object;
use crate::model::Alert;

/// Of `alert`: what the finding says elsewhere.
const STATE_ELSEWHERE: [&str; 6] = ["id", "revision", "status", "count", "first_seen", "last_seen"];
/// Of `rule`: the same.
const CARD_ELSEWHERE: [&str; 6] = ["id", "name", "description", "level", "reference", "ruleset"];

/// `unmapped`. Comes last, because it says how many values were cut.
pub(super) fn unmapped(
    alert: &Alert,
    lifted: Map<String, Value>,
    group: Map<String, Value>,
    bounded: &mut Bounded,
) -> Map<String, Value> {
    let rule = &alert.rule;
    let without = |mut object: Map<String, Value>, names: &[&str]| {
        object.retain(|name, _| !names.contains(&name.as_str()));
        object
    };
    let mut unmapped = Object::default();
    unmapped.put("alert", without(state(alert, bounded), &STATE_ELSEWHERE));
    unmapped.put("rule", without(card(rule), &CARD_ELSEWHERE));
    unmapped.put_if("group", (!group.is_empty()).then_some(group));
    for (name, value) in lifted {
        unmapped.put(&name, value);
    }
    unmapped.put_list("falsepositives", &rule.falsepositives);
    if rule.triage.is_empty() {
        // else they stand in `remediation`, which must say what to do
        unmapped.put_list("references", &rule.references);
    }
    unmapped.0
}
