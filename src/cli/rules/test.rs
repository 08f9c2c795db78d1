//! `clarion rules test`: runs the tests at the bottom of rule files and shows what came beside what was expected.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::super::terminal::{complain, say, show_findings};
use super::{RuleArguments, failed, junit, read, watch};
use crate::pipeline::rule_tests::{self, Compared, Verdict};
use crate::rule::{RuleSet, RuleTest};

/// Arguments of `clarion rules test`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TestArguments {
    #[command(flatten)]
    rules: RuleArguments,
    /// Only tests whose rule (id, name or title) or own name contains this, in any case.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Also write the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run again whenever a rule file changes, until Ctrl-C.
    #[arg(long)]
    watch: bool,
}

/// What came of a test.
pub(super) struct Ran {
    /// Title of its rule.
    pub(super) title: String,
    /// Identity of its rule.
    pub(super) rule: String,
    /// The file.
    pub(super) file: String,
    /// Line of the test.
    pub(super) line: usize,
    /// Its name.
    pub(super) name: String,
    /// What is different; `None` when it passed.
    pub(super) difference: Option<String>,
    /// How long it took, in seconds.
    pub(super) seconds: f64,
}

/// Runs the subcommand. Exit code 0: all passed; 1: a test failed, or none was found for the filter; 2: a rule is broken.
pub(super) fn run(arguments: &TestArguments) -> ExitCode {
    if !arguments.watch {
        return once(arguments);
    }
    watch::forever(&arguments.rules.paths, &mut || {
        let _ = once(arguments);
        say("waiting for a change; Ctrl-C ends it");
    })
}

fn once(arguments: &TestArguments) -> ExitCode {
    let loaded = match read(&arguments.rules.paths, &arguments.rules.lookups, false) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    show_findings(&loaded, false);
    let Some(set) = loaded.set else { return ExitCode::from(2) };
    let tests: Vec<&RuleTest> =
        set.tests.iter().filter(|test| wanted(&set, test, arguments.filter.as_deref())).collect();
    if tests.is_empty()
        && let Some(filter) = &arguments.filter
    {
        return failed(&format!("no test of {} has `{filter}` in its rule or name", set.tests.len()));
    }
    let results: Vec<Ran> = tests.into_iter().map(|test| run_one(&set, test)).collect();
    for result in &results {
        tell(result);
    }
    let failures = results.iter().filter(|result| result.difference.is_some()).count();
    say(&format!("{} passed, {failures} failed", results.len() - failures));
    if let Some(path) = &arguments.junit
        && let Err(error) = std::fs::write(path, junit::document(&results))
    {
        return failed(&format!("cannot write {}: {error}", path.display()));
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether a test is asked for.
fn wanted(set: &RuleSet, test: &RuleTest, filter: Option<&str>) -> bool {
    let Some(filter) = filter.map(str::to_lowercase) else { return true };
    let has = |text: &str| text.to_lowercase().contains(&filter);
    let card = set.cards().find(|card| card.id == test.rule);
    has(&test.case.name)
        || has(&test.rule)
        || card.is_some_and(|card| has(&card.title) || card.name.as_deref().is_some_and(has))
}

fn run_one(set: &RuleSet, test: &RuleTest) -> Ran {
    let started = Instant::now();
    let difference = match rule_tests::compare(set, test) {
        Ok(lines) if lines.iter().all(|line| line.verdict == Verdict::Same) => None,
        Ok(lines) => Some(difference(&lines)),
        Err(reason) => Some(reason),
    };
    let card = set.cards().find(|card| card.id == test.rule);
    Ran {
        title: card.map_or_else(|| test.rule.clone(), |card| card.title.clone()),
        rule: card.and_then(|card| card.name.clone()).unwrap_or_else(|| test.rule.clone()),
        file: test.file.to_string(),
        line: test.case.place.line,
        name: test.case.name.clone(),
        difference,
        seconds: started.elapsed().as_secs_f64(),
    }
}

fn tell(result: &Ran) {
    let Some(difference) = &result.difference else {
        say(&format!("ok    {} · {}", result.rule, result.name));
        return;
    };
    say(&format!("FAIL  {} · {}", result.rule, result.name));
    complain(&format!("{}:{}: {}\n{difference}", result.file, result.line, result.name));
}

/// Expected and got, line by line: `-` is missing, `+` is too much, what agrees stands between them.
fn difference(lines: &[Compared]) -> String {
    let mut words = vec!["    - expected    + got".to_owned()];
    for line in lines {
        let mark = match line.verdict {
            Verdict::Same => ' ',
            Verdict::Missing => '-',
            Verdict::Unexpected => '+',
        };
        words.push(format!("    {mark} {}", line.text));
    }
    let of = |verdict| lines.iter().filter(move |line| line.verdict == verdict);
    if let (1, 1) = (of(Verdict::Missing).count(), of(Verdict::Unexpected).count())
        && let (Some(missing), Some(extra)) = (of(Verdict::Missing).next(), of(Verdict::Unexpected).next())
        && let (Some(wanted), Some(came)) = (missing.at, extra.at)
        && wanted != came
    {
        let (gap, word) = if came > wanted { (came.0 - wanted.0, "later") } else { (wanted.0 - came.0, "earlier") };
        words.push(format!("    it came {} {word} than expected", crate::model::Span(gap)));
    }
    if lines.iter().all(|line| line.verdict != Verdict::Unexpected) && of(Verdict::Same).count() == 0 {
        words.push(
            "    nothing came: `clarion rules explain RULE --event FILE` says why an event does not match".to_owned(),
        );
    }
    words.join("\n")
}
