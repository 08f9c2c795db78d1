//! One sink of the configuration, chosen by `type`.

use serde::Deserialize;

use super::elasticsearch::ElasticsearchConfig;
use super::file::FileConfig;
use super::splunk_hec::SplunkHecConfig;
use super::stdout::StdoutConfig;

/// A sink, by `type`.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SinkConfig {
    /// Elasticsearch or OpenSearch.
    Elasticsearch(ElasticsearchConfig),
    /// Splunk HTTP event collector.
    SplunkHec(SplunkHecConfig),
    /// JSON lines in a file.
    File(FileConfig),
    /// JSON lines on standard output.
    Stdout(StdoutConfig),
}

/// What is wrong with the configuration of a sink, beyond what its schema says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sink {sink}: {setting}: {reason}")]
pub struct ConfigFault {
    /// Name of the sink.
    pub sink: String,
    /// The setting, as a path.
    pub setting: &'static str,
    /// What is wrong with it and what to write.
    pub reason: String,
}

impl SinkConfig {
    /// The sink's name in logs, metrics and health: its `name`, else its `type`.
    #[must_use]
    pub fn name(&self) -> &str {
        let (name, kind) = match self {
            Self::Elasticsearch(config) => (&config.name, "elasticsearch"),
            Self::SplunkHec(config) => (&config.name, "splunk_hec"),
            Self::File(config) => (&config.name, "file"),
            Self::Stdout(config) => (&config.name, "stdout"),
        };
        name.as_deref().unwrap_or(kind)
    }

    /// Checks what can be checked without reading a file or talking to anybody.
    ///
    /// # Errors
    /// [`ConfigFault`] names the first setting that cannot be used.
    pub fn validate(&self) -> Result<(), ConfigFault> {
        let fault = match self {
            Self::Elasticsearch(config) => config.fault(),
            Self::SplunkHec(config) => config.fault(),
            Self::File(config) => config.fault(),
            Self::Stdout(_) => None,
        };
        match fault {
            Some((setting, reason)) => Err(ConfigFault { sink: self.name().to_owned(), setting, reason }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<SinkConfig, String> {
        serde_saphyr::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn each_type_reads_with_defaults() {
        let elastic = read("type: elasticsearch\nhosts: [https://es.example.com:9200]\n").unwrap();
        assert_eq!((elastic.name(), elastic.validate()), ("elasticsearch", Ok(())));
        let splunk =
            read("type: splunk_hec\nname: soc\nurl: https://splunk.example.com:8088\ntoken: {env: TOKEN}\nack: none\n")
                .unwrap();
        assert_eq!((splunk.name(), splunk.validate()), ("soc", Ok(())));
        assert_eq!(read("type: file\npath: alerts.ndjson\n").unwrap().name(), "file");
        assert_eq!(read("type: stdout\n").unwrap().name(), "stdout");
    }

    #[test]
    fn a_wrong_key_or_type_is_an_error() {
        assert!(read("type: stdout\ncolour: red\n").unwrap_err().contains("colour"));
        assert!(read("type: elasticsearch\nhosts: [http://a]\nhost: b\n").unwrap_err().contains("host"));
        assert!(read("type: kafkaesque\n").unwrap_err().contains("kafkaesque"));
        assert!(read("type: file\n").unwrap_err().contains("path"));
        assert!(
            read("type: splunk_hec\nurl: http://a\ntoken: {env: T}\n").unwrap_err().contains("ack"),
            "whether delivery is acknowledged is never guessed"
        );
    }

    #[test]
    fn a_secret_in_the_file_is_refused_with_the_way_out() {
        let error = read("type: splunk_hec\nurl: http://a\nack: none\ntoken: hunter2\n").unwrap_err();
        assert!(error.contains("env") && error.contains("file") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn addresses_and_index_patterns_are_checked() {
        let fault = |yaml: &str| read(yaml).unwrap().validate().unwrap_err().to_string();
        assert!(fault("type: elasticsearch\nhosts: []\n").contains("hosts"));
        assert!(fault("type: elasticsearch\nhosts: [es.example.com]\n").contains("https://"));
        assert!(fault("type: elasticsearch\nhosts: [http://kim:pw@a]\n").contains("auth"));
        assert!(fault("type: elasticsearch\nhosts: [http://a]\nindex: Alerts-%Y\n").contains("index"));
        assert!(fault("type: elasticsearch\nhosts: [http://a]\nindex: alerts-%H\n").contains("%H"));
        assert!(fault("type: splunk_hec\nurl: ftp://a\nack: none\ntoken: {env: T}\n").contains("url"));
    }

    #[test]
    fn the_example_of_the_documentation_reads() {
        #[derive(Deserialize)]
        struct Example {
            sinks: Vec<SinkConfig>,
        }
        let page = include_str!("../../docs/sinks.md");
        let yaml = page.split("```yaml").nth(1).unwrap().split("```").next().unwrap();
        let example: Example = serde_saphyr::from_str(yaml).unwrap();
        let names: Vec<&str> = example.sinks.iter().map(SinkConfig::name).collect();
        assert_eq!(names, ["elasticsearch", "splunk_hec", "file", "stdout"]);
        assert!(example.sinks.iter().all(|sink| sink.validate().is_ok()));
    }

    #[test]
    fn the_schema_can_be_written() {
        let schema = serde_json::to_string(&schemars::schema_for!(SinkConfig)).unwrap();
        for word in ["elasticsearch", "splunk_hec", "linger", "ack_timeout", "max_bytes"] {
            assert!(schema.contains(word), "{word}");
        }
    }
}
