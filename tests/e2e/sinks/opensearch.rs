//! OpenSearch, which has no version 9 of the protocol and says so in no header.

use serde_json::json;

use super::search_engine::takes_the_same_documents_and_comes_back;
use super::*;
use crate::servers::{OpenSearch, OpenSearchVersion, ServerError};

async fn run_version(version: OpenSearchVersion) -> Result<(), ServerError> {
    let mut node = OpenSearch::start(version)?;
    let config = json!({
        "type": "elasticsearch", "hosts": [node.url()], "strict_mapping": true, "retry": quick_retries(),
    });
    takes_the_same_documents_and_comes_back(&mut node, config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_2_takes_the_same_documents() -> Result<(), ServerError> {
    run_version(OpenSearchVersion::Two).await
}

#[tokio::test(flavor = "multi_thread")]
async fn opensearch_3_takes_the_same_documents() -> Result<(), ServerError> {
    run_version(OpenSearchVersion::Three).await
}
