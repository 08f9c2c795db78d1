//! Which log an event belongs to, in Sigma's three words.

use std::borrow::Cow;

/// A Sigma log source: any of category, product and service. Compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LogSource<'a> {
    /// What kind of event, such as `policy_decision`.
    pub category: Option<Cow<'a, str>>,
    /// Whose log, such as `opa`.
    pub product: Option<Cow<'a, str>>,
    /// Which part of the product, such as `decision_log`.
    pub service: Option<Cow<'a, str>>,
}

impl LogSource<'static> {
    /// A log source known at build time.
    #[must_use]
    pub const fn of(category: &'static str, product: &'static str, service: &'static str) -> Self {
        Self {
            category: Some(Cow::Borrowed(category)),
            product: Some(Cow::Borrowed(product)),
            service: Some(Cow::Borrowed(service)),
        }
    }
}

impl LogSource<'_> {
    /// Whether an event of log source `event` belongs to `self`, the log source of a rule: every word that the rule
    /// gives is the event's.
    #[must_use]
    pub fn covers(&self, event: &LogSource<'_>) -> bool {
        let word = |rule: &Option<Cow<'_, str>>, event: &Option<Cow<'_, str>>| match (rule, event) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(rule), Some(event)) => rule.eq_ignore_ascii_case(event),
        };
        word(&self.category, &event.category)
            && word(&self.product, &event.product)
            && word(&self.service, &event.service)
    }

    /// A copy that owns its text.
    #[must_use]
    pub fn into_owned(self) -> LogSource<'static> {
        let own = |word: Option<Cow<'_, str>>| word.map(|word| Cow::Owned(word.into_owned()));
        LogSource { category: own(self.category), product: own(self.product), service: own(self.service) }
    }
}

impl std::fmt::Display for LogSource<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        for (name, word) in [("category", &self.category), ("product", &self.product), ("service", &self.service)] {
            if let Some(word) = word {
                write!(out, "{separator}{name}: {word}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}
