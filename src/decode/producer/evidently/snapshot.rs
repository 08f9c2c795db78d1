//! The 0.7 generation. It has no verdict on the data set: the share of drifted columns is compared with the metric's own
//! `drift_share`.

use std::borrow::Cow;

use foldhash::HashMap;

use crate::decode::json::Value;
use crate::decode::producer::scalar_text;

use super::drift::{Column, Drift, is_drift};

/// The short form: `metrics[]` with `config` and `value`, and `tests[]`.
pub(super) fn of_report<'a>(metrics: &Value<'a>, tests: Option<&Value<'a>>) -> Drift<'a> {
    let mut drift = Drift::default();
    let verdicts = verdicts(tests);
    for metric in metrics.elements() {
        let name = metric.get("metric_name").or_else(|| metric.get("metric_id")).as_ref().and_then(scalar_text);
        let config = metric.get("config");
        let Some(value) = metric.get("value") else { continue };
        add(&mut drift, &Parameters { config, name }, &value, &value, &verdicts);
    }
    drift
}

/// The full dump: `metric_results{}` with the parameters in `metric_value_location` and the values in objects.
pub(super) fn of_dump<'a>(results: &Value<'a>) -> Drift<'a> {
    let mut drift = Drift::default();
    for (_, result) in results.members() {
        let config = result.at(&["metric_value_location", "metric", "params"]);
        let tests = result.get("tests");
        let single = result.get("value").unwrap_or(Value::Object("{}"));
        add(&mut drift, &Parameters { config, name: None }, &result, &single, &verdicts(tests.as_ref()));
    }
    drift
}

/// Adds what one metric says. `counted` has `count` and `share`, `single` is the value of a single number.
fn add<'a>(
    drift: &mut Drift<'a>,
    parameters: &Parameters<'a>,
    counted: &Value<'a>,
    single: &Value<'a>,
    verdicts: &HashMap<Cow<'a, str>, bool>,
) {
    match parameters.kind().as_deref() {
        Some("DriftedColumnsCount") => {
            let number =
                |key: &str| counted.get(key).and_then(|value| value.number().or_else(|| value.get("value")?.number()));
            drift.stated_count = number("count");
            drift.stated_share = number("share");
            let limit = parameters.number("drift_share").unwrap_or(0.5);
            drift.stated = drift.stated_share.filter(|share| share.is_finite()).map(|share| share >= limit);
        }
        Some("ValueDrift") => {
            let Some(name) = parameters.text("column") else { return };
            let method = parameters.text("method").unwrap_or_default();
            let threshold = parameters.number("threshold");
            let score = single.number().unwrap_or(f64::NAN);
            let by_score =
                || threshold.filter(|_| !method.is_empty()).is_some_and(|limit| is_drift(&method, score, limit));
            let drifted = verdicts.get(&name).copied().unwrap_or_else(by_score);
            drift.add(Column { name, method, score, threshold, drifted });
        }
        _ => {}
    }
}

/// Evidently's own verdicts on columns, where the report was made with tests. They beat a comparison of ours.
fn verdicts<'a>(tests: Option<&Value<'a>>) -> HashMap<Cow<'a, str>, bool> {
    let verdict = |test: Value<'a>| {
        let word = |key: &str| scalar_text(&test.get(key)?);
        let column = scalar_text(&test.at(&["metric_config", "params", "column"])?)?;
        let failed = match word("status")?.as_ref() {
            "FAIL" | "WARNING" => true,
            "SUCCESS" => false,
            _ => return None,
        };
        (word("id")? == "drift").then_some((column, failed))
    };
    tests.into_iter().flat_map(Value::elements).filter_map(verdict).collect()
}

/// What a metric was configured with: its `config`, else the words in its name, `ValueDrift(column=age,method=PSI)`, as
/// the first 0.7 releases have it.
struct Parameters<'a> {
    config: Option<Value<'a>>,
    name: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    /// The last word of `evidently:metric_v2:ValueDrift`.
    fn kind(&self) -> Option<Cow<'a, str>> {
        let full = self.config.as_ref().and_then(|config| scalar_text(&config.get("type")?));
        let named = || {
            let name = self.name.as_deref()?;
            Some(Cow::Owned(name.split('(').next()?.to_owned()))
        };
        full.map(|full| Cow::Owned(full.rsplit(':').next().unwrap_or("").to_owned())).or_else(named)
    }

    fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        if let Some(config) = &self.config {
            return scalar_text(&config.get(key)?).filter(|text| !text.is_empty());
        }
        let name = self.name.as_deref()?;
        let inner = name.split_once('(')?.1.strip_suffix(')')?;
        let start = inner.find(&format!("{key}="))?;
        let value = inner.get(start + key.len() + 1..)?;
        // A column's name may hold commas; what follows it is another key.
        let end = ["method=", "threshold=", "drift_share=", "column="]
            .iter()
            .filter_map(|next| value.find(&format!(",{next}")))
            .min()
            .unwrap_or(value.len());
        Some(Cow::Owned(value.get(..end)?.to_owned()))
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.text(key)?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_good_as_a_config() {
        let name = Some(Cow::Borrowed("ValueDrift(column=a,b=c,method=K-S p_value,threshold=0.05)"));
        let parameters = Parameters { config: None, name };
        assert_eq!(parameters.kind().as_deref(), Some("ValueDrift"));
        assert_eq!(parameters.text("column").as_deref(), Some("a,b=c"));
        assert_eq!(parameters.text("method").as_deref(), Some("K-S p_value"));
        assert_eq!(parameters.number("threshold"), Some(0.05));
        assert_eq!(parameters.number("drift_share"), None);
    }
}
