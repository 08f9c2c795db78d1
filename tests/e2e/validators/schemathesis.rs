//! The console's interface before Schemathesis: it reads the description that the running program gives of itself, makes
//! requests of every kind that this allows, and of kinds that it forbids, and judges every answer by it.

use std::process::Command;

use clarion::model::Span;
use clarion::telemetry::clock;
use serde_json::json;

use crate::exceptions::Watched;
use crate::servers::installed;

/// Seconds that it may go on.
const TIME: &str = "45";

#[test]
fn the_interface_is_as_its_description_says() {
    let watched = Watched::start();
    let now = clock::now();
    let times: Vec<_> = (0..6).map(|event| now.plus(Span::seconds(event))).collect();
    let events: Vec<(&str, _)> = ["1", "2", "3", "4", "5", "6"].into_iter().zip(times).collect();
    watched.produce("credit", &events);
    watched.await_alerts(6);
    let expires = now.plus(Span::seconds(3600)).to_string();
    let wish = json!({
        "title": "Known", "rules": ["used"], "fields": {"model": "x"}, "expires": expires, "reason": "r", "owner": "o",
        "also_accepted": true,
    });
    assert_eq!(watched.console.send("POST", "/api/v1/exceptions", Some(&wish)).unwrap().status, 201);
    let folder = tempfile::tempdir().unwrap();
    // the description may leave open what another rule decides: no such rule, an end that is over, an alert that is gone
    let settings = "
[checks.positive_data_acceptance]
expected-statuses = [\"2xx\", \"401\", \"404\", \"409\", \"422\"]
";
    std::fs::write(folder.path().join("schemathesis.toml"), settings).unwrap();
    let location = format!("{}/api/v1/openapi.json", watched.console.base());
    let run = |arguments: &[&str]| {
        let program = installed("schemathesis", "schemathesis/bin/schemathesis").unwrap();
        let output = Command::new(program)
            .current_dir(folder.path())
            .args(["run", &location, "--header", "Authorization: Bearer token-of-a-test", "--seed", "20261121"])
            .args(["--continue-on-failure", "--request-timeout", "20", "--generation-deterministic", "--no-color"])
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}\n{}", watched.workspace.log_tail());
    };
    // a stream has no end, and what comes through it is tested in `console`; guessing tokens locks out, so that comes last
    let all = ["--checks", "all", "--exclude-checks", "ignored_auth", "--max-time", TIME, "--workers", "2"];
    run(&[&all[..], &["--exclude-path", "/api/v1/stream", "--exclude-path", "/api/v1/session"]].concat());
    run(&[
        "--checks",
        "ignored_auth",
        "--include-path",
        "/api/v1/status",
        "--max-examples",
        "3",
        "--phases",
        "fuzzing",
    ]);
}
