//! Which rules look at a log source. Decided once for each log source that occurs.

use foldhash::HashMap;

use crate::model::LogSource;
use crate::rule::RuleSet;

/// Log sources remembered; beyond it they are decided anew, so that hostile names cannot fill the memory.
const MAX_ROUTES: usize = 4096;

/// Candidate rules by log source.
#[derive(Debug)]
pub(super) struct Routes {
    any: bool,
    all: Vec<u32>,
    known: HashMap<LogSource<'static>, usize>,
    candidates: Vec<Vec<u32>>,
    last: Option<(LogSource<'static>, usize)>,
    overflow: Vec<u32>,
}

impl Routes {
    pub(super) fn new(rules: &RuleSet, any: bool) -> Self {
        let all = (0..u32::try_from(rules.detections.len()).unwrap_or(u32::MAX)).collect();
        Self { any, all, known: HashMap::default(), candidates: Vec::new(), last: None, overflow: Vec::new() }
    }

    /// The rules whose log source covers this one.
    pub(super) fn of(&mut self, rules: &RuleSet, logsource: &LogSource<'_>) -> &[u32] {
        if self.any {
            return &self.all;
        }
        let last = self.last.as_ref().filter(|(known, _)| known == logsource).map(|(_, index)| *index);
        let index = last.or_else(|| {
            let owned = logsource.clone().into_owned();
            let found = self.known.get(&owned).copied();
            if let Some(found) = found {
                self.last = Some((owned, found));
            }
            found
        });
        if let Some(index) = index {
            return self.candidates.get(index).map_or(&[], Vec::as_slice);
        }
        let covering = rules.detections.iter().enumerate().filter(|(_, rule)| rule.logsource.covers(logsource));
        let candidates: Vec<u32> = covering.map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX)).collect();
        if self.known.len() >= MAX_ROUTES {
            self.overflow = candidates;
            return &self.overflow;
        }
        let index = self.candidates.len();
        self.candidates.push(candidates);
        self.known.insert(logsource.clone().into_owned(), index);
        self.candidates.get(index).map_or(&[], Vec::as_slice)
    }
}
