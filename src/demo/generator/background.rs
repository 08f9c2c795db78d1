//! What happens every week and raises nothing: retraining and deployments that were assessed, policy decisions with
//! denials here and there, nightly reports without drift, complaints now and then, reviews in time.

use std::collections::{BTreeMap, HashMap};

use rand::RngExt;
use serde_json::json;

use crate::model::{Span, Timestamp};

use super::cast::{ENDPOINTS, ENGINEERS, Endpoint, MODELS, REVIEWERS, RISK_OFFICERS};
use super::decision_log::{self, Entry};
use super::opa::Decision;
use super::rhythm::DAY;
use super::script::Script;

/// Models whose deployments this week belong to the background.
const ROUTINE_DEPLOYMENTS: [&str; 6] = [
    "credit-risk",
    "income-verifier",
    "churn-propensity",
    "collections-priority",
    "mortgage-affordability",
    "marketing-uplift",
];

/// Complaints about a model in one hour of the clock, at most: two such hours together stay below the ten of a spike.
const COMPLAINTS_AN_HOUR: u32 = 4;

/// Denials in a row, at most: well below the five of a streak.
const DENIALS_IN_A_ROW: u32 = 2;

/// Of the events asked for, this many in a thousand are complaints.
const COMPLAINTS_PER_MILLE: usize = 18;

pub(super) fn fill(script: &mut Script) {
    history(script);
    deployments(script);
    reports(script);
    complaints(script);
    decisions(script);
}

/// How the versions that are in production came to be, five weeks ago.
fn history(script: &mut Script) {
    for model in &MODELS {
        let registered = script.at(-35, 9, 0).plus(script.seconds(0, 4 * 3600));
        let owner = script.pick(&ENGINEERS, "ml.platform@example.com");
        let data = json!({ "name": model.name, "tags": {"owner": owner}, "description": "" });
        script.webhook(registered, model.name, "registered_model", "created", &data);
        let created = registered.plus(script.seconds(60, 3600));
        script.new_version(created, model.name, model.version);
        assess_and_deploy(script, model.name, model.version, created.plus(DAY));
    }
}

/// Assesses a version some hours before it goes to production.
fn assess_and_deploy(script: &mut Script, model: &'static str, version: u32, deployed: Timestamp) {
    let assessed = deployed.minus(script.seconds(2 * 3600, 20 * 3600));
    let officer = script.pick(&RISK_OFFICERS, "risk.lead@example.com");
    let score = script.rng.random_range(8..45);
    script.decide(decision_log::risk_assessment(assessed, officer, model, version, "pass", score));
    let approved = deployed.minus(script.seconds(600, 3600));
    let id = format!("AP-{model}-{version}");
    script.decide(Entry {
        time: approved,
        actor: officer,
        action: "approval",
        subject: format!("{model}/{version}"),
        payload: json!({
            "decision_id": id, "model": model, "version": version.to_string(), "outcome": "approved", "approver": officer,
        }),
    });
    // a second person looks at it the same day
    script.decide(Entry {
        time: approved.plus(Span::seconds(3 * 3600)),
        actor: "model.governance@example.com",
        action: "review",
        subject: format!("{model}/{version}"),
        payload: json!({ "reviewed_decision_id": id, "outcome": "upheld" }),
    });
    let tagged = approved.plus(Span::seconds(30));
    script.version_tag(tagged, model, version, "validation_status", "approved");
    script.alias(deployed, model, version, "production");
}

fn deployments(script: &mut Script) {
    for (index, name) in ROUTINE_DEPLOYMENTS.into_iter().enumerate() {
        let version = super::cast::model_named(name).version + 1;
        let day = i64::try_from(index % 5).unwrap_or(0);
        let deployed = script.at(day, 9, 0).plus(script.seconds(0, 8 * 3600));
        let created = deployed.minus(script.seconds(30 * 3600, 60 * 3600));
        script.new_version(created, name, version);
        script.alias(created.plus(Span::seconds(1800)), name, version, "challenger");
        assess_and_deploy(script, name, version, deployed);
        let opened = deployed.minus(script.seconds(22 * 3600, 28 * 3600));
        let approved = deployed.minus(script.seconds(3600, 2 * 3600));
        script.assessment_ticket(opened, approved, name, version);
    }
    // retraining that goes nowhere
    for model in &MODELS {
        for _ in 0..3 {
            let time = script.rhythm.time(&mut script.rng);
            let version = model.version + 20 + script.rng.random_range(0..20_u32);
            script.new_version(time, model.name, version);
        }
    }
}

/// A report a night and model. Those of the planted incidents are reserved nights.
fn reports(script: &mut Script) {
    for day in 0..7 {
        for model in &MODELS {
            let time = script.at(day, 2, 0).plus(script.seconds(0, 1500));
            if !script.is_reserved(model.name, time) {
                script.drift_report(time, model.name, model.version, false);
            }
        }
    }
}

fn complaints(script: &mut Script) {
    let wanted = script.events * COMPLAINTS_PER_MILLE / 1000;
    let mut by_hour: HashMap<(&str, i64), u32> = HashMap::new();
    for _ in 0..wanted {
        let time = script.rhythm.time(&mut script.rng);
        let [first, ..] = &MODELS;
        let all: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        let model = script.pick(&all, first.name);
        let count = by_hour.entry((model, time.0.div_euclid(Span::seconds(3600).0))).or_default();
        if *count >= COMPLAINTS_AN_HOUR || script.is_reserved(model, time) {
            continue;
        }
        *count += 1;
        let key = script.complaint(time, model);
        let settled = time.plus(script.seconds(1800, 30 * 3600));
        if script.chance(0.4) && settled < script.at(7, 0, 0) {
            script.complaint_settled(settled, &key, model);
        }
    }
}

/// Policy decisions fill up to the number of events asked for.
fn decisions(script: &mut Script) {
    let wanted = script.events.saturating_sub(script.record_count());
    let mut times: BTreeMap<&'static str, Vec<Timestamp>> = BTreeMap::new();
    let total: u32 = ENDPOINTS.iter().map(|endpoint| endpoint.weight).sum();
    for _ in 0..wanted {
        let time = script.rhythm.time(&mut script.rng);
        let mut drawn = script.rng.random_range(0..total);
        for endpoint in &ENDPOINTS {
            if drawn < endpoint.weight {
                times.entry(endpoint.id).or_default().push(time);
                break;
            }
            drawn -= endpoint.weight;
        }
    }
    for endpoint in &ENDPOINTS {
        let mut of_endpoint = times.remove(endpoint.id).unwrap_or_default();
        of_endpoint.sort_unstable();
        // two decisions of one endpoint never have the same time, so that their order is certain
        of_endpoint.dedup();
        of_endpoint.retain(|time| !script.is_reserved(endpoint.id, *time));
        decide_in_turn(script, endpoint, &of_endpoint);
    }
}

fn decide_in_turn(script: &mut Script, endpoint: &'static Endpoint, times: &[Timestamp]) {
    // what is denied late in the week could not be reviewed within it
    let last_high_risk = script.at(6, 8, 0);
    let mut in_a_row = 0;
    for time in times {
        let allowed = in_a_row >= DENIALS_IN_A_ROW || !script.chance(endpoint.denied);
        in_a_row = if allowed { 0 } else { in_a_row + 1 };
        let large = endpoint.decides_on_credit && *time < last_high_risk && script.chance(0.15);
        let tier = if large { "high" } else { endpoint.usual_tier };
        let (id, decided) = script.policy_decision(&Decision { time: *time, endpoint, allowed, tier });
        if large && !allowed {
            let reviewer = script.pick(&REVIEWERS, "review.1@example.com");
            let outcome = if script.chance(0.1) { "overridden" } else { "upheld" };
            let reviewed = decided.plus(script.seconds(900, 13 * 3600));
            script.decide(decision_log::review(reviewed, reviewer, &id, endpoint, outcome));
        }
    }
}
