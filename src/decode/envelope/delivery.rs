//! A captured HTTP request: `{ "headers": {…}, "body": "…" }`, as webhook gateways write what they received.

use std::borrow::Cow;

use crate::decode::json::Value;
use crate::model::Scalar;

/// Headers that show that an object is a request rather than an event which happens to have `headers` and `body`.
const TELLING: [&str; 3] = ["content-type", "x-mlflow-delivery-id", "x-atlassian-webhook-identifier"];

/// The body of a captured request, if `headers` and `body` are those of one and the body is a JSON object or array,
/// as text or in place.
pub(in crate::decode) fn captured_request<'a>(headers: &Value<'a>, body: &Value<'a>) -> Option<Cow<'a, str>> {
    let is_request =
        headers.members().any(|(name, _)| TELLING.iter().any(|telling| name.eq_ignore_ascii_case(telling)));
    if !is_request {
        return None;
    }
    match body {
        Value::Object(text) | Value::Array(text) => Some(Cow::Borrowed(text)),
        Value::Scalar(Scalar::Text(text)) if text.trim_start().starts_with(['{', '[']) => Some(text.clone()),
        Value::Scalar(_) => None,
    }
}
