//! Models of which the other incidents tell more than one story within a week. Nothing is added to the records: what is planted
//! here is that stories meet.

use super::super::rule_names::{DEPLOYMENT, DRIFT, REVIEW, RISK, STREAK};
use super::super::script::{Script, Story};

struct Case {
    model: &'static str,
    /// The incidents about it, each with a name that its story tells; the last one makes it too much.
    stories: &'static [(&'static str, &'static str)],
    near_miss: bool,
    story: &'static str,
}

const CASES: [Case; 6] = [
    Case {
        model: "fraud-scorer",
        stories: &[(DEPLOYMENT, "fraud-scorer"), (STREAK, "fraud-screen")],
        near_miss: false,
        story: "deployed without a risk assessment, and half an hour later requests of its endpoint were denied in a row",
    },
    Case {
        model: "credit-risk",
        stories: &[(DRIFT, "credit-risk"), (REVIEW, "credit-decision")],
        near_miss: false,
        story: "drifted and drew complaints, and a denial that it was the reason for was never reviewed",
    },
    Case {
        model: "mortgage-affordability",
        stories: &[(DRIFT, "mortgage-affordability"), (REVIEW, "mortgage-decision")],
        near_miss: false,
        story: "drifted and drew complaints, and a denial that it was the reason for was reviewed too late",
    },
    Case {
        model: "document-ocr",
        stories: &[(DEPLOYMENT, "document-ocr"), (STREAK, "document-intake")],
        near_miss: false,
        story: "deployed although it had failed its assessment, and three hours later requests of its endpoint were denied in a row",
    },
    Case {
        model: "chat-assistant",
        stories: &[(DEPLOYMENT, "chat-assistant")],
        near_miss: true,
        story: "deployed without an assessment of that version, but nothing else was wrong with it",
    },
    Case {
        model: "limit-increase",
        stories: &[(DEPLOYMENT, "limit-increase")],
        near_miss: true,
        story: "deployed on an old assessment, but nothing else was wrong with it",
    },
];

pub(super) fn plant(script: &mut Script) {
    for case in &CASES {
        let times = case.stories.iter().filter_map(|(incident, name)| script.planted_at(incident, name));
        let at = times.max().unwrap_or(script.start);
        script.plant(Story {
            incident: RISK,
            key: vec![
                ("alert.risk.entity.type", "model".to_owned()),
                ("alert.risk.entity.value", case.model.to_owned()),
            ],
            at,
            near_miss: case.near_miss,
            story: format!("{} {}", case.model, case.story),
        });
    }
}
