//! Enforces the layer table of ARCHITECTURE.md: imports only go down, stages never know each other, and the libraries for
//! the outside world appear only where the table allows them. Reads the source; knows nothing of what it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod source_tree;

use std::collections::BTreeSet;

use source_tree::{code_lines, rust_files};

/// Every module of the crate with its layer. A new module must be entered here, and so into the table.
const LAYERS: [(&str, u8); 22] = [
    ("main", 5),
    ("cli", 5),
    ("app", 4),
    ("demo", 4),
    ("console", 4),
    ("gateway", 4),
    ("admin", 4),
    ("pipeline", 3),
    ("lake", 3),
    ("config", 3),
    ("lookup", 3),
    ("source", 2),
    ("decode", 2),
    ("detect", 2),
    ("correlate", 2),
    ("alert", 2),
    ("sink", 2),
    ("dashboard", 2),
    ("rule", 1),
    ("telemetry", 1),
    ("model", 0),
    ("lib", 6),
];

/// Of the stages, those that may know what a rule is.
const KNOW_RULE: [&str; 3] = ["detect", "correlate", "alert"];

/// A library and the only places where it may be used.
const LIBRARIES: [(&str, &[&str]); 6] = [
    ("rdkafka", &["src/source/kafka", "src/sink/kafka", "src/pipeline/", "src/demo/"]),
    ("elasticsearch", &["src/sink/elasticsearch"]),
    ("datafusion", &["src/lake"]),
    ("redb", &["src/console/history"]),
    ("lettre", &["src/sink/notify/email"]),
    ("minijinja", &["src/sink/notify"]),
];

/// Modules in which nothing waits: no runtime.
const SYNCHRONOUS: [&str; 6] = ["model", "rule", "decode", "detect", "correlate", "alert"];

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Why a module may not know another; nothing if it may.
fn objection(from: &str, to: &str) -> Option<String> {
    if from == to {
        return None;
    }
    let (Some(upper), Some(lower)) = (layer(from), layer(to)) else {
        return Some(format!("`{from}` or `{to}` is not in the table of layers"));
    };
    if lower > upper {
        return Some(format!("imports only go down: {from} is layer {upper}, {to} is layer {lower}"));
    }
    if lower == upper && upper <= 2 {
        return Some(format!("modules of layer {upper} never know each other"));
    }
    if to == "rule" && upper == 2 && !KNOW_RULE.contains(&from) {
        return Some("of the stages, only detect, correlate and alert know rule".to_owned());
    }
    None
}

/// The module that a file belongs to, and how many modules deep the file is.
fn module_of(path: &str) -> (String, usize) {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let parts: Vec<&str> = inner.split('/').collect();
    // `x_tests.rs` is the module `tests` of `x`
    (parts[0].to_owned(), parts.len() + usize::from(inner.ends_with("_tests")))
}

/// The modules of the crate that a file names: by `crate::…`, by `clarion::…`, or by enough `super::` to reach the root.
fn named_modules(path: &str, text: &str) -> BTreeSet<String> {
    let (_, depth) = module_of(path);
    let code = code_lines(text);
    let inline_tests =
        code.iter().position(|line| line.trim_start().starts_with("mod ") && line.trim_end().ends_with('{'));
    let mut named = BTreeSet::new();
    for (index, line) in code.iter().enumerate() {
        let depth = depth + usize::from(inline_tests.is_some_and(|from| index > from));
        let climb = "super::".repeat(depth);
        for prefix in ["crate::", "clarion::", climb.as_str()] {
            for (at, _) in line.match_indices(prefix) {
                let before = line[..at].chars().next_back();
                if before.is_some_and(|symbol| symbol.is_alphanumeric() || matches!(symbol, '_' | ':' | '$')) {
                    continue;
                }
                // a list may go over several lines
                let rest = format!("{} {}", &line[at + prefix.len()..], code[index + 1..].join(" "));
                named.extend(first_words(&rest));
            }
        }
    }
    named.retain(|name| name.chars().next().is_some_and(char::is_lowercase) && name != "self" && name != "super");
    named
}

/// The first word of a path, or of each path in a `{…}` list.
fn first_words(rest: &str) -> Vec<String> {
    let word = |text: &str| {
        text.trim().chars().take_while(|symbol| symbol.is_alphanumeric() || *symbol == '_').collect::<String>()
    };
    let Some(list) = rest.trim_start().strip_prefix('{') else { return vec![word(rest)] };
    let mut depth = 0_i32;
    let mut words = vec![word(list)];
    for (at, symbol) in list.char_indices() {
        match symbol {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => words.push(word(&list[at + 1..])),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether code uses a library: its name followed by `::` at the start of a path.
fn uses(text: &str, library: &str) -> bool {
    code_lines(text).iter().any(|line| {
        line.match_indices(&format!("{library}::")).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|symbol| symbol.is_alphanumeric() || matches!(symbol, '_' | ':'))
        })
    })
}

/// Whether a file imports a module of this crate by that name.
fn brings_in(text: &str, name: &str) -> bool {
    let code = code_lines(text).join(" ");
    code.split(';').map(str::trim).any(|statement| {
        let path = statement.rsplit("use ").next().unwrap_or("");
        (path.starts_with("super::") || path.starts_with("crate::"))
            && path.split(|symbol: char| !(symbol.is_alphanumeric() || symbol == '_')).any(|word| word == name)
    })
}

#[test]
fn imports_only_go_down() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let (module, _) = module_of(&file.path);
        if layer(&module).is_none() {
            wrong.push(format!("{}: the module `{module}` is not in the table of layers", file.path));
            continue;
        }
        for named in named_modules(&file.path, &file.text) {
            if let Some(objection) = objection(&module, &named) {
                wrong.push(format!("{} names crate::{named}: {objection}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        for (library, places) in LIBRARIES {
            // a module of that name, declared or brought in from above, is not the library
            let own = file.text.contains(&format!("mod {library};")) || brings_in(&file.text, library);
            if !own && uses(&file.text, library) && !places.iter().any(|place| file.path.starts_with(place)) {
                wrong.push(format!("{} uses {library}; only {} may", file.path, places.join(", ")));
            }
        }
        let (module, _) = module_of(&file.path);
        if SYNCHRONOUS.contains(&module.as_str()) && uses(&file.text, "tokio") {
            wrong.push(format!("{} uses tokio, but {module} is synchronous", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_the_architecture_names_every_module() {
    let page = std::fs::read_to_string(source_tree::root().join("ARCHITECTURE.md")).unwrap();
    let modules: BTreeSet<String> = rust_files("src").iter().map(|file| module_of(&file.path).0).collect();
    for module in modules.iter().filter(|module| *module != "lib") {
        let named = [format!("`{module}`"), format!("`{module}/`"), format!("`{module}.rs`")];
        assert!(named.iter().any(|name| page.contains(name)), "ARCHITECTURE.md does not name the module `{module}`");
    }
}

#[test]
fn a_wrong_import_is_seen() {
    let named = |path: &str, text: &str| named_modules(path, text).into_iter().collect::<Vec<_>>();
    assert_eq!(named("src/decode/plain.rs", "use crate::rule::RuleSet;"), ["rule"]);
    assert_eq!(named("src/decode/plain.rs", "use crate::{model::Row, rule::{a, b}, sink};"), ["model", "rule", "sink"]);
    assert_eq!(named("src/decode/plain.rs", "use crate::{\n    model::Row,\n    sink::Sink,\n};"), ["model", "sink"]);
    assert_eq!(named("src/decode/plain.rs", "fn f() { super::super::sink::g(); }"), ["sink"]);
    assert_eq!(named("src/decode/plain.rs", "let x = super::plan::Plan;"), Vec::<String>::new());
    assert_eq!(named("src/decode/plain.rs", "// crate::sink\nlet x = \"crate::sink\";"), Vec::<String>::new());
    assert_eq!(named("src/decode/mod.rs", "mod tests {\n    use super::plain::x;\n}"), Vec::<String>::new());
    for (from, to, allowed) in [
        ("cli", "pipeline", true),
        ("pipeline", "cli", false),
        ("decode", "correlate", false),
        ("detect", "rule", true),
        ("sink", "rule", false),
        ("rule", "telemetry", false),
        ("config", "source", true),
        ("model", "rule", false),
        ("sink", "unheard_of", false),
    ] {
        assert_eq!(objection(from, to).is_none(), allowed, "{from} -> {to}");
    }
    assert!(uses("use rdkafka::config::X;", "rdkafka"));
    assert!(!uses("use crate::sink::elasticsearch::X;", "elasticsearch"));
    assert!(!uses("let filter = \"rdkafka::client=warn\"; // rdkafka::x", "rdkafka"));
}
