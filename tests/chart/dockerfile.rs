//! The Dockerfile: hadolint has nothing against it, what it copies is there, and it is of this program. No image is built here.

use crate::tools::{hadolint, root};

fn text() -> String {
    std::fs::read_to_string(root().join("Dockerfile")).unwrap()
}

#[test]
fn hadolint_has_nothing_against_it() {
    hadolint(["--no-color", "--failure-threshold", "style", "Dockerfile"]).or_fail("hadolint");
    // it would say so if there were something
    let folder = tempfile::tempdir().unwrap();
    let careless = folder.path().join("Dockerfile");
    std::fs::write(&careless, "FROM debian\nRUN cd /tmp && apt-get install curl\n").unwrap();
    assert!(!hadolint(["--failure-threshold", "style", careless.to_str().unwrap()]).success);
}

#[test]
fn what_it_copies_is_there_and_not_ignored() {
    let ignored = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    let mut lines = ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"), "what is not named stays out");
    let taken: Vec<&str> = lines.map(|line| line.strip_prefix('!').expect("only exceptions")).collect();
    let mut copied = 0;
    for line in text().lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from=")) {
        let words: Vec<&str> = line.split_whitespace().skip(1).filter(|word| !word.starts_with("--")).collect();
        for source in &words[..words.len() - 1] {
            assert!(root().join(source).exists(), "{source} is not there");
            let is_taken = taken.iter().any(|one| source == one || source.starts_with(&format!("{one}/")));
            assert!(is_taken, "{source} is ignored");
            copied += 1;
        }
    }
    assert!(copied >= 5);
}

#[test]
fn it_runs_as_nobody_in_particular_and_says_what_it_is() {
    let text = text();
    let last =
        |word: &str| text.lines().rev().find_map(|line| line.strip_prefix(word)).map(str::trim).unwrap_or_default();
    assert_eq!(last("USER "), "65532:65532", "a number, so that Kubernetes can see that it is not root");
    assert_eq!(last("ENTRYPOINT "), r#"["/usr/local/bin/clarion"]"#);
    assert_eq!(last("CMD "), r#"["run", "--config", "/etc/clarion/clarion.yaml"]"#);
    for label in ["title", "description", "licenses", "version", "source", "revision"] {
        assert!(text.contains(&format!("org.opencontainers.image.{label}=")), "{label}");
    }
    assert!(text.contains(&format!("ARG VERSION={}", env!("CARGO_PKG_VERSION"))));
    let rust = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let needed = rust.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(text.contains(&format!("rust:{needed}")), "the compiler is the one that Cargo.toml asks for");
}
