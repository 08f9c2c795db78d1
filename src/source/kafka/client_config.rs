//! librdkafka's properties for a connection.

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use super::super::{KafkaConnection, Security};
use super::options::KafkaOptions;

/// The consumer's properties. The operator's own come first, so that none of them replaces what correctness rests on.
pub(super) fn consumer_config(connection: &KafkaConnection, options: &KafkaOptions) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("reconnect.backoff.max.ms", "10000");
    config.set("client.id", "clarion");
    for (name, value) in &connection.options {
        config.set(name, value);
    }
    config.set("bootstrap.servers", connection.brokers.join(","));
    set_security(&mut config, &connection.security);
    config.set("group.id", &options.group);
    // a rebalance takes only those partitions away that move
    config.set("partition.assignment.strategy", "cooperative-sticky");
    config.set("enable.auto.commit", "false");
    config.set("enable.auto.offset.store", "false");
    config.set("isolation.level", "read_committed");
    // an offset that is out of range is told to us, so that what is lost is counted, instead of being skipped silently
    config.set("auto.offset.reset", "error");
    config.set("allow.auto.create.topics", "false");
    let discovery = options.discovery_interval.as_millis().to_string();
    config.set("topic.metadata.refresh.interval.ms", discovery);
    config.set("statistics.interval.ms", options.end_interval.as_millis().to_string());
    // librdkafka filters by this before tracing does
    let level = if tracing::enabled!(target: "librdkafka", tracing::Level::DEBUG) {
        RDKafkaLogLevel::Debug
    } else {
        RDKafkaLogLevel::Info
    };
    config.set_log_level(level);
    config
}

/// What every client of the cluster needs: brokers, encryption and authentication.
#[must_use]
pub fn client_settings(connection: &KafkaConnection) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("client.id", "clarion");
    config.set("bootstrap.servers", connection.brokers.join(","));
    set_security(&mut config, &connection.security);
    config
}

fn set_security(config: &mut ClientConfig, security: &Security) {
    config.set("security.protocol", security.protocol.name());
    let files = [
        ("ssl.ca.location", &security.ca_file),
        ("ssl.certificate.location", &security.certificate_file),
        ("ssl.key.location", &security.key_file),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            config.set(name, file.to_string_lossy());
        }
    }
    if let Some(password) = &security.key_password {
        config.set("ssl.key.password", password.expose());
    }
    if let Some(sasl) = &security.sasl {
        config.set("sasl.mechanism", sasl.mechanism.name());
        config.set("sasl.username", &sasl.username);
        config.set("sasl.password", sasl.password.expose());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::source::{Sasl, SaslMechanism, SecurityProtocol};

    #[test]
    fn what_correctness_rests_on_cannot_be_replaced() {
        let mut connection = KafkaConnection::plaintext(vec!["a:1".into(), "b:2".into()]);
        connection.options = vec![
            ("enable.auto.commit".into(), "true".into()),
            ("auto.offset.reset".into(), "latest".into()),
            ("fetch.min.bytes".into(), "7".into()),
        ];
        let config = consumer_config(&connection, &KafkaOptions::default());
        assert_eq!(config.get("enable.auto.commit"), Some("false"));
        assert_eq!(config.get("auto.offset.reset"), Some("error"));
        assert_eq!(config.get("isolation.level"), Some("read_committed"));
        assert_eq!(config.get("fetch.min.bytes"), Some("7"));
        assert_eq!(config.get("bootstrap.servers"), Some("a:1,b:2"));
        assert!(config.create_native_config().is_ok());
    }

    #[test]
    fn credentials_reach_librdkafka() {
        let mut connection = KafkaConnection::plaintext(vec!["a:1".into()]);
        connection.security.protocol = SecurityProtocol::SaslSsl;
        connection.security.sasl = Some(Sasl {
            mechanism: SaslMechanism::ScramSha512,
            username: "u".into(),
            password: Secret::new("p".into()),
        });
        let config = consumer_config(&connection, &KafkaOptions::default());
        assert_eq!(config.get("sasl.mechanism"), Some("SCRAM-SHA-512"));
        assert_eq!(config.get("sasl.password"), Some("p"));
        assert!(config.create_native_config().is_ok());
    }
}
