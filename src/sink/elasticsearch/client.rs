//! Requests to a cluster through the official client: one client per address, because its own pool of several nodes cannot
//! be used (a task of it panics when a node is down), the next address when one cannot be reached, credentials that can be
//! read again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use elasticsearch::auth::Credentials;
use elasticsearch::cert::{Certificate, CertificateValidation};
use elasticsearch::http::headers::HeaderMap;
use elasticsearch::http::response::Response;
use elasticsearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use elasticsearch::http::{Method, Url};
use elasticsearch::{BulkParts, Elasticsearch};

use super::config::{ElasticsearchAuth, ElasticsearchConfig};
use crate::model::with_causes;
use crate::sink::{SecretError, SinkError, TrustedClient};

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A cluster.
pub(super) struct Cluster {
    nodes: TrustedClient<Nodes>,
    size: usize,
    current: AtomicUsize,
    auth: Option<ElasticsearchAuth>,
}

/// The address of each node and the way to it.
type Nodes = Arc<[(String, Elasticsearch)]>;

impl Cluster {
    /// Reads secrets and certificates and makes the clients. Talks to nobody.
    pub(super) fn new(sink: &str, config: &ElasticsearchConfig) -> Result<Self, SinkError> {
        let (owned, settings) = (sink.to_owned(), config.clone());
        Ok(Self {
            nodes: TrustedClient::new(sink, &config.tls, move |pem| nodes(&owned, &settings, pem))?,
            size: config.hosts.len(),
            current: AtomicUsize::new(0),
            auth: config.auth.clone(),
        })
    }

    /// Sends the lines of a bulk request to the current node. When it cannot be reached, the next one is current from then
    /// on, and the error says what happened.
    pub(super) async fn bulk(&self, lines: Vec<String>) -> Result<Answer, String> {
        let (at, host, client) = self.node()?;
        let answer = client.bulk(BulkParts::None).body(lines).send().await;
        self.read(at, &host, answer).await
    }

    /// Sends any other request, in the same way.
    pub(super) async fn request(&self, method: Method, path: &str, body: String) -> Result<Answer, String> {
        let (at, host, client) = self.node()?;
        let answer = client.transport().send(method, path, HeaderMap::new(), None::<&()>, Some(body), None).await;
        self.read(at, &host, answer).await
    }

    /// How many addresses there are.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Reads the secrets again: somebody may have rotated them.
    pub(super) fn refresh_credentials(&self) -> Result<(), SecretError> {
        if let Some(credentials) = credentials(self.auth.as_ref())? {
            for (_, client) in self.nodes.get().iter() {
                client.transport().set_auth(credentials.clone());
            }
        }
        Ok(())
    }

    fn node(&self) -> Result<(usize, String, Elasticsearch), String> {
        let at = self.current.load(Ordering::Relaxed) % self.size.max(1);
        let nodes = self.nodes.get();
        let (host, client) = nodes.get(at).ok_or("no address is configured")?;
        Ok((at, host.clone(), client.clone()))
    }

    async fn read(
        &self,
        at: usize,
        host: &str,
        answer: Result<Response, elasticsearch::Error>,
    ) -> Result<Answer, String> {
        let read = match answer {
            Ok(response) => {
                let status = response.status_code().as_u16();
                response.text().await.map(|body| Answer { status, body })
            }
            Err(error) => Err(error),
        };
        // A node that is shutting down or behind a broken proxy answers, but another one may serve.
        if !matches!(&read, Ok(answer) if answer.status < 502) {
            let next = at.wrapping_add(1);
            let _ = self.current.compare_exchange(at, next % self.size.max(1), Ordering::Relaxed, Ordering::Relaxed);
        }
        read.map_err(|error| {
            self.nodes.look_again();
            format!("{host} cannot be reached: {}", with_causes(&error))
        })
    }
}

/// One client for each address.
fn nodes(sink: &str, config: &ElasticsearchConfig, pem: Option<&[u8]>) -> Result<Nodes, SinkError> {
    let credentials =
        credentials(config.auth.as_ref()).map_err(|source| SinkError::Secret { sink: sink.to_owned(), source })?;
    let node = |host: &String| {
        let failed = |reason: String| SinkError::Client { sink: sink.to_owned(), address: host.clone(), reason };
        let url = Url::parse(&format!("{}/", host.trim_end_matches('/'))).map_err(|error| failed(error.to_string()))?;
        let mut builder = TransportBuilder::new(SingleNodeConnectionPool::new(url))
            .timeout(config.request_timeout.0)
            .request_body_compression(config.compress);
        if let Some(credentials) = &credentials {
            builder = builder.auth(credentials.clone());
        }
        if let Some(pem) = pem {
            let chain = Certificate::from_pem(pem).map_err(|error| failed(with_causes(&error)))?;
            builder = builder.cert_validation(CertificateValidation::Full(chain));
        }
        let transport: Transport = builder.build().map_err(|error| failed(with_causes(&error)))?;
        Ok((host.clone(), Elasticsearch::new(transport)))
    };
    config.hosts.iter().map(node).collect()
}

fn credentials(auth: Option<&ElasticsearchAuth>) -> Result<Option<Credentials>, SecretError> {
    Ok(match auth {
        None => None,
        Some(ElasticsearchAuth::Basic { user, password }) => {
            Some(Credentials::Basic(user.clone(), password.resolve()?.expose().to_owned()))
        }
        Some(ElasticsearchAuth::ApiKey(key)) => Some(Credentials::EncodedApiKey(key.resolve()?.expose().to_owned())),
        Some(ElasticsearchAuth::Bearer(token)) => Some(Credentials::Bearer(token.resolve()?.expose().to_owned())),
    })
}
