//! Requests to a collector. The channel is a GUID of our own; it changes whenever a request fails to be answered, because a
//! collector that restarts counts its acknowledgements anew, and an old number must not be taken for a new one.

use std::sync::{Arc, PoisonError, RwLock};

use super::SplunkHecConfig;
use super::encode::gzip;
use crate::model::Secret;
use crate::model::with_causes;
use crate::sink::{SecretError, SecretSource, SinkError, TrustedClient};

const EVENTS: &str = "/services/collector/event";
const ACKNOWLEDGEMENTS: &str = "/services/collector/ack";

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A collector.
pub(super) struct Collector {
    http: TrustedClient<reqwest::Client>,
    address: String,
    source: SecretSource,
    token: RwLock<Secret>,
    channel: RwLock<Arc<str>>,
    compress: bool,
}

impl Collector {
    /// Reads token and certificates and makes the client. Talks to nobody.
    pub(super) fn new(sink: &str, config: &SplunkHecConfig) -> Result<Self, SinkError> {
        let address = config.url.trim_end_matches('/').to_owned();
        let token = config.token.resolve().map_err(|source| SinkError::Secret { sink: sink.to_owned(), source })?;
        let (owned, timeout, to) = (sink.to_owned(), config.request_timeout.0, address.clone());
        let make = move |pem: Option<&[u8]>| {
            let failed = |error: reqwest::Error| SinkError::Client {
                sink: owned.clone(),
                address: to.clone(),
                reason: with_causes(&error),
            };
            // Events are never sent to an address that nobody configured.
            let mut builder = reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none());
            if let Some(pem) = pem {
                builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(pem).map_err(failed)?);
            }
            builder.build().map_err(failed)
        };
        Ok(Self {
            http: TrustedClient::new(sink, &config.tls, make)?,
            address,
            source: config.token.clone(),
            token: RwLock::new(token),
            channel: RwLock::new(new_channel()),
            compress: config.compress,
        })
    }

    /// The channel that requests now go through.
    pub(super) fn channel(&self) -> Arc<str> {
        Arc::clone(&self.channel.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on in a channel of its own.
    fn change_channel(&self) {
        *self.channel.write().unwrap_or_else(PoisonError::into_inner) = new_channel();
    }

    /// Reads the token again: somebody may have rotated it.
    pub(super) fn refresh_token(&self) -> Result<(), SecretError> {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = self.source.resolve()?;
        Ok(())
    }

    /// Sends events.
    pub(super) async fn send(&self, channel: &str, body: Vec<u8>) -> Result<Answer, String> {
        let mut request = self.http.get().post(format!("{}{EVENTS}", self.address));
        if self.compress && !body.is_empty() {
            let packed = gzip(&body).map_err(|error| format!("cannot compress a request: {error}"))?;
            request = request.header("content-encoding", "gzip").body(packed);
        } else {
            request = request.body(body);
        }
        self.answer(request, channel).await
    }

    /// Asks which of these requests are acknowledged.
    pub(super) async fn ask(&self, channel: &str, ids: &[u64]) -> Result<Answer, String> {
        let body = serde_json::json!({"acks": ids}).to_string();
        let request = self.http.get().post(format!("{}{ACKNOWLEDGEMENTS}?channel={channel}", self.address)).body(body);
        self.answer(request, channel).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder, channel: &str) -> Result<Answer, String> {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner).clone();
        let request = request
            .header("authorization", format!("Splunk {}", token.expose()))
            .header("x-splunk-request-channel", channel)
            .header("content-type", "application/json");
        let answered = async {
            let response = request.send().await?;
            Ok::<_, reqwest::Error>(Answer { status: response.status().as_u16(), body: response.text().await? })
        };
        answered.await.map_err(|error| {
            self.change_channel();
            self.http.look_again();
            format!("{} cannot be reached: {}", self.address, with_causes(&error))
        })
    }
}

/// A random GUID (version 4).
fn new_channel() -> Arc<str> {
    let number = (rand::random::<u128>() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_guids_of_version_4_and_differ() {
        let channel = new_channel();
        let parts: Vec<&str> = channel.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{channel}");
        assert_ne!(channel, new_channel());
    }
}
