//! Reads, layers, checks and builds.

use std::collections::HashSet;
use std::path::Path;

use super::build::Builder;
use super::built::Config;
use super::problem::{ConfigError, Problem};
use super::tree::Node;
use super::written::Written;
use super::{check, environment, layers, schema};

pub(super) const SHIPPED_DEFAULTS: &str = include_str!("default.yaml");

/// A configuration that can be used, and the document it came from.
#[derive(Debug)]
pub struct Loaded {
    /// What the program uses.
    pub config: Config,
    pub(super) document: Node,
}

/// Loads the configuration: defaults, then `file` if there is one, then the `CLARION_…` variables among `environment`.
/// The same environment answers `{env: NAME}`.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let Some(path) = file else { return load_text("", "", Path::new(""), environment) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: name.clone(), reason: error.to_string() })?;
    load_text(&text, &name, path.parent().unwrap_or(Path::new("")), environment)
}

/// Loads the configuration from a text instead of a file; `name` stands for it in messages, relative paths start at
/// `folder`.
///
/// # Errors
/// [`ConfigError::Invalid`] with everything that is wrong.
pub fn load_text(
    text: &str,
    name: &str,
    folder: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let environment: Vec<(String, String)> = environment.into_iter().collect();
    let schema = schema::schema();
    let one = |problem: Problem| ConfigError::Invalid(vec![problem]);
    let defaults = Node::parse(SHIPPED_DEFAULTS, None).map_err(one)?;
    let typed = Node::parse(text, Some(name)).map_err(one)?;

    let mut problems = Vec::new();
    check::check(&typed, &schema, "", &mut problems);
    if !problems.is_empty() {
        return Err(ConfigError::Invalid(problems));
    }
    let mut document = layers::overlay(&defaults, &typed, &schema);
    environment::apply(&mut document, environment.iter().cloned(), &schema, &mut problems);
    check::check(&document, &schema, "", &mut problems);
    if !problems.is_empty() {
        return Err(ConfigError::Invalid(problems));
    }
    layers::inherit(&mut document);

    let written: Written = serde_json::from_value(document.to_json())
        .map_err(|error| ConfigError::Invalid(vec![Problem::new("", None, error.to_string())]))?;
    let lookup = |wanted: &str| environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let mut builder = Builder { folder, variable: &lookup, document: &document, problems, tables: Vec::new() };
    let config = builder.build(written);
    let mut problems = builder.problems;
    // what is inherited is wrong in every source, but was written once
    let mut seen = HashSet::new();
    problems
        .retain(|problem| problem.place.is_empty() || seen.insert((problem.place.clone(), problem.message.clone())));
    if problems.is_empty() { Ok(Loaded { config, document }) } else { Err(ConfigError::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Format;
    use crate::model::Span;

    fn load_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load_text(text, "c.yaml", Path::new("/etc/clarion"), variables)
            .map(|loaded| loaded.config)
            .map_err(|error| error.to_string())
    }

    const SMALL: &str = "kafka: {brokers: [k:9092]}\nsources:\n- {name: mlflow, type: kafka, topics: [mlflow]}\n";

    #[test]
    fn the_defaults_alone_are_a_valid_configuration() {
        let config = load_with("", &[]).unwrap();
        assert_eq!(config.state.snapshot_interval, Span::seconds(10));
        assert_eq!(config.correlate.evidence, 64);
        assert!(config.correlate.shards >= 1);
        assert_eq!(config.admin.listen, "127.0.0.1:9464".parse().ok());
        assert!(config.sources.is_empty() && config.kafka.is_none());
    }

    #[test]
    fn a_small_file_is_completed() {
        let config = load_with(SMALL, &[("CLARION_SOURCES__0__LATENESS", "2m")]).unwrap();
        let source = &config.sources[0];
        assert_eq!((source.lateness, source.idle_timeout), (Span::seconds(120), Span::seconds(30)));
        assert_eq!(source.format, Format::Auto);
        assert_eq!(source.connection.brokers, ["k:9092"]);
        assert_eq!(config.rules, [Path::new("/etc/clarion/rules")]);
    }

    #[test]
    fn lookup_tables_have_names_and_paths_of_the_folder() {
        let config = load_with("lookups: {owners: tables/owners.csv, nets: /srv/nets.txt}", &[]).unwrap();
        for (name, expected) in [("owners", "/etc/clarion/tables/owners.csv"), ("nets", "/srv/nets.txt")] {
            let source = &config.lookups[name];
            assert!(matches!(source, crate::config::LookupSource::File { path, .. } if path == Path::new(expected)));
        }
        assert!(load_with("lookups: {owners: [a]}", &[]).is_err());
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_its_place() {
        let text = "\
kafka: {brokers: [kafka], options: {group.id: x, ssl.ca.location: y}}
sources:
- {name: a, type: kafka, topics: [x, '^(', 'a b', '^a\\d'], idle_timeout: 0s}
- {name: a, type: kafka, topics: [x], security: {protocol: ssl, sasl: {mechanism: PLAIN, username: u}}}
- {topics: []}
dead_letters: {topic: t}
sinks: [{url: u}]
admin: {listen: everywhere}
log: {level: 'a=b=c'}
";
        let error = load_with(text, &[]).unwrap_err();
        for expected in [
            "c.yaml:1:19: kafka.brokers[0]: `kafka` is no broker",
            "kafka.options: `group.id` cannot be set here",
            "`ssl.ca.location` cannot be set here: use `security`",
            "sources[0].topics[1]: `^(` is no regular expression",
            "sources[0].topics[2]: `a b` is no topic name",
            "sources[0].topics[3]: `^a\\d` has a `\\` class",
            "c.yaml:3:74: sources[0].idle_timeout: must be longer than 0",
            "sources[1].name: `a` is also the name of sources[0]",
            "sources[1].topics[0]: `x` is already read by sources[0]",
            "sources[1].security: has `sasl`, but its protocol does not authenticate",
            "sources[1].security.sasl.password: is missing",
            "sources[2].name: is missing",
            "sources[2].type: is missing",
            "sources[2].topics: is empty",
            "sinks[0].type: is missing",
            "admin.listen: `everywhere` is no address",
            "log.level: ",
        ] {
            assert!(error.contains(expected), "{expected} is not in:\n{error}");
        }
        assert_eq!(error.matches("`kafka` is no broker").count(), 1, "{error}");
    }

    #[test]
    fn credentials_are_fetched_and_never_printed() {
        let text = "\
kafka:
  brokers: [k:9093]
  security: {protocol: sasl_ssl, sasl: {mechanism: SCRAM-SHA-512, username: clarion, password: {env: PW}}}
";
        let config = load_with(text, &[("PW", "hunter2")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        let sasl = config.kafka.unwrap().security.sasl.unwrap();
        assert_eq!(sasl.password.expose(), "hunter2");
        let error = load_with(text, &[]).unwrap_err();
        assert!(error.contains("kafka.security.sasl.password: environment variable PW is not set"), "{error}");
    }

    #[test]
    fn unknown_keys_stop_the_load_before_anything_else() {
        let error = load_with("sourcs: []\nsinks: [{url: u}]\n", &[]).unwrap_err();
        assert!(error.contains("c.yaml:1:1: unknown key `sourcs`; did you mean `sources`?"), "{error}");
        assert!(!error.contains("sinks[0]"), "{error}");
    }

    #[test]
    fn an_absent_file_is_named() {
        let error = load(Some(Path::new("/nowhere/clarion.yaml")), []).unwrap_err();
        assert!(error.to_string().contains("/nowhere/clarion.yaml"));
    }

    #[test]
    fn the_shipped_defaults_follow_the_schema() {
        let defaults = Node::parse(SHIPPED_DEFAULTS, None).unwrap();
        let validator = jsonschema::validator_for(&schema::schema()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&defaults.to_json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}
