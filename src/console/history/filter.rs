//! Which alerts are asked for. Several values of one key are alternatives; several keys must all fit.

use super::Summary;
use crate::model::Timestamp;

/// Which alerts are asked for; what is empty asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Lower-case words that must all be in the text of the alert.
    pub words: Vec<String>,
    /// Names of models.
    pub models: Vec<String>,
    /// Ids of rules.
    pub rules: Vec<String>,
    /// Levels.
    pub levels: Vec<String>,
    /// Statuses.
    pub statuses: Vec<String>,
    /// States of life.
    pub lives: Vec<String>,
    /// Techniques.
    pub techniques: Vec<String>,
    /// Values of the group.
    pub groups: Vec<String>,
    /// Event time from which on.
    pub from: Option<Timestamp>,
    /// Event time up to which, included.
    pub to: Option<Timestamp>,
}

/// The words of a search text.
#[must_use]
pub fn word_filter(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

impl AlertFilter {
    /// Whether only the time is asked for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let Self { words, models, rules, levels, statuses, lives, techniques, groups, from: _, to: _ } = self;
        [words, models, rules, levels, statuses, lives, techniques, groups].iter().all(|asked| asked.is_empty())
    }

    /// Whether an alert fits, its time aside.
    #[must_use]
    pub fn fits(&self, alert: &Summary) -> bool {
        any(&self.levels, &alert.level)
            && any(&self.statuses, &alert.status)
            && any(&self.lives, &alert.life.state)
            && any(&self.rules, &alert.rule.id)
            && (self.models.is_empty() || alert.model.name.as_ref().is_some_and(|name| self.models.contains(name)))
            && (self.techniques.is_empty() || alert.techniques.iter().any(|one| self.techniques.contains(one)))
            && (self.groups.is_empty()
                || alert.group.iter().filter_map(|(_, value)| value.as_ref()).any(|value| self.groups.contains(value)))
            && self.has_words(alert)
    }

    fn has_words(&self, alert: &Summary) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let mut text = [&alert.message, &alert.rule.name, &alert.reason].map(String::as_str).join("\n");
        for value in alert.group.iter().filter_map(|(_, value)| value.as_ref()) {
            text.push('\n');
            text.push_str(value);
        }
        let text = text.to_lowercase();
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}

fn any(asked: &[String], value: &str) -> bool {
    asked.is_empty() || asked.iter().any(|one| one == value)
}
