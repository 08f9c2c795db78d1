//! What Sigma's tags name in MITRE's two matrices: `atlas.aml.t0010.003` and `attack.t1562.001` a technique and a part of
//! it, `atlas.aml.ta0001` and `attack.defense-evasion` a tactic. Knows ids, names and addresses; not how a document says them.

/// The release that names of ATLAS are taken from.
pub(super) const ATLAS_VERSION: &str = "5.6.0";

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

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matrix {
    Atlas,
    Attack,
}

/// A tactic or a technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it is from.
    pub(super) matrix: Matrix,
    /// Whether it is a tactic.
    pub(super) is_tactic: bool,
    /// `AML.T0010`, `TA0005`.
    pub(super) id: String,
    /// Its name, if the tables above have it.
    pub(super) name: Option<&'static str>,
    /// Its page.
    pub(super) address: String,
    /// The part of the technique that is meant: id and page.
    pub(super) part: Option<(String, String)>,
}

/// What a tag names, if that is in one of the matrices.
pub(super) fn entry(tag: &str) -> Option<Entry> {
    let lower = tag.to_ascii_lowercase();
    if let Some(id) = lower.strip_prefix("atlas.aml.").and_then(Id::parse) {
        return Some(atlas(&id));
    }
    let word = lower.strip_prefix("attack.")?;
    Id::parse(word).or_else(|| tactic_by_name(word)).map(|id| attack(&id))
}

fn atlas(id: &Id) -> Entry {
    let full = format!("AML.{}", id.base);
    let (table, folder): (&[_], _) =
        if id.is_tactic() { (&ATLAS_TACTICS, "tactics") } else { (&ATLAS_TECHNIQUES, "techniques") };
    let page = |id: &str| format!("https://atlas.mitre.org/{folder}/{id}");
    let part = id.part.as_ref().map(|part| format!("{full}.{part}"));
    Entry {
        matrix: Matrix::Atlas,
        is_tactic: id.is_tactic(),
        name: find(table, &full),
        address: page(&full),
        part: part.map(|part| (part.clone(), page(&part))),
        id: full,
    }
}

fn attack(id: &Id) -> Entry {
    let (table, folder): (&[_], _) =
        if id.is_tactic() { (&ATTACK_TACTICS, "tactics") } else { (&ATTACK_TECHNIQUES, "techniques") };
    let address = format!("https://attack.mitre.org/{folder}/{}/", id.base);
    let part = id.part.as_ref().map(|part| (format!("{}.{part}", id.base), format!("{address}{part}/")));
    Entry {
        matrix: Matrix::Attack,
        is_tactic: id.is_tactic(),
        name: find(table, &id.base),
        address,
        part,
        id: id.base.clone(),
    }
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
