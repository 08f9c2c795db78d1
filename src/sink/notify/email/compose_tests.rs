//! Mails: headers that are one line each whatever is told, threads, and a page that is only text.

use serde_json::{Value, json};

use super::*;
use crate::sink::notify::arbitrary::{alert, hostile_messages, told};

fn composer(more: &Value) -> Composer {
    let mut config = json!({"host": "localhost", "encryption": "none", "from": "Clarion <clarion@example.com>", "to": ["Kim <kim@example.com>"], "cc": ["team@example.com"]});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config: EmailConfig = serde_json::from_value(config).unwrap();
    assert_eq!(config.fault(), None);
    Composer::new(&config).unwrap()
}

fn formatted(composer: &Composer, told: &Told) -> String {
    String::from_utf8(composer.compose(told, &NotificationCounts::default()).unwrap().formatted()).unwrap()
}

/// Names of the headers, and their lines unfolded.
fn headers(mail: &str) -> Vec<String> {
    mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
}

fn header(mail: &str, name: &str) -> String {
    let prefix = format!("{name}: ");
    headers(mail).iter().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default().to_owned()
}

#[test]
fn nothing_that_is_told_makes_a_header() {
    let composer = composer(&json!({}));
    let names = |mail: &str| -> Vec<String> {
        headers(mail).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    let usual = names(&formatted(&composer, &told(vec![alert(1, 1)], vec![alert(2, 1)])));
    for message in hostile_messages() {
        let mail = formatted(&composer, &message);
        assert_eq!(names(&mail), usual);
        assert!(!mail.contains("Bcc: victim") || !headers(&mail).iter().any(|line| line.starts_with("Bcc")));
        assert!(
            mail.replace("\r\n", "").find(['\r', '\n', '\0', '\u{1b}']).is_none(),
            "no bare line break, no control"
        );
        assert!(mail.lines().all(|line| line.len() <= 998));
    }
}

#[test]
fn a_template_of_a_subject_makes_one_line() {
    let composer = composer(&json!({"subject": "{{ title }}\nBcc: victim@example.com\n\nx"}));
    let mail = formatted(&composer, &told(vec![alert(1, 1)], vec![]));
    assert!(header(&mail, "Subject").contains("Bcc: victim@example.com"));
    assert_eq!(header(&mail, "Bcc"), "");
}

#[test]
fn later_revisions_are_in_the_thread_of_the_first() {
    let composer = composer(&json!({}));
    let first = formatted(&composer, &told(vec![alert(7, 1)], vec![]));
    let id = header(&first, "Message-ID");
    assert_eq!(id, format!("<{}.1@example.com>", crate::model::AlertId(7)));
    assert_eq!(header(&first, "References"), "");
    let later = formatted(&composer, &told(vec![alert(7, 2)], vec![]));
    assert_eq!(header(&later, "Message-ID"), format!("<{}.2@example.com>", crate::model::AlertId(7)));
    assert_eq!((header(&later, "References"), header(&later, "In-Reply-To")), (id.clone(), id.clone()));
    let again = formatted(&composer, &told(vec![alert(7, 1)], vec![]));
    assert_eq!(header(&again, "Message-ID"), id, "a repetition can be told from news");
    let both = formatted(&composer, &told(vec![alert(7, 1), alert(8, 1)], vec![]));
    assert!(header(&both, "References").contains(&id) && header(&both, "Message-ID") != id);
    assert_eq!(header(&first, "Auto-Submitted"), "auto-generated");
}

#[test]
fn a_page_shows_text_and_no_markup_of_others() {
    let composer = composer(&json!({}));
    for message in hostile_messages() {
        let page = composer.usual_page.render(&message).unwrap();
        assert!(!page.contains("<script") && !page.contains("onload='"), "{page}");
        let text = composer.usual_text.render(&message).unwrap();
        assert!(text.contains(&message.alerts[0].id) && text.contains(&message.more[0].id));
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let fault = |more: Value| {
        let mut config = json!({"host": "smtp.example.com", "from": "clarion@example.com", "to": ["kim@example.com"]});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<EmailConfig>(config).unwrap().fault().map(|(setting, _)| setting)
    };
    assert_eq!(fault(json!({})), None);
    assert_eq!(fault(json!({"host": "smtp.example.com:25"})), Some("host"));
    assert_eq!(fault(json!({"host": "::1", "encryption": "none"})), None);
    assert_eq!(fault(json!({"encryption": "none"})), Some("encryption"));
    assert_eq!(fault(json!({"encryption": "none", "allow_plaintext": true})), None);
    assert_eq!(fault(json!({"to": []})), Some("to"));
    assert_eq!(fault(json!({"to": ["kim"]})), Some("to"));
    assert_eq!(fault(json!({"to": ["kim@example.com\r\nRCPT TO:<x@example.com>"]})), Some("to"));
    assert_eq!(fault(json!({"from": "a b"})), Some("from"));
}
