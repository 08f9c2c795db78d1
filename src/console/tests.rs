//! The console over HTTP: who is let in, what it answers, and what cannot hurt it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;

use super::examples::{NOON, alert, value};
use super::history::{History, Keep, Missed, feed};
use super::{Console, ConsoleParts, ExceptionParts};
use crate::model::{Secret, Span};
use crate::sink::{Outcome, Outgoing, local};

const KEEP: Keep = Keep { age: Span::seconds(86_400), alerts: 100_000, values: 1000 };

pub(super) struct Opened {
    console: Console,
    pub(super) history: Arc<History>,
    client: Client,
    _folder: tempfile::TempDir,
}

async fn open(token: Option<&str>) -> Opened {
    open_with(token, None).await
}

pub(super) async fn open_with(token: Option<&str>, exceptions: Option<ExceptionParts>) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let history = Arc::new(History::open(folder.path(), KEEP).unwrap());
    let console = Console::start(ConsoleParts {
        listen: "127.0.0.1:0".parse().unwrap(),
        any_port: false,
        token: token.map(|token| Secret::new(token.to_owned())),
        history: Arc::clone(&history),
        missed: Arc::default(),
        status: Arc::default(),
        rules: BTreeMap::new(),
        exceptions,
        instance: "test".to_owned(),
        sink_kinds: Vec::new(),
        demo: false,
    });
    Opened { console: console.await.unwrap(), history, client: Client::new(), _folder: folder }
}

impl Opened {
    pub(super) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.console.address()))
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    pub(super) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, path).header("content-type", "application/json").body(body.to_string())
    }

    /// What comes back for these bytes, until the other side ends or the time is over.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut connection = TcpStream::connect(self.console.address()).await.unwrap();
        connection.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0_u8; 4096];
        while let Ok(Ok(read)) = tokio::time::timeout(Duration::from_millis(500), connection.read(&mut buffer)).await {
            if read == 0 {
                break;
            }
            answer.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn path_of(id: u128) -> String {
    format!("/api/v1/alerts/{id:032x}")
}

#[tokio::test]
async fn every_answer_has_the_headers_and_unknown_addresses_are_404() {
    let opened = open(None).await;
    for path in ["/", "/api/v1/status", "/nowhere", "/api/v1/nowhere", "/api/v1/alerts/zz"] {
        let answer = opened.get(path).await;
        let headers = answer.headers().clone();
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        if path.starts_with("/api") {
            assert_eq!(header("cache-control"), "no-store");
        }
        if path.contains("nowhere") || path.contains("zz") {
            assert_eq!((answer.status().as_u16(), header("content-type").as_str()), (404, "application/problem+json"));
            let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(problem["status"], 404);
        }
    }
    assert_eq!(
        opened
            .ask(Method::POST, "/api/v1/status")
            .header("content-type", "application/json")
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
}

#[tokio::test]
async fn without_a_token_only_names_of_this_machine_are_answered() {
    let opened = open(None).await;
    assert_eq!(opened.json("/api/v1/session").await, json!({"authenticated": true, "token_needed": false}));
    for (host, status) in [("localhost", 200), ("[::1]:8475", 200), ("evil.example.com", 403), ("192.0.2.1", 403)] {
        let answer = opened.ask(Method::GET, "/api/v1/status").header("host", host).send().await.unwrap();
        assert_eq!(answer.status(), status, "{host}");
        assert_eq!(opened.ask(Method::GET, "/").header("host", host).send().await.unwrap().status(), status);
    }
    assert!(opened.raw(b"GET /api/v1/status HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn with_a_token_nothing_is_told_without_it() {
    let opened = open(Some("s3cret")).await;
    let ask = async |header: &str, value: &str| {
        opened.ask(Method::GET, "/api/v1/status").header(header, value).send().await.unwrap().status().as_u16()
    };
    assert_eq!(opened.json("/api/v1/session").await, json!({"authenticated": false, "token_needed": true}));
    for path in ["/api/v1/status", "/api/v1/alerts", "/api/v1/stream", "/api/v1/openapi.json", "/api/v1/nowhere"] {
        assert_eq!(opened.get(path).await.status(), 401, "{path}");
    }
    assert_eq!(opened.get("/").await.status(), 200, "the page is no secret");
    assert_eq!(ask("authorization", "Bearer s3cret").await, 200);
    assert_eq!(ask("authorization", "bearer  s3cret").await, 200);
    for wrong in ["Bearer s3cre", "Basic s3cret", "s3cret", "Bearer ", "Bearer s3cret2"] {
        assert_eq!(ask("authorization", wrong).await, 401, "{wrong}");
    }
    assert_eq!(ask("cookie", "clarion_session=s3cret").await, 401, "the cookie is not the token");
    let wrong = opened.post("/api/v1/session", &json!({"token": "no"})).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let right = opened.post("/api/v1/session", &json!({"token": "s3cret"})).send().await.unwrap();
    assert_eq!(right.status(), 204);
    let cookie = right.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("s3cret"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(ask("cookie", &format!("other=1; {cookie}")).await, 200);
    let ended = opened.ask(Method::DELETE, "/api/v1/session").header("cookie", cookie).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(ask("cookie", cookie).await, 401);
    for _ in 0..20 {
        ask("authorization", "Bearer guess").await;
    }
    assert_eq!(ask("authorization", "Bearer s3cret").await, 429, "guessing is slowed down");
}

#[tokio::test]
async fn another_site_cannot_change_anything() {
    let opened = open(None).await;
    opened.history.put([&alert(1, 1, 0, "a")], NOON).unwrap();
    let path = format!("{}/life", path_of(1));
    let said = json!({"state": "acknowledged", "by": "Ada"});
    let own = format!("http://{}", opened.console.address());
    for (name, value, status) in [
        ("origin", "http://evil.example.com", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", own.as_str(), 200),
    ] {
        let answer = opened.post(&path, &said).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let answer = opened.ask(Method::POST, &path).header("content-type", kind).body(said.to_string()).send().await;
        assert_eq!(answer.unwrap().status(), 403, "{kind}");
    }
    let foreign = opened.ask(Method::DELETE, "/api/v1/session").header("origin", "http://evil.example.com");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_life_is_noted_and_its_mistakes_are_told() {
    let opened = open(None).await;
    opened.history.put([&alert(1, 1, 0, "a")], NOON).unwrap();
    let path = format!("{}/life", path_of(1));
    let say = async |body: Value| opened.post(&path, &body).send().await.unwrap();
    for wrong in [
        json!({"state": "closed", "by": "Ada"}),
        json!({"state": "closed", "by": "Ada", "reason": "  "}),
        json!({"state": "closed", "by": " ", "reason": "x"}),
        json!({"state": "gone", "by": "Ada"}),
        json!({"state": "new", "by": "x".repeat(201)}),
        json!({"state": "new", "by": "Ada", "reason": "x".repeat(2001)}),
        json!({"state": "new", "by": "Ada", "more": 1}),
        json!([]),
    ] {
        assert_eq!(say(wrong.clone()).await.status(), 400, "{wrong}");
    }
    let answer = say(json!({"state": "closed", "by": "Ada", "reason": "known\u{202e}\n<script>"})).await;
    let life = &serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap()["life"];
    assert_eq!((&life["state"], &life["reason"]), (&json!("closed"), &json!("known\u{fffd} <script>")));
    opened.history.put([&alert(1, 2, 0, "a")], NOON).unwrap();
    let shown = opened.json(&path_of(1)).await;
    assert_eq!((&shown["life"]["state"], &shown["revision"]), (&json!("closed"), &json!(2)));
    assert_eq!(shown["lives"].as_array().unwrap().len(), 1);
    assert_eq!(opened.json("/api/v1/alerts?life=closed").await["matching"], 1);
    let nobody = opened.post(&format!("{}/life", path_of(2)), &json!({"state": "new", "by": "Ada"})).send().await;
    assert_eq!(nobody.unwrap().status(), 404);
}

#[tokio::test]
async fn huge_and_slow_requests_are_refused() {
    let opened = open(None).await;
    let huge = opened.post(&format!("{}/life", path_of(1)), &json!({"by": "x".repeat(70_000)})).send().await.unwrap();
    assert_eq!(huge.status(), 413);
    let chunked = format!(
        "POST {}/life HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n11170\r\n{}\r\n0\r\n\r\n",
        path_of(1),
        "x".repeat(70_000)
    );
    assert!(opened.raw(chunked.as_bytes()).await.starts_with("HTTP/1.1 413"));
    assert_eq!(opened.get(&format!("/api/v1/alerts?q={}", "x".repeat(9000))).await.status(), 414);
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    assert!(opened.raw(head.as_bytes()).await.starts_with("HTTP/1.1 431"));
    for bad in ["/api/v1/alerts?limit=x", "/api/v1/alerts?colour=red", "/api/v1/dead-letters?limit=0"] {
        assert_eq!(opened.get(bad).await.status(), 400, "{bad}");
    }
    // a head that never ends is not waited for
    let mut slow = TcpStream::connect(opened.console.address()).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: local").await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn hostile_strings_come_out_as_data() {
    let opened = open(None).await;
    let hostile = [
        "<img src=x onerror=alert(1)>".to_owned(),
        "\u{202e}txt.exe\u{0}\r\n\u{1b}[2J".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        "\"},\n\nevent: gap\ndata: {}".to_owned(),
        "x".repeat(1 << 20),
    ];
    let documents: Vec<_> = (0_u128..).zip(&hostile).map(|(id, text)| alert(id, 1, 0, text)).collect();
    opened.history.put(&documents, NOON).unwrap();
    let list = opened.get("/api/v1/alerts").await;
    assert_eq!(list.headers()["content-type"], "application/json");
    let text = list.text().await.unwrap();
    assert!(text.len() < 100_000 && !text.contains(['\u{202e}', '\u{0}', '\u{1b}']), "{} bytes", text.len());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["alerts"].as_array().unwrap().len(), 5);
    for id in 0..5 {
        let shown = opened.json(&path_of(id)).await;
        // the document is as the sinks got it; a rule's own title is not cut there
        assert!(shown["timeline"].to_string().len() < 100_000);
        assert!(shown["timeline"].as_array().unwrap().len() >= 2);
    }
    let csv = opened.get("/api/v1/alerts.csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = csv.text().await.unwrap();
    assert_eq!(csv.lines().count(), 6, "one line an alert");
    assert!(csv.contains("\"'=cmd|' /C calc'!A0\"") && !csv.contains(",\"=") && !csv.contains(['\u{202e}', '\u{1b}']));
    let facets = opened.json("/api/v1/facets").await;
    assert_eq!((&facets["levels"], &facets["lives"]), (&json!([["high", 5]]), &json!([["new", 5]])));
    assert_eq!(facets["models"].as_array().unwrap().len(), 5);
}

/// Reads events of a stream until one of that kind, and gives its text.
async fn event(stream: &mut Response, text: &mut String, kind: &str) -> String {
    let begun = Instant::now();
    loop {
        if let Some((first, rest)) = text.split_once("\n\n").map(|(first, rest)| (first.to_owned(), rest.to_owned())) {
            *text = rest;
            if first.contains(&format!("event: {kind}")) {
                return first;
            }
            continue;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "no {kind}");
        let chunk = tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await.unwrap().unwrap().unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
}

#[tokio::test]
async fn alerts_come_through_the_stream_and_readers_may_go_away() {
    let opened = open(None).await;
    let mut stream = opened.get("/api/v1/stream").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    event(&mut stream, &mut text, "status").await;
    opened.history.put([&alert(1, 1, 0, "a\n\nevent: gap"), &alert(2, 1, 0, "b")], NOON).unwrap();
    let first = event(&mut stream, &mut text, "alert").await;
    assert!(first.contains("id: 1") && first.lines().count() == 3, "{first}");
    drop(stream);
    opened.history.put([&alert(3, 1, 0, "c")], NOON).unwrap();
    // what was missed comes, once
    let resumed = opened.ask(Method::GET, "/api/v1/stream").header("last-event-id", "1");
    let (mut stream, mut text) = (resumed.send().await.unwrap(), String::new());
    assert!(event(&mut stream, &mut text, "alert").await.contains("id: 2"));
    assert!(event(&mut stream, &mut text, "alert").await.contains("id: 3"));
    let unknown = opened.ask(Method::GET, "/api/v1/stream").header("last-event-id", "77");
    event(&mut unknown.send().await.unwrap(), &mut String::new(), "gap").await;
    // those who have gone make room
    let mut streams = Vec::new();
    for _ in 0..63 {
        let stream = opened.get("/api/v1/stream").await;
        streams.push(stream);
    }
    let begun = Instant::now();
    while opened.get("/api/v1/stream").await.status() == 200 && begun.elapsed() < Duration::from_secs(5) {}
    drop(streams);
    let begun = Instant::now();
    while opened.get("/api/v1/stream").await.status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "streams that have gone still count");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_stream_that_is_too_far_behind_is_told_so() {
    let opened = open(None).await;
    let mut stream = opened.get("/api/v1/stream").await;
    let mut text = String::new();
    event(&mut stream, &mut text, "status").await;
    // far more than sockets and the stream hold
    let long = "x".repeat(900);
    for batch in 0..20_u128 {
        let documents: Vec<_> = (0..500_u128).map(|id| alert(batch * 500 + id, 1, 0, &long)).collect();
        opened.history.put(&documents, NOON).unwrap();
    }
    event(&mut stream, &mut text, "gap").await;
    assert_eq!(opened.json("/api/v1/alerts?limit=1").await["matching"], 10_000);
}

#[tokio::test]
async fn the_feed_acknowledges_everything() {
    let folder = tempfile::tempdir().unwrap();
    let history = Arc::new(History::open(folder.path(), KEEP).unwrap());
    let missed = Arc::new(Missed::default());
    let (sender, mut receipts) = unbounded_channel();
    let (into, without) = (Arc::clone(&history), Arc::clone(&missed));
    let sink = local(3, "console", sender, |documents| tokio::spawn(feed(into, without, documents)));
    for ticket in 0..2000_u64 {
        let mut document = alert(u128::from(ticket), 1, 0, "a");
        if ticket % 2 == 1 && ticket > 1990 {
            // what cannot be stored
            document.body = "no JSON".into();
        }
        sink.send(Outgoing { ticket, document: Arc::new(document) }).await;
    }
    for ticket in 0..2000 {
        let receipt = receipts.recv().await.unwrap();
        assert_eq!((receipt.sink, receipt.ticket, receipt.outcome), (3, ticket, Outcome::Delivered));
    }
    assert!(missed.count() > 0);
    sink.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn the_overview_shows_what_the_metrics_say() {
    let opened = open(None).await;
    let documents = [
        value("aigov.model.risk_score", "loans", 0, 40.0),
        value("aigov.model.risk_score", "loans", 3600, 81.0),
        value("aigov.model.risk_score", "<b>", 3600, 5.0),
        value("aigov.policy.violations", "loans", 0, 3.0),
        value("aigov.policy.violations", "loans", 300, 2.0),
        value("aigov.policy.violations", "loans", 3600, 4.0),
        alert(1, 1, 60, "loans"),
    ];
    opened.history.put(&documents, NOON).unwrap();
    let shown = opened.json("/api/v1/overview").await;
    assert_eq!(shown["to"], NOON.plus(Span::seconds(3600)).to_string());
    assert_eq!(
        shown["models"][0],
        json!({"name": "loans", "version": null, "risk": 81.0, "completeness": null, "drift": null, "alerts": 1})
    );
    assert_eq!(shown["violations"][0]["total"], 7.0, "windows that overlap count once");
    assert_eq!(shown["alerts"].as_array().unwrap().len(), 1);
    assert_eq!((&shown["posture"], &shown["drift"]), (&Value::Null, &json!([])));
    assert_eq!(
        opened.json("/api/v1/overview?from=2030-01-01T00:00:00Z&to=2020-01-01T00:00:00Z").await["risk"],
        json!([])
    );
}

#[tokio::test]
async fn the_description_is_true() {
    let opened = open(None).await;
    let documents = [
        alert(1, 1, 0, "loans"),
        alert(1, 2, 0, "loans"),
        value("aigov.model.risk_score", "loans", 0, 40.0),
        value("aigov.posture", "loans", 0, 40.0),
        value("aigov.drift.score", "loans", 0, 0.5),
        value("aigov.policy.violations", "loans", 0, 3.0),
    ];
    opened.history.put(&documents, NOON).unwrap();
    let description = opened.json("/api/v1/openapi.json").await;
    let paths = [
        ("Session", "/api/v1/session".to_owned()),
        ("Status", "/api/v1/status".to_owned()),
        ("DeadLetters", "/api/v1/dead-letters".to_owned()),
        ("Page", "/api/v1/alerts".to_owned()),
        ("Alert", path_of(1)),
        ("Facets", "/api/v1/facets".to_owned()),
        ("Overview", "/api/v1/overview".to_owned()),
        ("Rules", "/api/v1/rules".to_owned()),
        ("Exceptions", "/api/v1/exceptions".to_owned()),
        ("Problem", "/api/v1/rules/none".to_owned()),
    ];
    for (name, path) in paths {
        let answer: Value = serde_json::from_str(&opened.get(&path).await.text().await.unwrap()).unwrap();
        let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": description["components"]});
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let wrong: Vec<String> =
            validator.iter_errors(&answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    }
}
