//! `clarion rules explain` and `clarion rules docs`: words, compiled form, and events.

use super::{DENIALS, Workplace};

const SIGNERS: &str = "\
title: Approval by an unknown signer
name: unknown_signer
description: An approval without a valid signature.
logsource: {category: human_decision}
detection:
    selection:
        aigov.decision.kind: approval
        aigov.decision.signature: [unknown_signer, invalid]
    filter_bot:
        user.name|startswith: renovate
    condition: selection and not filter_bot
level: high
tags: [atlas.aml.t0020, eu_ai_act.art14]
triage: [Look at the key.]
references: ['https://example.com/signers']
tests:
    - name: unknown
      events:
          - {at: +0s, logsource: {category: human_decision}, aigov.decision: {kind: approval, signature: invalid}}
      expect: [{at: +0s}]
";

const ABSENCE: &str = "\
title: Denied and not reviewed
name: not_reviewed
dialect: clarion/1
correlation:
    type: temporal_ordered
    rules: [denied, reviewed]
    condition: denied and not reviewed
    aliases: {decision: {denied: aigov.decision.id, reviewed: aigov.decision.reviewed_id}}
    group-by: [decision]
    timespan: 24h
tests:
    - {name: yes, events: [], expect: none}
    - {name: no, events: [], expect: [{at: +0s}]}
---
title: Reviewed
name: reviewed
logsource: {category: human_decision}
detection: {selection: {aigov.decision.kind: review}, condition: selection}
";

fn place() -> Workplace {
    Workplace::with(&[("rules/signers.yml", SIGNERS), ("rules/denials.yml", DENIALS), ("rules/absence.yml", ABSENCE)])
}

#[test]
fn a_detection_in_words_and_compiled() {
    let done = place().rules(&["explain", "unknown_signer"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    for words in [
        "Approval by an unknown signer (detection, high)",
        "An approval without a valid signature.",
        "Looks at events of category: human_decision.",
        "- selection: all of:",
        "- aigov.decision.signature is one of `unknown_signer` or `invalid`",
        "- not:",
        "- filter_bot: user.name starts with `renovate`",
        "fields read     aigov.decision.kind, aigov.decision.signature, user.name",
        "predicate",
    ] {
        assert!(done.out.contains(words), "{words}: {}", done.out);
    }
}

#[test]
fn correlations_in_words_and_compiled() {
    let place = place();
    let count = place.rules(&["explain", "0d1b6a52-54f2-4a0e-9c53-6b1d3f3f5a01"]);
    for words in [
        "True when the number of events of \"Request denied\", within 10m, counted back from each event and both ends included, is at least 2.",
        "For each user.name by itself.",
        "emission        edge",
        "\"Request denied\", keyed by user.name",
        "watermark       the least of the sources that yield (category: policy_decision)",
    ] {
        assert!(count.out.contains(words), "{words}: {}", count.out);
    }
    let absence = place.rules(&["explain", "rules/absence.yml"]);
    for words in [
        "True when there is \"Request denied\", and no \"Reviewed\" in the 24h after it.",
        "decision is aigov.decision.id of \"Request denied\" and aigov.decision.reviewed_id of \"Reviewed\".",
        "keyed by aigov.decision.reviewed_id",
        "Reviewed (detection, medium)",
    ] {
        assert!(absence.out.contains(words), "{words}: {}", absence.out);
    }
}

#[test]
fn an_event_is_explained_part_by_part() {
    let place = place();
    place.write(
        "events.ndjson",
        "{\"logsource\": {\"category\": \"human_decision\"}, \"aigov.decision\": {\"kind\": \"approval\", \"signature\": \"valid\"}}\n\
         {\"logsource\": {\"category\": \"human_decision\"}, \"aigov.decision\": {\"kind\": \"approval\", \"signature\": \"invalid\"}}\n\
         {\"aigov.decision\": {\"kind\": \"approval\"}}\n",
    );
    let done = place.rules(&["explain", "unknown_signer", "--event", "events.ndjson"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let events: Vec<&str> = done.out.split("\nEvent ").skip(1).collect();
    assert_eq!(events.len(), 3, "{}", done.out);
    assert!(events[0].contains("✗ does not match"), "{}", events[0]);
    assert!(events[0].contains("✓ aigov.decision.kind is `approval`    [\"approval\"]"), "{}", events[0]);
    assert!(
        events[0].contains("✗ aigov.decision.signature is one of `unknown_signer` or `invalid`    [\"valid\"]"),
        "{}",
        events[0]
    );
    assert!(events[0].contains("✗ filter_bot: user.name starts with `renovate`    [missing]"), "{}", events[0]);
    assert!(events[1].contains("✓ matches"), "{}", events[1]);
    assert!(events[2].contains("✗ log source category: human_decision    [no log source]"), "{}", events[2]);
}

#[test]
fn an_event_of_a_correlation_has_its_group() {
    let place = place();
    place.write(
        "event.json",
        "{\n \"logsource\": {\"category\": \"policy_decision\"},\n \"aigov.decision.outcome\": \"deny\"\n}\n",
    );
    let done = place.rules(&["explain", "not_reviewed", "--event", "event.json"]);
    assert!(
        done.out.contains("✓ matches Request denied") && done.out.contains("✗ does not match Reviewed"),
        "{}",
        done.out
    );
    assert!(
        done.out.contains("✗ left out, because a group-by field is missing: aigov.decision.id [missing]"),
        "{}",
        done.out
    );
    place.write(
        "event.json",
        "{\"logsource\": {\"category\": \"policy_decision\"}, \"aigov.decision\": {\"outcome\": \"deny\", \"id\": 7}}",
    );
    let done = place.rules(&["explain", "not_reviewed", "--event", "event.json"]);
    assert!(done.out.contains("counts for the group aigov.decision.id [7], as \"Request denied\""), "{}", done.out);
    place.write("event.json", "{broken");
    let done = place.rules(&["explain", "not_reviewed", "--event", "event.json"]);
    assert!(done.code == Some(1) && done.err.contains("event 1"), "{}", done.err);
}

#[test]
fn an_unknown_rule_is_suggested() {
    let done = place().rules(&["explain", "unknown_singer"]);
    assert!(done.code == Some(1) && done.err.contains("did you mean `unknown_signer`?"), "{}", done.err);
}

#[test]
fn pages_are_written_and_kept_fresh() {
    let place = place();
    assert_eq!(place.rules(&["docs", "--output", "pages", "--check"]).code, Some(1));
    let done = place.rules(&["docs", "--output", "pages"]);
    assert!(done.code == Some(0) && done.out.starts_with("6 of 6 pages"), "{}{}", done.out, done.err);
    assert_eq!(place.rules(&["docs", "--output", "pages", "--check"]).code, Some(0));
    let page = place.read("pages/unknown_signer.md");
    for words in [
        "# Approval by an unknown signer",
        "## What and why",
        "  - aigov.decision.kind is `approval`",
        "1. Look at the key.",
        "MITRE ATLAS [AML.T0020](https://atlas.mitre.org/techniques/AML.T0020)",
        "EU AI Act, [Regulation (EU) 2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj), Article 14",
        "<https://example.com/signers>",
        "### unknown",
        "- An alert at +0s.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let index = place.read("pages/README.md");
    assert!(index.contains("[Two denials of one user](denials.md) | high | event_count"), "{index}");
    assert!(index.find("## Building blocks").unwrap() < index.find("denied.md").unwrap(), "{index}");
    place.write("rules/signers.yml", &SIGNERS.replace("level: high", "level: low"));
    let stale = place.rules(&["docs", "--output", "pages", "--check"]);
    assert!(stale.code == Some(1) && stale.err.contains("unknown_signer.md is stale"), "{}", stale.err);
}
