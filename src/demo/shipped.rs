//! The shipped rules inside the binary, so that the demonstration needs no file.

use std::sync::Arc;

/// Name and text of every file under `rules/`; a test holds the list to the folder.
const FILES: &[(&str, &str)] = &[
    ("rules/base/complaint_ticket.yml", include_str!("../../rules/base/complaint_ticket.yml")),
    ("rules/base/drift_detected.yml", include_str!("../../rules/base/drift_detected.yml")),
    ("rules/base/high_risk_deny.yml", include_str!("../../rules/base/high_risk_deny.yml")),
    ("rules/base/human_review.yml", include_str!("../../rules/base/human_review.yml")),
    ("rules/base/model_deployment.yml", include_str!("../../rules/base/model_deployment.yml")),
    ("rules/base/opa_allow.yml", include_str!("../../rules/base/opa_allow.yml")),
    ("rules/base/opa_deny.yml", include_str!("../../rules/base/opa_deny.yml")),
    ("rules/base/risk_assessment_pass.yml", include_str!("../../rules/base/risk_assessment_pass.yml")),
    ("rules/base/risk_assessment_tag_pass.yml", include_str!("../../rules/base/risk_assessment_tag_pass.yml")),
    ("rules/base/risk_assessment_ticket_pass.yml", include_str!("../../rules/base/risk_assessment_ticket_pass.yml")),
    ("rules/metrics/audit_completeness.yml", include_str!("../../rules/metrics/audit_completeness.yml")),
    ("rules/metrics/audit_trail_due.yml", include_str!("../../rules/metrics/audit_trail_due.yml")),
    ("rules/metrics/audit_trail_whole.yml", include_str!("../../rules/metrics/audit_trail_whole.yml")),
    ("rules/metrics/chained_decision.yml", include_str!("../../rules/metrics/chained_decision.yml")),
    ("rules/metrics/decision_due.yml", include_str!("../../rules/metrics/decision_due.yml")),
    ("rules/metrics/decision_unlinked.yml", include_str!("../../rules/metrics/decision_unlinked.yml")),
    ("rules/metrics/decision_unreviewed.yml", include_str!("../../rules/metrics/decision_unreviewed.yml")),
    ("rules/metrics/decision_whole.yml", include_str!("../../rules/metrics/decision_whole.yml")),
    ("rules/metrics/deployment_due.yml", include_str!("../../rules/metrics/deployment_due.yml")),
    ("rules/metrics/deployment_whole.yml", include_str!("../../rules/metrics/deployment_whole.yml")),
    ("rules/metrics/drift_report.yml", include_str!("../../rules/metrics/drift_report.yml")),
    ("rules/metrics/drift_score.yml", include_str!("../../rules/metrics/drift_score.yml")),
    ("rules/metrics/drift_share.yml", include_str!("../../rules/metrics/drift_share.yml")),
    ("rules/metrics/estate_completeness.yml", include_str!("../../rules/metrics/estate_completeness.yml")),
    ("rules/metrics/estate_drift_share.yml", include_str!("../../rules/metrics/estate_drift_share.yml")),
    ("rules/metrics/estate_highest_model_risk.yml", include_str!("../../rules/metrics/estate_highest_model_risk.yml")),
    ("rules/metrics/estate_model_risk.yml", include_str!("../../rules/metrics/estate_model_risk.yml")),
    ("rules/metrics/estate_violation_ratio.yml", include_str!("../../rules/metrics/estate_violation_ratio.yml")),
    ("rules/metrics/governance_decision.yml", include_str!("../../rules/metrics/governance_decision.yml")),
    ("rules/metrics/log_entry.yml", include_str!("../../rules/metrics/log_entry.yml")),
    ("rules/metrics/model_alert.yml", include_str!("../../rules/metrics/model_alert.yml")),
    ("rules/metrics/model_alert_risk.yml", include_str!("../../rules/metrics/model_alert_risk.yml")),
    ("rules/metrics/model_deployments.yml", include_str!("../../rules/metrics/model_deployments.yml")),
    ("rules/metrics/model_residual_risk.yml", include_str!("../../rules/metrics/model_residual_risk.yml")),
    ("rules/metrics/model_risk_score.yml", include_str!("../../rules/metrics/model_risk_score.yml")),
    ("rules/metrics/policy_decision.yml", include_str!("../../rules/metrics/policy_decision.yml")),
    ("rules/metrics/policy_violation_ratio.yml", include_str!("../../rules/metrics/policy_violation_ratio.yml")),
    ("rules/metrics/policy_violations.yml", include_str!("../../rules/metrics/policy_violations.yml")),
    ("rules/metrics/posture.yml", include_str!("../../rules/metrics/posture.yml")),
    ("rules/metrics/scored_assessment.yml", include_str!("../../rules/metrics/scored_assessment.yml")),
    ("rules/metrics/scored_assessment_ticket.yml", include_str!("../../rules/metrics/scored_assessment_ticket.yml")),
    ("rules/metrics/untrusted_decision.yml", include_str!("../../rules/metrics/untrusted_decision.yml")),
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
