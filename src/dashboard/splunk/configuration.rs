//! The files of the app beside its views: what it is, what its source types mean, and who may see it.

use std::fmt::Write as _;

use super::super::{Artefact, Description};
use super::{APP, fields, view_name};

/// Fields of the Common Information Model's *Alerts*, by Splunk's expressions over an alert. `severity` is there already, as
/// an indexed field.
const CIM_ALERTS: [(&str, &str); 12] = [
    ("app", "\"clarion\""),
    ("body", "'event.reason'"),
    ("description", "'event.reason'"),
    ("dest", "coalesce('aigov.model.name', 'aigov.model.name{}', 'aigov.endpoint.id', 'aigov.endpoint.id{}')"),
    ("dest_type", "if(isnotnull(coalesce('aigov.model.name', 'aigov.model.name{}')), \"model\", \"endpoint\")"),
    ("id", "'alert.id'"),
    ("mitre_technique_id", "coalesce('threat.technique.id', 'threat.technique.id{}')"),
    ("signature", "'rule.name'"),
    ("signature_id", "'rule.id'"),
    ("src", "coalesce('source.address', 'source.address{}')"),
    ("subject", "'message'"),
    ("type", "\"alert\""),
];

/// All of them.
pub(super) fn files(description: &Description) -> Vec<Artefact> {
    let file = |path: &str, text: String| Artefact { path: path.to_owned(), text };
    vec![
        file("default/app.conf", app()),
        file("default/props.conf", props(description)),
        file("default/eventtypes.conf", EVENT_TYPES.to_owned()),
        file("default/tags.conf", TAGS.to_owned()),
        file("default/macros.conf", MACROS.to_owned()),
        file("default/data/ui/nav/default.xml", navigation(description)),
        file("metadata/default.meta", METADATA.to_owned()),
        file("README.md", README.to_owned()),
    ]
}

const GENERATED: &str = "# Written by `clarion dashboards build`. Changes belong into local/ of the app.\n";

fn app() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{GENERATED}[install]\nis_configured = false\nbuild = 1\n\n[ui]\nis_visible = true\nlabel = Clarion AI governance\n\n[launcher]\nauthor = Clarion\ndescription = Alerts and governance metrics of AI systems, correlated by Clarion.\nversion = {version}\n\n[package]\nid = {APP}\ncheck_for_updates = false\n\n[id]\nname = {APP}\nversion = {version}\n"
    )
}

/// The two source types. Time comes with the event from the HTTP event collector, so nothing looks for it in the text.
fn props(description: &Description) -> String {
    let mut text = GENERATED.to_owned();
    let calculated = fields::calculated_fields(description);
    for (source_type, is_alert) in [("clarion:alert", true), ("clarion:metric", false)] {
        let _ = write!(
            text,
            "[{source_type}]\nDATETIME_CONFIG = CURRENT\nSHOULD_LINEMERGE = false\nLINE_BREAKER = ([\\r\\n]+)\nTRUNCATE = 1048576\nKV_MODE = json\nMAX_TIMESTAMP_LOOKAHEAD = 0\ncategory = Custom\npulldown_type = true\n"
        );
        for field in &calculated {
            let _ = writeln!(text, "EVAL-{} = coalesce('{field}', '{field}{{}}')", fields::name(field));
        }
        if is_alert {
            for (field, expression) in CIM_ALERTS {
                let _ = writeln!(text, "EVAL-{field} = {expression}");
            }
        }
        text.push('\n');
    }
    text
}

const EVENT_TYPES: &str = "# Written by `clarion dashboards build`. Changes belong into local/ of the app.\n[clarion_alert]\nsearch = sourcetype=\"clarion:alert\"\n\n[clarion_metric]\nsearch = sourcetype=\"clarion:metric\"\n";

const TAGS: &str = "# Written by `clarion dashboards build`. Changes belong into local/ of the app.\n[eventtype=clarion_alert]\nalert = enabled\n";

const MACROS: &str = "# Written by `clarion dashboards build`. Changes belong into local/ of the app.
# Where the events are. Name your index here, in local/macros.conf: searches are faster then.
[clarion_index]
definition = (index=*)
iseval = 0

# The newest revision of each alert.
[clarion_alerts]
definition = `clarion_index` sourcetype=\"clarion:alert\" | sort 0 - alert.revision | dedup alert_id
iseval = 0

# Each value once: after a failure the sink may have sent one twice.
[clarion_metrics]
definition = `clarion_index` sourcetype=\"clarion:metric\" | dedup metric_id
iseval = 0
";

const METADATA: &str = "[]
access = read : [ * ], write : [ admin, sc_admin ]
export = none

[props]
export = system

[eventtypes]
export = system

[tags]
export = system

[macros]
export = system
";

const README: &str = "# Clarion AI governance

Alerts and governance metrics of AI systems, as Clarion's HTTP event collector sink sends them: source types `clarion:alert`
and `clarion:metric`, in any index. Name the index in `local/macros.conf`:

    [clarion_index]
    definition = (index=ai_governance)

Alerts have the fields of the Common Information Model's *Alerts*, by the tag `alert`.
";

fn navigation(description: &Description) -> String {
    let mut text = "<nav search_view=\"search\">\n".to_owned();
    for (index, dashboard) in description.dashboards.iter().enumerate() {
        let default = if index == 0 { " default=\"true\"" } else { "" };
        let _ = writeln!(text, "  <view name=\"{}\"{default} />", view_name(&dashboard.id));
    }
    text.push_str("  <view name=\"search\" />\n  <view name=\"reports\" />\n  <view name=\"alerts\" />\n</nav>\n");
    text
}
