//! What every search engine of the family must do with the same documents.

use serde_json::{Value, json};

use super::*;
use crate::servers::{Elasticsearch, Http, OpenSearch, ServerError, search_all};

/// A node that can be lost for a while.
pub(super) trait Node {
    fn http(&self) -> &Http;
    fn kill(&mut self);
    fn restart(&mut self) -> Result<(), ServerError>;
}

macro_rules! node {
    ($server:ty) => {
        impl Node for $server {
            fn http(&self) -> &Http {
                self.http()
            }
            fn kill(&mut self) {
                self.kill();
            }
            fn restart(&mut self) -> Result<(), ServerError> {
                self.restart()
            }
        }
    };
}

node!(Elasticsearch);
node!(OpenSearch);

/// Alerts, revisions, a hostile alert, values of series, and a document that is refused: all through one sink.
async fn takes_the_same_documents(config: Value, http: &Http) -> Result<Running, ServerError> {
    takes_findings(config.clone(), http).await?;
    let mut running = run(config).await;
    for (ticket, alert) in [an_alert(2, 1), an_alert(1, 2), an_alert(1, 1), a_hostile_alert(4)].into_iter().enumerate()
    {
        running.sink.send(outgoing(ticket as u64, alert)).await;
    }
    for (ticket, metric) in [(4, a_metric(5, Some(2.5))), (5, a_metric(6, None)), (6, a_metric(5, Some(2.5)))] {
        running.sink.send(outgoing_metric(ticket, metric)).await;
    }
    running.delivered(7).await;
    let hits = search_all(http, INDICES)?;
    assert_eq!(hits.iter().map(|hit| hit["_version"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1, 1]);
    let search = |indices: &str, query: &Value| http.expect("POST", &format!("/{indices}/_search"), Some(query));
    searches_find_what_is_mapped(&|query| search(INDICES, query))?;

    let hits = search_all(http, METRICS)?;
    let found: Vec<_> =
        hits.iter().map(|hit| (hit["_index"].as_str(), hit["_id"].as_str().map(str::to_owned))).collect();
    let row = |id: u128| (Some("metrics-clarion.governance-2026.11"), Some(AlertId(id).to_string()));
    assert_eq!(found, [row(5), row(6)], "a value that comes twice is there once");
    let per_model = json!({"size": 0, "aggs": {"models": {
        "terms": {"field": "group.aigov.model.name"},
        "aggs": {"mean": {"avg": {"field": "clarion.metric.value"}}, "samples": {"sum": {"field": "clarion.metric.samples"}}},
    }}});
    let buckets = search(METRICS, &per_model)?["aggregations"]["models"]["buckets"].clone();
    let bucket = &buckets[0];
    assert_eq!((&bucket["key"], &bucket["doc_count"]), (&json!("credit"), &json!(2)), "{buckets}");
    assert_eq!((&bucket["mean"]["value"], &bucket["samples"]["value"]), (&json!(2.5), &json!(1.0)), "{buckets}");

    let surprise = r#"{"@timestamp":"2026-11-21T08:00:00Z","surprise":1}"#;
    running.sink.send(with_body(10, an_alert(10, 1), surprise)).await;
    let outcomes = running.outcomes(1).await;
    assert!(matches!(&outcomes[&10], Outcome::Rejected { reason } if reason.contains("surprise")), "{outcomes:?}");
    Ok(running)
}

/// The same alerts as OCSF findings, through a sink of its own, into an index of its own.
async fn takes_findings(mut config: Value, http: &Http) -> Result<(), ServerError> {
    config["format"] = json!("ocsf");
    let mut running = run(config).await;
    let mut ancient = an_alert(3, 1);
    ancient.time = Timestamp(-1);
    let alerts = [an_alert(2, 1), an_alert(1, 2), an_alert(1, 1), ancient, a_hostile_alert(4)];
    for (ticket, alert) in (0_u64..).zip(alerts) {
        running.sink.send(outgoing_finding(ticket, alert)).await;
    }
    running.sink.send(outgoing_metric(5, a_metric(7, Some(2.5)))).await;
    running.delivered(6).await;
    let hits = search_all(http, FINDINGS)?;
    let found: Vec<_> = hits
        .iter()
        .map(|hit| (hit["_index"].as_str(), hit["_id"].as_str().map(str::to_owned), hit["_version"].as_u64()))
        .collect();
    let row = |month, id: u128, version| (Some(month), Some(AlertId(id).to_string()), Some(version));
    let month = "alerts-clarion.ocsf-2026.11";
    assert_eq!(found, [row(month, 1, 2), row(month, 2, 1), row("alerts-clarion.ocsf-1969.12", 3, 1), row(month, 4, 1)]);
    let mut source = hits[0]["_source"].clone();
    let logged = source["metadata"].as_object_mut().unwrap().remove("logged_time").unwrap();
    assert!(logged.as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(source, alert::ocsf_document(&an_alert(1, 2)), "what is stored is the document");
    assert_eq!(search_all(http, METRICS)?.len(), 1, "a value of a series is what it always is");
    http.expect("DELETE", "/metrics-clarion.governance-2026.11", None)?;
    for query in [
        json!({"term": {"class_uid": 2004}}),
        json!({"term": {"finding_info.attacks.sub_technique.uid": "AML.T0010.003"}}),
        json!({"term": {"resources.uid": "model-2/7"}}),
        json!({"term": {"evidences.src_endpoint.ip": "192.0.2.0/24"}}),
        json!({"term": {"evidences.data.fields.labels.team": "credit"}}),
        json!({"term": {"unmapped.group.aigov.model.name": "model-2"}}),
        json!({"range": {"unmapped.aigov.drift.share": {"gt": 0.4}}}),
        json!({"range": {"time": {"gte": 1_795_248_000_000_i64, "lt": 1_795_248_001_000_i64}}}),
        json!({"match": {"remediation.desc": "owner"}}),
        json!({"exists": {"field": "metadata.logged_time"}}),
    ] {
        let found = http.expect("POST", &format!("/{FINDINGS}/_search"), Some(&json!({"query": query})))?;
        let ids: Vec<&str> =
            found["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["_id"].as_str().unwrap()).collect();
        assert!(ids.contains(&AlertId(2).to_string().as_str()), "{query} finds {ids:?}");
    }
    let surprise = r#"{"time":1795248000000,"ai_model":{"name":"m"}}"#;
    running.sink.send(with_body(6, an_alert(10, 1), surprise)).await;
    let outcomes = running.outcomes(1).await;
    assert!(matches!(&outcomes[&6], Outcome::Rejected { reason } if reason.contains("ai_model")), "{outcomes:?}");
    running.close().await;
    Ok(())
}

/// The same, and an alert that comes while the node is gone.
pub(super) async fn takes_the_same_documents_and_comes_back(
    node: &mut impl Node,
    config: Value,
) -> Result<(), ServerError> {
    let mut running = takes_the_same_documents(config, node.http()).await?;
    node.kill();
    running.sink.send(outgoing(11, an_alert(11, 1))).await;
    running.down().await;
    node.restart()?;
    running.delivered(1).await;
    running.close().await;
    assert_eq!(search_all(node.http(), INDICES)?.len(), 4);
    Ok(())
}

/// What rules, dashboards and analysts search by is indexed: exact, by range, nested under the group and in the evidence.
pub(super) fn searches_find_what_is_mapped(
    search: &dyn Fn(&Value) -> Result<Value, ServerError>,
) -> Result<(), ServerError> {
    for query in [
        json!({"term": {"rule.level": "critical"}}),
        json!({"term": {"threat.technique.id": "AML.T0010"}}),
        json!({"range": {"@timestamp": {"gte": "2026-11-21", "lt": "2026-11-22"}}}),
        json!({"range": {"aigov.drift.share": {"gt": 0.4}}}),
        json!({"term": {"related.ip": "192.0.2.0/24"}}),
        json!({"term": {"aigov.model.name": "model-2"}}),
        json!({"term": {"group.aigov.model.name": "model-2"}}),
        json!({"term": {"events.fields.labels.team": "credit"}}),
        json!({"match": {"message": "assessment"}}),
        json!({"term": {"event.kind": "alert"}}),
        json!({"exists": {"field": "event.ingested"}}),
    ] {
        let found = search(&json!({"query": query}))?;
        let ids: Vec<&str> =
            found["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["_id"].as_str().unwrap()).collect();
        assert!(ids.contains(&AlertId(2).to_string().as_str()), "{query} finds {ids:?}");
    }
    Ok(())
}
