//! How often each rule was found true, to see that two engines did the same work.

use std::collections::HashMap;

/// Alerts by rule title.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Alerts of detections.
    pub(crate) detections: u64,
    /// Alerts of correlations.
    pub(crate) correlations: u64,
    by_title: HashMap<String, u64>,
}

impl Counts {
    /// Adds an alert.
    pub(crate) fn add(&mut self, title: &str, is_detection: bool) {
        if is_detection {
            self.detections += 1;
        } else {
            self.correlations += 1;
        }
        match self.by_title.get_mut(title) {
            Some(count) => *count += 1,
            None => {
                self.by_title.insert(title.to_owned(), 1);
            }
        }
    }

    /// Rules on which the two differ: title, own count, the other's, most different first.
    pub(crate) fn differences(&self, other: &Self) -> Vec<(String, u64, u64)> {
        let titles =
            self.by_title.keys().chain(other.by_title.keys().filter(|title| !self.by_title.contains_key(*title)));
        let mut all: Vec<_> = titles
            .map(|title| {
                let of = |counts: &Self| counts.by_title.get(title).copied().unwrap_or(0);
                (title.clone(), of(self), of(other))
            })
            .filter(|(_, one, two)| one != two)
            .collect();
        all.sort_by_key(|(title, one, two)| (std::cmp::Reverse(one.abs_diff(*two)), title.clone()));
        all
    }
}
