//! Identities: alert ids and key hashes. Both are pure functions of the log (properties 1 and 3).

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Hash of a group key: decides the shard, and is the key of the state maps. XXH3, 128 bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyHash(pub u128);

impl KeyHash {
    /// The hash of an encoded group key.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(xxhash_rust::xxh3::xxh3_128(key))
    }

    /// The hash of a group's canonical values; `None` is a missing one.
    #[must_use]
    pub fn of_group<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut bytes: smallvec::SmallVec<[u8; 96]> = smallvec::SmallVec::new();
        for value in values {
            match value {
                None => bytes.push(0),
                Some(value) => {
                    bytes.push(1);
                    bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(value.as_bytes());
                }
            }
        }
        Self::of(&bytes)
    }

    /// Which of `shards` owns the key.
    #[must_use]
    pub fn shard(self, shards: usize) -> usize {
        let high = u64::try_from(self.0 >> 64).unwrap_or(0);
        usize::try_from(high % (shards.max(1) as u64)).unwrap_or(0)
    }
}

/// Identity of an alert: the same log gives the same id (RULES S11). 128 bits of a SHA-256, written as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertId(pub u128);

impl fmt::Display for AlertId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

/// Hashes a sequence of parts so that no two different sequences look alike: every part is preceded by its length.
#[derive(Debug, Clone, Default)]
pub struct StableHasher(Sha256);

impl StableHasher {
    /// A hasher for one purpose; different purposes never give the same hash.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        Self::default().part(purpose.as_bytes())
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.part(&number.to_le_bytes())
    }

    /// The first 128 bits of the hash.
    #[must_use]
    pub fn finish(self) -> u128 {
        let digest = self.0.finalize();
        digest.iter().take(16).fold(0_u128, |hash, byte| (hash << 8) | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let one = StableHasher::new("t").part(b"ab").part(b"c").finish();
        let other = StableHasher::new("t").part(b"a").part(b"bc").finish();
        assert_ne!(one, other);
        assert_eq!(AlertId(0xff).to_string().len(), 32);
    }
}
