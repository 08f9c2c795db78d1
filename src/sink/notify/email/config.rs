//! Settings of a mail route.

use serde::Deserialize;

use crate::sink::notify::webhook::default_request_timeout;
use crate::sink::notify::{RouteSettings, TemplateSource, console_fault};
use crate::sink::{RetrySettings, SecretSource, Timespan, TlsSettings};

/// How the way to the mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailEncryption {
    /// A plain connection that changes to TLS before anything is said; if the server cannot, nothing is sent.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None: for a server on this machine, or with `allow_plaintext`.
    None,
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailAuth {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretSource,
}

/// E-mail through a mail server (SMTP).
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Name in logs, metrics and health; `email` if absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Name or address of the mail server.
    pub host: String,
    /// Its port; without it 587 for `starttls`, 465 for `tls`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// Encryption of the way to it: `starttls`, `tls` or `none`.
    #[serde(default)]
    pub encryption: MailEncryption,
    /// Whether alerts, and a password, may go unencrypted to a server that is not on this machine.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// User and password; without it, the server must take mail from this machine.
    #[serde(default)]
    pub auth: Option<MailAuth>,
    /// The sender: `clarion@example.com` or `Clarion <clarion@example.com>`.
    pub from: String,
    /// The receivers.
    pub to: Vec<String>,
    /// Receivers of a copy.
    #[serde(default)]
    pub cc: Vec<String>,
    /// Template of the subject. Without it, the title.
    #[serde(default)]
    pub subject: Option<TemplateSource>,
    /// Template of the plain text. Without it, the usual text.
    #[serde(default)]
    pub text: Option<TemplateSource>,
    /// Template of the HTML beside the text. Without it, the usual page, or none if `text` is a template.
    #[serde(default)]
    pub html: Option<TemplateSource>,
    /// Which alerts, put together how, and how often.
    #[serde(default)]
    pub route: RouteSettings,
    /// Address of the console, for links to it.
    #[serde(default)]
    pub console_url: Option<String>,
    /// Whom to trust. With `ca_file`, its authorities and no others.
    #[serde(default)]
    pub tls: TlsSettings,
    /// How long each answer of the server is waited for.
    #[serde(default = "default_request_timeout")]
    pub request_timeout: Timespan,
    /// Pauses between attempts.
    #[serde(default)]
    pub retry: RetrySettings,
}

impl EmailConfig {
    /// The port in use.
    #[cfg(feature = "live")]
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.encryption {
            MailEncryption::StartTls => 587,
            MailEncryption::Tls => 465,
            MailEncryption::None => 25,
        })
    }

    /// All receivers, each of which must get the mail.
    pub(super) fn receivers(&self) -> impl Iterator<Item = &String> {
        self.to.iter().chain(&self.cc)
    }

    pub(in crate::sink) fn fault(&self) -> Option<(&'static str, String)> {
        let host_symbol = |symbol: char| symbol.is_ascii_alphanumeric() || "-._:".contains(symbol);
        if self.host.is_empty() || !self.host.chars().all(host_symbol) || self.host.matches(':').count() == 1 {
            return Some((
                "host",
                "write the name of a mail server such as smtp.example.com; its port has a key of its own".to_owned(),
            ));
        }
        if self.encryption == MailEncryption::None && !self.allow_plaintext && !is_this_machine(&self.host) {
            let reason = "without encryption everybody on the way reads and changes the mail: write `starttls` or `tls`, or, if you \
                          mean it, `allow_plaintext: true`";
            return Some(("encryption", reason.to_owned()));
        }
        if self.to.is_empty() {
            return Some(("to", "name at least one receiver".to_owned()));
        }
        if let Some(reason) = address_fault(&self.from) {
            return Some(("from", reason));
        }
        if let Some(reason) = self.receivers().find_map(|receiver| address_fault(receiver)) {
            return Some(("to", reason));
        }
        if self.auth.as_ref().is_some_and(|auth| auth.user.is_empty() || auth.user.chars().any(char::is_control)) {
            return Some(("auth.user", "name a user, or leave `auth` out".to_owned()));
        }
        self.route.fault().or_else(|| console_fault(self.console_url.as_deref()))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Why a text is no address of mail, if so.
#[cfg(feature = "live")]
fn address_fault(text: &str) -> Option<String> {
    let wrong = text.parse::<lettre::message::Mailbox>().err()?;
    Some(format!("`{}` is no address of mail ({wrong}): write name@example.com", text.escape_debug()))
}

/// Why a text is no address of mail, if so; the program that sends knows it better.
#[cfg(not(feature = "live"))]
fn address_fault(text: &str) -> Option<String> {
    let wrong = !text.contains('@') || text.chars().any(char::is_control);
    wrong.then(|| format!("`{}` is no address of mail: write name@example.com", text.escape_debug()))
}
