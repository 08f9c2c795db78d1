//! Saved searches: the questions that come up beside the dashboards. None of them runs by itself; a team turns one into a
//! Splunk alert where it wants one.

use super::super::Artefact;

/// Name, what for, search.
const SEARCHES: [(&str, &str, &str); 5] = [
    (
        "Clarion - open critical and high alerts",
        "What to look at now, newest first.",
        "`clarion_alerts` | search alert.status=open (rule.level=critical OR rule.level=high) | sort 0 - _time | table _time rule.level message event.reason model_name threat_technique_id alert_id",
    ),
    (
        "Clarion - evidence of an alert",
        "The events behind one alert. Replace the id.",
        "`clarion_alerts` | search alert_id=\"ID\" | spath path=events{} output=evidence | mvexpand evidence | spath input=evidence | table time topic partition offset id rules{} fields.*",
    ),
    (
        "Clarion - risk score of each model",
        "The highest score of each model and version in the range.",
        "`clarion_metrics` | search clarion.metric.name=\"aigov.model.risk_score\" | stats max(clarion.metric.value) as risk_score latest(_time) as time by model_name model_version | sort 0 - risk_score",
    ),
    (
        "Clarion - audit trail gaps",
        "Models whose audit trail was not whole at some time of the range.",
        "`clarion_metrics` | search clarion.metric.name=\"aigov.audit.completeness\" | stats min(clarion.metric.value) as completeness by model_name | where completeness < 1 | sort 0 completeness",
    ),
    (
        "Clarion - retracted alerts",
        "Alerts that a late event took back, with the event.",
        "`clarion_alerts` | search alert.status=retracted | table _time rule.level message alert.cause alert_id",
    ),
];

/// `savedsearches.conf`.
pub(super) fn file() -> Artefact {
    let mut text = "# Written by `clarion dashboards build`. Changes belong into local/ of the app.\n".to_owned();
    for (name, description, search) in SEARCHES {
        text.push_str(&format!(
            "[{name}]\ndescription = {description}\nsearch = {search}\ndispatch.earliest_time = -7d\ndispatch.latest_time = now\nenableSched = 0\n\n"
        ));
    }
    Artefact { path: "default/savedsearches.conf".to_owned(), text }
}
