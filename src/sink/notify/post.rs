//! Posting a message over HTTP, for webhooks and chats: what the answers mean, and how long a receiver wants to be left
//! alone. An address may be a secret, so it is in no error.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::channel::Answer;
use crate::model::with_causes;
use crate::sink::TrustedClient;
use crate::sink::deliver::{Trouble, TroubleKind};

/// Longest that a receiver may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Characters of an answer that are kept.
const WORDS: usize = 500;
/// Bytes of an answer that are read.
const READ: usize = 64 << 10;

/// Sends a request of this client and says what came of it. `advice` says what to do when the receiver does not know the address or the sender.
pub(super) async fn post(
    http: &TrustedClient<reqwest::Client>,
    request: reqwest::RequestBuilder,
    advice: &str,
) -> Answer {
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            http.look_again();
            return unreachable(error);
        }
    };
    let status = response.status().as_u16();
    let wait = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| retry_after(text, Utc::now()));
    let mut body = Vec::new();
    while body.len() < READ {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            // the status has been said; the words are only for people
            Err(_) if (200..300).contains(&status) => break,
            Err(error) => return unreachable(error),
        }
    }
    meaning(status, &String::from_utf8_lossy(&body), wait, advice)
}

fn unreachable(error: reqwest::Error) -> Answer {
    let error = error.without_url();
    trouble(TroubleKind::Unreachable, format!("the receiver cannot be reached: {}", with_causes(&error)), None)
}

fn trouble(kind: TroubleKind, message: String, wait: Option<Duration>) -> Answer {
    Answer::Trouble(Trouble { kind, message, wait })
}

/// What an answer means.
fn meaning(status: u16, body: &str, wait: Option<Duration>, advice: &str) -> Answer {
    let said = said(status, body);
    match status {
        200..=299 => Answer::Taken { said },
        413 => Answer::TooLarge { said },
        400 | 422 => Answer::Invalid { said },
        401 | 403 => trouble(TroubleKind::Credentials, format!("{said}; {advice}"), wait),
        429 => trouble(TroubleKind::Overloaded, said, wait),
        408 | 425 | 500..=599 => trouble(TroubleKind::Unreachable, said, wait),
        _ => trouble(TroubleKind::Misconfigured, format!("{said}; {advice}"), wait),
    }
}

fn said(status: u16, body: &str) -> String {
    let words = crate::model::harmless(body.trim(), WORDS);
    if words.is_empty() { format!("status {status}") } else { format!("status {status}: {words}") }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let wait = match text.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            DateTime::parse_from_rfc2822(text.trim()).ok()?.signed_duration_since(now).to_std().unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_a_receiver_can_do_about_them() {
        let kind = |status| match meaning(status, "no\u{202e}", None, "look at it") {
            Answer::Trouble(trouble) => Some(trouble.kind),
            _ => None,
        };
        for (status, expected) in [
            (301, TroubleKind::Misconfigured),
            (401, TroubleKind::Credentials),
            (403, TroubleKind::Credentials),
            (404, TroubleKind::Misconfigured),
            (408, TroubleKind::Unreachable),
            (410, TroubleKind::Misconfigured),
            (429, TroubleKind::Overloaded),
            (503, TroubleKind::Unreachable),
        ] {
            assert_eq!(kind(status), Some(expected), "{status}");
        }
        assert_eq!(meaning(204, "", None, ""), Answer::Taken { said: "status 204".into() });
        assert_eq!(
            meaning(400, "invalid_blocks\n", None, ""),
            Answer::Invalid { said: "status 400: invalid_blocks".into() }
        );
        assert_eq!(meaning(413, "", None, ""), Answer::TooLarge { said: "status 413".into() });
    }

    #[test]
    fn a_receiver_says_how_long_it_wants_to_be_left_alone() {
        let now = DateTime::from_timestamp(1_445_412_420, 0).unwrap(); // 2015-10-21T07:27:00Z
        let after = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(after("30"), Some(30));
        assert_eq!(after(" 99999999999 "), Some(3600));
        assert_eq!(after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(60));
        assert_eq!(after("Wed, 21 Oct 2015 07:26:00 GMT"), Some(0));
        assert_eq!(after("soon"), None);
    }
}
