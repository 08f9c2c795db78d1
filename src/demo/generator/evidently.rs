//! Evidently's reports (the JSON of its 0.7 generation) in a structured CloudEvent, which names the model that the report
//! itself does not.

use rand::RngExt;
use serde_json::{Value, json};

use crate::model::Timestamp;

use super::EVIDENTLY_TOPIC;
use super::cast::model_named;
use super::script::Script;

const METHOD: &str = "K-S p_value";

impl Script {
    /// A report on a model. With drift, three of its four columns have drifted; without, at most one.
    pub(super) fn drift_report(&mut self, time: Timestamp, model: &str, version: u32, drifted: bool) {
        let columns = model_named(model).columns;
        let unlucky = self.rng.random_range(0..8_usize);
        let mut count = 0_u32;
        let mut columns_json: Vec<Value> = Vec::new();
        for (index, column) in columns.into_iter().enumerate() {
            let has_drifted = if drifted { index < 3 } else { index == unlucky };
            count += u32::from(has_drifted);
            let value: f64 =
                if has_drifted { self.rng.random_range(1e-9..0.01) } else { self.rng.random_range(0.08..0.97) };
            columns_json.push(json!({
                "id": self.hex(),
                "metric_name": format!("ValueDrift(column={column},method={METHOD},threshold=0.05)"),
                "config": {"type": "evidently:metric_v2:ValueDrift", "column": column, "method": METHOD, "threshold": 0.05},
                "value": value,
            }));
        }
        let share = f64::from(count) / 4.0;
        let count_id = self.hex();
        let mut metrics = vec![json!({
            "id": count_id,
            "metric_name": "DriftedColumnsCount(drift_share=0.5)",
            "config": {"type": "evidently:metric_v2:DriftedColumnsCount", "drift_share": 0.5},
            "value": {"count": f64::from(count), "share": share},
        })];
        metrics.extend(columns_json);
        let relation = if drifted { ">=" } else { "<" };
        let tests = json!([{
            "id": "lt", "name": "Share of Drifted Columns: Less 0.500",
            "description": format!("Share of Drifted Columns: Actual value {share:.3} {relation} 0.500"),
            "metric_config": {"metric_id": count_id, "params": {"type": "evidently:metric_v2:DriftedColumnsCount", "drift_share": 0.5}},
            "status": if drifted { "FAIL" } else { "SUCCESS" },
        }]);
        let body = json!({
            "specversion": "1.0", "id": self.uuid(), "source": "/monitoring/evidently", "type": "ai.evidently.report.v2",
            "subject": format!("{model}/{version}"), "time": time.to_string(), "datacontenttype": "application/json",
            "data": {"metrics": metrics, "tests": tests},
        });
        let headers = vec![("content-type".to_owned(), b"application/cloudevents+json; charset=UTF-8".to_vec())];
        self.add(EVIDENTLY_TOPIC, model, headers, &body, time);
    }
}
