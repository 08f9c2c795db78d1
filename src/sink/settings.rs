//! Settings that several sinks share: batches, retries, TLS, and the two units they are written in.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::model::Span;

/// A length of time in the configuration: `200ms`, `30s`, `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(ms|s|m|h|d)$"))]
pub struct Timespan(pub Duration);

impl<'de> Deserialize<'de> for Timespan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = Span::parse(&text).map_err(serde::de::Error::custom)?;
        if span.0 > 0 {
            Ok(Self(span.to_std()))
        } else {
            Err(serde::de::Error::custom("a duration above zero, such as 30s"))
        }
    }
}

impl serde::Serialize for Timespan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = i64::try_from(self.0.as_nanos()).unwrap_or(i64::MAX);
        serializer.collect_str(&Span(nanos))
    }
}

/// A number of bytes in the configuration: `1048576`, `512KiB`, `5MiB`, `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(KiB|MiB|GiB)?$"))]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// As a length in memory.
    #[must_use]
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        let wrong = || serde::de::Error::custom("a number of bytes above zero, such as 1048576, 512KiB or 5MiB");
        let bytes = match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Number(bytes) => Some(bytes),
            Written::Text(text) => parse_size(text.trim()),
        };
        bytes.filter(|bytes| *bytes > 0).map(Self).ok_or_else(wrong)
    }
}

impl serde::Serialize for ByteSize {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        for (unit, name) in [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
            if self.0.is_multiple_of(unit) && self.0 > 0 {
                return serializer.collect_str(&format_args!("{}{name}", self.0 / unit));
            }
        }
        serializer.collect_str(&self.0)
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let at = text.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// How documents are put together into requests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchSettings {
    /// Documents of one request at most.
    pub documents: usize,
    /// Bytes of one request before compression, at most; a single larger document goes alone. A destination that finds
    /// requests too large makes it smaller for as long as the process runs.
    pub max_bytes: ByteSize,
    /// How long a document waits for others.
    pub linger: Timespan,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { documents: 500, max_bytes: ByteSize(1 << 20), linger: Timespan(Duration::from_millis(100)) }
    }
}

/// How long a sink pauses when a destination cannot be reached or is overloaded. The pause doubles each time, and a random
/// part of it keeps many instances from coming back at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetrySettings {
    /// The first pause.
    pub initial: Timespan,
    /// The longest pause, and the pause after refused credentials.
    pub max: Timespan,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { initial: Timespan(Duration::from_millis(200)), max: Timespan(Duration::from_secs(30)) }
    }
}

/// Whom to trust.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// PEM file of the certificate authorities that sign the destination's certificate; without it, the public ones.
    pub ca_file: Option<PathBuf>,
}

/// Why an address cannot be used, if so.
pub(super) fn address_fault(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Some(format!("`{address}` is no address: write https://host:port"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Some("credentials do not belong in an address: use `auth` or `token`".to_owned());
    }
    if host.is_empty() || rest.contains(['?', '#', ' ']) {
        return Some(format!("`{address}` is no address: write https://host:port"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_and_nonsense_does_not() {
        let size = |yaml: &str| serde_saphyr::from_str::<ByteSize>(yaml).map_err(|error| error.to_string());
        assert_eq!(size("4096"), Ok(ByteSize(4096)));
        assert_eq!(size("5MiB"), Ok(ByteSize(5 << 20)));
        for wrong in ["0", "-1", "5MB", "1.5MiB", "x", "99999999999GiB"] {
            assert!(size(wrong).unwrap_err().contains("512KiB"), "{wrong}");
        }
        let span = |yaml: &str| serde_saphyr::from_str::<Timespan>(yaml).map_err(|error| error.to_string());
        assert_eq!(span("200ms"), Ok(Timespan(Duration::from_millis(200))));
        assert!(span("0s").is_err() && span("5").is_err() && span("soon").is_err());
    }

    #[test]
    fn settings_read_back_as_they_are_written() {
        let batch = BatchSettings::default();
        let text = serde_json::to_string(&batch).unwrap();
        assert_eq!(text, r#"{"documents":500,"max_bytes":"1MiB","linger":"100ms"}"#);
        assert_eq!(serde_json::from_str::<BatchSettings>(&text).unwrap(), batch);
    }

    #[test]
    fn addresses_need_a_scheme_and_carry_no_password() {
        for good in ["https://a.example.com:9200", "http://127.0.0.1:1/prefix", "http://[::1]:9200"] {
            assert_eq!(address_fault(good), None);
        }
        for bad in ["a.example.com:9200", "https://", "https://u:p@a", "https://a?x=1", "ftp://a"] {
            assert!(address_fault(bad).is_some(), "{bad}");
        }
    }
}
