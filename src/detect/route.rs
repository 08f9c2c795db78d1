//! Which rules look at a log source. Decided once for each log source that occurs.

use foldhash::HashMap;

use super::candidates::Mask;
use super::index::{Index, Scope};
use crate::model::LogSource;
use crate::rule::RuleSet;

/// Log sources remembered; beyond it they are decided anew, so that hostile names cannot fill the memory.
const MAX_ROUTES: usize = 4096;
/// Log sources that are compared before the map is asked.
const RECENT: usize = 8;

/// The rules that look at a log source.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// Ascending.
    pub(super) rules: Vec<u32>,
    /// The same as a set.
    pub(super) mask: Mask,
    /// Where the index must look for them.
    pub(super) scope: Scope,
}

impl Route {
    fn new(rules: Vec<u32>, index: &Index) -> Self {
        Self { mask: Mask::of(&rules), scope: index.scope(&rules), rules }
    }
}

/// Candidate rules by log source.
#[derive(Debug)]
pub(super) struct Routes {
    any: Option<Route>,
    known: HashMap<LogSource<'static>, usize>,
    routes: Vec<Route>,
    /// The first log sources that occurred, as they were spelled: nearly every stream has no more than these.
    recent: Vec<(LogSource<'static>, usize)>,
    overflow: Route,
}

impl Routes {
    pub(super) fn new(rules: &RuleSet, any: bool, index: &Index) -> Self {
        // alert events are not from outside, and nothing from outside is one (RULES S17)
        let of_events = |number: &u32| rules.detections.get(*number as usize).is_some_and(|rule| !rule.hears_alerts);
        let all = || {
            let numbers = 0..u32::try_from(rules.detections.len()).unwrap_or(u32::MAX);
            Route::new(numbers.filter(of_events).collect(), index)
        };
        Self {
            any: any.then(all),
            known: HashMap::default(),
            routes: Vec::new(),
            recent: Vec::new(),
            overflow: Route::default(),
        }
    }

    /// The rules whose log source covers this one.
    pub(super) fn of(&mut self, rules: &RuleSet, logsource: &LogSource<'_>, index: &Index) -> &Route {
        if self.any.is_some() {
            return self.any.as_ref().unwrap_or(&self.overflow);
        }
        let recent = self.recent.iter().find(|(known, _)| known == logsource).map(|(_, index)| *index);
        let index = match recent {
            Some(index) => index,
            None => match self.look_up(rules, logsource, index) {
                Ok(index) => index,
                Err(route) => {
                    self.overflow = route;
                    return &self.overflow;
                }
            },
        };
        self.routes.get(index).unwrap_or(&self.overflow)
    }

    /// The route's index; the route itself when there are too many to remember it.
    fn look_up(&mut self, rules: &RuleSet, logsource: &LogSource<'_>, index: &Index) -> Result<usize, Route> {
        let owned = logsource.clone().into_owned();
        if let Some(index) = self.known.get(&owned) {
            return Ok(*index);
        }
        let covers = |rule: &crate::rule::DetectionRule| !rule.hears_alerts && rule.logsource.covers(logsource);
        let covering = rules.detections.iter().enumerate().filter(|(_, rule)| covers(rule));
        let route = Route::new(covering.map(|(rule, _)| u32::try_from(rule).unwrap_or(u32::MAX)).collect(), index);
        if self.known.len() >= MAX_ROUTES {
            return Err(route);
        }
        let index = self.routes.len();
        self.routes.push(route);
        if self.recent.len() < RECENT {
            self.recent.push((owned.clone(), index));
        }
        self.known.insert(owned, index);
        Ok(index)
    }
}
