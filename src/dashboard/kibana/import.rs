//! Sends the saved objects to a running Kibana: one request, `POST /api/saved_objects/_import?overwrite=true`, with the file
//! as a form. What Kibana says is passed on in its words.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::model::Secret;

/// Between the parts of the form. Random enough not to stand in the file, and the same each time.
const BOUNDARY: &str = "clarion-dashboards-7b1f8a52d6c94e03";

/// How long Kibana may take: it writes every object and refreshes its index.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Nobody: a Kibana without security.
    None,
    /// An API key in its encoded form.
    ApiKey(Secret),
    /// A user with a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// Where to.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Address of Kibana, with its base path.
    pub url: String,
    /// The space; the default one where absent.
    pub space: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
    /// PEM file with the authorities to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file of authorities, or the address, is of no use.
    #[error("cannot ask {url}: {reason}")]
    Client {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// No answer.
    #[error(
        "no answer from Kibana at {url}: {reason}; is the address right, with its base path, and is it reachable from here?"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// 401.
    #[error("Kibana does not accept the credentials (401): {words}")]
    Unauthorized {
        /// What Kibana said.
        words: String,
    },
    /// 403.
    #[error(
        "these credentials may not import saved objects into the space (403): {words}; they need the Kibana privilege `Saved Objects Management: All` there"
    )]
    Forbidden {
        /// What Kibana said.
        words: String,
    },
    /// 404, which a wrong base path or an unknown space gives.
    #[error(
        "nothing imports saved objects at {url} (404): {words}; is it Kibana's address, with its base path, and is there such a space?"
    )]
    NotFound {
        /// The address.
        url: String,
        /// What was said.
        words: String,
    },
    /// Any other answer.
    #[error("Kibana answered with {status}: {words}")]
    Refused {
        /// The status.
        status: u16,
        /// What Kibana said.
        words: String,
    },
    /// Some objects were written and others not.
    #[error("Kibana imported {imported} and refused {}:\n{}", .refused.len(), .refused.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))]
    Partial {
        /// How many are there now.
        imported: u64,
        /// A line for each of the others: which, and why in Kibana's words.
        refused: Vec<String>,
    },
}

/// Kibana's report.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    success: bool,
    success_count: u64,
    #[serde(default)]
    errors: Vec<Refusal>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    #[serde(default)]
    error: serde_json::Value,
}

/// Imports objects, replacing those of the same ids, and gives how many there are.
///
/// # Errors
/// [`ImportError`]: what failed, with Kibana's words.
pub async fn import(destination: &Destination, ndjson: &str) -> Result<u64, ImportError> {
    let url = address(destination);
    let client = client(destination, &url)?;
    let mut request = client
        .post(&url)
        .header("kbn-xsrf", "true")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(form(ndjson));
    request = match &destination.credentials {
        Credentials::None => request,
        Credentials::ApiKey(key) => request.header("authorization", format!("ApiKey {}", key.expose())),
        Credentials::Basic { user, password } => request.basic_auth(user, Some(password.expose())),
    };
    let unreachable =
        |error: reqwest::Error| ImportError::Unreachable { url: url.clone(), reason: with_causes(&error) };
    let answer = request.send().await.map_err(unreachable)?;
    let status = answer.status().as_u16();
    let body = answer.text().await.map_err(unreachable)?;
    read(&url, status, &body)
}

/// The address of the request; a space that is none keeps its place in the path.
fn address(destination: &Destination) -> String {
    let url = destination.url.trim_end_matches('/');
    let space = destination.space.as_ref().map(|space| format!("/s/{space}")).unwrap_or_default();
    format!("{url}{space}/api/saved_objects/_import?overwrite=true")
}

fn client(destination: &Destination, url: &str) -> Result<reqwest::Client, ImportError> {
    let failed = |reason: String| ImportError::Client { url: url.to_owned(), reason };
    // credentials go to the address that was given, and to no other
    let mut builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &destination.ca_file {
        let pem = std::fs::read(path).map_err(|error| failed(format!("cannot read {}: {error}", path.display())))?;
        let authorities = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| failed(format!("{}: {}", path.display(), with_causes(&error))))?;
        builder = builder.tls_certs_only(authorities);
    }
    builder.build().map_err(|error| failed(with_causes(&error)))
}

/// The file as the only part of a form.
fn form(ndjson: &str) -> String {
    format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"clarion.ndjson\"\r\ncontent-type: application/ndjson\r\n\r\n{ndjson}\r\n--{BOUNDARY}--\r\n"
    )
}

fn read(url: &str, status: u16, body: &str) -> Result<u64, ImportError> {
    let words = words(body);
    match status {
        200 => {}
        401 => return Err(ImportError::Unauthorized { words }),
        403 => return Err(ImportError::Forbidden { words }),
        404 => return Err(ImportError::NotFound { url: url.to_owned(), words }),
        status => return Err(ImportError::Refused { status, words }),
    }
    let Ok(report) = serde_json::from_str::<Report>(body) else {
        return Err(ImportError::Refused { status, words: format!("not a report of an import: {words}") });
    };
    if report.success && report.errors.is_empty() {
        return Ok(report.success_count);
    }
    let refused = report.errors.iter().map(|refusal| {
        format!(
            "{} {}: {}",
            refusal.kind,
            refusal.id,
            refusal
                .error
                .get("message")
                .and_then(serde_json::Value::as_str)
                .map_or_else(|| refusal.error.to_string(), str::to_owned)
        )
    });
    Err(ImportError::Partial { imported: report.success_count, refused: refused.collect() })
}

/// `message` of Kibana's errors, else the beginning of what was answered.
fn words(body: &str) -> String {
    let message = serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|answer| answer.get("message").and_then(serde_json::Value::as_str).map(str::to_owned));
    let text = message.unwrap_or_else(|| body.chars().take(300).collect());
    if text.trim().is_empty() { "no words".to_owned() } else { text }
}

/// An error with what caused it: reqwest's own words alone say little.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
