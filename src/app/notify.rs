//! Trying the routes of notifications: the example that their templates are checked with, and the test message.

use std::sync::Arc;

use serde_json::json;

use super::{AppError, sink_settings};
use crate::alert::document;
use crate::config::Config;
use crate::model::{Alert, AlertId, AlertStatus, Coordinates, Evidence, Level, RuleCard, Span, TimeSource, Timestamp};
use crate::sink::{self, Content, Document};
use crate::telemetry::clock;

/// What came of a test message.
#[derive(Debug)]
pub struct TriedRoute {
    /// Name of the sink.
    pub name: String,
    /// The receiver's words: when it has taken the message, and when it has not.
    pub answer: Result<String, String>,
}

/// Sends one message, marked as a test, through each of the routes of these names, or through all.
///
/// # Errors
/// [`AppError`] when the settings cannot be used, or there is no route of a name.
pub fn try_routes(config: &Config, names: &[String]) -> Result<Vec<TriedRoute>, AppError> {
    let sinks = sink_settings(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(AppError::Runtime)?;
    let example = example();
    let mut tried = Vec::new();
    for settings in &sinks {
        if !names.is_empty() && !names.iter().any(|name| name == settings.name()) {
            continue;
        }
        if let Some(answer) = runtime.block_on(sink::try_route(settings, &example)) {
            tried.push(TriedRoute { name: settings.name().to_owned(), answer });
        }
    }
    let unknown = names.iter().find(|name| !tried.iter().any(|route| route.name == **name));
    match unknown {
        Some(name) => Err(AppError::NoRoute(name.clone())),
        None if tried.is_empty() => Err(AppError::NoRoute("webhook, slack or email".to_owned())),
        None => Ok(tried),
    }
}

/// An alert with all that an alert may have, about a model that nobody has. Its id is of the time, so that no receiver takes it for
/// a repetition.
pub(super) fn example() -> Document {
    let now = clock::now();
    let rule = RuleCard {
        id: "00000000-0000-4000-8000-000000000000".into(),
        title: "Model promoted without approval".into(),
        name: Some("promoted_without_approval".into()),
        description: Some("A version of a model went to production, and nobody had approved it.".into()),
        level: Level::High,
        status: Some("stable".into()),
        author: None,
        tags: vec!["atlas.aml.t0010.003".into(), "eu_ai_act.art14".into()],
        references: vec!["https://example.com/runbooks/approval".into()],
        falsepositives: vec!["An approval that is kept elsewhere".into()],
        triage: vec!["Ask the owner of the model who approved the version.".into()],
        kind: "detection".into(),
        timespan: Span::ZERO,
        file: "example.yml".into(),
        risk_score: 60,
        entities: Vec::new(),
        lookups: Vec::new(),
    };
    let field = |name: &str, value: &str| (name.to_owned(), vec![json!(value)]);
    let event = Evidence {
        time: now,
        time_source: TimeSource::Event,
        coordinates: Coordinates { topic: Arc::from("example"), partition: 0, offset: 0, sequence: 0 },
        id: None,
        rules: vec![rule.title.clone()],
        fields: vec![field("aigov.model.name", "example-model"), field("user.name", "kim")],
    };
    let alert = Alert {
        id: AlertId(now.since(Timestamp(0)).0.unsigned_abs().into()),
        revision: 1,
        status: AlertStatus::Open,
        time: now,
        rule: Arc::new(rule),
        group: vec![("aigov.model.name".into(), Some("example-model".into()))],
        count: 1,
        suppressed: 0,
        first_seen: now,
        last_seen: now,
        value: None,
        threshold: None,
        absence: None,
        cold_start: false,
        evidence: vec![event],
        cause: None,
    };
    Document {
        id: alert.id,
        revision: alert.revision,
        time: alert.time,
        body: document(&alert).to_string().into(),
        content: Content::Alert(Arc::new(alert)),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::sink::{SinkConfig, check_templates};

    #[test]
    fn the_examples_of_the_documentation_can_be_used() {
        #[derive(Deserialize)]
        struct Example {
            sinks: Vec<SinkConfig>,
        }
        let page = include_str!("../../docs/notifications.md");
        let mut tried = 0;
        for block in page.split("```yaml").skip(1) {
            let example: Example = serde_saphyr::from_str(block.split("```").next().unwrap()).unwrap();
            for sink in &example.sinks {
                assert_eq!(sink.validate(), Ok(()));
                assert_eq!(check_templates(sink, &super::example()), Ok(()));
                tried += 1;
            }
        }
        assert_eq!(tried, 6);
    }

    #[test]
    fn a_template_that_cannot_work_is_found_by_a_check_of_the_configuration() {
        let sinks = r#"sinks: [{type: slack, url: {env: A}, text: "{{ titel }}"}]"#;
        let text = format!(
            "kafka: {{brokers: ['a.example.com:9092']}}\nsources: [{{name: a, type: kafka, topics: [a]}}]\n{sinks}"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clarion.yaml");
        std::fs::write(&file, text).unwrap();
        let config = crate::config::load(Some(&file), []).unwrap().config;
        let error = sink_settings(&config).unwrap_err().to_string();
        assert!(
            error.contains("sinks[0]") && error.contains("text:1:4: there is no `titel`; did you mean `title`?"),
            "{error}"
        );
    }
}
