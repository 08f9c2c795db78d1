//! A whole folder of Sigma rules, such as a checkout of SigmaHQ: those that both engines load, over mixed events.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rsigma_parser::SigmaCollection;

use crate::{Arguments, data, ours, rsigma};

/// Compares the two on the rules of a folder; says so when there is none.
pub(crate) fn compare_folder(folder: &str, arguments: &Arguments, wanted: &dyn Fn(&str) -> bool) {
    let runs = [("folder, rules by log source", true), ("folder, every rule on every event", false)];
    let runs: Vec<(&str, bool)> = runs.into_iter().filter(|(name, _)| wanted(name)).collect();
    if runs.is_empty() {
        return;
    }
    let mut files = Vec::new();
    find(Path::new(folder), &mut files);
    if files.is_empty() {
        println!("rule folder: skipped, because {folder} holds no rules");
        return;
    }
    files.sort();
    let (mut texts, mut collection, mut refused) = (Vec::new(), SigmaCollection::default(), 0);
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let named: (Arc<str>, String) = (file.to_string_lossy().into(), text);
        let peer = rsigma::compile(&named.1).ok().filter(rsigma::loads);
        match (ours::compile(std::slice::from_ref(&named)), peer) {
            (Ok(_), Some(peer)) => {
                collection.rules.extend(peer.rules);
                texts.push(named);
            }
            _ => refused += 1,
        }
    }
    let own = match ours::compile(&texts) {
        Ok(own) => own,
        Err(findings) => {
            println!("rule folder: skipped, the rules do not go together: {findings:.400}");
            return;
        }
    };
    let events = data::hosts::mixed(arguments.events / 5, 11);
    println!(
        "rule folder: {} rules that both load ({refused} files left out), {} events",
        own.detections.len(),
        events.len()
    );
    for (name, routed) in runs {
        crate::compare(
            &format!("  {name}"),
            events.len(),
            arguments.rounds.div_ceil(2),
            arguments.alone,
            || ours::run(&own, &events, !routed),
            || rsigma::detect(&collection, &events, routed),
        );
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
}
