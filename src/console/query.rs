//! The queries of addresses, read strictly: an unknown key is a mistake, not nothing.

use super::history::{AlertFilter, Cursor, word_filter};
use super::problem::Problem;
use crate::model::Timestamp;

/// Most alerts of a page.
const LIMIT: usize = 500;
/// Alerts of a page unless asked otherwise.
const USUAL_LIMIT: usize = 50;

/// A question for alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlertQuery {
    pub(super) filter: AlertFilter,
    pub(super) limit: usize,
    pub(super) after: Option<Cursor>,
}

/// The pairs of a query.
pub(super) fn pairs(query: Option<&str>) -> impl Iterator<Item = (String, String)> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.map(|(key, value)| (key.into_owned(), value.into_owned()))
}

/// A time as RFC 3339 has it. Numbers are none here: nobody could tell seconds from milliseconds.
pub(super) fn written_time(text: &str) -> Option<Timestamp> {
    let has_date = text.as_bytes().get(4) == Some(&b'-');
    Timestamp::parse(text).ok().filter(|_| has_date)
}

/// A time of a query.
pub(super) fn time(key: &str, value: &str) -> Result<Timestamp, Problem> {
    written_time(value)
        .ok_or_else(|| Problem::bad_request(format!("{key} is no time: write one such as 2026-11-21T08:00:00Z")))
}

/// A number of entries, at least one.
pub(super) fn limit(value: &str, most: usize) -> Result<usize, Problem> {
    let is_number = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
    // more than a number holds is more than the most
    match value.parse::<usize>() {
        Ok(0) => {}
        Ok(limit) => return Ok(limit.min(most)),
        Err(_) if is_number => return Ok(most),
        Err(_) => {}
    }
    Err(Problem::bad_request("limit is a number, and at least 1"))
}

impl AlertQuery {
    pub(super) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let mut asked = Self { filter: AlertFilter::default(), limit: USUAL_LIMIT, after: None };
        let filter = &mut asked.filter;
        for (key, value) in pairs(query) {
            match key.as_str() {
                // a word or a name that is empty is none; other keys need their value
                "q" | "model" | "rule" | "level" | "status" | "life" | "technique" | "group" if value.is_empty() => {}
                "q" => filter.words.extend(word_filter(&value)),
                "model" => filter.models.push(value),
                "rule" => filter.rules.push(value),
                "level" => filter.levels.push(value),
                "status" => filter.statuses.push(value),
                "life" => filter.lives.push(value),
                "technique" => filter.techniques.push(value),
                "group" => filter.groups.push(value),
                "from" => filter.from = Some(time(&key, &value)?),
                "to" => filter.to = Some(time(&key, &value)?),
                "limit" => asked.limit = limit(&value, LIMIT)?,
                "cursor" => {
                    let cursor = Cursor::parse(&value);
                    asked.after =
                        Some(cursor.ok_or_else(|| Problem::bad_request("the cursor is none of this console"))?);
                }
                _ => return Err(Problem::bad_request("the query has a key that is not known here")),
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_repeat_and_unknown_ones_are_refused() {
        let asked = AlertQuery::parse(Some("level=high&level=critical&q=Drift+loan%20x&limit=9999&model=")).unwrap();
        assert_eq!(asked.filter.levels, ["high", "critical"]);
        assert_eq!(asked.filter.words, ["drift", "loan", "x"]);
        assert_eq!((asked.limit, asked.filter.models.len()), (LIMIT, 0));
        for wrong in [
            "x=1",
            "limit=0",
            "limit=",
            "from=",
            "from=0.5",
            "to=1800000000",
            "limit=+5",
            "limit=-1",
            "from=yesterday",
            "cursor=1",
            "cursor=1_zz",
        ] {
            assert!(AlertQuery::parse(Some(wrong)).is_err(), "{wrong}");
        }
        let cursor = Cursor { time: -5, id: u128::MAX };
        assert_eq!(AlertQuery::parse(Some(&format!("cursor={cursor}"))).unwrap().after, Some(cursor));
    }
}
