//! S17: each new alert of a rule with `risk` is an event of `product: engine, category: alert` for each entity that it is
//! about, and rules add these events up.
//!
//! Where events come late, lateness is five seconds, and `z` matches nothing: it moves the watermark.

use clarion::model::{Alert, AlertStatus};

use super::stage::{Outcome, correlation, errors, named, rules};

/// A correlation with a risk of that score on `model` by `m` and on `user` by `u`.
fn risky(name: &str, score: i64, keys: &str) -> String {
    let risk = format!("{{score: {score}, entities: [{{type: model, field: m}}, {{type: user, field: u}}]}}");
    format!("title: {name}\nname: {name}\ndialect: clarion/1\nrisk: {risk}\ncorrelation: {{{keys}}}\n")
}

/// Each `a` by itself.
const EVERY: &str = "type: event_count, rules: [a], group-by: [m], timespan: 500ms, emit: every, condition: {gte: 1}";

/// Every `a` raises an alert that weighs 40.
fn each_a() -> String {
    risky("each", 40, EVERY)
}

/// The sum of an entity's scores over ten minutes reaches that.
fn sum(least: i64, more: &str) -> String {
    let group = "group-by: [alert.risk.entity.type, alert.risk.entity.value]";
    let condition = format!("{{field: alert.risk.score, gte: {least}}}");
    named("sum", &format!("type: value_sum, rules: [any_alert], {group}, timespan: 10m, condition: {condition}{more}"))
}

fn of<'o>(outcome: &'o Outcome, rule: &str) -> Vec<&'o Alert> {
    outcome.last().into_iter().filter(|alert| alert.rule.id == rule).collect()
}

/// Alerts of the sum as `type/entity@seconds value`.
fn sums(outcome: &Outcome) -> Vec<String> {
    let words = |alert: &&Alert| {
        let group: Vec<&str> = alert.group.iter().map(|(_, value)| value.as_deref().unwrap_or("-")).collect();
        let second = (alert.time.0 - super::stage::START) / 1_000_000_000;
        let gone = if alert.status == AlertStatus::Retracted { " retracted" } else { "" };
        format!("{}@{second} {}{gone}", group.join("/"), alert.value.unwrap_or(f64::NAN))
    };
    of(outcome, "sum").iter().map(words).collect()
}

#[test]
fn s17_each_alert_weighs_on_each_of_its_entities() {
    let stage = rules(&[each_a(), sum(100, "")]);
    let outcome = stage.run(&["1 a m=x u=kim", "2 a m=x u=kim", "3 a m=y u=kim", "4 a m=y"]);
    assert_eq!(of(&outcome, "each").len(), 4);
    assert_eq!(sums(&outcome), ["user/kim@3 120"], "x has 80, y has 80, kim 120");
    let alert = of(&outcome, "sum")[0];
    let lines: Vec<i64> = alert.evidence.iter().map(|event| event.coordinates.offset).collect();
    assert_eq!((lines, alert.count), (vec![1, 2, 3], 3), "the base events of the alerts are its evidence");
}

#[test]
fn s17_reaching_exactly_the_threshold_at_exactly_the_end_of_the_timespan() {
    let stage = rules(&[risky("each", 50, EVERY), sum(100, "")]);
    assert_eq!(sums(&stage.run(&["0 a m=x", "600 a m=x"])), ["model/x@600 100"]);
    assert!(sums(&stage.run(&["0 a m=x", "600.000000001 a m=x"])).is_empty());
}

#[test]
fn s17_the_score_follows_from_the_level() {
    for (level, score) in [("informational", 0_u8), ("low", 10), ("medium", 30), ("high", 60), ("critical", 90)] {
        let rule = format!(
            "title: each\nname: each\ndialect: clarion/1\nlevel: {level}\nrisk: {{entities: [{{type: model, field: m}}]}}\ncorrelation: {{type: event_count, rules: [a], group-by: [m], timespan: 1s, condition: {{gte: 1}}}}\n"
        );
        let outcome = rules(&[rule, sum(0, "")]).run(&["1 a m=x"]);
        assert_eq!(of(&outcome, "each")[0].rule.risk_score, score, "{level}");
        assert_eq!(sums(&outcome), [format!("model/x@1 {score}")]);
    }
}

#[test]
fn s17_several_values_are_one_event_each_and_a_missing_one_is_none() {
    let rule = risky("each", 40, "type: event_count, rules: [a], timespan: 10s, emit: reset, condition: {gte: 3}");
    let outcome =
        rules(&[rule, sum(1, "")]).run(&["1 a u=kim", "2 a u:=[\"kim\",\"lee\"]", "3 a u:=null u2=no", "20 z"]);
    assert_eq!(sums(&outcome), ["user/kim@3 40", "user/lee@3 40"]);
    // numbers are the same entity however they are written
    let rule = risky("each", 40, "type: event_count, rules: [a], timespan: 10s, emit: reset, condition: {gte: 1}");
    let outcome = rules(&[rule, sum(80, "")]).run(&["1 a u:=1", "2 a u=1", "3 a u:=1.0"]);
    assert_eq!(sums(&outcome), ["user/1@2 80"]);
}

#[test]
fn s17_a_detection_that_stands_alone_weighs_as_well() {
    let detection = "title: bad\nname: bad\ndialect: clarion/1\nrisk: {score: 60, entities: [{type: user, field: u}]}\nlogsource: {category: test}\ndetection: {s: {is_bad: true}, condition: s}\ntags: [attack.t1078, eu.art9]\n".to_owned();
    let stage = rules(&[detection.clone(), sum(100, "")]);
    let events = ["1 bad u=kim", "2 bad u=lee", "3 bad u:=[\"kim\",\"lee\"]"];
    let outcome = stage.run(&events);
    assert_eq!(outcome.matched().iter().filter(|(title, _)| title == "bad").count(), 3, "one alert each");
    assert_eq!(sums(&outcome), ["user/kim@3 120", "user/lee@3 120"]);
    // what is delivered twice is one event, one alert and one risk
    assert!(sums(&stage.run(&["1 bad u=kim event.id=7", "1 bad u=kim event.id=7"])).is_empty());
    // the id, the rule and its tags are fields of the alert event
    let reader = "title: read\nname: read\nlogsource: {product: engine, category: alert}\ndetection: {s: {alert.rule.id: bad, alert.rule.level: medium, tags: eu.art9, alert.risk.score|gte: 60}, condition: s}\n".to_owned();
    let count =
        correlation("type: event_count, rules: [read], group-by: [alert.id], timespan: 1m, condition: {gte: 1}");
    let outcome = rules(&[detection, reader, count]).run(&events[..1]);
    let id = outcome.revisions.iter().find(|alert| alert.rule.id == "bad").unwrap().id.to_string();
    assert_eq!(of(&outcome, "r")[0].group, [("alert.id".to_owned(), Some(id))]);
}

#[test]
fn s17_a_quiet_rule_raises_no_alert_and_has_no_risk() {
    let quiet = each_a();
    let parent = correlation("type: event_count, rules: [each], group-by: [m], timespan: 10s, condition: {gte: 2}");
    let stage = rules(&[quiet.clone(), parent.clone(), sum(1, "")]);
    assert!(sums(&stage.run(&["1 a m=x", "2 a m=x"])).is_empty());
    let speaking = quiet.replace("correlation: {", "generate: true\ncorrelation: {");
    assert_eq!(sums(&rules(&[speaking, parent, sum(1, "")]).run(&["1 a m=x", "2 a m=x"])).len(), 1);
}

#[test]
fn s17_a_suppressed_alert_yields_none() {
    let rule = each_a().replace("emit: every", "emit: every, suppress: 10s");
    let outcome = rules(&[rule, sum(80, "")]).run(&["1 a m=x", "2 a m=x", "10.9 a m=x", "11 a m=x"]);
    assert_eq!(of(&outcome, "each").len(), 2);
    assert_eq!(sums(&outcome), ["model/x@11 80"]);
}

#[test]
fn s17_an_update_yields_none() {
    let rule = risky("each", 40, "type: event_count, rules: [a], group-by: [m], timespan: 10s, condition: {gte: 1}");
    let outcome = rules(&[rule, sum(80, "")]).run(&["1 a m=x", "2 a m=x", "30 a m=x"]);
    assert_eq!(of(&outcome, "each").len(), 2, "two episodes, each opened and closed");
    assert_eq!(sums(&outcome), ["model/x@30 80"]);
}

/// An `a` that no `x` follows within ten seconds.
fn unanswered() -> String {
    let keys =
        "type: temporal_ordered, rules: [a, x], condition: a and not x, group-by: [m], timespan: 10s, on-late: revise";
    risky("each", 60, keys)
}

#[test]
fn s17_a_retraction_takes_the_score_away_again() {
    let stage = rules(&[unanswered(), sum(100, "")]).lateness(5);
    let events = ["1 a m=x", "30 z", "40 a m=x", "70 z"];
    assert_eq!(sums(&stage.run(&events)), ["model/x@50 120"]);
    // the alert at 11 is retracted at the watermark 25
    let outcome = stage.run(&["1 a m=x", "30 z", "5 x m=x", "40 a m=x", "70 z"]);
    assert_eq!(of(&outcome, "each")[0].status, AlertStatus::Retracted);
    assert!(sums(&outcome).is_empty(), "{:?}", sums(&outcome));
    // what was said before the retraction stays, and the sum is right from then on
    let outcome = stage.run(&["1 a m=x", "2 a m=x", "30 z", "5 x m=x", "6 z", "40 a m=x", "70 z"]);
    assert_eq!(sums(&outcome), ["model/x@12 120"]);
    let raised = correlation("type: event_count, rules: [any_alert], timespan: 10m, emit: every, condition: {gte: 1}");
    let outcome = rules(&[unanswered(), raised]).lateness(5).run(&["1 a m=x", "30 z", "5 x m=x", "70 z"]);
    let times: Vec<i64> =
        of(&outcome, "r").iter().map(|alert| (alert.time.0 - super::stage::START) / 1_000_000_000).collect();
    assert_eq!(times, [11, 25], "the alert event, and at the watermark the one with the negative score");
}

#[test]
fn s17_what_took_a_score_loses_it_and_a_detection_may_look_for_retractions() {
    let detection = |name: &str, test: &str| {
        format!(
            "title: {name}\nname: {name}\nlogsource: {{product: engine, category: alert}}\ndetection: {{s: {{alert.risk.score|{test}}}, condition: s}}\n"
        )
    };
    let heavy = named(
        "heavy_sum",
        "type: value_sum, rules: [heavy], timespan: 10m, condition: {field: alert.risk.score, gte: 100}",
    );
    let documents = [unanswered(), detection("heavy", "gte: 50"), detection("taken", "lt: 0"), heavy];
    let outcome = rules(&documents).lateness(5).run(&["1 a m=x", "30 z", "5 x m=x", "40 a m=x", "70 z"]);
    assert!(of(&outcome, "heavy_sum").is_empty(), "60, less 60, and 60");
    let taken: Vec<&Alert> = outcome.revisions.iter().filter(|alert| alert.rule.id == "taken").collect();
    assert_eq!(taken.len(), 1);
}

#[test]
fn s17_a_rule_that_revises_takes_a_retraction_into_its_place() {
    let stage = rules(&[unanswered(), sum(100, ", on-late: revise")]).lateness(5);
    let outcome = stage.run(&["1 a m=x", "2 a m=x", "30 z", "5 x m=x", "60 z"]);
    assert_eq!(sums(&outcome), ["model/x@12 120 retracted"]);
}

#[test]
fn s17_an_alert_that_a_late_event_brings_is_late() {
    let counted = "type: event_count, rules: [a], group-by: [m], timespan: 10s, condition: {gte: 2}, on-late: revise";
    let events = ["1 a m=x", "30 z", "2 a m=x", "60 z"];
    let dropping = rules(&[risky("each", 60, counted), sum(1, "")]).lateness(5).run(&events);
    assert_eq!((of(&dropping, "each").len(), sums(&dropping).len(), dropping.counts.correlate.late), (1, 0, 1));
    let taking = rules(&[risky("each", 60, counted), sum(1, ", on-late: revise")]).lateness(5).run(&events);
    assert_eq!(sums(&taking), ["model/x@2 60"]);
    // nothing is taken away that was not given: the late reset takes the late alert back
    let counted = format!("{counted}, reset-on: [b]");
    let stage = rules(&[risky("each", 60, &counted), sum(60, "")]).lateness(5);
    let events = ["1 a m=x", "30 z", "2 a m=x", "1.5 b m=x", "100 a m=x", "101 a m=x", "200 z"];
    let outcome = stage.run(&events);
    let statuses: Vec<_> = of(&outcome, "each").iter().map(|alert| alert.status.name()).collect();
    assert_eq!(statuses, ["retracted", "closed"]);
    assert_eq!(sums(&outcome), ["model/x@101 60"]);
}

#[test]
fn s17_of_a_suppressed_alert_the_promotion_counts_with_the_retraction() {
    let rule = unanswered().replace("timespan: 10s", "timespan: 10s, suppress: 60s");
    let stage = rules(&[rule, sum(60, "")]).lateness(5);
    // the alert at 11 holds back the one at 13; an x between the two retracts the first, and the second takes its place
    let outcome = stage.run(&["1 a m=x", "3 a m=x", "30 z", "2 x m=x", "60 z"]);
    assert_eq!(of(&outcome, "each").iter().map(|alert| alert.status.name()).collect::<Vec<_>>(), ["retracted", "open"]);
    let rule = unanswered().replace("timespan: 10s", "timespan: 10s, suppress: 60s");
    let stage = rules(&[rule, sum(120, "")]).lateness(5);
    let outcome = stage.run(&["1 a m=x", "3 a m=x", "30 z", "2 x m=x", "80 a m=x", "120 z"]);
    assert_eq!(sums(&outcome), ["model/x@90 120"], "one is gone, one has come, and one more");
}

#[test]
fn s17_events_of_one_time_come_before_alerts_and_alerts_by_rule_and_group() {
    let two = [("q", 30), ("p", 20)].map(|(name, score)| risky(name, score, EVERY));
    let all = named(
        "all",
        "type: value_sum, rules: [any_alert], timespan: 10s, condition: {field: alert.risk.score, gte: 60}",
    );
    let last = named("last", "type: temporal_ordered, rules: [b, any_alert], timespan: 10s, group-by: [m]");
    let [q, p] = two;
    let stage = rules(&[q, p, all, last]);
    let outcome = stage.run(&["1 a m=y", "1 a m=x", "1 b m=x"]);
    assert_eq!(of(&outcome, "all")[0].value, Some(70.0), "20 and 20 of p, then 30 of q");
    assert_eq!(of(&outcome, "last").len(), 1, "b and the alert have one time, and the event comes first");
    assert_eq!(of(&outcome, "last")[0].group[0].1.as_deref(), Some("x"), "the group's fields are the alert event's");
}

#[test]
fn s17_rules_that_depend_on_alerts_are_not_heard() {
    let risky_sum = sum(40, "").replace(
        "correlation:",
        "risk: {score: 90, entities: [{type: model, field: alert.risk.entity.value}]}\ncorrelation:",
    );
    let above = risky(
        "above",
        70,
        "type: event_count, rules: [sum], group-by: [alert.risk.entity.value], timespan: 10s, condition: {gte: 1}",
    )
    .replace("field: m", "field: alert.risk.entity.value");
    let all = named("all", "type: event_count, rules: [any_alert], timespan: 10m, emit: every, condition: {gte: 1}");
    let outcome = rules(&[each_a(), risky_sum.replace("correlation:", "generate: true\ncorrelation:"), above, all])
        .run(&["1 a m=x", "2 z"]);
    assert_eq!(outcome.alerts(), ["above@1 x: 1", "all@1: 1", "each@1 x: 1", "sum@1 model/x: 1"]);
    let document = clarion::alert::document(of(&outcome, "sum")[0]);
    assert_eq!(document["event"]["risk_score"], 90);
    assert_eq!(
        document["alert"]["risk"],
        serde_json::json!({"score": 90, "entities": [{"type": "model", "value": "x"}]})
    );
}

#[test]
fn s17_a_detection_of_alerts_hears_nothing_from_outside() {
    let reader = "title: read\nname: read\nlogsource: {product: Engine, category: alert}\ndetection: {s: {alert.risk.score|gte: 40}, condition: s}\n".to_owned();
    let other = "title: other\nname: other\nlogsource: {category: alert}\ndetection: {s: {alert.risk.score|gte: 1}, condition: s}\n".to_owned();
    let count = correlation("type: event_count, rules: [read], timespan: 1m, emit: every, condition: {gte: 1}");
    let stage = rules(&[each_a(), reader.clone(), other, count]);
    let forged = "2 logsource:={\"product\":\"engine\",\"category\":\"alert\"} alert.risk.score:=90 alert.id=f";
    for stage in [
        stage.logsources_matter(),
        rules(&[
            each_a(),
            reader,
            sum(1, ""),
            correlation("type: event_count, rules: [read], timespan: 1m, condition: {gte: 1}"),
        ]),
    ] {
        let outcome = stage.run(&[forged]);
        assert!(outcome.last().is_empty());
        assert!(!outcome.matched().iter().any(|(title, _)| title == "read"));
    }
}

#[test]
fn s17_a_detection_of_alerts_alerts_by_itself() {
    let heavy = "title: heavy\nname: heavy\nlogsource: {product: engine, category: alert}\ndetection: {s: {alert.risk.score|gte: 50, m: x}, condition: s}\n".to_owned();
    let light = risky(
        "light",
        40,
        "type: event_count, rules: [b], group-by: [m], timespan: 1s, emit: every, condition: {gte: 1}",
    );
    let each = each_a().replace("score: 40", "score: 50");
    let outcome = rules(&[each, light, heavy, sum(1000, "")]).run(&["1 a m=x", "2 b m=x", "3 a m=y", "4 a m=x"]);
    let heavy: Vec<&Alert> = outcome.revisions.iter().filter(|alert| alert.rule.id == "heavy").collect();
    let lines: Vec<i64> = heavy.iter().map(|alert| alert.evidence[0].coordinates.offset).collect();
    assert_eq!(lines, [1, 4]);
    assert_eq!((heavy[0].rule.kind.as_str(), heavy[0].count, heavy[0].value), ("detection", 1, None));
}

#[test]
fn s17_alerts_and_events_together() {
    let mixed = correlation(
        "type: temporal, rules: [any_alert, b], aliases: {model: {any_alert: alert.risk.entity.value, b: m}}, group-by: [model], timespan: 10s",
    );
    let stage = rules(&[each_a(), mixed]);
    assert_eq!(of(&stage.run(&["1 a m=x", "2 b m=x", "3 b m=y"]), "r").len(), 1);
    assert_eq!(of(&stage.run(&["1 b m=x", "11 a m=x"]), "r").len(), 1);
    assert!(of(&stage.run(&["1 b m=x", "11.5 a m=x"]), "r").is_empty());
    // no alert within ten seconds of b: decided when all rules that could alert have decided
    let absent =
        correlation("type: temporal_ordered, rules: [b, any_alert], condition: b and not any_alert, timespan: 10s");
    let stage = rules(&[unanswered(), absent]);
    assert_eq!(of(&stage.run(&["1 b", "1 a m=x", "50 z"]), "r").len(), 0, "the alert at 11 is in time");
    assert_eq!(of(&stage.run(&["0 b", "1 a m=x", "50 z"]), "r").len(), 1);
}

#[test]
fn s17_accumulated_risk_as_a_series() {
    let series = "title: risk\nname: risk\ndialect: clarion/1\nmetric: {name: risk, every: 10s}\ncorrelation: {type: value_sum, rules: [any_alert], group-by: [alert.risk.entity.value], field: alert.risk.score, timespan: 20s}\n".to_owned();
    let outcome = rules(&[each_a(), series]).run(&["1 a m=x", "12 a m=x", "35 z"]);
    assert_eq!(outcome.series(), ["x@10 40 of 1", "x@20 80 of 2", "x@30 40 of 1", "x@40 0 of 0"]);
}

#[test]
fn s17_the_same_over_shards_and_a_snapshot() {
    let events: Vec<String> = (0..200).map(|n| format!("{} a m={} u={}", n, n % 7, n % 5)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let stage = |sum: String| rules(&[each_a(), sum]);
    let whole = stage(sum(400, ", suppress: 30s")).run(&events);
    assert!(!sums(&whole).is_empty());
    for (shards, cut) in [(4, 0), (1, 77), (3, 150)] {
        let other = stage(sum(400, ", suppress: 30s")).shards(shards).cut(cut).run(&events);
        let documents = |outcome: &Outcome| -> Vec<String> {
            outcome.last().iter().map(|alert| clarion::alert::document(alert).to_string()).collect()
        };
        assert_eq!(documents(&whole), documents(&other), "{shards} shards, cut at {cut}");
    }
}

#[test]
fn s17_the_sum_goes_on_when_other_rules_change() {
    let one = rules(&[each_a(), sum(120, "")]);
    let light = risky(
        "light",
        40,
        "type: event_count, rules: [b], group-by: [m], timespan: 1s, emit: every, condition: {gte: 1}",
    );
    let two = rules(&[each_a(), light, sum(120, "")]);
    let outcome = one.changed_at(3, &two).run(&["1 a m=x", "2 a m=x", "3 b m=x"]);
    assert_eq!(sums(&outcome), ["model/x@3 120"]);
}

#[test]
fn s17_filters_apply_to_detections_of_alerts() {
    let filter = "title: not x\nname: notx\nlogsource: {product: engine, category: alert}\nfilter: {rules: [any_alert], s: {alert.risk.entity.value: x}, condition: not s}\n".to_owned();
    let outcome = rules(&[each_a(), sum(40, ""), filter]).run(&["1 a m=x", "2 a m=y"]);
    assert_eq!(sums(&outcome), ["model/y@2 40"]);
    assert_eq!(outcome.filtered, [("notx".to_owned(), 1)]);
}

#[test]
fn s17_a_rule_of_that_name_takes_the_place_of_any_alert() {
    let own = "title: critical alert\nname: any_alert\nlogsource: {product: engine, category: alert}\ndetection: {s: {alert.rule.level: critical}, condition: s}\n".to_owned();
    let outcome = rules(&[each_a(), own, sum(1, "")]).run(&["1 a m=x"]);
    assert!(sums(&outcome).is_empty());
}

#[test]
fn s17_what_is_refused() {
    let with = |risk: &str| {
        vec![each_a().replacen(
            "risk: {score: 40, entities: [{type: model, field: m}, {type: user, field: u}]}",
            &format!("risk: {risk}"),
            1,
        )]
    };
    let one = "entities: [{type: model, field: m}]";
    for (risk, code) in [
        ("40".to_owned(), "wrong-type"),
        (format!("{{score: '40', {one}}}"), "wrong-type"),
        (format!("{{score: high, {one}}}"), "wrong-type"),
        (format!("{{score: 101, {one}}}"), "bad-risk"),
        (format!("{{score: -1, {one}}}"), "bad-risk"),
        (format!("{{score: 0.5, {one}}}"), "bad-risk"),
        (format!("{{points: 1, {one}}}"), "unknown-key"),
        ("{entities: []}".to_owned(), "bad-risk"),
        ("{entities: model}".to_owned(), "wrong-type"),
        ("{entities: [model]}".to_owned(), "wrong-type"),
        ("{entities: [{type: model}]}".to_owned(), "bad-risk"),
        ("{entities: [{field: m}]}".to_owned(), "bad-risk"),
        ("{entities: [{type: '', field: m}]}".to_owned(), "bad-risk"),
        ("{entities: [{type: model, field: m, name: n}]}".to_owned(), "unknown-key"),
    ] {
        assert_eq!(errors(&with(&risk)), [code], "{risk}");
    }
    assert_eq!(errors(&with("{score: 100}")), Vec::<&str>::new());
    let plain = each_a().replacen("dialect: clarion/1\n", "", 1).replace("emit: every, ", "");
    assert_eq!(errors(&[plain]), ["dialect-not-declared"]);
    assert_eq!(errors(&[each_a(), sum(1, ", early: true")]), ["early-waits"]);
}

#[test]
fn s17_unused_risk_costs_no_alert() {
    // nobody hears alerts: nothing but the alert itself
    let outcome = rules(&[each_a()]).run(&["1 a m=x"]);
    assert_eq!(outcome.alerts(), ["each@1 x: 1"]);
}
