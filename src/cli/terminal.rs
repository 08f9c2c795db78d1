//! What subcommands print: findings with their lines, and plain messages on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the program talks to its user")]

use std::io::{IsTerminal as _, Write as _};

use crate::rule::{Loaded, Severity};

/// Prints a line on standard output. Whoever reads it may stop reading, as `head` does: that is no failure.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a line on standard error.
pub(super) fn complain(text: &str) {
    eprintln!("{text}");
}

/// Prints all findings of a load on standard error, each with its lines, and how many there were.
pub(super) fn show_findings(loaded: &Loaded, warnings: bool) {
    let colour = std::io::stderr().is_terminal();
    let mut counts = (0_usize, 0_usize);
    for finding in &loaded.diagnostics {
        match finding.severity {
            Severity::Error => counts.0 += 1,
            Severity::Warning => counts.1 += 1,
        }
        if finding.severity == Severity::Warning && !warnings {
            continue;
        }
        let source = loaded.sources.get(&finding.file).map_or("", String::as_str);
        complain(&if source.is_empty() { finding.to_string() } else { finding.render(source, colour) });
    }
    if counts.0 > 0 {
        let files = plural(loaded.sources.len(), "rule file");
        complain(&format!("{} in {files}; nothing was loaded", plural(counts.0, "error")));
    } else if counts.1 > 0 && warnings {
        complain(&plural(counts.1, "warning"));
    }
}

/// `1 error`, `2 errors`.
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
