//! Sigma tags of MITRE's two matrices as `finding_info.attacks`, which is for both: one entry for each tactic, technique and
//! part of a technique, as tags do not say which of them belong together.

use serde_json::{Value, json};

use crate::alert::mitre::{ATLAS_VERSION, Entry, Matrix, entry};
use crate::alert::object::Object;

/// The entries of a rule's tags, each once, in the order of the tags.
pub(super) fn attacks(tags: &[String]) -> Vec<Value> {
    let mut attacks: Vec<Value> = Vec::new();
    for attack in tags.iter().filter_map(|tag| entry(tag)).map(|entry| attack(&entry)) {
        if !attacks.contains(&attack) {
            attacks.push(attack);
        }
    }
    attacks
}

fn attack(entry: &Entry) -> Value {
    let mut named = Object::default();
    named.put("uid", entry.id.as_str());
    named.put_if("name", entry.name);
    named.put("src_url", entry.address.as_str());
    let mut attack = Object::default();
    attack.put(if entry.is_tactic { "tactic" } else { "technique" }, named.0);
    if let Some((id, address)) = &entry.part {
        attack.put("sub_technique", json!({"uid": id, "src_url": address}));
    }
    // the release that the names are of; of which one a tag was meant is known of neither matrix
    attack.put_if("version", (entry.matrix == Matrix::Atlas).then_some(ATLAS_VERSION));
    attack.0.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tag_of_either_matrix_is_an_entry() {
        let tags = ["atlas.aml.t0010.003", "attack.defense-evasion", "eu_ai_act.art9", "atlas.aml.t9999"];
        let tags: Vec<String> = tags.iter().chain(&tags).map(|tag| (*tag).to_owned()).collect();
        assert_eq!(
            Value::from(attacks(&tags)),
            json!([
                {
                    "technique": {
                        "uid": "AML.T0010",
                        "name": "AI Supply Chain Compromise",
                        "src_url": "https://atlas.mitre.org/techniques/AML.T0010",
                    },
                    "sub_technique": {
                        "uid": "AML.T0010.003",
                        "src_url": "https://atlas.mitre.org/techniques/AML.T0010.003",
                    },
                    "version": "5.6.0",
                },
                {
                    "tactic": {
                        "uid": "TA0005",
                        "name": "Defense Evasion",
                        "src_url": "https://attack.mitre.org/tactics/TA0005/",
                    },
                },
                {
                    "technique": {"uid": "AML.T9999", "src_url": "https://atlas.mitre.org/techniques/AML.T9999"},
                    "version": "5.6.0",
                },
            ])
        );
        assert!(attacks(&["eu_ai_act.art9".to_owned()]).is_empty());
    }
}
