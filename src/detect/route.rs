//! Which rules look at a log source. Decided once for each log source that occurs.

use foldhash::HashMap;

use super::candidates::Mask;
use super::index::{Index, Scope};
use crate::model::LogSource;
use crate::rule::RuleSet;

/// Log sources remembered; beyond it they are decided anew, so that hostile names cannot fill the memory.
const MAX_ROUTES: usize = 4096;
/// Literals that the scopes of log sources look for in all; routes beyond it share one scope over all rules.
const MOST_LITERALS: usize = 200_000;
/// Log sources that are compared before the map is asked.
const RECENT: usize = 8;

/// The rules that look at a log source.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// Ascending.
    pub(super) rules: Vec<u32>,
    /// The same as a set.
    pub(super) mask: Mask,
    /// What the index must look for to find them; none where all routes together look for too much already.
    scope: Option<Scope>,
}

impl Route {
    fn new(rules: Vec<u32>, scope: Option<Scope>) -> Self {
        Self { mask: Mask::of(&rules), scope, rules }
    }
}

/// Candidate rules by log source.
#[derive(Debug)]
pub(super) struct Routes {
    any: Option<Route>,
    /// Looks for all rules.
    all: Scope,
    /// Literals that the routes look for in all.
    literals: usize,
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
        let every: Vec<u32> =
            (0..u32::try_from(rules.detections.len()).unwrap_or(u32::MAX)).filter(of_events).collect();
        Self {
            all: index.scope(&every),
            any: any.then(|| Route::new(every, None)),
            literals: 0,
            known: HashMap::default(),
            routes: Vec::new(),
            recent: Vec::new(),
            overflow: Route::default(),
        }
    }

    /// The rules whose log source covers this one, and what to look for to find them.
    pub(super) fn of(&mut self, rules: &RuleSet, logsource: &LogSource<'_>, index: &Index) -> (&Route, &Scope) {
        let route = self.find(rules, logsource, index);
        let route = route.and_then(|place| self.routes.get(place)).or(self.any.as_ref()).unwrap_or(&self.overflow);
        (route, route.scope.as_ref().unwrap_or(&self.all))
    }

    /// The index of a log source's route; none when it is another one.
    fn find(&mut self, rules: &RuleSet, logsource: &LogSource<'_>, index: &Index) -> Option<usize> {
        if self.any.is_some() {
            return None;
        }
        if let Some((_, place)) = self.recent.iter().find(|(known, _)| known == logsource) {
            return Some(*place);
        }
        match self.look_up(rules, logsource, index) {
            Ok(place) => Some(place),
            Err(route) => {
                self.overflow = *route;
                None
            }
        }
    }

    /// The route's index; the route itself when there are too many to remember it.
    fn look_up(&mut self, rules: &RuleSet, logsource: &LogSource<'_>, index: &Index) -> Result<usize, Box<Route>> {
        let owned = logsource.clone().into_owned();
        if let Some(index) = self.known.get(&owned) {
            return Ok(*index);
        }
        let covers = |rule: &crate::rule::DetectionRule| !rule.hears_alerts && rule.logsource.covers(logsource);
        let covering = rules.detections.iter().enumerate().filter(|(_, rule)| covers(rule));
        let covering: Vec<u32> = covering.map(|(rule, _)| u32::try_from(rule).unwrap_or(u32::MAX)).collect();
        if self.known.len() >= MAX_ROUTES {
            return Err(Box::new(Route::new(covering, None)));
        }
        let scope = if self.literals < MOST_LITERALS { Some(index.scope(&covering)) } else { None };
        self.literals += scope.as_ref().map_or(0, Scope::size);
        let index = self.routes.len();
        self.routes.push(Route::new(covering, scope));
        if self.recent.len() < RECENT {
            self.recent.push((owned.clone(), index));
        }
        self.known.insert(owned, index);
        Ok(index)
    }
}
