//! A table at an address: fetched when it has changed, within a bound of size and time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, redirect};

use super::{FetchError, SetupError};
use crate::config::{HttpAuth, HttpLookup};
use crate::model::with_causes;
use crate::rule::lookup::{MAX_TABLE_BYTES, Table};

/// A table at an address, and what is known of its last version.
pub(super) struct HttpTable {
    client: Client,
    settings: HttpLookup,
    /// What the file of the certificate authorities held when the client was made.
    pem: Option<Vec<u8>>,
    /// The address without what stands behind `?`, which may be a secret.
    shown: String,
    /// What the server called the version that was read last.
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

impl HttpTable {
    /// Makes the client. Talks to nobody.
    pub(super) fn new(settings: &HttpLookup) -> Result<Self, SetupError> {
        let shown = settings.url.split(['?', '#']).next().unwrap_or_default().to_owned();
        let failed = |reason: String| SetupError { address: shown.clone(), reason };
        let pem = authorities(settings).map_err(failed)?;
        let client = client(settings, pem.as_deref()).map_err(failed)?;
        Ok(Self { client, settings: settings.clone(), pem, shown, etag: None, modified: None })
    }

    /// Trusts what the file of the certificate authorities holds now. One that cannot be used changes nothing.
    fn renew(&mut self) {
        let newer = match authorities(&self.settings) {
            Ok(pem) if pem == self.pem => return,
            Ok(pem) => client(&self.settings, pem.as_deref()).map(|client| (client, pem)),
            Err(reason) => Err(reason),
        };
        match newer {
            Ok((client, pem)) => {
                tracing::info!(lookup = self.shown, "goes on with the new certificate authorities");
                (self.client, self.pem) = (client, pem);
            }
            Err(reason) => {
                tracing::warn!(
                    lookup = self.shown,
                    reason,
                    "cannot use the new certificate authorities, those known stay"
                );
            }
        }
    }

    /// Fetches the table; `None` when it is as it was.
    pub(super) async fn fetch(&mut self) -> Result<Option<Table>, FetchError> {
        self.renew();
        let unreachable = |error: reqwest::Error| {
            FetchError::Unreachable(format!("{}: {}", self.shown, with_causes(&error.without_url())))
        };
        let answer = self.request().send().await.map_err(unreachable)?;
        let status = answer.status();
        if status == StatusCode::NOT_MODIFIED && (self.etag.is_some() || self.modified.is_some()) {
            return Ok(None);
        }
        if status != StatusCode::OK {
            return Err(self.refusal(status));
        }
        let headers = answer.headers().clone();
        let bytes = self.body(answer).await?;
        let form = form(headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()), &self.shown);
        // a large table is no work for a thread that others wait for
        let parsed = tokio::task::spawn_blocking(move || Table::parse(&bytes, form)).await;
        let table = parsed
            .map_err(|error| FetchError::Unusable(format!("{}: {error}", self.shown)))?
            .map_err(|(line, reason)| FetchError::Unusable(format!("{}, line {line}: {reason}", self.shown)))?;
        self.remember(&headers);
        Ok(Some(table))
    }

    fn request(&self) -> RequestBuilder {
        let mut request = self.client.get(&self.settings.url);
        request = match &self.settings.auth {
            Some(HttpAuth::Basic { user, password }) => request.basic_auth(user, Some(password.expose())),
            Some(HttpAuth::Bearer(token)) => request.bearer_auth(token.expose()),
            None => request,
        };
        if let Some(etag) = &self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &self.modified {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
        request
    }

    /// The next answer is compared with this one only if this one can be used.
    fn remember(&mut self, headers: &HeaderMap) {
        self.etag = headers.get(ETAG).cloned();
        self.modified = headers.get(LAST_MODIFIED).cloned();
    }

    /// Forgets what the last version was called, so that the next answer holds the table.
    pub(super) fn forget(&mut self) {
        self.etag = None;
        self.modified = None;
    }

    fn refusal(&self, status: StatusCode) -> FetchError {
        let said = format!("{}: the server answered {status}", self.shown);
        let later = status.is_server_error()
            || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        match () {
            () if later => FetchError::Unreachable(said),
            () if status.is_redirection() => {
                FetchError::Unusable(format!("{said}: write the address that it redirects to"))
            }
            () if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) => {
                FetchError::Unusable(format!("{said}: check `auth`"))
            }
            () => FetchError::Unusable(format!("{said}: check the address")),
        }
    }

    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        loop {
            let chunk = answer.chunk().await.map_err(|error| {
                FetchError::Unreachable(format!("{}: {}", self.shown, with_causes(&error.without_url())))
            })?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            if (bytes.len() + chunk.len()) as u64 > MAX_TABLE_BYTES {
                let reason = "larger than 64 MiB: split it, or match fewer values";
                return Err(FetchError::Unusable(format!("{}: {reason}", self.shown)));
            }
            bytes.extend_from_slice(&chunk);
        }
    }
}

/// What the file of the certificate authorities holds.
fn authorities(settings: &HttpLookup) -> Result<Option<Vec<u8>>, String> {
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    settings.ca_file.as_ref().map(read).transpose()
}

fn client(settings: &HttpLookup, pem: Option<&[u8]>) -> Result<Client, String> {
    let timeout = settings.request_timeout.to_std();
    // credentials are never sent to an address that nobody configured
    let mut builder = Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("clarion/", env!("CARGO_PKG_VERSION")));
    if let Some(pem) = pem {
        let path = settings.ca_file.as_deref().unwrap_or(Path::new("")).display();
        let authorities =
            Certificate::from_pem_bundle(pem).map_err(|error| format!("{path}: {}", with_causes(&error)))?;
        builder = builder.tls_certs_only(authorities);
    }
    builder.build().map_err(|error| with_causes(&error))
}

/// The form of a table: that of its content type, unless that says nothing; else that of the end of its address.
fn form(content_type: Option<&str>, address: &str) -> &'static str {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/csv" | "application/csv" => return "csv",
        "application/json" | "text/json" => return "json",
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => return "yaml",
        other if other.ends_with("+json") => return "json",
        other if other.ends_with("+yaml") => return "yaml",
        _ => {}
    }
    let path = address.to_ascii_lowercase();
    let endings = [(".csv", "csv"), (".json", "json"), (".yaml", "yaml"), (".yml", "yaml")];
    endings.iter().find(|(ending, _)| path.ends_with(ending)).map_or("txt", |(_, form)| form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_says_something_wins_over_the_address() {
        for (content_type, address, expected) in [
            (Some("text/csv; charset=utf-8"), "https://x/t.json", "csv"),
            (Some("application/vnd.x+json"), "https://x/t", "json"),
            (Some("text/plain"), "https://x/T.CSV", "csv"),
            (Some("application/octet-stream"), "https://x/t.yml", "yaml"),
            (Some("text/plain"), "https://x/t", "txt"),
            (None, "https://x/t.yaml", "yaml"),
            (None, "https://x/t", "txt"),
        ] {
            assert_eq!(form(content_type, address), expected, "{content_type:?} {address}");
        }
    }
}
