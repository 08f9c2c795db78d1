//! Builds the connection to a Kafka cluster: brokers, encryption, credentials, further properties.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::source::{KafkaConnection, Sasl, SaslMechanism, Security, SecurityProtocol};

use super::super::written::{self, KafkaSection, OptionText, Protocol, SaslSection, SecretRef, SecuritySection};
use super::Builder;

/// Properties that the program sets itself, or that have a key of their own, and what to do instead.
const REFUSED: [(&str, &str); 17] = [
    ("bootstrap.servers", "use `brokers`"),
    ("metadata.broker.list", "use `brokers`"),
    ("security.protocol", "use `security.protocol`"),
    ("sasl.", "use `security.sasl`"),
    ("ssl.", "use `security`"),
    ("enable.ssl.certificate.verification", "give the authority in `security.ca_file`"),
    ("group.", "the consumer group is part of the design"),
    ("enable.auto.commit", "offsets belong to the snapshot"),
    ("enable.auto.offset.store", "offsets belong to the snapshot"),
    ("auto.commit.interval.ms", "offsets belong to the snapshot"),
    ("auto.offset.reset", "use `start`"),
    ("isolation.level", "only committed records are read"),
    ("partition.assignment.strategy", "the consumer group is part of the design"),
    ("enable.partition.eof", "the end of a partition is watched already"),
    ("statistics.interval.ms", "statistics are read already"),
    ("allow.auto.create.topics", "a source never creates a topic"),
    ("plugin.library.paths", "no code is loaded"),
];

impl Builder<'_> {
    /// The cluster under `kafka`, if it names brokers.
    pub(super) fn cluster(&mut self, kafka: KafkaSection) -> Option<KafkaConnection> {
        kafka.brokers.as_ref()?;
        Some(self.connection("kafka", kafka.brokers, kafka.security, kafka.options))
    }

    pub(super) fn connection(
        &mut self,
        path: &str,
        brokers: Option<Vec<String>>,
        security: Option<SecuritySection>,
        options: Option<BTreeMap<String, OptionText>>,
    ) -> KafkaConnection {
        let brokers = brokers.unwrap_or_default();
        if brokers.is_empty() {
            self.refuse(
                &format!("{path}.brokers"),
                "is missing: write it here or under `kafka`, such as [kafka-1:9092]",
            );
        }
        for (index, broker) in brokers.iter().enumerate() {
            if !is_host_and_port(broker) {
                let message = format!("`{broker}` is no broker: write host:port");
                self.refuse(&format!("{path}.brokers[{index}]"), message);
            }
        }
        for name in options.iter().flatten().map(|(name, _)| name) {
            let refused = REFUSED
                .iter()
                .find(|(prefix, _)| name == prefix || (prefix.ends_with('.') && name.starts_with(prefix)));
            if let Some((_, instead)) = refused {
                self.refuse(&format!("{path}.options"), format!("`{name}` cannot be set here: {instead}"));
            }
        }
        KafkaConnection {
            brokers,
            security: self.security(&format!("{path}.security"), security.unwrap_or_default()),
            options: options.into_iter().flatten().map(|(name, value)| (name, value.0)).collect(),
        }
    }

    fn security(&mut self, path: &str, section: SecuritySection) -> Security {
        let protocol = section.protocol.unwrap_or_default();
        let tls = matches!(protocol, Protocol::Ssl | Protocol::SaslSsl);
        let authenticated = matches!(protocol, Protocol::SaslPlaintext | Protocol::SaslSsl);
        let files = [&section.ca_file, &section.certificate_file, &section.key_file];
        if !tls && files.iter().any(|file| file.is_some()) {
            self.refuse(path, "has certificates, but its protocol is not encrypted: write protocol ssl or sasl_ssl");
        }
        if section.certificate_file.is_some() != section.key_file.is_some() {
            self.refuse(path, "has one of certificate_file and key_file: write both or neither");
        }
        if section.key_password.is_some() && section.key_file.is_none() {
            self.refuse(path, "has a key_password without a key_file: write both or neither");
        }
        match (&section.sasl, authenticated) {
            (Some(_), false) => {
                self.refuse(path, "has `sasl`, but its protocol does not authenticate: write protocol sasl_ssl");
            }
            (None, true) => self.refuse(path, "lacks `sasl`: write its mechanism, username and password"),
            _ => {}
        }
        Security {
            protocol: match protocol {
                Protocol::Plaintext => SecurityProtocol::Plaintext,
                Protocol::Ssl => SecurityProtocol::Ssl,
                Protocol::SaslPlaintext => SecurityProtocol::SaslPlaintext,
                Protocol::SaslSsl => SecurityProtocol::SaslSsl,
            },
            ca_file: self.readable(path, "ca_file", section.ca_file),
            certificate_file: self.readable(path, "certificate_file", section.certificate_file),
            key_file: self.readable(path, "key_file", section.key_file),
            key_password: section.key_password.and_then(|secret| self.secret(&format!("{path}.key_password"), &secret)),
            sasl: section.sasl.and_then(|sasl| self.sasl(&format!("{path}.sasl"), sasl)),
        }
    }

    fn sasl(&mut self, path: &str, sasl: SaslSection) -> Option<Sasl> {
        for (key, missing) in [
            ("mechanism", sasl.mechanism.is_none()),
            ("username", sasl.username.is_none()),
            ("password", sasl.password.is_none()),
        ] {
            if missing {
                self.refuse(&format!("{path}.{key}"), "is missing: write it");
            }
        }
        let password = self.secret(&format!("{path}.password"), &sasl.password?);
        let mechanism = match sasl.mechanism? {
            written::SaslMechanism::Plain => SaslMechanism::Plain,
            written::SaslMechanism::ScramSha256 => SaslMechanism::ScramSha256,
            written::SaslMechanism::ScramSha512 => SaslMechanism::ScramSha512,
        };
        Some(Sasl { mechanism, username: sasl.username?, password: password? })
    }

    pub(super) fn secret(&mut self, path: &str, reference: &SecretRef) -> Option<crate::model::Secret> {
        match reference.resolve(self.folder, self.variable) {
            Ok(secret) => Some(secret),
            Err(reason) => {
                self.refuse(path, reason);
                None
            }
        }
    }

    pub(super) fn readable(&mut self, path: &str, key: &str, file: Option<PathBuf>) -> Option<PathBuf> {
        let file = self.path(&file?);
        if let Err(error) = std::fs::File::open(&file) {
            self.refuse(&format!("{path}.{key}"), format!("cannot read {}: {error}", file.display()));
        }
        Some(file)
    }
}

/// `host:port`, also with an IPv6 address in brackets.
fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host_fine = !host.is_empty() && (!host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    host_fine && !host.contains(['/', ' ', ',']) && port.parse::<u16>().is_ok_and(|port| port > 0)
}
