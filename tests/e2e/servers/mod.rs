//! The real servers of the end-to-end tests: Apache Kafka, Elasticsearch, OpenSearch, a collector with a Splunk HEC
//! receiver, and the producers Open Policy Agent and MLflow, none of them written by this project. `tests/servers/install`
//! installs them, this module starts them.
//!
//! Each server is a value. `start` returns when the server has answered a real request; `stop`, `kill` and `restart`
//! keep its ports and data; dropping it ends its processes and removes its folder below `.cache/run/`, unless
//! `CLARION_KEEP_SERVERS` is set. A server that is not installed is an error, so that the test fails: nothing is skipped.
//!
//! Every function here blocks; each may be called from a plain test and from inside an asynchronous runtime alike.
#![allow(dead_code, unused_imports, reason = "a surface for tests: a build may use only a part of it")]

mod directory;
mod elasticsearch;
mod error;
mod hec;
mod http;
mod installed;
mod kafka;
mod mlflow;
mod opa;
mod opensearch;
mod ports;
mod process;
mod receiver;
mod records;
mod search;
mod unprivileged;
mod wait;

pub(crate) use elasticsearch::{Elasticsearch, ElasticsearchOptions, ElasticsearchVersion};
pub(crate) use error::ServerError;
pub(crate) use hec::{Hec, HecOptions};
pub(crate) use http::{Http, Reply};
pub(crate) use installed::installed;
pub(crate) use kafka::{Kafka, KafkaOptions, SaslUser};
pub(crate) use mlflow::{MlFlow, drift_report};
pub(crate) use opa::OpenPolicyAgent;
pub(crate) use opensearch::{OpenSearch, OpenSearchVersion};
pub(crate) use ports::free_port;
pub(crate) use receiver::{Delivery, Receiver};
pub(crate) use records::Record;
pub(crate) use search::search_all;
pub(crate) use wait::wait_until;
