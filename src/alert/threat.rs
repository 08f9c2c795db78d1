//! Sigma tags of MITRE's two matrices as ECS `threat` fields. Ids, names and addresses are parallel lists; an id without a
//! known name stands in for its own name.

use serde_json::{Map, Value, json};

use super::mitre::{Matrix, entry};

/// Parallel lists of one kind of entry, each id once, in the order of the tags.
#[derive(Default)]
struct Entries {
    ids: Vec<String>,
    names: Vec<String>,
    references: Vec<String>,
}

impl Entries {
    fn add(&mut self, id: String, name: Option<&str>, reference: String) {
        if !self.ids.contains(&id) {
            self.names.push(name.unwrap_or(&id).to_owned());
            self.ids.push(id);
            self.references.push(reference);
        }
    }

    fn into_object(self) -> Option<Map<String, Value>> {
        let mut object = Map::new();
        if self.ids.is_empty() {
            return None;
        }
        object.insert("id".to_owned(), self.ids.into());
        object.insert("name".to_owned(), self.names.into());
        object.insert("reference".to_owned(), self.references.into());
        Some(object)
    }
}

/// The ECS `threat` object of a rule's tags, if any of them names a tactic or a technique.
pub(super) fn threat(tags: &[String]) -> Option<Value> {
    let (mut tactics, mut techniques, mut subtechniques) = (Entries::default(), Entries::default(), Entries::default());
    let (mut atlas, mut attack) = (false, false);
    for entry in tags.iter().filter_map(|tag| entry(tag)) {
        match entry.matrix {
            Matrix::Atlas => atlas = true,
            Matrix::Attack => attack = true,
        }
        let list = if entry.is_tactic { &mut tactics } else { &mut techniques };
        list.add(entry.id, entry.name, entry.address);
        if let Some((id, address)) = entry.part {
            subtechniques.add(id, None, address);
        }
    }
    let framework = match (atlas, attack) {
        (false, false) => return None,
        (true, false) => json!("MITRE ATLAS"),
        (false, true) => json!("MITRE ATT&CK"),
        (true, true) => json!(["MITRE ATLAS", "MITRE ATT&CK"]),
    };
    let mut object = Map::new();
    object.insert("framework".to_owned(), framework);
    if let Some(tactics) = tactics.into_object() {
        object.insert("tactic".to_owned(), tactics.into());
    }
    if let Some(mut techniques) = techniques.into_object() {
        if let Some(subtechniques) = subtechniques.into_object() {
            techniques.insert("subtechnique".to_owned(), subtechniques.into());
        }
        object.insert("technique".to_owned(), techniques.into());
    }
    Some(object.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[&str]) -> Option<Value> {
        threat(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn atlas_techniques_and_tactics_become_parallel_lists() {
        let threat = of(&["atlas.aml.t0010.003", "atlas.aml.ta0001", "atlas.aml.t0010", "atlas.aml.t9999"]).unwrap();
        assert_eq!(
            threat,
            json!({
                "framework": "MITRE ATLAS",
                "tactic": {
                    "id": ["AML.TA0001"],
                    "name": ["AI Attack Staging"],
                    "reference": ["https://atlas.mitre.org/tactics/AML.TA0001"],
                },
                "technique": {
                    "id": ["AML.T0010", "AML.T9999"],
                    "name": ["AI Supply Chain Compromise", "AML.T9999"],
                    "reference": [
                        "https://atlas.mitre.org/techniques/AML.T0010",
                        "https://atlas.mitre.org/techniques/AML.T9999",
                    ],
                    "subtechnique": {
                        "id": ["AML.T0010.003"],
                        "name": ["AML.T0010.003"],
                        "reference": ["https://atlas.mitre.org/techniques/AML.T0010.003"],
                    },
                },
            })
        );
    }

    #[test]
    fn attack_tags_are_read_by_id_and_by_tactic_name() {
        let threat = of(&["attack.defense-evasion", "attack.t1562.001", "atlas.aml.t0012"]).unwrap();
        assert_eq!(threat["framework"], json!(["MITRE ATLAS", "MITRE ATT&CK"]));
        assert_eq!(threat["tactic"]["id"], json!(["TA0005"]));
        assert_eq!(threat["technique"]["id"], json!(["T1562", "AML.T0012"]));
        assert_eq!(threat["technique"]["name"], json!(["Impair Defenses", "Valid Accounts"]));
        assert_eq!(
            threat["technique"]["subtechnique"]["reference"],
            json!(["https://attack.mitre.org/techniques/T1562/001/"])
        );
        assert_eq!(of(&["attack.defense_evasion"]).unwrap()["tactic"]["name"], json!(["Defense Evasion"]));
    }

    #[test]
    fn other_tags_are_no_threat() {
        assert_eq!(of(&["eu_ai_act.art14", "attack.s0001", "attack.g0012", "atlas.aml.x", "attack.t15"]), None);
        assert_eq!(of(&["attack.ta0005.001", "attack.t1562.1", "attack.té00"]), None);
    }
}
