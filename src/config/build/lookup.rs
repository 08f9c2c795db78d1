//! Builds where a lookup table comes from.

use crate::model::Span;

use super::super::built::{HttpAuth, HttpLookup, LookupSource, TopicLookup};
use super::super::written::{LookupAuth, LookupSection, LookupTopicSection};
use super::Builder;

/// Of an address that does not say how often.
const REFRESH: Span = Span::seconds(300);
/// Of a request that does not say how long.
const TIMEOUT: Span = Span::seconds(30);

impl Builder<'_> {
    pub(super) fn lookup(&mut self, path: &str, section: LookupSection) -> LookupSource {
        let LookupSection { file, url, kafka, refresh, request_timeout, auth, tls } = section;
        let of_an_address =
            [("request_timeout", request_timeout.is_some()), ("auth", auth.is_some()), ("tls", tls.is_some())];
        if url.is_none() {
            for (key, _) in of_an_address.into_iter().filter(|(_, is_there)| *is_there) {
                self.refuse(&format!("{path}.{key}"), "belongs to an address: write it with `url`");
            }
        }
        if kafka.is_some() && refresh.is_some() {
            self.refuse(
                &format!("{path}.refresh"),
                "has no place with `kafka`: what changes there is read as it comes",
            );
        }
        let refresh = refresh.map(|refresh| self.positive(&format!("{path}.refresh"), Some(refresh)));
        match (file, url, kafka) {
            (Some(file), None, None) => LookupSource::File { path: self.path(&file), refresh },
            (None, Some(url), None) => {
                self.check_address(&format!("{path}.url"), &url);
                LookupSource::Http(HttpLookup {
                    url,
                    refresh: refresh.unwrap_or(REFRESH),
                    request_timeout: request_timeout
                        .map_or(TIMEOUT, |timeout| self.positive(&format!("{path}.request_timeout"), Some(timeout))),
                    auth: auth.and_then(|auth| self.lookup_auth(&format!("{path}.auth"), auth)),
                    ca_file: self.readable(&format!("{path}.tls"), "ca_file", tls.unwrap_or_default().ca_file),
                })
            }
            (None, None, Some(topic)) => LookupSource::Topic(self.lookup_topic(&format!("{path}.kafka"), topic)),
            _ => {
                self.refuse(path, "comes from one place: write one of `file`, `url` and `kafka`");
                LookupSource::File { path: self.folder.to_owned(), refresh: None }
            }
        }
    }

    fn lookup_topic(&mut self, path: &str, section: LookupTopicSection) -> TopicLookup {
        let topic: String = self.required(&format!("{path}.topic"), section.topic);
        let reason = if topic.starts_with('^') {
            Some("is a pattern: a table is one topic".to_owned())
        } else {
            super::source::topic_problem(&topic).filter(|_| !topic.is_empty())
        };
        if let Some(reason) = reason {
            self.refuse(&format!("{path}.topic"), reason);
        }
        let connection = self.connection(path, section.brokers, section.security, section.options);
        TopicLookup { topic, connection }
    }

    fn lookup_auth(&mut self, path: &str, auth: LookupAuth) -> Option<HttpAuth> {
        match auth {
            LookupAuth::Bearer(token) => self.secret(&format!("{path}.bearer"), &token).map(HttpAuth::Bearer),
            LookupAuth::Basic(basic) => {
                let user = self.required(&format!("{path}.basic.user"), basic.user);
                let Some(password) = basic.password else {
                    self.refuse(&format!("{path}.basic.password"), "is missing: write it");
                    return None;
                };
                let password = self.secret(&format!("{path}.basic.password"), &password)?;
                Some(HttpAuth::Basic { user, password })
            }
        }
    }

    fn check_address(&mut self, path: &str, url: &str) {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        match host {
            Some(host) if host.contains('@') => {
                self.refuse(path, "has credentials in it: use `auth`");
            }
            Some(host) if !host.is_empty() && !url.contains(' ') => {}
            _ => self.refuse(path, format!("`{url}` is no address: write https://host/path")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_text;
    use std::path::Path;

    fn load(text: &str) -> Result<Vec<(String, LookupSource)>, String> {
        let variables = [("TOKEN".to_owned(), "hunter2".to_owned())];
        let loaded = load_text(text, "c.yaml", Path::new("/etc/clarion"), variables);
        loaded.map(|loaded| loaded.config.lookups.into_iter().collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_is_a_path_a_file_an_address_or_a_topic() {
        let found = load(
            "kafka: {brokers: ['k:1'], security: {protocol: ssl}}\n\
             lookups:\n  a: t.csv\n  b: {file: t.csv, refresh: 1m}\n  \
             c: {url: 'https://x/t.json?v=1', auth: {bearer: {env: TOKEN}}}\n  d: {kafka: {topic: t}}\n  \
             e: {kafka: {topic: t, brokers: ['o:1']}}\n",
        )
        .unwrap();
        let path = Path::new("/etc/clarion/t.csv");
        assert!(matches!(&found[0].1, LookupSource::File { path: known, refresh: None } if known == path));
        assert!(
            matches!(&found[1].1, LookupSource::File { refresh: Some(refresh), .. } if *refresh == Span::seconds(60))
        );
        let LookupSource::Http(http) = &found[2].1 else { panic!() };
        assert_eq!((http.refresh, http.request_timeout), (Span::seconds(300), Span::seconds(30)));
        assert!(!format!("{http:?}").contains("hunter2"));
        let LookupSource::Topic(inherits) = &found[3].1 else { panic!() };
        assert_eq!(inherits.connection.brokers, ["k:1"]);
        assert_eq!(inherits.connection.security.protocol.name(), "ssl");
        let LookupSource::Topic(own) = &found[4].1 else { panic!() };
        assert_eq!((own.connection.brokers[0].as_str(), own.connection.security.protocol.name()), ("o:1", "plaintext"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, message) in [
            ("lookups: {a: {fiel: x}}", "c.yaml:1:15: lookups.a: unknown key `fiel`; did you mean `file`?"),
            ("lookups: {a: [x]}", "lookups.a: expected text or a map of keys, found a list"),
            ("lookups: {a: {file: x, url: 'https://y'}}", "lookups.a: comes from one place"),
            ("lookups: {a: {}}", "lookups.a: comes from one place"),
            ("lookups: {a: {file: x, auth: {bearer: {env: TOKEN}}}}", "lookups.a.auth: belongs to an address"),
            ("lookups: {a: {url: 'https://u:p@y'}}", "lookups.a.url: has credentials in it"),
            ("lookups: {a: {url: 'ftp://y'}}", "lookups.a.url: `ftp://y` is no address"),
            ("lookups: {a: {url: 'https://y', refresh: 0s}}", "lookups.a.refresh: must be longer than 0"),
            ("lookups: {a: {url: 'https://y', auth: {bearer: hunter2}}}", "a secret itself is not written here"),
            ("lookups: {a: {url: 'https://y', auth: {basic: {user: u}}}}", "auth.basic.password: is missing"),
            ("lookups: {a: {kafka: {topic: t}}}", "lookups.a.kafka.brokers: is missing"),
            ("lookups: {a: {kafka: {topic: '^t', brokers: ['k:1']}}}", "lookups.a.kafka.topic: is a pattern"),
            ("lookups: {a: {kafka: {topik: t}}}", "lookups.a.kafka: unknown key `topik`; did you mean `topic`?"),
        ] {
            let found = load(text).unwrap_err();
            assert!(found.contains(message), "{text}: {found}");
        }
    }
}
