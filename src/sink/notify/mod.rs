//! Alerts to people: by webhook, in a chat, by mail. They are sinks, with what every sink promises; beside that, a route chooses what it
//! tells, puts alerts together, and keeps within a limit.
//!
//! | file | what it does |
//! |---|---|
//! | `route`, `matching` | which alerts, put together how, how often; which of them an alert is |
//! | `groups` | which alert is in which message, and when: synchronous, the time is an argument |
//! | `run` | the task around it: documents in, messages out, receipts |
//! | `channel` | what a kind of notification is to that task |
//! | `notice`, `templates` | what is said of an alert; templates over it |
//! | `post`, `sign`, `mrkdwn` | HTTP, signatures, and text that is harmless in a chat |
//! | `webhook`, `slack`, `email` | the three kinds |

mod email;
mod route;
mod slack;
mod template_source;
mod webhook;

#[cfg(all(test, feature = "live"))]
mod arbitrary;
#[cfg(feature = "live")]
mod channel;
#[cfg(feature = "live")]
mod groups;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod matching;
#[cfg(feature = "live")]
mod mrkdwn;
#[cfg(feature = "live")]
mod notice;
#[cfg(feature = "live")]
mod post;
#[cfg(feature = "live")]
mod run;
#[cfg(feature = "live")]
mod sign;
#[cfg(feature = "live")]
mod templates;

pub use email::{EmailConfig, MailAuth, MailEncryption};
pub use route::{Criteria, Delay, MessageLimit, News, RouteSettings};
pub use slack::SlackConfig;
pub use template_source::TemplateSource;
pub use webhook::{WebhookAddress, WebhookConfig};

#[cfg(feature = "live")]
pub use live::{check_templates, try_route};
#[cfg(feature = "live")]
use live::{config_error, secret_address};
#[cfg(feature = "live")]
pub(super) use live::{start_email, start_slack, start_webhook};
#[cfg(feature = "live")]
pub use run::NotificationCounts;

/// Why an address of the console cannot be used, if so.
fn console_fault(address: Option<&str>) -> Option<(&'static str, String)> {
    let reason = super::settings::address_fault(address?)?;
    Some(("console_url", reason))
}
