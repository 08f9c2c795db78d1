//! A mail: its headers, its text and its page. Nothing that comes from outside begins a header of its own: what stands in a header
//! is one line without control characters, and is encoded as mail has it.

use std::sync::atomic::Ordering;

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::EmailConfig;
use crate::model::harmless;
use crate::sink::notify::NotificationCounts;
use crate::sink::notify::notice::Told;
use crate::sink::notify::templates::{Template, Writes};

/// Characters of a subject.
const SUBJECT: usize = 200;
/// The usual text and page.
const TEXT: &str = include_str!("text.jinja");
const PAGE: &str = include_str!("page.jinja");

/// What mails are made with.
#[derive(Debug)]
pub(super) struct Composer {
    from: Mailbox,
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    subject: Option<Template>,
    text: Option<Template>,
    page: Option<Template>,
    usual_text: Template,
    usual_page: Template,
}

impl Composer {
    /// Reads addresses and templates.
    ///
    /// # Errors
    /// The setting and what is wrong with it.
    pub(super) fn new(config: &EmailConfig) -> Result<Self, (&'static str, String)> {
        let mailbox =
            |setting| move |text: &String| text.parse().map_err(|error| (setting, format!("`{text}`: {error}")));
        let read = |source: &Option<_>, setting, writes| {
            let read = source.as_ref().map(|source| Template::read(source, setting, writes));
            read.transpose().map_err(|reason| (setting, reason))
        };
        let usual = |text: &str, writes| Template::compile(text.to_owned(), "the usual template".to_owned(), writes);
        Ok(Self {
            from: mailbox("from")(&config.from)?,
            to: config.to.iter().map(mailbox("to")).collect::<Result<_, _>>()?,
            cc: config.cc.iter().map(mailbox("cc")).collect::<Result<_, _>>()?,
            subject: read(&config.subject, "subject", Writes::Text)?,
            text: read(&config.text, "text", Writes::Text)?,
            page: read(&config.html, "html", Writes::Html)?,
            usual_text: usual(TEXT, Writes::Text).map_err(|reason| ("text", reason))?,
            usual_page: usual(PAGE, Writes::Html).map_err(|reason| ("html", reason))?,
        })
    }

    /// All templates, for a check.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&'static str, &Template)> {
        let named = [("subject", &self.subject), ("text", &self.text), ("html", &self.page)];
        named.into_iter().filter_map(|(setting, template)| Some((setting, template.as_ref()?)))
    }

    /// Makes a mail.
    ///
    /// # Errors
    /// What the mail library said, which it does not for what this module gives it.
    pub(super) fn compose(&self, told: &Told, counts: &NotificationCounts) -> Result<Message, String> {
        let rendered = |template: &Template, usual: &dyn Fn() -> String| {
            template.render(told).unwrap_or_else(|reason| {
                tracing::error!(sink = %told.sink, %reason, "the template failed, the usual text is sent");
                counts.template_failures.fetch_add(1, Ordering::Relaxed);
                usual()
            })
        };
        let title = || told.title.clone();
        let subject = self.subject.as_ref().map_or_else(title, |template| rendered(template, &title));
        let usual_text = || self.usual_text.render(told).unwrap_or_else(|_| title());
        let text = self.text.as_ref().map_or_else(usual_text, |template| rendered(template, &usual_text));
        let usual_page = || self.usual_page.render(told).unwrap_or_default();
        let page = match (&self.page, &self.text) {
            (Some(template), _) => Some(rendered(template, &usual_page)),
            (None, Some(_)) => None,
            (None, None) => Some(usual_page()),
        };

        let id = |identity: &str| format!("<{identity}@{}>", self.from.email.domain());
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(harmless(subject.trim(), SUBJECT))
            .date_now()
            .message_id(Some(id(&told.identity)))
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("X-Clarion-Level", told.level.name()));
        for mailbox in &self.to {
            mail = mail.to(mailbox.clone());
        }
        for mailbox in &self.cc {
            mail = mail.cc(mailbox.clone());
        }
        if let Some(first) = told.threads.first() {
            let all: Vec<String> = told.threads.iter().map(|thread| id(thread)).collect();
            mail = mail.in_reply_to(id(first)).references(all.join(" "));
        }
        let made = match page {
            Some(page) => mail.multipart(MultiPart::alternative_plain_html(text, page)),
            None => mail.singlepart(lettre::message::SinglePart::plain(text)),
        };
        made.map_err(|error| error.to_string())
    }
}

/// A header of this program's own words.
fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
