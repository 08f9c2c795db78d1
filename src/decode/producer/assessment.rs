//! The words of assessments and decisions, which every producer spells its own way.

/// Lower case, with everything that is no letter or digit removed: `Risk-Assessment` and `risk_assessment` are one word.
fn plain(word: &str) -> String {
    word.chars().filter(|symbol| symbol.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The kind of assessment that a word names.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    let word = plain(word);
    let word = word.strip_suffix("passed").unwrap_or(&word);
    let subject = ["assessment", "review", "audit", "check"].iter().find_map(|suffix| word.strip_suffix(suffix))?;
    match subject {
        "risk" | "airisk" | "modelrisk" => Some("risk"),
        "ethics" | "ethical" => Some("ethics"),
        "bias" | "fairness" => Some("bias"),
        "security" => Some("security"),
        _ => None,
    }
}

/// How an assessment went.
pub(super) fn outcome(word: &str) -> Option<&'static str> {
    match plain(word).as_str() {
        "pass" | "passed" | "true" | "yes" | "ok" | "approve" | "approved" | "accepted" | "success" | "done"
        | "closed" | "closedcomplete" | "resolved" | "complete" | "completed" => Some("pass"),
        "fail" | "failed" | "false" | "no" | "reject" | "rejected" | "denied" | "declined" | "failure"
        | "closedincomplete" => Some("fail"),
        "pending" | "open" | "new" | "inprogress" | "inreview" | "requested" | "todo" | "draft" | "workinprogress" => {
            Some("pending")
        }
        _ => None,
    }
}

/// The kind of decision that a word names.
pub(super) fn decision_kind(word: &str) -> &'static str {
    if kind(word).is_some() {
        return "review";
    }
    match plain(word).as_str() {
        "approve" | "approved" | "approval" | "accept" | "signoff" => "approval",
        "reject" | "rejected" | "rejection" | "deny" | "decline" => "rejection",
        "deploy" | "deployed" | "deployment" | "release" | "promote" | "promotion" => "deployment",
        "override" | "overridden" | "overrule" | "bypass" | "waive" | "waiver" => "override",
        "review" | "reviewed" => "review",
        _ => "other",
    }
}

/// How a decision of that kind ended, where its entry says so itself, or else by what it is.
pub(super) fn decision_outcome(kind: &str, said: Option<&str>) -> &'static str {
    match said.map(plain).as_deref() {
        Some("allow" | "allowed") => return "allow",
        Some("deny" | "denied") => return "deny",
        Some("approve" | "approved" | "accepted") => return "approved",
        Some("reject" | "rejected" | "declined") => return "rejected",
        Some("pass" | "passed" | "ok" | "success" | "true" | "yes") => return "passed",
        Some("fail" | "failed" | "failure" | "false" | "no") => return "failed",
        Some("override" | "overridden") => return "overridden",
        _ => {}
    }
    match kind {
        "approval" => "approved",
        "rejection" => "rejected",
        "override" => "overridden",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_agree() {
        for word in ["risk-assessment", "Risk Assessment", "risk_assessment", "RISK_ASSESSMENT", "Risk-Review"] {
            assert_eq!(kind(word), Some("risk"), "{word}");
            assert_eq!(decision_kind(word), "review");
        }
        assert_eq!(kind("Ethical-Review"), Some("ethics"));
        assert_eq!(kind("ethical_review_passed"), Some("ethics"));
        assert_eq!(kind("bias review"), Some("bias"));
        assert_eq!(kind("code review"), None);
        assert_eq!(kind("validation_status"), None);
    }

    #[test]
    fn what_an_entry_says_beats_what_it_is() {
        assert_eq!(decision_outcome("review", Some("passed")), "passed");
        assert_eq!(decision_outcome("approval", None), "approved");
        assert_eq!(decision_outcome(decision_kind("Override"), None), "overridden");
        assert_eq!(decision_outcome("deployment", None), "other");
    }
}
