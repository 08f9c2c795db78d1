//! One sink of the configuration, chosen by `type`.

use serde::Deserialize;

use super::elasticsearch::ElasticsearchConfig;
use super::file::FileConfig;
use super::format::DocumentFormat;
use super::notify::{EmailConfig, SlackConfig, WebhookConfig};
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
    /// A webhook.
    Webhook(WebhookConfig),
    /// Slack, or what takes Slack's incoming webhooks.
    Slack(SlackConfig),
    /// E-mail.
    Email(EmailConfig),
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
            Self::Webhook(config) => (&config.name, "webhook"),
            Self::Slack(config) => (&config.name, "slack"),
            Self::Email(config) => (&config.name, "email"),
        };
        name.as_deref().unwrap_or(kind)
    }

    /// The format of its alerts.
    #[must_use]
    pub fn format(&self) -> DocumentFormat {
        match self {
            Self::Elasticsearch(config) => config.format,
            Self::SplunkHec(config) => config.format,
            Self::File(config) => config.format,
            Self::Stdout(config) => config.format,
            // what is told of an alert is made of its ECS document
            Self::Webhook(_) | Self::Slack(_) | Self::Email(_) => DocumentFormat::Ecs,
        }
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
            Self::Webhook(config) => config.fault(),
            Self::Slack(config) => config.fault(),
            Self::Email(config) => config.fault(),
        };
        match fault {
            Some((setting, reason)) => Err(ConfigFault { sink: self.name().to_owned(), setting, reason }),
            None => Ok(()),
        }
    }
}

/// What two sinks would do to each other, if they would: each puts an index template of its own format, and only one of two
/// with the same pattern counts.
#[must_use]
pub fn collision(sinks: &[SinkConfig]) -> Option<ConfigFault> {
    sinks.iter().enumerate().find_map(|(at, sink)| {
        let SinkConfig::Elasticsearch(config) = sink else { return None };
        let others = sinks.iter().take(at).filter_map(|other| match other {
            SinkConfig::Elasticsearch(other) => Some(other),
            _ => None,
        });
        let mut reason = others.filter(|other| config.shares_indices_across_formats(other)).map(|_| {
            "another sink writes alerts of another format into indices of these names: begin the names differently"
                .to_owned()
        });
        reason.next().map(|reason| ConfigFault { sink: sink.name().to_owned(), setting: "index", reason })
    })
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
        let splunk = "type: splunk_hec\nurl: http://a\nack: none\ntoken: {env: T}\n";
        assert!(fault(&format!("{splunk}sourcetype: ' '\n")).contains("source type"));
        assert!(fault("type: splunk_hec\nurl: ftp://a\nack: none\ntoken: {env: T}\n").contains("url"));
    }

    #[test]
    fn a_format_is_chosen_for_each_sink_and_is_ecs_else() {
        for (yaml, format) in [
            ("type: stdout\n", DocumentFormat::Ecs),
            ("type: stdout\nformat: ocsf\n", DocumentFormat::Ocsf),
            ("type: file\npath: a\nformat: ocsf\n", DocumentFormat::Ocsf),
            ("type: elasticsearch\nhosts: [http://a]\nformat: ecs\n", DocumentFormat::Ecs),
            ("type: splunk_hec\nurl: http://a\ntoken: {env: T}\nack: none\nformat: ocsf\n", DocumentFormat::Ocsf),
        ] {
            assert_eq!(read(yaml).unwrap().format(), format, "{yaml}");
        }
        assert!(read("type: stdout\nformat: cef\n").unwrap_err().contains("cef"));
    }

    #[test]
    fn two_formats_do_not_share_indices() {
        let both = |one: &str, other: &str| {
            let sink = |more: &str| read(&format!("type: elasticsearch\nhosts: [http://a, http://b]\n{more}")).unwrap();
            collision(&[sink(one), sink(other)]).map(|fault| fault.to_string())
        };
        assert_eq!(both("format: ecs\n", "format: ocsf\n"), None);
        assert_eq!(both("index: a-%Y\n", "index: a-%Y\n"), None, "the same format is the same template");
        assert!(both("index: a-%Y\n", "index: a-%m\nformat: ocsf\n").unwrap().contains("another format"));
        assert!(both("index: logs-%Y\n", "index: logs-ocsf-%m\nformat: ocsf\n").is_some());
        let apart = ["http://a", "http://b"].map(|host| {
            let format = if host == "http://a" { "ecs" } else { "ocsf" };
            read(&format!("type: elasticsearch\nhosts: [{host}]\nindex: x-%Y\nformat: {format}\n")).unwrap()
        });
        assert_eq!(collision(&apart), None, "two clusters");
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
