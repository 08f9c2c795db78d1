//! Where a lookup table comes from: in short the path of a file, in full one of file, address and topic with what goes with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};

use super::{DurationText, OptionText, SecretRef, SecuritySection};

/// A lookup table: a path, or a map with one of `file`, `url` and `kafka`.
#[derive(Debug, Clone)]
pub struct LookupEntry(pub LookupSection);

/// Where a lookup table comes from, in full.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupSection {
    /// A file. Relative paths start at the folder of the configuration file.
    pub file: Option<PathBuf>,
    /// An address, `https://host/path`, from which the table is fetched. Its form is that of the answer's content type, or of the end of the address.
    pub url: Option<String>,
    /// A compacted Kafka topic: the key of a record is the key of a row, its value the row; the newest record of a key counts, and one without a value removes the row.
    pub kafka: Option<LookupTopicSection>,
    /// How often the file or address is looked at again. Without it a file is read at the start and at SIGHUP, an address every 5 minutes.
    pub refresh: Option<DurationText>,
    /// How long one request to the address may take; 30 seconds without it.
    pub request_timeout: Option<DurationText>,
    /// Credentials for the address.
    pub auth: Option<LookupAuth>,
    /// Whom to trust at the address.
    pub tls: Option<LookupTls>,
}

/// A compacted topic as a table.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupTopicSection {
    /// The topic.
    pub topic: Option<String>,
    /// Brokers to start from, each `host:port`. With brokers of its own it inherits nothing from `kafka`.
    pub brokers: Option<Vec<String>>,
    /// Encryption and authentication, instead of that under `kafka`.
    pub security: Option<SecuritySection>,
    /// Further librdkafka consumer properties, added to those under `kafka`.
    pub options: Option<BTreeMap<String, OptionText>>,
}

/// How the program shows who it is to the address of a table.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookupAuth {
    /// User and password.
    Basic(LookupUser),
    /// Bearer token.
    Bearer(SecretRef),
}

/// User and password.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupUser {
    /// User name.
    pub user: Option<String>,
    /// Password.
    pub password: Option<SecretRef>,
}

/// Whom to trust at the address of a table.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupTls {
    /// PEM file of the certificate authorities that sign the server's certificate; without it, the public ones.
    pub ca_file: Option<PathBuf>,
}

impl<'de> Deserialize<'de> for LookupEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(path) => {
                Ok(Self(LookupSection { file: Some(path.into()), ..LookupSection::default() }))
            }
            section => serde_json::from_value(section).map(Self).map_err(de::Error::custom),
        }
    }
}

impl JsonSchema for LookupEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Lookup".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = LookupSection::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["string", "object"]));
        schema
    }
}
