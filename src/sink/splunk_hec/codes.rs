//! What the collector's answers mean: Splunk's table of codes, and the statuses of whatever stands in front of it.

use serde::Deserialize;

use crate::sink::deliver::TroubleKind;

/// The body of an answer, as far as there is one: load balancers and some receivers answer with plain text or nothing.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    code: Option<i64>,
    /// Index from 0 of the first event that was refused.
    #[serde(default, rename = "invalid-event-number")]
    invalid_event: Option<usize>,
    #[serde(default, rename = "ackId")]
    ack_id: Option<u64>,
}

/// An answer to events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Taken.
    Accepted {
        /// Under which the indexers' acknowledgement is asked for.
        ack_id: Option<u64>,
        /// Taken, but the collector is nearly full.
        slow_down: bool,
    },
    /// Too large a request.
    TooLarge,
    /// One of the events is bad; the number, if it is told, counts from 0.
    BadEvent(Option<usize>),
    /// Not taken; the whole request must go again.
    Trouble(TroubleKind),
}

/// What an answer means, and in words.
pub(super) fn meaning(status: u16, body: &str) -> (Meaning, String) {
    let parsed: Body = serde_json::from_str(body).unwrap_or_default();
    let meaning =
        parsed.code.and_then(|code| by_code(status, code, &parsed)).unwrap_or_else(|| by_status(status, &parsed));
    (meaning, said(status, body, &parsed))
}

/// Splunk's codes. A code that is unknown, or that does not go with success or failure as the status has it, says nothing.
fn by_code(status: u16, code: i64, body: &Body) -> Option<Meaning> {
    use TroubleKind::{Credentials, Misconfigured, Overloaded, Unreachable};
    let accepted = |slow_down| Meaning::Accepted { ack_id: body.ack_id, slow_down };
    let success = (200..300).contains(&status);
    Some(match code {
        0 if success => accepted(false),
        24 | 25 if success => accepted(true),
        _ if success => return None,
        1..=4 | 21 | 22 => Meaning::Trouble(Credentials),
        6 | 12 | 13 | 15 => Meaning::BadEvent(body.invalid_event),
        // The index is the sink's, the same for all events: refusing them all would empty the queue into the dead letters.
        7 => Meaning::Trouble(Misconfigured),
        5 | 10 | 11 | 14 | 16 => Meaning::Trouble(Misconfigured),
        8 | 9 | 18 | 19 | 20 | 23 => Meaning::Trouble(Unreachable),
        26 | 27 => Meaning::Trouble(Overloaded),
        _ => return None,
    })
}

fn by_status(status: u16, body: &Body) -> Meaning {
    match status {
        200..=299 => Meaning::Accepted { ack_id: body.ack_id, slow_down: false },
        400 => Meaning::BadEvent(body.invalid_event),
        401 | 403 => Meaning::Trouble(TroubleKind::Credentials),
        413 => Meaning::TooLarge,
        429 => Meaning::Trouble(TroubleKind::Overloaded),
        408 | 500..=599 => Meaning::Trouble(TroubleKind::Unreachable),
        _ => Meaning::Trouble(TroubleKind::Misconfigured),
    }
}

fn said(status: u16, body: &str, parsed: &Body) -> String {
    let advice = match parsed.code {
        Some(1..=4 | 21 | 22) => "; check the token",
        Some(7) => "; check `index` and the indexes that the token allows",
        Some(14) => "; enable indexer acknowledgement for the token",
        _ => "",
    };
    match (&parsed.text, parsed.code) {
        (Some(text), Some(code)) => format!("status {status}: {} (code {code}){advice}", words(text)),
        _ if body.trim().is_empty() => format!("status {status}"),
        _ => format!("status {status}: {}", words(body)),
    }
}

fn words(text: &str) -> String {
    const WORDS: usize = 500;
    text.trim().chars().take(WORDS).map(|symbol| if symbol.is_control() { ' ' } else { symbol }).collect()
}

/// What an answer to a question about acknowledgement, or to no events at all, says of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AckProbe {
    /// It can acknowledge.
    Works,
    /// The token is good, but acknowledgement is off.
    Disabled,
    /// The token is refused.
    Refused,
    /// Nothing is known: the collector is busy, or the answer is strange.
    Unknown,
}

/// Reads the answer to such a question.
pub(super) fn ack_probe(status: u16, body: &str) -> (AckProbe, String) {
    let parsed: Body = serde_json::from_str(body).unwrap_or_default();
    let probe = match (status, parsed.code) {
        (200..=299, _) => AckProbe::Works,
        (401 | 403, _) | (_, Some(1..=4 | 21 | 22)) => AckProbe::Refused,
        // Splunk knows no channel before its first event; the token itself was good enough to be told so.
        (400, Some(10 | 11)) => AckProbe::Works,
        // Code 14, or the question was read as an event, because nothing there answers such questions.
        (400, _) => AckProbe::Disabled,
        _ => AckProbe::Unknown,
    };
    (probe, said(status, body, &parsed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use TroubleKind::{Credentials, Misconfigured, Overloaded, Unreachable};

    fn of(status: u16, code: i64) -> Meaning {
        meaning(status, &format!(r#"{{"text":"t","code":{code}}}"#)).0
    }

    /// Every row of Splunk's table.
    #[test]
    fn every_code_has_its_meaning() {
        let accepted = |slow_down| Meaning::Accepted { ack_id: None, slow_down };
        for (status, code, expected) in [
            (200, 0, accepted(false)),
            (403, 1, Meaning::Trouble(Credentials)),
            (401, 2, Meaning::Trouble(Credentials)),
            (401, 3, Meaning::Trouble(Credentials)),
            (403, 4, Meaning::Trouble(Credentials)),
            (400, 5, Meaning::Trouble(Misconfigured)),
            (400, 6, Meaning::BadEvent(None)),
            (400, 7, Meaning::Trouble(Misconfigured)),
            (500, 8, Meaning::Trouble(Unreachable)),
            (503, 9, Meaning::Trouble(Unreachable)),
            (400, 10, Meaning::Trouble(Misconfigured)),
            (400, 11, Meaning::Trouble(Misconfigured)),
            (400, 12, Meaning::BadEvent(None)),
            (400, 13, Meaning::BadEvent(None)),
            (400, 14, Meaning::Trouble(Misconfigured)),
            (400, 15, Meaning::BadEvent(None)),
            (400, 16, Meaning::Trouble(Misconfigured)),
            (503, 18, Meaning::Trouble(Unreachable)),
            (503, 19, Meaning::Trouble(Unreachable)),
            (503, 20, Meaning::Trouble(Unreachable)),
            (400, 21, Meaning::Trouble(Credentials)),
            (400, 22, Meaning::Trouble(Credentials)),
            (503, 23, Meaning::Trouble(Unreachable)),
            (200, 24, accepted(true)),
            (200, 25, accepted(true)),
            (429, 26, Meaning::Trouble(Overloaded)),
            (429, 27, Meaning::Trouble(Overloaded)),
        ] {
            assert_eq!(of(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn recorded_answers_are_read() {
        let ack = meaning(200, r#"{"text":"Success","code":0,"ackId":5523344051478849}"#).0;
        assert_eq!(ack, Meaning::Accepted { ack_id: Some(5_523_344_051_478_849), slow_down: false });
        let bad = meaning(400, r#"{"text":"Event field cannot be blank","code":13,"invalid-event-number":2}"#);
        assert_eq!(bad, (Meaning::BadEvent(Some(2)), "status 400: Event field cannot be blank (code 13)".to_owned()));
        assert_eq!(meaning(200, "\"OK\"").0, Meaning::Accepted { ack_id: None, slow_down: false });
    }

    #[test]
    fn answers_without_code_are_read_by_status() {
        for (status, expected) in [
            (413, Meaning::TooLarge),
            (401, Meaning::Trouble(Credentials)),
            (403, Meaning::Trouble(Credentials)),
            (404, Meaning::Trouble(Misconfigured)),
            (408, Meaning::Trouble(Unreachable)),
            (415, Meaning::Trouble(Misconfigured)),
            (429, Meaning::Trouble(Overloaded)),
            (502, Meaning::Trouble(Unreachable)),
            (302, Meaning::Trouble(Misconfigured)),
        ] {
            assert_eq!(meaning(status, "<html>…</html>").0, expected, "{status}");
            assert_eq!(meaning(status, r#"{"code":"odd"}"#).0, expected, "{status}");
        }
        assert_eq!(of(503, 0), Meaning::Trouble(Unreachable), "a code of success does not make a failure good");
    }

    #[test]
    fn the_probe_tells_tokens_apart() {
        assert_eq!(ack_probe(200, r#"{"acks":{"0":false}}"#).0, AckProbe::Works);
        assert_eq!(ack_probe(400, r#"{"text":"ACK is disabled","code":14}"#).0, AckProbe::Disabled);
        assert_eq!(ack_probe(400, r#"{"text":"Event field is required","code":12}"#).0, AckProbe::Disabled);
        assert_eq!(ack_probe(400, r#"{"text":"No data","code":5}"#).0, AckProbe::Disabled);
        assert_eq!(ack_probe(403, r#"{"text":"Invalid token","code":4}"#).0, AckProbe::Refused);
        assert_eq!(ack_probe(400, r#"{"text":"Invalid token","code":21}"#).0, AckProbe::Refused);
        assert_eq!(ack_probe(401, "Unauthorized").0, AckProbe::Refused);
        assert_eq!(ack_probe(400, r#"{"text":"Invalid data channel","code":11}"#).0, AckProbe::Works);
        assert_eq!(ack_probe(503, "").0, AckProbe::Unknown);
    }
}
