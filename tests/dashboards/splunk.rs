//! What Splunk would refuse or not find.

use std::io::Read as _;

use clarion::dashboard::splunk::{APP, app, package};
use serde_json::Value;

use super::shipped;

fn text(path: &str) -> String {
    app(&shipped()).into_iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

fn views() -> Vec<Value> {
    app(&shipped())
        .into_iter()
        .filter(|file| file.path.starts_with("default/data/ui/views/"))
        .map(|file| {
            let start = file.text.find("<![CDATA[").unwrap() + "<![CDATA[".len();
            let end = file.text.find("]]>").unwrap();
            assert_eq!(file.text.matches("]]>").count(), 1, "{}", file.path);
            serde_json::from_str(&file.text[start..end]).unwrap()
        })
        .collect()
}

#[test]
fn every_view_shows_what_it_defines_and_defines_what_it_shows() {
    assert_eq!(views().len(), 4);
    for view in views() {
        let visualizations = view["visualizations"].as_object().unwrap();
        let sources = view["dataSources"].as_object().unwrap();
        let inputs = view["inputs"].as_object().unwrap();
        let structure = view["layout"]["structure"].as_array().unwrap();
        assert_eq!(structure.len(), visualizations.len());
        for block in structure {
            assert!(visualizations.contains_key(block["item"].as_str().unwrap()));
            let at = &block["position"];
            assert!(at["x"].as_u64().unwrap() + at["w"].as_u64().unwrap() <= 1200);
        }
        for shown in visualizations.values().chain(inputs.values()) {
            if let Some(source) = shown["dataSources"]["primary"].as_str() {
                assert!(sources.contains_key(source), "{source}");
            }
        }
        for input in view["layout"]["globalInputs"].as_array().unwrap() {
            assert!(inputs.contains_key(input.as_str().unwrap()));
        }
        let tokens: Vec<&str> = inputs.values().filter_map(|input| input["options"]["token"].as_str()).collect();
        for source in sources.values() {
            let query = source["options"]["query"].as_str().unwrap();
            assert_eq!(query.matches('"').count() % 2, query.matches("\\\"").count() % 2, "{query}");
            // every token of a search is one of the view's inputs
            for token in query.split('$').skip(1).step_by(2) {
                assert!(tokens.contains(&token.trim_end_matches("|s")), "{token} in {query}");
            }
        }
    }
}

#[test]
fn searches_use_what_the_app_defines() {
    let (macros, props) = (text("default/macros.conf"), text("default/props.conf"));
    for view in views() {
        for source in view["dataSources"].as_object().unwrap().values() {
            let query = source["options"]["query"].as_str().unwrap();
            let name = query.split('`').nth(1).unwrap();
            assert!(macros.contains(&format!("[{name}]")), "{name}");
            for field in ["model_name", "model_version", "policy_name", "endpoint_id", "threat_technique_id"] {
                assert!(!query.contains(field) || props.contains(&format!("EVAL-{field} =")), "{field}");
            }
            assert!(!query.contains("aigov.model.name") && !query.contains("@timestamp"), "{query}");
        }
    }
    for source_type in ["clarion:alert", "clarion:metric"] {
        assert!(macros.contains(&format!("sourcetype=\"{source_type}\"")));
        assert!(props.contains(&format!("[{source_type}]")));
    }
    assert!(text("default/tags.conf").contains("[eventtype=clarion_alert]\nalert = enabled"));
    assert!(text("metadata/default.meta").contains("write : [ admin"));
}

#[test]
fn the_models_with_the_lowest_completeness_are_shown() {
    let completeness = |query: &str| query.contains("aigov.audit.completeness") && query.contains("timechart");
    let found = views().iter().any(|view| {
        let sources = view["dataSources"].as_object().unwrap();
        let mut queries = sources.values().filter_map(|source| source["options"]["query"].as_str());
        queries.any(|query| completeness(query) && query.contains("limit=bottom8"))
    });
    assert!(found);
}

#[test]
fn the_archive_holds_the_app_and_nothing_of_the_machine() {
    let packed = package::archive(&shipped()).unwrap();
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
    let mut archive = tar::Archive::new(plain.as_slice());
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.mtime().unwrap(), header.mode().unwrap()), (0, 0o644));
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        found.push((path, text));
    }
    let expected: Vec<(String, String)> =
        app(&shipped()).into_iter().map(|file| (format!("{APP}/{}", file.path), file.text)).collect();
    assert_eq!(found, expected);
}
