//! The canonical field names: what rules say, whoever produced the event. ECS where ECS has the field, `aigov.*` for the
//! domain. `labels.*` and the producers' own names come on top.

/// Every canonical field that a decoder can fill.
pub const CANONICAL_FIELDS: [&str; 69] = [
    "@timestamp",
    "event.id",
    "event.action",
    "event.outcome",
    "event.dataset",
    "event.provider",
    "user.name",
    "user.email",
    "user.id",
    "source.address",
    "trace.id",
    "span.id",
    "message",
    "aigov.model.name",
    "aigov.model.version",
    "aigov.model.alias",
    "aigov.model.stage",
    "aigov.model.source",
    "aigov.model.run_id",
    "aigov.model.description",
    "aigov.model.tag.key",
    "aigov.model.tag.value",
    "aigov.prompt.name",
    "aigov.prompt.version",
    "aigov.prompt.alias",
    "aigov.prompt.tag.key",
    "aigov.prompt.tag.value",
    "aigov.budget.policy_id",
    "aigov.budget.amount",
    "aigov.budget.spend",
    "aigov.budget.scope",
    "aigov.budget.target",
    "aigov.endpoint.id",
    "aigov.policy.name",
    "aigov.policy.revision",
    "aigov.decision.id",
    "aigov.decision.kind",
    "aigov.decision.outcome",
    "aigov.decision.approver",
    "aigov.decision.reason",
    "aigov.decision.subject",
    "aigov.decision.reviewed_id",
    "aigov.decision.signature",
    "aigov.decision.sequence",
    "aigov.decision.hash",
    "aigov.decision.previous_hash",
    "aigov.decision.chain_valid",
    "aigov.drift.detected",
    "aigov.drift.share",
    "aigov.drift.score",
    "aigov.drift.columns",
    "aigov.drift.columns_count",
    "aigov.drift.method",
    "aigov.drift.threshold",
    "aigov.ticket.id",
    "aigov.ticket.type",
    "aigov.ticket.status",
    "aigov.ticket.previous_status",
    "aigov.ticket.priority",
    "aigov.ticket.category",
    "aigov.ticket.project",
    "aigov.ticket.summary",
    "aigov.ticket.reporter",
    "aigov.ticket.assignee",
    "aigov.assessment.id",
    "aigov.assessment.kind",
    "aigov.assessment.outcome",
    "aigov.assessment.risk_score",
    "aigov.assessment.approver",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Format, producer};

    #[test]
    fn producers_fill_canonical_fields_only_and_once() {
        for producer in Format::ALL.into_iter().filter_map(producer::of) {
            let mut names: Vec<&str> = producer.fields.iter().map(|(name, _)| *name).collect();
            for name in &names {
                assert!(CANONICAL_FIELDS.contains(name), "{}: {name}", producer.prefix);
            }
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{}", producer.prefix);
        }
    }

    #[test]
    fn the_documentation_has_every_field_of_every_source() {
        let page = include_str!("../../docs/sources.md");
        for producer in Format::ALL.into_iter().filter_map(producer::of) {
            let heading = format!("`{}.*`", producer.prefix);
            let section = page.split("\n## ").find(|section| section.contains(&heading));
            let section = section.unwrap_or_else(|| panic!("docs/sources.md has no section with {heading}"));
            for (name, _) in producer.fields {
                assert!(section.contains(&format!("`{name}`")), "docs/sources.md, {heading}: {name}");
            }
        }
    }
}
