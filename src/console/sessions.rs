//! Who is let in: the token, the sessions that it opens, and how often a wrong one may be tried.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::model::Secret;

/// How long a session lasts.
pub(super) const SESSION: Duration = Duration::from_secs(12 * 3600);
/// Sessions at once; the oldest ends when there would be more.
const SESSIONS: usize = 1024;
/// Wrong tokens that one address may try in [`TRIES_IN`].
const TRIES: u32 = 10;
/// The time in which tries are counted.
const TRIES_IN: Duration = Duration::from_secs(60);
/// Addresses whose tries are counted.
const ADDRESSES: usize = 4096;

/// Whether a token is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// It is.
    Right,
    /// It is not.
    Wrong,
    /// Nobody looked: there were too many wrong ones from there.
    TooOften,
}

/// The token and what it has opened.
#[derive(Debug)]
pub(super) struct Sessions {
    token: Option<Secret>,
    opened: Mutex<HashMap<String, Instant>>,
    wrong: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Sessions {
    pub(super) fn new(token: Option<Secret>) -> Self {
        Self { token, opened: Mutex::default(), wrong: Mutex::default() }
    }

    /// Whether one must say a token.
    pub(super) fn token_needed(&self) -> bool {
        self.token.is_some()
    }

    /// Tries a token that somebody at that address says. Takes as long for a wrong one as for the right one.
    pub(super) fn try_token(&self, said: &str, from: IpAddr, now: Instant) -> Tried {
        let Some(token) = &self.token else { return Tried::Right };
        let Ok(mut wrong) = self.wrong.lock() else { return Tried::TooOften };
        wrong.retain(|_, (begun, _)| now.duration_since(*begun) < TRIES_IN);
        if wrong.get(&from).is_some_and(|(_, tries)| *tries >= TRIES)
            || (wrong.len() >= ADDRESSES && !wrong.contains_key(&from))
        {
            return Tried::TooOften;
        }
        if same(said.as_bytes(), token.expose().as_bytes()) {
            wrong.remove(&from);
            return Tried::Right;
        }
        wrong.entry(from).or_insert((now, 0)).1 += 1;
        Tried::Wrong
    }

    /// Opens a session. Its name is all that a browser has of it.
    pub(super) fn open(&self, now: Instant) -> String {
        let name = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        if let Ok(mut opened) = self.opened.lock() {
            opened.retain(|_, begun| now.duration_since(*begun) < SESSION);
            if opened.len() >= SESSIONS
                && let Some(oldest) = opened.iter().min_by_key(|(_, begun)| **begun).map(|(name, _)| name.clone())
            {
                opened.remove(&oldest);
            }
            opened.insert(name.clone(), now);
        }
        name
    }

    /// Whether a session is open.
    pub(super) fn is_open(&self, name: &str, now: Instant) -> bool {
        let Ok(opened) = self.opened.lock() else { return false };
        opened.get(name).is_some_and(|begun| now.duration_since(*begun) < SESSION)
    }

    /// Ends a session.
    pub(super) fn end(&self, name: &str) {
        if let Ok(mut opened) = self.opened.lock() {
            opened.remove(name);
        }
    }
}

/// Compares digests, so that how long it takes says nothing of how much of a guess was right.
fn same(said: &[u8], token: &[u8]) -> bool {
    let (said, token) = (Sha256::digest(said), Sha256::digest(token));
    let differing = said.iter().zip(token.iter()).fold(0_u8, |differing, (one, other)| differing | (one ^ other));
    std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tokens_are_slowed_down_for_their_address_only_and_for_a_time_only() {
        let sessions = Sessions::new(Some(Secret::new("right".to_owned())));
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let now = Instant::now();
        for _ in 0..TRIES {
            assert_eq!(sessions.try_token("righ", one, now), Tried::Wrong);
        }
        assert_eq!(sessions.try_token("right", one, now), Tried::TooOften);
        assert_eq!(sessions.try_token("right", other, now), Tried::Right);
        assert_eq!(sessions.try_token("right", one, now + TRIES_IN), Tried::Right);
    }

    #[test]
    fn sessions_end_and_are_bounded() {
        let sessions = Sessions::new(Some(Secret::new("right".to_owned())));
        let now = Instant::now();
        let first = sessions.open(now);
        assert!(sessions.is_open(&first, now) && !sessions.is_open(&first, now + SESSION));
        assert!(!sessions.is_open("right", now) && !sessions.is_open("", now));
        for _ in 0..SESSIONS {
            sessions.open(now + Duration::from_secs(1));
        }
        assert!(!sessions.is_open(&first, now));
        let last = sessions.open(now + Duration::from_secs(2));
        sessions.end(&last);
        assert!(!sessions.is_open(&last, now + Duration::from_secs(2)));
    }
}
