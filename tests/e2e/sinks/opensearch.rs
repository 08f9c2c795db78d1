//! OpenSearch, which has no version 9 of the protocol and says so in no header.

use serde_json::json;

use super::search_engine::takes_the_same_documents;
use super::*;
use crate::servers::{OpenSearch, OpenSearchVersion, ServerError};

async fn takes_the_same_documents_and_comes_back(version: OpenSearchVersion) -> Result<(), ServerError> {
    let mut node = OpenSearch::start(version)?;
    let config = json!({
        "type": "elasticsearch", "hosts": [node.url()], "strict_mapping": true, "retry": quick_retries(),
    });
    let mut running = takes_the_same_documents(config, node.http()).await?;
    node.kill();
    running.sink.send(outgoing(11, an_alert(11, 1))).await;
    running.down().await;
    node.restart()?;
    running.delivered(1).await;
    running.close().await;
    assert_eq!(node.search_all(INDICES)?.len(), 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_2_takes_the_same_documents() -> Result<(), ServerError> {
    takes_the_same_documents_and_comes_back(OpenSearchVersion::Two).await
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_3_takes_the_same_documents() -> Result<(), ServerError> {
    takes_the_same_documents_and_comes_back(OpenSearchVersion::Three).await
}
