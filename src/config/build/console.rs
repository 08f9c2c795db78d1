//! The console's settings. Who can reach it from elsewhere must need a token.

use std::net::SocketAddr;
use std::path::Path;

use super::Builder;
use crate::config::built::ConsoleConfig;
use crate::config::written::ConsoleSection;

impl Builder<'_> {
    /// `None` when it is off, or cannot be used.
    pub(super) fn console(&mut self, console: ConsoleSection, state: &Path) -> Option<ConsoleConfig> {
        let keep = console.keep.unwrap_or_default();
        let keep_age = self.positive("console.keep.age", keep.age);
        let mut number = |key: &str, value: Option<u32>| {
            usize::try_from(self.required(&format!("console.keep.{key}"), value)).unwrap_or(usize::MAX)
        };
        let (keep_alerts, keep_values) = (number("alerts", keep.alerts), number("values", keep.values));
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
        Some(ConsoleConfig { listen, token, store, keep_age, keep_alerts, keep_values })
    }
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
}
