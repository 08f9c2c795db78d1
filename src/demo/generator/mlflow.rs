//! MLflow's registry webhooks, as MLflow 3 delivers them.

use serde_json::{Value, json};

use crate::model::Timestamp;

use super::MLFLOW_TOPIC;
use super::script::Script;

impl Script {
    /// A webhook of an entity and action.
    pub(super) fn webhook(&mut self, time: Timestamp, model: &str, entity: &str, action: &str, data: &Value) {
        // Python's isoformat in UTC
        let timestamp = time.to_string().replace('Z', "+00:00");
        let body = json!({ "entity": entity, "action": action, "timestamp": timestamp, "data": data });
        let headers = vec![
            ("content-type".to_owned(), b"application/json".to_vec()),
            ("X-MLflow-Delivery-Id".to_owned(), self.uuid().into_bytes()),
            ("X-MLflow-Timestamp".to_owned(), time.millis().div_euclid(1000).to_string().into_bytes()),
        ];
        self.add(MLFLOW_TOPIC, model, headers, &body, time);
    }

    /// A new version, as training leaves it.
    pub(super) fn new_version(&mut self, time: Timestamp, model: &str, version: u32) {
        let run = self.hex();
        let data = json!({
            "name": model, "version": version.to_string(), "source": format!("s3://models/{run}/artifacts/model"),
            "run_id": run, "tags": {"validation_status": "pending"}, "description": "scheduled retraining",
        });
        self.webhook(time, model, "model_version", "created", &data);
    }

    pub(super) fn version_tag(&mut self, time: Timestamp, model: &str, version: u32, key: &str, value: &str) {
        let data = json!({ "name": model, "version": version.to_string(), "key": key, "value": value });
        self.webhook(time, model, "model_version_tag", "set", &data);
    }

    /// An alias on a version; `production` is a deployment.
    pub(super) fn alias(&mut self, time: Timestamp, model: &str, version: u32, alias: &str) {
        let data = json!({ "name": model, "alias": alias, "version": version.to_string() });
        self.webhook(time, model, "model_version_alias", "created", &data);
    }
}
