//! The `rsigma-eval` crate, from bytes to results, on one core.

use std::time::Duration;

use rsigma_eval::event::JsonEvent;
use rsigma_eval::{
    CorrelationAction, CorrelationConfig, CorrelationEngine, Engine, EvaluationResult, LogSourceExtractor,
};
use rsigma_parser::{SigmaCollection, parse_sigma_yaml};

use crate::count::Counts;
use crate::stopwatch::Stopwatch;

/// Parses rules; an error as text.
pub(crate) fn compile(yaml: &str) -> Result<SigmaCollection, String> {
    let collection = parse_sigma_yaml(yaml).map_err(|error| error.to_string())?;
    if let Some(error) = collection.errors.first() {
        return Err(error.to_string());
    }
    Ok(collection)
}

/// Whether the engine takes these rules.
pub(crate) fn loads(collection: &SigmaCollection) -> bool {
    Engine::new().add_collection(collection).is_ok()
}

fn extractor(routed: bool) -> Option<LogSourceExtractor> {
    routed.then(|| {
        LogSourceExtractor::new().with_field_names("logsource.product", "logsource.service", "logsource.category")
    })
}

/// Runs detections and correlations. A correlation forgets its window when it has fired.
pub(crate) fn correlate(rules: &SigmaCollection, events: &[String], routed: bool) -> (Duration, Counts) {
    let config = CorrelationConfig {
        action_on_match: CorrelationAction::Reset,
        emit_detections: false,
        ..CorrelationConfig::default()
    };
    let mut engine = CorrelationEngine::new(config);
    engine.set_logsource_extractor(extractor(routed));
    engine.add_collection(rules).expect("the rules were tried before");
    let mut counts = Counts::default();
    let stopwatch = Stopwatch::start();
    for event in events {
        let value: serde_json::Value = serde_json::from_slice(event.as_bytes()).expect("generated JSON");
        let results = engine.process_event(&JsonEvent::borrow(&value));
        count(&results, &mut counts);
    }
    (stopwatch.elapsed(), counts)
}

/// Runs detections only.
pub(crate) fn detect(rules: &SigmaCollection, events: &[String], routed: bool) -> (Duration, Counts) {
    let mut engine = Engine::new();
    engine.set_logsource_extractor(extractor(routed));
    engine.add_collection(rules).expect("the rules were tried before");
    let mut counts = Counts::default();
    let stopwatch = Stopwatch::start();
    for event in events {
        let value: serde_json::Value = serde_json::from_slice(event.as_bytes()).expect("generated JSON");
        let results = engine.evaluate(&JsonEvent::borrow(&value));
        count(&results, &mut counts);
    }
    (stopwatch.elapsed(), counts)
}

fn count(results: &[EvaluationResult], counts: &mut Counts) {
    for result in results {
        counts.add(&result.header.rule_title, result.is_detection());
    }
}
