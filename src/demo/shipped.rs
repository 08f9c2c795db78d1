//! The shipped rules inside the binary, so that the demonstration needs no file.

use std::sync::Arc;

/// Name and text of every file under `rules/`; a test holds the list to the folder.
const FILES: &[(&str, &str)] = &[
    ("rules/base/complaint_ticket.yml", include_str!("../../rules/base/complaint_ticket.yml")),
    ("rules/base/drift_detected.yml", include_str!("../../rules/base/drift_detected.yml")),
    ("rules/base/drift_report.yml", include_str!("../../rules/base/drift_report.yml")),
    ("rules/base/high_risk_deny.yml", include_str!("../../rules/base/high_risk_deny.yml")),
    ("rules/base/human_review.yml", include_str!("../../rules/base/human_review.yml")),
    ("rules/base/model_deployment.yml", include_str!("../../rules/base/model_deployment.yml")),
    ("rules/base/opa_allow.yml", include_str!("../../rules/base/opa_allow.yml")),
    ("rules/base/opa_deny.yml", include_str!("../../rules/base/opa_deny.yml")),
    ("rules/base/policy_decision.yml", include_str!("../../rules/base/policy_decision.yml")),
    ("rules/base/risk_assessment_pass.yml", include_str!("../../rules/base/risk_assessment_pass.yml")),
    ("rules/base/risk_assessment_tag_pass.yml", include_str!("../../rules/base/risk_assessment_tag_pass.yml")),
    ("rules/base/risk_assessment_ticket_pass.yml", include_str!("../../rules/base/risk_assessment_ticket_pass.yml")),
    ("rules/metrics/drift_score.yml", include_str!("../../rules/metrics/drift_score.yml")),
    ("rules/metrics/drift_share.yml", include_str!("../../rules/metrics/drift_share.yml")),
    ("rules/metrics/policy_violation_ratio.yml", include_str!("../../rules/metrics/policy_violation_ratio.yml")),
    ("rules/metrics/policy_violations.yml", include_str!("../../rules/metrics/policy_violations.yml")),
    ("rules/mission/accumulated_risk.yml", include_str!("../../rules/mission/accumulated_risk.yml")),
    ("rules/mission/complaint_surge.yml", include_str!("../../rules/mission/complaint_surge.yml")),
    (
        "rules/mission/consecutive_policy_violations.yml",
        include_str!("../../rules/mission/consecutive_policy_violations.yml"),
    ),
    ("rules/mission/decision_not_reviewed.yml", include_str!("../../rules/mission/decision_not_reviewed.yml")),
    (
        "rules/mission/deployment_without_risk_assessment.yml",
        include_str!("../../rules/mission/deployment_without_risk_assessment.yml"),
    ),
    ("rules/mission/drift_with_complaints.yml", include_str!("../../rules/mission/drift_with_complaints.yml")),
];

/// The shipped rules as [`crate::rule::load_texts`] takes them.
#[must_use]
pub fn shipped_rules() -> Vec<(Arc<str>, String)> {
    FILES.iter().map(|(name, text)| (Arc::from(*name), (*text).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }

    #[test]
    fn every_rule_of_the_folder_is_shipped() {
        let mut found = Vec::new();
        collect(std::path::Path::new("rules"), &mut found);
        found.sort();
        let shipped: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(shipped, found);
    }
}
