//! `/api/v1/openapi.json`: the description of the interface, as it stands in `openapi.json` beside this file.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::state::Shared;

/// The description.
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`.
pub(super) async fn get(State(shared): State<Arc<Shared>>) -> Response {
    let kind = [(CONTENT_TYPE, "application/json")];
    if !shared.sessions.token_needed() {
        return (kind, DESCRIPTION).into_response();
    }
    (kind, WITH_TOKEN.as_str()).into_response()
}

/// The description of a console that needs a token: nothing is answered without one.
static WITH_TOKEN: LazyLock<String> = LazyLock::new(|| {
    let Ok(mut description) = serde_json::from_str::<Value>(DESCRIPTION) else { return DESCRIPTION.to_owned() };
    if let Some(Value::Array(ways)) = description.get_mut("security") {
        ways.retain(|way| way.as_object().is_none_or(|way| !way.is_empty()));
    }
    description.to_string()
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::console::routes::api;

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
            })
            .collect();
        let routed: BTreeSet<(String, String)> =
            api().into_iter().map(|(method, path, _)| (method.to_owned(), path.to_owned())).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_compiles() {
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|member| references(member, found));
                }
                Value::Array(members) => members.iter().for_each(|member| references(member, found)),
                _ => {}
            }
        }
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let mut found = Vec::new();
        references(&description, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(description.pointer(pointer).is_some(), "{reference}");
        }
    }
}
