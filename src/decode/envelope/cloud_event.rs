//! CloudEvents 1.0 as its Kafka binding carries them: binary mode (attributes in `ce_` headers) and structured mode (the
//! whole event as JSON).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decode::Format;
use crate::decode::error::DecodeError;
use crate::decode::json::Value;
use crate::decode::producer::scalar_text;
use crate::model::{Record, Scalar};

/// The attributes of a CloudEvent, extensions included.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::decode) struct CloudEvent<'a> {
    attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// What a structured CloudEvent carries.
#[derive(Debug, PartialEq)]
pub(in crate::decode) enum Payload<'a> {
    Text(Cow<'a, str>),
    Bytes(Vec<u8>),
}

impl<'a> CloudEvent<'a> {
    /// Binary mode: the record's headers, when they hold the four attributes that every CloudEvent must have. Names may be
    /// spelled `ce-` too, as HTTP has them, because bridges copy headers.
    pub(in crate::decode) fn from_headers(record: &'a Record<'a>) -> Option<Self> {
        let mut attributes = Vec::new();
        for header in record.headers {
            let Some((prefix, name)) = header.name.split_at_checked(3) else { continue };
            if prefix.eq_ignore_ascii_case("ce_") || prefix.eq_ignore_ascii_case("ce-") {
                let Ok(value) = std::str::from_utf8(header.value) else { continue };
                attributes.push((Cow::Owned(name.to_ascii_lowercase()), Cow::Borrowed(value)));
            } else if header.name.eq_ignore_ascii_case("content-type")
                && let Ok(value) = std::str::from_utf8(header.value)
            {
                attributes.push((Cow::Borrowed("datacontenttype"), Cow::Borrowed(value)));
            }
        }
        Self { attributes }.complete()
    }

    /// Whether the record's `content-type` says structured mode.
    pub(in crate::decode) fn is_declared(record: &Record<'_>) -> bool {
        let declared = "application/cloudevents";
        record
            .header("content-type")
            .and_then(|value| value.trim_start().get(..declared.len()))
            .is_some_and(|start| start.eq_ignore_ascii_case(declared))
    }

    /// Structured mode: an object that has the four attributes.
    pub(in crate::decode) fn from_object(text: &'a str) -> Option<Self> {
        let attributes = Value::Object(text)
            .members()
            .filter(|(name, _)| name != "data" && name != "data_base64")
            .filter_map(|(name, value)| Some((name, scalar_text(&value)?)))
            .collect();
        Self { attributes }.complete()
    }

    /// `self` if it is a CloudEvent at all.
    fn complete(self) -> Option<Self> {
        let required = ["specversion", "id", "source", "type"];
        required.into_iter().all(|name| self.get(name).is_some_and(|value| !value.is_empty())).then_some(self)
    }

    /// An attribute.
    pub(in crate::decode) fn get(&self, name: &str) -> Option<&Cow<'a, str>> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value)
    }

    /// What identifies the event among all events: source and id, joined by a space. A source is a URI reference, which
    /// has no spaces (one that has is escaped), so the first space is the seam.
    pub(in crate::decode) fn identity(&self) -> Option<String> {
        Some(format!("{} {}", self.get("source")?.replace(' ', "%20"), self.get("id")?))
    }

    /// The format that the event's type names.
    pub(in crate::decode) fn format(&self) -> Option<Format> {
        let kind = self.get("type")?.to_ascii_lowercase();
        let names: [(&str, Format); 7] = [
            ("mlflow", Format::MlflowWebhook),
            ("openpolicyagent", Format::OpaDecisionLog),
            ("evidently", Format::Evidently),
            ("atlassian.jira", Format::Jira),
            ("servicenow", Format::ServiceNow),
            ("git.decision", Format::GitDecisionLog),
            ("decision_log.chained", Format::ChainedDecisionLog),
        ];
        // Reverse domain names: `ai.evidently.report.v2`, `org.mlflow.model_version.created`.
        let dotted = format!(".{kind}.");
        names.into_iter().find(|(name, _)| dotted.contains(&format!(".{name}."))).map(|(_, format)| format)
    }

    /// What a structured event carries.
    pub(in crate::decode) fn payload(text: &'a str) -> Result<Payload<'a>, DecodeError> {
        let event = Value::Object(text);
        if let Some(encoded) = event.get("data_base64").filter(|value| !value.is_null()) {
            let encoded = encoded.string().unwrap_or("");
            let bytes =
                STANDARD.decode(encoded).map_err(|error| DecodeError::BadBase64 { problem: error.to_string() })?;
            return Ok(Payload::Bytes(bytes));
        }
        match event.get("data") {
            Some(Value::Object(data) | Value::Array(data)) => Ok(Payload::Text(Cow::Borrowed(data))),
            Some(Value::Scalar(Scalar::Text(data))) => Ok(Payload::Text(data)),
            other => Err(DecodeError::WrongSchema {
                expected: "a CloudEvent with a JSON payload",
                problem: format!(
                    "its `data` is {}",
                    if other.is_none() { "missing" } else { "no object, array or text" }
                ),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_name_formats_by_whole_words() {
        let of = |kind: &str| {
            let attributes = vec![("type".into(), kind.to_owned().into())];
            CloudEvent { attributes }.format()
        };
        assert_eq!(of("ai.evidently.report.v2"), Some(Format::Evidently));
        assert_eq!(of("org.mlflow.model_version_alias.created"), Some(Format::MlflowWebhook));
        assert_eq!(of("com.Atlassian.Jira.issue"), Some(Format::Jira));
        assert_eq!(of("com.example.notmlflow.x"), None);
    }

    #[test]
    fn the_identity_has_one_seam() {
        let attributes = vec![("source".into(), "/a b".into()), ("id".into(), "c d".into())];
        assert_eq!(CloudEvent { attributes }.identity().unwrap(), "/a%20b c d");
    }
}
