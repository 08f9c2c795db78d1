//! The files that a consumer's settings name: certificates, which somebody may replace while the program runs. librdkafka reads
//! them when a consumer is made, so that a new one is needed then.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;

/// Properties of librdkafka that name a file.
const PROPERTIES: [&str; 3] = ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location"];

/// What the files held when they were last looked at.
pub(super) struct Files {
    /// What could be read, and when somebody looked.
    seen: Vec<(PathBuf, Option<Vec<u8>>)>,
    looked: Instant,
    every: Duration,
}

impl Files {
    /// Looks at the files that these settings name, and does so again at most that often.
    pub(super) fn of(config: &ClientConfig, every: Duration) -> Self {
        let paths = PROPERTIES.iter().filter_map(|property| config.get(property)).map(PathBuf::from);
        let seen = paths.map(|path| (path.clone(), std::fs::read(path).ok())).collect();
        Self { seen, looked: Instant::now(), every }
    }

    /// Whether one of them holds something else than when this was last true or they were first read. A file that cannot be
    /// read has not changed: it is about to be written.
    pub(super) fn have_changed(&mut self) -> bool {
        if self.seen.is_empty() || self.looked.elapsed() < self.every {
            return false;
        }
        self.looked = Instant::now();
        let mut changed = false;
        for (path, seen) in &mut self.seen {
            let now = std::fs::read(&*path).ok();
            if now.is_some() && now != *seen {
                (*seen, changed) = (now, true);
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_something_else_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, "one").unwrap();
        let mut config = ClientConfig::new();
        config.set("ssl.key.location", path.to_str().unwrap()).set("ssl.key.password", "x");
        let mut files = Files::of(&config, Duration::ZERO);
        assert!(!files.have_changed());
        std::fs::remove_file(&path).unwrap();
        assert!(!files.have_changed());
        std::fs::write(&path, "one").unwrap();
        assert!(!files.have_changed());
        std::fs::write(&path, "two").unwrap();
        assert!(files.have_changed() && !files.have_changed());
        files.every = Duration::from_secs(3600);
        std::fs::write(&path, "three").unwrap();
        assert!(!files.have_changed(), "not all the time");
    }
}
