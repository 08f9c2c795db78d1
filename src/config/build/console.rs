//! The console's settings. Who can reach it from elsewhere must need a token.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};

use super::Builder;
use crate::config::built::ConsoleConfig;
use crate::config::written::ConsoleSection;

impl Builder<'_> {
    /// `None` when it is off, or cannot be used.
    pub(super) fn console(
        &mut self,
        console: ConsoleSection,
        state: &Path,
        rules: &[PathBuf],
    ) -> Option<ConsoleConfig> {
        let keep = console.keep.unwrap_or_default();
        let keep_age = self.positive("console.keep.age", keep.age);
        let mut number = |key: &str, value: Option<u32>| {
            usize::try_from(self.required(&format!("console.keep.{key}"), value)).unwrap_or(usize::MAX)
        };
        let (keep_alerts, keep_values) = (number("alerts", keep.alerts), number("values", keep.values));
        let longest_exception = self.positive("console.longest_exception", console.longest_exception);
        let text = self.required("console.listen", console.listen);
        let token = console.token.as_ref().and_then(|token| self.secret("console.token", token));
        if text == "off" {
            return None;
        }
        let Ok(listen) = text.parse::<SocketAddr>() else {
            let message = format!("`{text}` is no address with a port: write one such as 127.0.0.1:8475, or `off`");
            self.refuse("console.listen", message);
            return None;
        };
        if !listen.ip().is_loopback() && console.token.is_none() {
            let message = format!(
                "{listen} can be reached from other machines: set console.token to {{file: …}} or {{env: …}}, or listen on \
                 127.0.0.1"
            );
            self.refuse("console.listen", message);
            return None;
        }
        let store = console.store.map_or_else(|| state.join("console"), |store| self.path(&store));
        let exceptions = console.exceptions.map(|directory| self.path(&directory));
        if let Some(reason) = exceptions.as_ref().and_then(|directory| unusable(directory, rules)) {
            self.refuse("console.exceptions", reason);
        }
        Some(ConsoleConfig { listen, token, store, keep_age, keep_alerts, keep_values, exceptions, longest_exception })
    }
}

/// Why exceptions cannot be written into a folder, or would not be loaded from there.
fn unusable(directory: &Path, rules: &[PathBuf]) -> Option<String> {
    let shown = directory.display();
    let Some(own) = std::fs::canonicalize(directory).ok().filter(|own| own.is_dir()) else {
        return Some(format!("`{shown}` is no folder: create it"));
    };
    // hidden folders are not looked into
    let is_hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    let loads = |rule: &PathBuf| {
        let rule = std::fs::canonicalize(rule).ok()?;
        Some(!own.strip_prefix(rule).ok()?.components().any(is_hidden))
    };
    if !rules.iter().any(|rule| loads(rule) == Some(true)) {
        return Some(format!("`{shown}` is not among `rules`, so no exception in it would be loaded: add it there"));
    }
    let probe = own.join(format!(".clarion-{:032x}", rand::random::<u128>()));
    let tried = OpenOptions::new().write(true).create_new(true).open(&probe).and_then(|_| std::fs::remove_file(&probe));
    tried.err().map(|error| format!("`{shown}` cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, load_text};
    use crate::model::Span;

    const REST: &str = "kafka: {brokers: ['a:1']}\nsources: [{name: s, type: kafka, topics: [t]}]\nsinks: []\nstate: {directory: /d}\n";

    fn read(console: &str) -> Result<Config, String> {
        let variables =
            [("CONSOLE_TOKEN_OF_A_TEST", "hunter2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        load_text(&format!("{REST}{console}"), "clarion.yaml", Path::new("/f"), variables)
            .map(|loaded| loaded.config)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_off_unless_it_is_asked_for_and_open_to_others_only_with_a_token() {
        assert!(read("").unwrap().console.is_none());
        let console = read("console: {listen: '127.0.0.1:8475'}\n").unwrap().console.unwrap();
        assert_eq!((console.store.as_path(), console.keep_age), (Path::new("/d/console"), Span::seconds(30 * 86_400)));
        assert_eq!((console.keep_alerts, console.token.is_none()), (100_000, true));
        let error = read("console: {listen: '0.0.0.0:8475'}\n").unwrap_err();
        assert!(error.contains("console.token"), "{error}");
        assert!(read("console: {listen: nowhere}\n").unwrap_err().contains("console.listen"));
        let token = "console: {listen: '[::]:1', store: x, token: {env: CONSOLE_TOKEN_OF_A_TEST}}\n";
        let console = read(token).unwrap().console.unwrap();
        assert_eq!((console.token.unwrap().expose(), console.store.as_path()), ("hunter2", Path::new("/f/x")));
        assert!(read("console: {listen: 'off', token: hunter2}\n").unwrap_err().contains("console.token"));
        assert!(read("console: {listen: '127.0.0.1:1', keep: {alerts: 0}}\n").unwrap_err().contains("alerts"));
    }

    #[test]
    fn no_other_sink_has_its_name() {
        let with = |name: &str| {
            let text = REST.replace("sinks: []", &format!("sinks: [{{type: stdout, name: {name}}}]"));
            load_text(&text, "clarion.yaml", Path::new("/f"), []).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with("consoles"), Ok(()));
        // also while it is off: what was delivered under its name would count as its own once it is on
        let error = with("console").unwrap_err();
        assert!(error.contains("sinks[0].name") && error.contains("choose another"), "{error}");
    }

    #[test]
    fn exceptions_need_a_folder_that_is_there_is_loaded_and_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["rules/exceptions", "rules/.hidden", "elsewhere"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        let read = |directory: &Path| {
            let (rules, directory) = (at("rules"), directory.display());
            read(&format!(
                "rules: ['{}']\nconsole: {{listen: '127.0.0.1:1', exceptions: '{directory}'}}\n",
                rules.display()
            ))
        };
        let console = read(&at("rules/exceptions")).unwrap().console.unwrap();
        assert_eq!(console.exceptions.unwrap(), at("rules/exceptions"));
        assert_eq!(console.longest_exception, Span::seconds(90 * 86_400));
        assert!(read(&at("rules/../rules")).is_ok());
        assert_eq!(std::fs::read_dir(at("rules/exceptions")).unwrap().count(), 0, "nothing is left of trying");
        for (name, wrong) in [("nowhere", "create it"), ("elsewhere", "not among"), ("rules/.hidden", "not among")] {
            let error = read(&at(name)).unwrap_err();
            assert!(error.contains("console.exceptions") && error.contains(wrong), "{error}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_cannot_be_written_is_refused() {
        let kernels = std::path::PathBuf::from("/proc/self");
        assert!(super::unusable(&kernels, std::slice::from_ref(&kernels)).unwrap().contains("cannot be written"));
    }
}
