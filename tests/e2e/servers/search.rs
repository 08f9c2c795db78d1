//! Reading an index back, the same for Elasticsearch and OpenSearch: everything that is in it, in a fixed order.

use serde_json::{Value, json};

use super::{Http, ServerError};

const PAGE: u32 = 5_000;
const LENIENT: &str = "ignore_unavailable=true&allow_no_indices=true";

/// All documents of the indices that match, after a refresh, as the hits of a search (`_index`, `_id`, `_version`,
/// `_source`, …), sorted by the text of `@timestamp` and then by `_id`. No matching index is no document.
///
/// # Errors
/// [`ServerError::Request`] if the server refuses one of the requests.
pub(crate) fn search_all(http: &Http, indices: &str) -> Result<Vec<Value>, ServerError> {
    http.expect("POST", &format!("/{indices}/_refresh?{LENIENT}"), None)?;
    let query = json!({"size": PAGE, "version": true, "seq_no_primary_term": true, "sort": ["_doc"]});
    let mut page = http.expect("POST", &format!("/{indices}/_search?scroll=1m&{LENIENT}"), Some(&query))?;
    let mut hits = Vec::new();
    loop {
        let found = page.pointer_mut("/hits/hits").and_then(Value::as_array_mut).map(std::mem::take);
        let found = found.unwrap_or_default();
        let scroll = page.get("_scroll_id").cloned().unwrap_or_default();
        if found.is_empty() {
            if !scroll.is_null() {
                http.send("DELETE", "/_search/scroll", Some(&json!({"scroll_id": scroll})))?;
            }
            break;
        }
        hits.extend(found);
        page = http.expect("POST", "/_search/scroll", Some(&json!({"scroll": "1m", "scroll_id": scroll})))?;
    }
    hits.sort_by_cached_key(|hit: &Value| (text(hit, "/_source/@timestamp"), text(hit, "/_id")));
    Ok(hits)
}

fn text(hit: &Value, pointer: &str) -> String {
    hit.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
