//! Starting the routes, checking their templates, and trying them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::NotificationCounts;
use super::email::{Email, EmailConfig};
use super::notice::{Notice, Told};
use super::run::{RouteParts, spawn, try_once};
use super::slack::{Slack, SlackConfig};
use super::templates::Template;
use super::webhook::{SecretTrouble, Webhook, WebhookConfig};
use crate::model::Secret;
use crate::sink::settings::address_fault;
use crate::sink::{ConfigFault, Document, Health, Receipt, SecretSource, SinkConfig, SinkError, SinkHandle};

/// Bytes of the documents of a message for people, who are told of each little of it.
const BYTES: usize = 64 << 20;

type Receipts = mpsc::UnboundedSender<Receipt>;

/// Starts a webhook.
pub(in crate::sink) fn start_webhook(
    sink: usize,
    name: String,
    config: &WebhookConfig,
    receipts: Receipts,
) -> Result<SinkHandle, SinkError> {
    let counts = Arc::new(NotificationCounts::default());
    let channel = Webhook::new(&name, config, Arc::clone(&counts))?;
    let parts = RouteParts {
        sink,
        name,
        channel,
        route: &config.route,
        retry: &config.retry,
        bytes: config.max_bytes.bytes(),
        console: config.console_url.clone(),
        counts,
        health: Health::Starting,
    };
    Ok(spawn(parts, receipts))
}

/// Starts a chat.
pub(in crate::sink) fn start_slack(
    sink: usize,
    name: String,
    config: &SlackConfig,
    receipts: Receipts,
) -> Result<SinkHandle, SinkError> {
    let counts = Arc::new(NotificationCounts::default());
    let channel = Slack::new(&name, config, Arc::clone(&counts))?;
    let parts = RouteParts {
        sink,
        name,
        channel,
        route: &config.route,
        retry: &config.retry,
        bytes: BYTES,
        console: config.console_url.clone(),
        counts,
        health: Health::Starting,
    };
    Ok(spawn(parts, receipts))
}

/// Starts a mail route. Says hello to the server, so that a wrong password is found now.
pub(in crate::sink) async fn start_email(
    sink: usize,
    name: String,
    config: &EmailConfig,
    receipts: Receipts,
) -> Result<SinkHandle, SinkError> {
    let counts = Arc::new(NotificationCounts::default());
    let channel = Email::new(&name, config, Arc::clone(&counts))?;
    let health = channel.hello(&name).await?;
    let parts = RouteParts {
        sink,
        name,
        channel,
        route: &config.route,
        retry: &config.retry,
        bytes: BYTES,
        console: config.console_url.clone(),
        counts,
        health,
    };
    Ok(spawn(parts, receipts))
}

/// Tries the templates of a sink, if it has any, on an alert.
///
/// # Errors
/// [`ConfigFault`] with file, line and column of what is wrong.
pub fn check_templates(config: &SinkConfig, example: &Document) -> Result<(), ConfigFault> {
    let told = |console: &Option<String>| {
        let alerts: Vec<Notice> = Notice::of(example, console.as_deref(), true).into_iter().collect();
        let more = Notice::of(example, console.as_deref(), false).into_iter().collect();
        Told::new(config.name(), vec![("rule".to_owned(), "example".to_owned())], alerts, more)
    };
    let try_one = |setting, template: Option<Template>, told: &Told| match template {
        Some(template) => template.check(told).map_err(|reason| (setting, reason)),
        None => Ok(()),
    };
    let checked = match config {
        SinkConfig::Webhook(webhook) => {
            Webhook::template(webhook).and_then(|body| try_one("body", body, &told(&webhook.console_url)))
        }
        SinkConfig::Slack(slack) => {
            Slack::template(slack).and_then(|text| try_one("text", text, &told(&slack.console_url)))
        }
        SinkConfig::Email(email) => Email::check(email, &told(&email.console_url)),
        _ => Ok(()),
    };
    checked.map_err(|(setting, reason)| ConfigFault { sink: config.name().to_owned(), setting, reason })
}

/// Sends one message through a route, marked as a test, and says what the receiver answered. `None` if the sink is no route.
///
/// # Errors
/// Why it was not taken, in the receiver's words.
pub async fn try_route(config: &SinkConfig, example: &Document) -> Option<Result<String, String>> {
    let counts = Arc::new(NotificationCounts::default());
    let name = config.name();
    let told = |error: SinkError| error.to_string();
    Some(match config {
        SinkConfig::Webhook(webhook) => match Webhook::new(name, webhook, counts).map_err(told) {
            Ok(channel) => try_once(&channel, name, &webhook.route, webhook.console_url.as_deref(), example).await,
            Err(error) => Err(error),
        },
        SinkConfig::Slack(slack) => match Slack::new(name, slack, counts).map_err(told) {
            Ok(channel) => try_once(&channel, name, &slack.route, slack.console_url.as_deref(), example).await,
            Err(error) => Err(error),
        },
        SinkConfig::Email(email) => match Email::new(name, email, counts).map_err(told) {
            Ok(channel) => try_once(&channel, name, &email.route, email.console_url.as_deref(), example).await,
            Err(error) => Err(error),
        },
        _ => return None,
    })
}

/// A setting that cannot be used, as an error at the start.
pub(super) fn config_error(sink: &str, (setting, reason): (&'static str, String)) -> SinkError {
    SinkError::Config(ConfigFault { sink: sink.to_owned(), setting, reason })
}

/// Reads an address that is a secret.
pub(super) fn secret_address(source: &SecretSource) -> Result<Secret, SecretTrouble> {
    let address = source.resolve()?;
    let text = address.expose();
    // a query may be part of it; what is wrong with it is not said in its own words
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if address_fault(path).is_some() || text.contains([' ', '#']) {
        return Err(SecretTrouble::Unusable("the secret address is none: it must be https://host/path".to_owned()));
    }
    Ok(address)
}
