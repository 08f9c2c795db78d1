//! Sigma tags of MITRE's two matrices as ECS `threat` fields: `atlas.aml.t0010.003` and `attack.t1562.001` give technique
//! and sub-technique, `atlas.aml.ta0001` and `attack.defense-evasion` a tactic. Ids, names and addresses are parallel lists;
//! an id without a name in the tables below stands in for its own name.

use serde_json::{Map, Value, json};

/// ATLAS 5.6 tactics.
const ATLAS_TACTICS: [(&str, &str); 16] = [
    ("AML.TA0000", "AI Model Access"),
    ("AML.TA0001", "AI Attack Staging"),
    ("AML.TA0002", "Reconnaissance"),
    ("AML.TA0003", "Resource Development"),
    ("AML.TA0004", "Initial Access"),
    ("AML.TA0005", "Execution"),
    ("AML.TA0006", "Persistence"),
    ("AML.TA0007", "Defense Evasion"),
    ("AML.TA0008", "Discovery"),
    ("AML.TA0009", "Collection"),
    ("AML.TA0010", "Exfiltration"),
    ("AML.TA0011", "Impact"),
    ("AML.TA0012", "Privilege Escalation"),
    ("AML.TA0013", "Credential Access"),
    ("AML.TA0014", "Command and Control"),
    ("AML.TA0015", "Lateral Movement"),
];

/// The ATLAS 5.6 techniques that governance rules name.
const ATLAS_TECHNIQUES: [(&str, &str); 32] = [
    ("AML.T0010", "AI Supply Chain Compromise"),
    ("AML.T0012", "Valid Accounts"),
    ("AML.T0015", "Evade AI Model"),
    ("AML.T0018", "Manipulate AI Model"),
    ("AML.T0020", "Poison Training Data"),
    ("AML.T0024", "Exfiltration via AI Inference API"),
    ("AML.T0025", "Exfiltration via Cyber Means"),
    ("AML.T0029", "Denial of AI Service"),
    ("AML.T0031", "Erode AI Model Integrity"),
    ("AML.T0034", "Cost Harvesting"),
    ("AML.T0043", "Craft Adversarial Data"),
    ("AML.T0046", "Spamming AI System with Chaff Data"),
    ("AML.T0048", "External Harms"),
    ("AML.T0051", "LLM Prompt Injection"),
    ("AML.T0053", "AI Agent Tool Invocation"),
    ("AML.T0054", "LLM Jailbreak"),
    ("AML.T0055", "Unsecured Credentials"),
    ("AML.T0057", "LLM Data Leakage"),
    ("AML.T0058", "Publish Poisoned Models"),
    ("AML.T0059", "Erode Dataset Integrity"),
    ("AML.T0070", "RAG Poisoning"),
    ("AML.T0073", "Impersonation"),
    ("AML.T0074", "Masquerading"),
    ("AML.T0076", "Corrupt AI Model"),
    ("AML.T0080", "AI Agent Context Poisoning"),
    ("AML.T0081", "Modify AI Agent Configuration"),
    ("AML.T0086", "Exfiltration via AI Agent Tool Invocation"),
    ("AML.T0103", "Deploy AI Agent"),
    ("AML.T0107", "Exploitation for Defense Evasion"),
    ("AML.T0109", "AI Supply Chain Rug Pull"),
    ("AML.T0110", "AI Agent Tool Poisoning"),
    ("AML.T0112", "Machine Compromise"),
];

/// ATT&CK for enterprise, all tactics.
const ATTACK_TACTICS: [(&str, &str); 14] = [
    ("TA0043", "Reconnaissance"),
    ("TA0042", "Resource Development"),
    ("TA0001", "Initial Access"),
    ("TA0002", "Execution"),
    ("TA0003", "Persistence"),
    ("TA0004", "Privilege Escalation"),
    ("TA0005", "Defense Evasion"),
    ("TA0006", "Credential Access"),
    ("TA0007", "Discovery"),
    ("TA0008", "Lateral Movement"),
    ("TA0009", "Collection"),
    ("TA0011", "Command and Control"),
    ("TA0010", "Exfiltration"),
    ("TA0040", "Impact"),
];

/// The ATT&CK techniques that governance rules name.
const ATTACK_TECHNIQUES: [(&str, &str); 12] = [
    ("T1036", "Masquerading"),
    ("T1070", "Indicator Removal"),
    ("T1078", "Valid Accounts"),
    ("T1098", "Account Manipulation"),
    ("T1110", "Brute Force"),
    ("T1190", "Exploit Public-Facing Application"),
    ("T1195", "Supply Chain Compromise"),
    ("T1485", "Data Destruction"),
    ("T1556", "Modify Authentication Process"),
    ("T1562", "Impair Defenses"),
    ("T1565", "Data Manipulation"),
    ("T1567", "Exfiltration Over Web Service"),
];

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
    for tag in tags {
        let lower = tag.to_ascii_lowercase();
        if let Some(id) = lower.strip_prefix("atlas.aml.").and_then(Id::parse) {
            atlas = true;
            let address = "https://atlas.mitre.org";
            if id.is_tactic() {
                let full = format!("AML.{}", id.base);
                tactics.add(full.clone(), find(&ATLAS_TACTICS, &full), format!("{address}/tactics/{full}"));
                continue;
            }
            let full = format!("AML.{}", id.base);
            techniques.add(full.clone(), find(&ATLAS_TECHNIQUES, &full), format!("{address}/techniques/{full}"));
            if let Some(part) = id.part {
                let sub = format!("{full}.{part}");
                subtechniques.add(sub.clone(), None, format!("{address}/techniques/{sub}"));
            }
        } else if let Some(word) = lower.strip_prefix("attack.") {
            let address = "https://attack.mitre.org";
            let Some(id) = Id::parse(word).or_else(|| tactic_by_name(word)) else { continue };
            attack = true;
            if id.is_tactic() {
                let name = find(&ATTACK_TACTICS, &id.base);
                tactics.add(id.base.clone(), name, format!("{address}/tactics/{}/", id.base));
                continue;
            }
            let name = find(&ATTACK_TECHNIQUES, &id.base);
            techniques.add(id.base.clone(), name, format!("{address}/techniques/{}/", id.base));
            if let Some(part) = id.part {
                let reference = format!("{address}/techniques/{}/{part}/", id.base);
                subtechniques.add(format!("{}.{part}", id.base), None, reference);
            }
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

/// `T1562`, `T1562.001` or `TA0005`, in upper case.
struct Id {
    base: String,
    part: Option<String>,
}

impl Id {
    fn parse(lower: &str) -> Option<Self> {
        let (base, part) = lower.split_once('.').map_or((lower, None), |(base, part)| (base, Some(part)));
        let digits = base.strip_prefix("ta").or_else(|| base.strip_prefix('t'))?;
        let is_number = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let tactic = base.starts_with("ta");
        if !is_number(digits, 4) || part.is_some_and(|part| tactic || !is_number(part, 3)) {
            return None;
        }
        Some(Self { base: base.to_ascii_uppercase(), part: part.map(str::to_owned) })
    }

    fn is_tactic(&self) -> bool {
        self.base.starts_with("TA")
    }
}

/// SigmaHQ writes tactics as `defense-evasion`, older rules as `defense_evasion`.
fn tactic_by_name(word: &str) -> Option<Id> {
    let plain = word.replace(['-', '_'], " ");
    let (id, _) = ATTACK_TACTICS.iter().find(|(_, name)| name.to_ascii_lowercase() == plain)?;
    Some(Id { base: (*id).to_owned(), part: None })
}

fn find(table: &[(&'static str, &'static str)], id: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
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
