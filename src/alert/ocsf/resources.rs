//! What an alert is about: the models, prompts and endpoints that group and evidence name, each version of one as a resource
//! of its own. OCSF 1.8 has no place for a model on a finding, so a model is a resource.

use serde_json::{Value, json};

use crate::alert::bounded::Bounded;
use crate::alert::lift::{VALUES, text};
use crate::alert::object::Object;
use crate::model::{Alert, Evidence};

/// How one kind of resource is found.
struct Kind {
    /// OCSF `type`, which is free.
    label: &'static str,
    name: &'static str,
    version: Option<&'static str>,
    /// Fields that say more about it, with the name of the tag.
    tags: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 3] = [
    Kind {
        label: "AI Model",
        name: "aigov.model.name",
        version: Some("aigov.model.version"),
        tags: &[("alias", "aigov.model.alias"), ("stage", "aigov.model.stage"), ("run_id", "aigov.model.run_id")],
    },
    Kind {
        label: "Prompt",
        name: "aigov.prompt.name",
        version: Some("aigov.prompt.version"),
        tags: &[("alias", "aigov.prompt.alias")],
    },
    Kind { label: "AI Endpoint", name: "aigov.endpoint.id", version: None, tags: &[] },
];

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    label: &'static str,
    name: String,
    version: Option<String>,
    tags: Vec<(&'static str, String)>,
}

impl Resource {
    /// Its name, with its version if it has one.
    pub(super) fn uid(&self) -> String {
        self.version.as_ref().map_or_else(|| self.name.clone(), |version| format!("{}/{version}", self.name))
    }

    /// As an OCSF object.
    pub(super) fn object(&self) -> Value {
        let mut object = Object::default();
        object.put("type", self.label);
        object.put("uid", self.uid());
        object.put("name", self.name.as_str());
        object.put_if("version", self.version.as_deref());
        let tags: Vec<Value> = self.tags.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        object.put_if("tags", (!tags.is_empty()).then_some(tags));
        object.0.into()
    }
}

/// All resources of an alert, in the order of group and evidence.
pub(super) fn resources(alert: &Alert, bounded: &mut Bounded) -> Vec<Resource> {
    let mut found = Vec::new();
    for kind in &KINDS {
        let mut of_kind = Vec::new();
        note(alert, None, kind, bounded, &mut of_kind);
        for event in &alert.evidence {
            note(alert, Some(event), kind, bounded, &mut of_kind);
        }
        let versioned: Vec<String> =
            of_kind.iter().filter(|one| one.version.is_some()).map(|one| one.name.clone()).collect();
        // what is there with its version says more
        of_kind.retain(|one| one.version.is_some() || !one.tags.is_empty() || !versioned.contains(&one.name));
        found.extend(of_kind);
    }
    found
}

/// Notes what an event names, or the group where the event is silent; or the group alone.
fn note(alert: &Alert, event: Option<&Evidence>, kind: &Kind, bounded: &mut Bounded, found: &mut Vec<Resource>) {
    let own = |field: &str| event.map(|event| of_event(event, field)).unwrap_or_default();
    let own_or_groups =
        |field: &str| Some(own(field)).filter(|own| !own.is_empty()).unwrap_or_else(|| of_group(alert, field));
    let names = own_or_groups(kind.name);
    let versions = kind.version.map(own_or_groups).unwrap_or_default();
    // which version is whose is known of one name only, and what more is said of one version
    let tags = if names.len() == 1 && versions.len() < 2 { kind.tags } else { &[] };
    let tags: Vec<(&'static str, String)> = tags
        .iter()
        .flat_map(|(tag, field)| own_or_groups(field).into_iter().map(|value| (*tag, value)))
        .map(|(tag, value)| (tag, bounded.text(&value)))
        .collect();
    let versions: Vec<Option<String>> = match (names.len(), versions.is_empty()) {
        (1, false) => versions.into_iter().map(Some).collect(),
        _ => vec![None],
    };
    for name in &names {
        for version in &versions {
            let resource = Resource {
                label: kind.label,
                name: bounded.text(name),
                version: version.as_ref().map(|version| bounded.text(version)),
                tags: tags.clone(),
            };
            add(found, resource);
        }
    }
}

/// Adds a resource, or what is said of it to the one that is there.
fn add(found: &mut Vec<Resource>, resource: Resource) {
    let same = |one: &&mut Resource| one.name == resource.name && one.version == resource.version;
    if let Some(known) = found.iter_mut().find(same) {
        for tag in resource.tags {
            if known.tags.len() < VALUES && !known.tags.contains(&tag) {
                known.tags.push(tag);
            }
        }
    } else if found.len() < VALUES {
        found.push(resource);
    }
}

fn of_group(alert: &Alert, field: &str) -> Vec<String> {
    let values = alert.group.iter().filter(|(name, _)| name == field).filter_map(|(_, value)| value.clone());
    distinct(values)
}

fn of_event(event: &Evidence, field: &str) -> Vec<String> {
    distinct(event.fields.iter().filter(|(name, _)| name == field).flat_map(|(_, values)| values).filter_map(text))
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for value in values {
        if kept.len() < VALUES && !value.is_empty() && !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::super::arbitrary::{alert, event};
    use super::*;

    fn of(group: &[(&str, &str)], events: &[&[(&str, Value)]]) -> Value {
        let mut alert = alert("temporal");
        alert.group = group.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
        alert.evidence = events.iter().map(|fields| event("A", "2026-11-21T08:00:00Z", fields)).collect();
        resources(&alert, &mut Bounded::default()).iter().map(Resource::object).collect()
    }

    #[test]
    fn a_version_of_a_model_is_a_resource() {
        let events: [&[(&str, Value)]; 3] = [
            &[("aigov.model.version", json!(7)), ("aigov.model.alias", json!("production"))],
            &[("aigov.model.name", json!("credit-risk")), ("aigov.model.version", json!("7"))],
            &[("aigov.model.name", json!("fraud")), ("aigov.endpoint.id", json!("loan-api"))],
        ];
        assert_eq!(
            of(&[("aigov.model.name", "credit-risk")], &events),
            json!([
                {
                    "type": "AI Model", "uid": "credit-risk/7", "name": "credit-risk", "version": "7",
                    "tags": [{"name": "alias", "value": "production"}],
                },
                {"type": "AI Model", "uid": "fraud", "name": "fraud"},
                {"type": "AI Endpoint", "uid": "loan-api", "name": "loan-api"},
            ])
        );
    }

    #[test]
    fn which_version_is_whose_is_not_guessed() {
        let mut alert = alert("temporal");
        alert.evidence = vec![event("A", "2026-11-21T08:00:00Z", &[])];
        alert.evidence[0].fields = vec![
            ("aigov.model.name".into(), vec![json!("a"), json!("b")]),
            ("aigov.model.version".into(), vec![json!("1"), json!("2")]),
            ("aigov.model.alias".into(), vec![json!("live")]),
        ];
        let found: Vec<String> = resources(&alert, &mut Bounded::default()).iter().map(Resource::uid).collect();
        assert_eq!(found, ["a", "b"]);
        alert.evidence[0].fields[0].1.pop();
        let found: Vec<String> = resources(&alert, &mut Bounded::default()).iter().map(Resource::uid).collect();
        assert_eq!(found, ["a/1", "a/2"]);
    }

    #[test]
    fn hostile_names_are_bounded_and_empty_ones_are_none() {
        assert_eq!(of(&[("aigov.model.name", "")], &[&[("aigov.model.name", json!({"a": 1}))]]), json!([]));
        let long = "x".repeat(1 << 20);
        let many: Vec<(&str, Value)> =
            (0..500).map(|number| ("aigov.model.name", json!(format!("{number}")))).collect();
        let found = of(&[("aigov.model.name", &long)], &[&many]);
        assert_eq!(found.as_array().unwrap().len(), VALUES);
        assert!(found.to_string().len() < 64 * 1024);
    }
}
