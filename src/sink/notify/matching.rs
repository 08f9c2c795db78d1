//! Which alerts a route takes, and what groups them.

use super::route::{Criteria, News, RouteSettings};
use crate::model::{Alert, AlertStatus};
use crate::sink::Content;

impl News {
    /// What a revision says. The first one is news of the alert itself, whatever its status.
    pub(super) fn of(alert: &Alert) -> Self {
        match alert.status {
            AlertStatus::Retracted => Self::Retracted,
            _ if alert.revision <= 1 => Self::Opened,
            AlertStatus::Closed => Self::Closed,
            AlertStatus::Open => Self::Updated,
        }
    }
}

impl RouteSettings {
    /// Whether something is told through the route. Values of series never are.
    #[must_use]
    pub fn takes(&self, content: &Content) -> bool {
        let Content::Alert(alert) = content else { return false };
        self.tell.contains(&News::of(alert)) && self.criteria.meets(alert)
    }

    /// What an alert has in common with those that go into one message with it.
    pub(super) fn group_of(&self, alert: &Alert) -> Vec<(String, String)> {
        let value = |word: &String| {
            let value = match word.as_str() {
                "rule" => alert.rule.id.clone(),
                "level" => alert.rule.level.name().to_owned(),
                "alert" => alert.id.to_string(),
                "model" => models(alert).join(", "),
                field => alert
                    .group
                    .iter()
                    .find(|(name, _)| name == field)
                    .and_then(|(_, value)| value.clone())
                    .unwrap_or_default(),
            };
            (word.clone(), value)
        };
        self.group_by.iter().map(value).collect()
    }
}

impl Criteria {
    fn meets(&self, alert: &Alert) -> bool {
        let rule = &alert.rule;
        let is_rule =
            |wanted: &String| *wanted == rule.id || rule.name.as_ref() == Some(wanted) || *wanted == rule.title;
        let has_tag = |wanted: &String| match wanted.strip_suffix('*') {
            Some(beginning) => rule.tags.iter().any(|tag| tag.starts_with(beginning)),
            None => rule.tags.contains(wanted),
        };
        (self.levels.is_empty() || self.levels.contains(&rule.level))
            && (self.rules.is_empty() || self.rules.iter().any(is_rule))
            && (self.tags.is_empty() || self.tags.iter().any(has_tag))
            && (self.models.is_empty() || models(alert).iter().any(|model| self.models.contains(model)))
    }
}

/// The models that an alert is about: of its group, else those that its events name.
pub(super) fn models(alert: &Alert) -> Vec<String> {
    const FIELDS: [&str; 2] = ["aigov.model.name", "model.name"];
    let of_group = alert.group.iter().filter(|(name, _)| FIELDS.contains(&name.as_str()));
    let mut found: Vec<String> = of_group.filter_map(|(_, value)| value.clone()).collect();
    let entity =
        |wanted: &str| alert.group.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.as_deref());
    if entity("alert.risk.entity.type") == Some("model") {
        found.extend(entity("alert.risk.entity.value").map(str::to_owned));
    }
    if found.is_empty() {
        let fields = alert.evidence.iter().flat_map(|event| &event.fields);
        for value in fields.filter(|(name, _)| name == FIELDS[0]).flat_map(|(_, values)| values) {
            if let Some(name) = value.as_str().filter(|name| !found.iter().any(|known| known == name)) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Level, RuleCard};
    use crate::sink::deliver::tests::{document, metric};

    fn alert(change: impl FnOnce(&mut Alert, &mut RuleCard)) -> Alert {
        let like = document(7, 1, "{}");
        let Content::Alert(alert) = &like.content else { panic!("an alert") };
        let (mut alert, mut rule) = ((**alert).clone(), (*alert.rule).clone());
        change(&mut alert, &mut rule);
        alert.rule = Arc::new(rule);
        alert
    }

    fn takes(route: &str, alert: Alert) -> bool {
        let route: RouteSettings = serde_saphyr::from_str(route).unwrap();
        assert_eq!(route.fault(), None);
        route.takes(&Content::Alert(Arc::new(alert)))
    }

    #[test]
    fn every_criterion_must_be_met_by_any_of_its_values() {
        let of = |level, tag: &str, model: &str| {
            alert(|alert, rule| {
                rule.level = level;
                rule.name = Some("drift_unreviewed".into());
                rule.tags = vec![tag.to_owned()];
                alert.group = vec![("aigov.model.name".into(), Some(model.to_owned()))];
            })
        };
        let route = "match: {levels: [high, critical], tags: [atlas.*, eu_ai_act.art9], models: [credit]}";
        assert!(takes(route, of(Level::High, "atlas.aml.t0010", "credit")));
        assert!(takes(route, of(Level::Critical, "eu_ai_act.art9", "credit")));
        assert!(!takes(route, of(Level::Medium, "eu_ai_act.art9", "credit")));
        assert!(!takes(route, of(Level::High, "eu_ai_act.art99", "credit")));
        assert!(!takes(route, of(Level::High, "eu_ai_act.art9", "churn")));
        for name in ["rule-1", "drift_unreviewed", "Title"] {
            assert!(takes(&format!("match: {{rules: [{name}]}}"), of(Level::Low, "x", "y")), "{name}");
        }
        assert!(!takes("match: {rules: [other]}", of(Level::Low, "x", "y")));
        assert!(takes("{}", of(Level::Informational, "x", "y")), "without criteria everything is told");
    }

    #[test]
    fn news_are_told_by_what_they_are() {
        let revision = |revision, status| {
            alert(|alert, _| {
                alert.revision = revision;
                alert.status = status;
            })
        };
        let told = |route: &str| {
            [
                (1, AlertStatus::Open),
                (2, AlertStatus::Open),
                (1, AlertStatus::Closed),
                (3, AlertStatus::Closed),
                (4, AlertStatus::Retracted),
            ]
            .map(|(number, status)| takes(route, revision(number, status)))
        };
        assert_eq!(told("{}"), [true, false, true, true, true], "an update of an alert wakes nobody");
        assert_eq!(told("tell: [opened]"), [true, false, true, false, false]);
        assert_eq!(told("tell: [updated, retracted]"), [false, true, false, false, true]);
        let route = RouteSettings::default();
        assert!(!route.takes(&metric(1, "{}").content), "values of series are no news");
    }

    #[test]
    fn groups_are_of_rules_models_levels_and_fields() {
        let of = alert(|alert, _| {
            alert.group = vec![("user.name".into(), Some("kim".into())), ("model.name".into(), Some("credit".into()))];
        });
        let route: RouteSettings =
            serde_saphyr::from_str("group_by: [rule, model, level, alert, user.name, region]").unwrap();
        let values: Vec<String> = route.group_of(&of).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["rule-1", "credit", "high", of.id.to_string().as_str(), "kim", ""]);
    }
}
