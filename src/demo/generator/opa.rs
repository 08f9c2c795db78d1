//! OPA's decision logs, one decision a record, as a forwarder of its HTTP batches writes them.

use rand::RngExt;
use serde_json::json;

use crate::model::{Span, Timestamp};

use super::OPA_TOPIC;
use super::cast::{Endpoint, model_named};
use super::script::Script;

/// One policy decision.
pub(super) struct Decision {
    pub(super) time: Timestamp,
    pub(super) endpoint: &'static Endpoint,
    pub(super) allowed: bool,
    pub(super) tier: &'static str,
}

impl Script {
    /// Logs a decision; gives its id and its time, which has nanoseconds as OPA's has.
    pub(super) fn policy_decision(&mut self, decision: &Decision) -> (String, Timestamp) {
        let Decision { time, endpoint, allowed, tier } = decision;
        let time = time.plus(Span(self.rng.random_range(0..1_000_000)));
        let model = model_named(endpoint.model);
        let id = self.uuid();
        let amount = if *tier == "high" {
            self.rng.random_range(50_000..900_000_u32)
        } else {
            self.rng.random_range(100..50_000)
        };
        let evaluation: u32 = self.rng.random_range(40_000..900_000);
        let body = json!({
            "labels": {"id": "5c3f6d0e-8f0b-4a53-9d6a-0a4b1f0c7d11", "version": "1.9.0", "app": "validation-sidecar", "env": "prod"},
            "decision_id": id,
            "bundles": {"aigov": {"revision": "r118"}},
            "path": "aigov/serving/allow",
            "input": {
                "endpoint": {"id": endpoint.id},
                "model": {"name": model.name, "version": model.version.to_string()},
                "risk_tier": tier,
                "amount": amount,
                "caller": format!("svc-{}", endpoint.id),
            },
            "result": allowed,
            "requested_by": format!("10.20.{}.{}:{}", self.rng.random_range(0..8_u32), self.rng.random_range(1..255_u32), self.rng.random_range(32_768..61_000_u32)),
            "timestamp": time.to_string(),
            "metrics": {"timer_rego_query_eval_ns": evaluation, "timer_server_handler_ns": evaluation + 35_000},
            "req_id": self.record_count() + 1,
        });
        let headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
        self.add(OPA_TOPIC, endpoint.id, headers, &body, time);
        (id, time)
    }
}
