//! Who and what takes part: models, endpoints, people. All invented, on example.com.

/// A registered model.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) name: &'static str,
    /// The version in production when the week begins.
    pub(super) version: u32,
    pub(super) columns: [&'static str; 4],
}

/// An endpoint that serves a model.
#[derive(Debug, PartialEq)]
pub(super) struct Endpoint {
    pub(super) id: &'static str,
    pub(super) model: &'static str,
    /// Whether large amounts make its decisions high-risk ones.
    pub(super) decides_on_credit: bool,
    pub(super) usual_tier: &'static str,
    /// Share of denials.
    pub(super) denied: f64,
    /// Share of all requests.
    pub(super) weight: u32,
}

const fn model(name: &'static str, version: u32, columns: [&'static str; 4]) -> Model {
    Model { name, version, columns }
}

pub(super) const MODELS: [Model; 12] = [
    model("credit-risk", 7, ["income", "age_of_file", "utilisation", "region"]),
    model("loan-pricing", 12, ["term", "amount", "base_rate", "segment"]),
    model("fraud-scorer", 31, ["device_age", "velocity", "amount", "country"]),
    model("income-verifier", 4, ["stated_income", "employer", "payslip_score", "region"]),
    model("kyc-face-match", 9, ["image_quality", "camera", "match_score", "age_band"]),
    model("churn-propensity", 15, ["tenure", "contacts", "balance", "channel"]),
    model("collections-priority", 6, ["days_past_due", "balance", "contact_rate", "segment"]),
    model("document-ocr", 22, ["page_quality", "language", "template", "length"]),
    model("chat-assistant", 4, ["prompt_length", "topic", "turns", "language"]),
    model("mortgage-affordability", 3, ["income", "property_value", "term", "dependants"]),
    model("limit-increase", 8, ["utilisation", "tenure", "income", "missed_payments"]),
    model("marketing-uplift", 11, ["tenure", "channel", "age_band", "last_contact"]),
];

const fn endpoint(
    id: &'static str,
    model: &'static str,
    decides_on_credit: bool,
    usual_tier: &'static str,
    denied: f64,
    weight: u32,
) -> Endpoint {
    Endpoint { id, model, decides_on_credit, usual_tier, denied, weight }
}

pub(super) const ENDPOINTS: [Endpoint; 8] = [
    endpoint("credit-decision", "credit-risk", true, "limited", 0.05, 20),
    endpoint("mortgage-decision", "mortgage-affordability", true, "limited", 0.06, 6),
    endpoint("limit-increase", "limit-increase", true, "limited", 0.08, 9),
    endpoint("fraud-screen", "fraud-scorer", false, "limited", 0.04, 30),
    endpoint("document-intake", "document-ocr", false, "minimal", 0.01, 12),
    endpoint("identity-check", "kyc-face-match", false, "limited", 0.03, 8),
    endpoint("chat", "chat-assistant", false, "limited", 0.02, 10),
    endpoint("campaigns", "marketing-uplift", false, "minimal", 0.01, 5),
];

pub(super) const RISK_OFFICERS: [&str; 3] =
    ["risk.north@example.com", "risk.south@example.com", "risk.lead@example.com"];
pub(super) const REVIEWERS: [&str; 4] =
    ["review.1@example.com", "review.2@example.com", "review.3@example.com", "review.4@example.com"];
pub(super) const ENGINEERS: [&str; 3] = ["ml.platform@example.com", "ml.credit@example.com", "ml.fraud@example.com"];

/// The model of that name; the names are those of this file.
pub(super) fn model_named(name: &str) -> &'static Model {
    let [first, ..] = &MODELS;
    MODELS.iter().find(|model| model.name == name).unwrap_or(first)
}

/// The endpoint of that id; the ids are those of this file.
pub(super) fn endpoint_named(id: &str) -> &'static Endpoint {
    let [first, ..] = &ENDPOINTS;
    ENDPOINTS.iter().find(|endpoint| endpoint.id == id).unwrap_or(first)
}
