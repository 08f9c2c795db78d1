//! What `clarion dashboards import` sends to Kibana, and what it makes of the answers: against a loopback server that answers
//! as Kibana's documentation says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread::JoinHandle;

use clarion::dashboard::kibana::{ndjson, objects};

use super::shipped;

/// Answers one request, and gives it back: its head in lower case, and its body.
fn kibana(status: u16, answer: &'static str) -> (String, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let length = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:").map(|number| number.trim().parse().unwrap()));
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        let reply = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(reply.as_bytes()).unwrap();
        (head, String::from_utf8(body).unwrap())
    });
    (url, thread)
}

fn import(url: &str, arguments: &[&str]) -> (i32, String, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_clarion"))
        .args(["dashboards", "import", "--kibana", url])
        .args(arguments)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn secret(folder: &Path, text: &str) -> String {
    let path = folder.join("secret");
    std::fs::write(&path, format!("{text}\n")).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn the_objects_are_sent_as_a_form_with_key_and_space() {
    let folder = tempfile::tempdir().unwrap();
    let (url, served) = kibana(200, r#"{"success":true,"successCount":9,"successResults":[]}"#);
    let key = secret(folder.path(), "aWQ6a2V5");
    let (code, said, complained) = import(&format!("{url}/"), &["--space", "ai-risk", "--api-key-file", &key]);
    assert_eq!((code, complained.as_str()), (0, ""));
    assert!(said.starts_with("9 objects imported"), "{said}");
    let (head, body) = served.join().unwrap();
    assert!(head.starts_with("POST /s/ai-risk/api/saved_objects/_import?overwrite=true HTTP/1.1\r\n"), "{head}");
    let lower = head.to_lowercase();
    assert!(lower.contains("\r\nkbn-xsrf: true\r\n") && head.contains("ApiKey aWQ6a2V5\r\n"), "{head}");
    let boundary = lower.split("boundary=").nth(1).unwrap().split("\r\n").next().unwrap();
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!((parts.len(), parts[0], parts[2]), (3, "", "--\r\n"));
    let (part_head, content) = parts[1].split_once("\r\n\r\n").unwrap();
    assert!(part_head.contains("form-data; name=\"file\"; filename=\"clarion.ndjson\""), "{part_head}");
    assert_eq!(content, format!("{}\r\n", ndjson(&objects(&shipped()))));
    assert!(!ndjson(&objects(&shipped())).contains(boundary));
}

#[test]
fn a_user_with_a_password_is_basic_authentication() {
    let folder = tempfile::tempdir().unwrap();
    let (url, served) = kibana(200, r#"{"success":true,"successCount":1}"#);
    let password = secret(folder.path(), "secret");
    assert_eq!(import(&url, &["--user", "kim", "--password-file", &password]).0, 0);
    let (head, _) = served.join().unwrap();
    assert!(head.starts_with("POST /api/saved_objects/_import?overwrite=true "), "{head}");
    assert!(head.contains("Basic a2ltOnNlY3JldA=="), "{head}");
}

#[test]
fn what_kibana_says_is_passed_on() {
    for (status, answer, words) in [
        (
            401,
            r#"{"statusCode":401,"error":"Unauthorized","message":"unable to authenticate user [kim]"}"#,
            "unable to authenticate user [kim]",
        ),
        (
            403,
            r#"{"statusCode":403,"error":"Forbidden","message":"Unable to bulk_create dashboard"}"#,
            "Unable to bulk_create dashboard",
        ),
        (404, r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#, "is there such a space"),
        (503, "Kibana server is not ready yet", "503: Kibana server is not ready yet"),
        (200, "<html>login</html>", "not a report of an import: <html>login</html>"),
        (
            200,
            r#"{"success":false,"successCount":7,"errors":[{"type":"dashboard","id":"clarion-model","title":"M","meta":{},"error":{"type":"missing_references","references":[{"type":"index-pattern","id":"x"}]}},{"type":"search","id":"s","error":{"type":"unknown","message":"Document belongs to a more recent version of Kibana","statusCode":422}}]}"#,
            "imported 7 and refused 2",
        ),
    ] {
        let (url, served) = kibana(status, answer);
        let (code, said, complained) = import(&url, &[]);
        served.join().unwrap();
        assert_eq!((code, said.as_str()), (1, ""), "{answer}");
        assert!(complained.contains(words), "{complained}");
        if status == 403 {
            assert!(complained.contains("Saved Objects Management"), "{complained}");
        }
        if answer.contains("successCount\":7") {
            assert!(complained.contains("dashboard clarion-model: ") && complained.contains("missing_references"));
            assert!(complained.contains("search s: Document belongs to a more recent version of Kibana"));
        }
    }
}

#[test]
fn nobody_there_and_no_secret_are_errors_that_say_so() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, complained) = import(&format!("http://{closed}"), &[]);
    assert_eq!(code, 1);
    assert!(
        complained.contains("no answer from Kibana") && complained.contains("is the address right"),
        "{complained}"
    );
    let (code, _, complained) = import("http://127.0.0.1:9", &["--api-key-file", "no/such/file"]);
    assert_eq!(code, 1);
    assert!(complained.contains("no/such/file"), "{complained}");
    assert_eq!(import("http://127.0.0.1:9", &["--user", "kim"]).0, 2);
}
