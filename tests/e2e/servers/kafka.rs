//! A real Apache Kafka broker, alone in its cluster: a plain listener, and on request one with TLS and SASL (PLAIN and
//! SCRAM-SHA-512). Topics are created explicitly; a client that names an unknown topic gets an error, as in production.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataTopic;

use super::directory::RunDirectory;
use super::http::outside_async;
use super::installed::{copy_folder, installed, password, read, write};
use super::ports::free_port;
use super::process::{CommandLine, Process};
use super::records::{self, Record};
use super::{ServerError, wait_until};

const NAME: &str = "kafka";
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What a broker should offer besides the plain listener.
#[derive(Clone, Debug, Default)]
pub(crate) struct KafkaOptions {
    /// A second listener with TLS and SASL.
    pub(crate) sasl: bool,
    /// More lines of `server.properties`, as names and values; they win over the ones written here.
    pub(crate) properties: Vec<(String, String)>,
}

impl KafkaOptions {
    /// Plain and SASL listeners.
    pub(crate) fn with_sasl() -> Self {
        Self { sasl: true, ..Self::default() }
    }
}

/// A user of the SASL listener; the same name and password work with PLAIN and with SCRAM-SHA-512.
#[derive(Clone, Debug)]
pub(crate) struct SaslUser {
    /// Name.
    pub(crate) name: String,
    /// Password.
    pub(crate) password: String,
}

/// A broker. Dropping it ends it and removes its data.
#[derive(Debug)]
pub(crate) struct Kafka {
    process: Process,
    port: u16,
    sasl_port: u16,
    ca_pem: PathBuf,
    stranger_ca_pem: PathBuf,
    user: SaslUser,
}

impl Kafka {
    /// Starts a broker without topics.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not become ready.
    pub(crate) fn start(options: &KafkaOptions) -> Result<Self, ServerError> {
        let java = installed(NAME, "jdk/bin/java")?;
        let home = installed(NAME, "kafka")?;
        let user = SaslUser { name: "clarion".to_owned(), password: password(NAME, "kafka")? };
        let ca_pem = installed(NAME, "credentials/ca.pem")?;
        let stranger_ca_pem = installed(NAME, "credentials/stranger-ca.pem")?;
        let (port, controller_port, sasl_port) = (free_port()?, free_port()?, free_port()?);

        let directory = RunDirectory::create(NAME)?;
        let data = directory.path().join("data");
        copy_folder(&installed(NAME, "kafka/formatted")?, &data)?;
        let mut properties = plain_properties(&data, port, controller_port);
        if options.sasl {
            let key_store = directory.path().join("key-store.pem");
            write(&key_store, &key_and_certificate()?)?;
            properties.extend(sasl_properties(port, controller_port, sasl_port, &key_store, &user));
        }
        properties.extend(options.properties.iter().cloned());
        let file = directory.path().join("server.properties");
        write(&file, &to_text(&properties))?;

        let words = [
            java.display().to_string(),
            "-Xms64m".to_owned(),
            "-Xmx512m".to_owned(),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            format!("-Dlog4j2.configurationFile={}", home.join("log4j2.properties").display()),
            "-cp".to_owned(),
            format!("{}/*", home.join("lib").display()),
            "kafka.Kafka".to_owned(),
            file.display().to_string(),
        ];
        let command = CommandLine { words: words.to_vec(), ..CommandLine::default() };
        let process = Process::new(NAME, directory, command);
        let mut kafka = Self { process, port, sasl_port, ca_pem, stranger_ca_pem, user };
        kafka.restart()?;
        Ok(kafka)
    }

    /// Address of the plain listener.
    pub(crate) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Address of the listener with TLS and SASL; nothing listens there unless [`KafkaOptions::sasl`] was set.
    pub(crate) fn sasl_bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.sasl_port)
    }

    /// PEM file of the authority that signed the certificate of the SASL listener.
    pub(crate) fn ca_pem_path(&self) -> &Path {
        &self.ca_pem
    }

    /// PEM file of an authority that signed nothing: for tests of a client that must not trust the broker.
    pub(crate) fn stranger_ca_pem_path(&self) -> &Path {
        &self.stranger_ca_pem
    }

    /// The user that the SASL listener lets in.
    pub(crate) fn sasl_user(&self) -> &SaslUser {
        &self.user
    }

    /// Creates an empty topic.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the broker refuses.
    pub(crate) fn create_topic(&self, name: &str, partitions: i32) -> Result<(), ServerError> {
        self.create_topic_with(name, partitions, &[])
    }

    /// Creates an empty topic with settings, such as `("cleanup.policy", "compact")`, and returns when all its
    /// partitions can be written.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the broker refuses.
    pub(crate) fn create_topic_with(
        &self,
        name: &str,
        partitions: i32,
        settings: &[(&str, &str)],
    ) -> Result<(), ServerError> {
        let failed = |reason: String| ServerError::Request { request: format!("creating topic {name}"), reason };
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        topic.config = settings.to_vec();
        let options = AdminOptions::new().operation_timeout(Some(ANSWER_WITHIN));
        outside_async(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| failed(e.to_string()))?;
            let admin: AdminClient<DefaultClientContext> =
                self.client_config().create().map_err(|error| failed(error.to_string()))?;
            let results = runtime.block_on(admin.create_topics([&topic], &options));
            for result in results.map_err(|error| failed(error.to_string()))? {
                result.map_err(|(_, code)| failed(code.to_string()))?;
            }
            Ok(())
        })?;
        let wanted = usize::try_from(partitions).unwrap_or_default();
        let led = || self.led_partitions(name);
        wait_until("a leader of every partition", ANSWER_WITHIN, led, |&count| count == wanted).map(|_| ())
    }

    /// Writes records, each a key and a value, and returns when all are acknowledged.
    ///
    /// # Errors
    /// [`ServerError::Request`] if one cannot be written.
    pub(crate) fn produce(&self, topic: &str, records: &[(&str, &[u8])]) -> Result<(), ServerError> {
        records::produce(&self.client_config(), topic, records)
    }

    /// All committed records of the topic, ordered by partition and offset.
    ///
    /// # Errors
    /// [`ServerError::Request`] if the topic cannot be read to its end.
    pub(crate) fn read_all(&self, topic: &str) -> Result<Vec<Record>, ServerError> {
        records::read_all(&self.client_config(), topic)
    }

    /// Ends the broker in order; [`Kafka::restart`] brings it back with its topics.
    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Kills the broker as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Keeps the broker's connections open but answers nothing, until [`Kafka::thaw`].
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets a frozen broker go on.
    pub(crate) fn thaw(&self) {
        self.process.thaw();
    }

    /// Starts the broker again on the same ports and data; stops it first if it runs.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] if it does not come back.
    pub(crate) fn restart(&mut self) -> Result<(), ServerError> {
        self.process.stop();
        let (port, config) = (self.port, self.client_config());
        self.process.start(|| answers(port, &config))
    }

    /// The last lines of the broker's log.
    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }

    fn client_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap());
        config
    }

    fn led_partitions(&self, topic: &str) -> Result<usize, ServerError> {
        let request = format!("metadata of topic {topic}");
        let said = |error: rdkafka::error::KafkaError| ServerError::Request { request, reason: error.to_string() };
        let fetch = || {
            let consumer: BaseConsumer = self.client_config().create()?;
            consumer.fetch_metadata(Some(topic), ANSWER_WITHIN)
        };
        let metadata = fetch().map_err(said)?;
        let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
        Ok(partitions.filter(|partition| partition.leader() >= 0).count())
    }
}

/// Whether the broker tells its own metadata.
fn answers(port: u16, config: &ClientConfig) -> Result<(), String> {
    // A client waits long before it tries again; a bare connection tells sooner that it is too early for one.
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string())?;
    let consumer: BaseConsumer = config.create().map_err(|error| error.to_string())?;
    let metadata = consumer.fetch_metadata(None, Duration::from_secs(2)).map_err(|error| error.to_string())?;
    if metadata.brokers().is_empty() { Err("the broker does not know itself yet".to_owned()) } else { Ok(()) }
}

fn plain_properties(data: &Path, port: u16, controller_port: u16) -> Vec<(String, String)> {
    let data = data.display().to_string();
    let voter = format!("1@127.0.0.1:{controller_port}");
    let listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}");
    let advertised = format!("PLAINTEXT://127.0.0.1:{port}");
    owned(&[
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", &voter),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", &listeners),
        ("advertised.listeners", &advertised),
        ("inter.broker.listener.name", "PLAINTEXT"),
        ("log.dirs", &data),
        ("auto.create.topics.enable", "false"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.consumer.heartbeat.interval.ms", "1000"),
        ("group.consumer.min.heartbeat.interval.ms", "500"),
        ("offsets.topic.replication.factor", "1"),
        ("offsets.topic.num.partitions", "1"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
        ("transaction.state.log.num.partitions", "1"),
    ])
}

/// What the second listener adds; a later value of a name replaces an earlier one.
fn sasl_properties(
    port: u16,
    controller_port: u16,
    sasl_port: u16,
    key_store: &Path,
    user: &SaslUser,
) -> Vec<(String, String)> {
    let listeners = format!(
        "PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{sasl_port},CONTROLLER://127.0.0.1:{controller_port}"
    );
    let advertised = format!("PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{sasl_port}");
    let login = "org.apache.kafka.common.security";
    let SaslUser { name, password } = user;
    let plain = format!("{login}.plain.PlainLoginModule required user_{name}=\"{password}\";");
    let scram = format!("{login}.scram.ScramLoginModule required;");
    let key_store = key_store.display().to_string();
    owned(&[
        ("listeners", &listeners),
        ("advertised.listeners", &advertised),
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL"),
        ("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512"),
        ("listener.name.sasl_ssl.plain.sasl.jaas.config", &plain),
        ("listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", &scram),
        ("listener.name.sasl_ssl.ssl.keystore.type", "PEM"),
        ("listener.name.sasl_ssl.ssl.keystore.location", &key_store),
    ])
}

fn owned(properties: &[(&str, &str)]) -> Vec<(String, String)> {
    properties.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The broker takes the last value of a name, as every reader of Java properties does.
fn to_text(properties: &[(String, String)]) -> String {
    properties.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

/// The broker reads key and certificate from one file.
fn key_and_certificate() -> Result<String, ServerError> {
    let key = read(&installed(NAME, "credentials/node.key")?)?;
    let certificate = read(&installed(NAME, "credentials/node.pem")?)?;
    Ok(format!("{key}{certificate}"))
}
