//! Exceptions over HTTP: what is written, what is refused and why, and what is left alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::ExceptionParts;
use crate::console::examples::{NOON, alert};
use crate::console::tests::{Opened, open_with};
use crate::model::Span;
use crate::rule::{LoadOptions, load};
use crate::telemetry::clock;

const RULES: &str = "\
title: A
id: 00000000-0000-4000-8000-00000000000a
name: a
logsource: {category: one}
detection: {s: {kind: a}, condition: s}
---
title: B
name: b
logsource: {category: two}
detection: {s: {kind: b}, condition: s}
---
title: A then no B
name: a_without_b
correlation:
    type: temporal
    rules: [a, b]
    aliases: {model: {a: one.model, b: two.model}}
    group-by: [model]
    timespan: 1h
    condition: a and not b
---
title: Many A
name: many_a
correlation: {type: event_count, rules: [a], group-by: [one.model], timespan: 1h, condition: {gte: 3}}
---
title: Silence
name: silence
correlation: {type: event_count, rules: [b], group-by: [who], timespan: 1h, condition: {lt: 1}}
";

struct Estate {
    folder: tempfile::TempDir,
    opened: Opened,
    reload: Arc<AtomicBool>,
}

async fn estate() -> Estate {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yml"), RULES).unwrap();
    std::fs::create_dir(folder.path().join("exceptions")).unwrap();
    let reload = Arc::new(AtomicBool::new(false));
    let parts = ExceptionParts {
        directory: folder.path().join("exceptions"),
        longest: Span::seconds(90 * 86_400),
        rules: vec![folder.path().to_path_buf()],
        options: LoadOptions::default(),
        reload: Arc::clone(&reload),
    };
    Estate { opened: open_with(None, Some(parts)).await, folder, reload }
}

fn wish() -> Value {
    let expires = clock::now().plus(Span::seconds(3600)).to_string();
    json!({
        "title": "Known: \"x\" # y", "rules": ["many_a"], "fields": {"one.model": "fraud: *\u{202e}"}, "expires": expires,
        "reason": "CAB-4711\nand more", "owner": "owner@example.com", "also_accepted": true,
    })
}

impl Estate {
    async fn write(&self, wish: &Value) -> (u16, Value) {
        let answer = self.opened.post("/api/v1/exceptions", wish).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    async fn with(&self, key: &str, value: Value) -> (u16, Value) {
        let mut wish = wish();
        wish[key] = value;
        self.write(&wish).await
    }

    async fn end(&self, id: &str) -> u16 {
        let asked = self.opened.ask(Method::DELETE, &format!("/api/v1/exceptions/{id}?by=Ada"));
        asked.send().await.unwrap().status().as_u16()
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("exceptions")).unwrap().count()
    }
}

#[tokio::test]
async fn an_exception_is_a_file_that_loads_and_ends_with_it() {
    let estate = estate().await;
    let (status, written) = estate.write(&wish()).await;
    assert_eq!(status, 201, "{written}");
    let (file, text) = (written["file"].as_str().unwrap(), written["text"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
    assert!(text.contains("reason: 'CAB-4711 and more'") && text.contains("# Asked for: Many A\n"), "{text}");
    assert!(text.contains("# Touches as well: A then no B (fewer alerts)\n"), "{text}");
    assert!(text.contains("'one.model|cased': \"fraud: \\\\*\\u202e\""), "{text}");
    assert_eq!(written["rule"], json!(["00000000-0000-4000-8000-00000000000a"]));
    assert_eq!(
        written["also"],
        json!([{"id": "a_without_b", "name": "a_without_b", "title": "A then no B", "effect": "fewer"}])
    );
    assert!(estate.reload.swap(false, Ordering::Relaxed), "the engine is told");
    let set = load(&[estate.folder.path().to_path_buf()]).set.unwrap();
    assert_eq!((set.filters.len(), set.detections[0].filters.len()), (1, 1));
    let list = estate.opened.json("/api/v1/exceptions").await;
    let shown = &list["exceptions"][0];
    assert_eq!(
        (&shown["state"], &shown["removable"], &list["writable"]),
        (&json!("waiting"), &json!(true), &json!(true))
    );
    assert_eq!(shown["id"], written["id"]);
    assert_eq!(estate.end("12345678-9abc-4ef0-9234-56789abcdef0").await, 404);
    assert_eq!(estate.end(written["id"].as_str().unwrap()).await, 204);
    assert!(!Path::new(file).exists() && estate.reload.load(Ordering::Relaxed));
    assert_eq!(estate.end(written["id"].as_str().unwrap()).await, 404);
    assert_eq!(estate.opened.json("/api/v1/exceptions").await["exceptions"], json!([]));
}

#[tokio::test]
async fn what_it_touches_as_well_must_be_accepted() {
    let estate = estate().await;
    let (status, refused) = estate.with("also_accepted", json!(false)).await;
    assert_eq!((status, &refused["also"][0]["name"], estate.files()), (409, &json!("a_without_b"), 0));
    let both = json!(["many_a", "a_without_b"]);
    let mut wish = wish();
    (wish["rules"], wish["also_accepted"]) = (both, json!(false));
    let (status, refused) = estate.write(&wish).await;
    // under the alias of the other rule the same field has the same value
    assert_eq!(status, 201, "{refused}");
    assert_eq!(estate.with("rules", json!(["b"])).await.1["also"].as_array().unwrap().len(), 2, "silence, a without b");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_leaves_nothing() {
    let estate = estate().await;
    let later = |seconds: i64| json!(clock::now().plus(Span::seconds(seconds)).to_string());
    let long = "x".repeat(4001);
    for (key, value, status, why) in [
        ("rules", json!([]), 400, "rules"),
        ("rules", json!(["nobody"]), 422, "nobody"),
        ("rules", json!(["A"]), 422, "id or name"),
        ("rules", json!(["silence"]), 422, "too few"),
        ("rules", json!(vec!["a"; 21]), 400, "20"),
        ("fields", json!({}), 400, "fields"),
        ("fields", json!({"a b": "x"}), 400, "without spaces"),
        ("fields", json!({"a|re": "x"}), 400, "`|`"),
        ("fields", json!({"": "x"}), 400, "a field has a name"),
        ("fields", json!({"a": long}), 400, "4000"),
        ("fields", json!({"a": 1}), 400, "body"),
        ("expires", json!("soon"), 400, "2026-12-31"),
        ("expires", json!("1800000000"), 400, "2026-12-31"),
        ("expires", later(-1), 422, "over"),
        ("expires", later(91 * 86_400), 422, "longest_exception"),
        ("reason", json!(" \n"), 400, "reason"),
        ("owner", json!("x".repeat(201)), 400, "owner"),
        ("title", json!(""), 400, "title"),
        ("alert", json!("nothing"), 422, "history"),
        ("alert", json!("0".repeat(32)), 422, "history"),
        ("more", json!(1), 400, "more"),
    ] {
        let (found, problem) = estate.with(key, value.clone()).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(found == status && detail.contains(why), "{key}: {value} gives {found}: {detail}");
    }
    // somebody else's rule is broken at the moment
    std::fs::write(estate.folder.path().join("broken.yml"), "title: X\n").unwrap();
    let (status, problem) = estate.write(&wish()).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["diagnostics"][0].as_str().unwrap().contains("broken.yml:1:1"), "{problem}");
    assert_eq!((estate.files(), estate.reload.load(Ordering::Relaxed)), (0, false));
    std::fs::remove_file(estate.folder.path().join("broken.yml")).unwrap();
    std::fs::remove_dir(estate.folder.path().join("exceptions")).unwrap();
    assert_eq!(estate.write(&wish()).await.0, 500);
    let none = open_with(None, None).await;
    let answer = none.post("/api/v1/exceptions", &wish()).send().await.unwrap();
    assert_eq!(answer.status(), 501);
    assert!(answer.text().await.unwrap().contains("console.exceptions"));
    assert_eq!(none.ask(Method::DELETE, "/api/v1/exceptions/x").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn an_edited_file_is_left_alone_and_many_are_refused() {
    let estate = estate().await;
    let (_, written) = estate.write(&wish()).await;
    let file = Path::new(written["file"].as_str().unwrap());
    let edited = std::fs::read_to_string(file).unwrap().replace("CAB-4711", "CAB-4712");
    std::fs::write(file, edited).unwrap();
    assert_eq!((estate.end(written["id"].as_str().unwrap()).await, file.exists()), (409, true));
    for number in 0..1000 {
        std::fs::write(estate.folder.path().join(format!("exceptions/{number}.txt")), "").unwrap();
    }
    let (status, problem) = estate.write(&wish()).await;
    assert!(
        status == 409 && problem["detail"].as_str().unwrap().contains("too")
            || problem["detail"].as_str().unwrap().contains("already")
    );
}

#[tokio::test]
async fn two_at_a_time_are_two_files_and_each_alert_knows_of_its_own() {
    let estate = estate().await;
    estate.opened.history.put([&alert(1, 1, 0, "a"), &alert(2, 1, 0, "b")], NOON).unwrap();
    let mut wishes = [wish(), wish()];
    for (wish, id) in wishes.iter_mut().zip([1, 2]) {
        wish["alert"] = json!(format!("{id:032x}"));
    }
    let [one, other] = &wishes;
    let (one, other) = tokio::join!(estate.write(one), estate.write(other));
    assert_eq!((one.0, other.0, estate.files()), (201, 201, 2));
    assert_ne!(one.1["file"], other.1["file"]);
    let set = load(&[estate.folder.path().to_path_buf()]).set.unwrap();
    assert_eq!(set.filters.len(), 2);
    let seen = estate.opened.json(&format!("/api/v1/alerts/{:032x}", 1)).await;
    assert_eq!((&seen["life"]["state"], &seen["life"]["by"]), (&json!("acknowledged"), &json!("owner@example.com")));
    assert!(seen["life"]["reason"].as_str().unwrap().starts_with("exception until "), "{}", seen["life"]);
    assert!(
        one.1["text"].as_str().unwrap().contains("description: 'Because of alert 00000000000000000000000000000001: ")
    );
}
