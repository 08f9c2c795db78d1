//! Sets the program's own log up: on standard error, for people or as JSON lines. Alerts are not log lines; they go to
//! the sinks.

use tracing_subscriber::EnvFilter;

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people: time, level, module, message, fields.
    #[default]
    Human,
    /// One JSON object a line, with the fields at its top level.
    Json,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter directives make no sense.
    #[error("cannot set up the log: {0}")]
    Filter(String),
    /// Another part of the process has set one up before.
    #[error("cannot set up the log: one is set up already")]
    AlreadySet,
}

/// Checks filter directives, such as `info` or `clarion=debug,rdkafka=warn`.
///
/// # Errors
/// A sentence that says what is wrong and what to write.
pub fn check_filter(directives: &str) -> Result<(), String> {
    let advice = "write error, warn, info, debug or trace, or directives such as `info,clarion::source=debug`";
    for directive in directives.split(',').map(str::trim) {
        // a bare word is a target to the parser, so that `inof` would silence everything but that target
        let level = directive.rsplit('=').next().unwrap_or_default();
        let known = ["off", "error", "warn", "info", "debug", "trace"];
        if !known.contains(&level.to_ascii_lowercase().as_str()) {
            return Err(format!("`{directive}` has no level: {advice}"));
        }
    }
    EnvFilter::try_new(directives).map(drop).map_err(|_| format!("`{directives}` is no filter: {advice}"))
}

/// Sets the log of the whole process up, once.
///
/// # Errors
/// [`LoggingError`] when the filter makes no sense or a log is set up already.
pub fn init_logging(format: LogFormat, directives: &str) -> Result<(), LoggingError> {
    check_filter(directives).map_err(LoggingError::Filter)?;
    let filter = EnvFilter::try_new(directives).map_err(|error| LoggingError::Filter(error.to_string()))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let outcome = match format {
        LogFormat::Human => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
            builder.with_ansi(colour).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    outcome.map_err(|_| LoggingError::AlreadySet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_checked_before_they_silence_anything() {
        for fine in ["info", "warn,clarion=debug", "off", "clarion::source=TRACE"] {
            assert_eq!(check_filter(fine), Ok(()), "{fine}");
        }
        for wrong in ["inof", "", "clarion=loud", "a=b=c"] {
            assert!(check_filter(wrong).is_err(), "{wrong}");
        }
    }
}
