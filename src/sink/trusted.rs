//! A network client that trusts the certificate authorities of a file, which somebody may replace while the program runs: the
//! client is made anew when the file holds others. A file that cannot be used changes nothing.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{SinkError, TlsSettings};

/// Between two looks at the file while everything goes well.
const EVERY: Duration = Duration::from_secs(30);

/// Makes a client that trusts these authorities (PEM), or the public ones.
type Make<C> = Box<dyn Fn(Option<&[u8]>) -> Result<C, SinkError> + Send + Sync>;

/// The client of now.
pub(crate) struct TrustedClient<C> {
    sink: String,
    file: Option<PathBuf>,
    make: Make<C>,
    state: Mutex<State<C>>,
}

struct State<C> {
    client: C,
    /// What the file held when it was last looked at.
    pem: Option<Vec<u8>>,
    looked: Instant,
}

impl<C: Clone> TrustedClient<C> {
    /// Reads the file, if there is one, and makes the first client.
    ///
    /// # Errors
    /// [`SinkError`] when the file cannot be read or no client can be made.
    pub(crate) fn new(
        sink: &str,
        tls: &TlsSettings,
        make: impl Fn(Option<&[u8]>) -> Result<C, SinkError> + Send + Sync + 'static,
    ) -> Result<Self, SinkError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| SinkError::File {
                sink: sink.to_owned(),
                path: path.clone(),
                reason: error.to_string(),
            })
        };
        let pem = tls.ca_file.as_ref().map(read).transpose()?;
        let client = make(pem.as_deref()).map_err(|error| match (error, &tls.ca_file) {
            // without the file there would be one
            (SinkError::Client { sink, reason, .. }, Some(path)) => {
                SinkError::File { sink, path: path.clone(), reason }
            }
            (error, _) => error,
        })?;
        let state = Mutex::new(State { client, pem, looked: Instant::now() });
        Ok(Self { sink: sink.to_owned(), file: tls.ca_file.clone(), make: Box::new(make), state })
    }

    /// The client, with the authorities that the file held not long ago.
    pub(crate) fn get(&self) -> C {
        let mut state = self.lock();
        if let Some(path) = self.file.as_ref().filter(|_| state.looked.elapsed() >= EVERY) {
            self.look(path, &mut state);
        }
        state.client.clone()
    }

    /// Looks at the file at once: the destination could not be reached, and its certificate may be why.
    pub(crate) fn look_again(&self) {
        if let Some(path) = &self.file {
            self.look(path, &mut self.lock());
        }
    }

    fn look(&self, path: &PathBuf, state: &mut State<C>) {
        state.looked = Instant::now();
        let pem = match std::fs::read(path) {
            Ok(pem) if state.pem.as_ref() == Some(&pem) => return,
            Ok(pem) => pem,
            Err(error) => {
                tracing::warn!(sink = self.sink, path = %path.display(), %error, "cannot read the certificate authorities, those known stay");
                return;
            }
        };
        match (self.make)(Some(&pem)) {
            Ok(client) => {
                tracing::info!(sink = self.sink, path = %path.display(), "goes on with the new certificate authorities");
                state.client = client;
            }
            Err(error) => {
                tracing::warn!(sink = self.sink, %error, "cannot use the new certificate authorities, those known stay");
            }
        }
        // told once, not with every look
        state.pem = Some(pem);
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_authorities_are_taken_up_and_what_cannot_be_used_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "one").unwrap();
        let tls = TlsSettings { ca_file: Some(path.clone()) };
        let make = |pem: Option<&[u8]>| match pem {
            Some(b"broken") => {
                Err(SinkError::Client { sink: "s".into(), address: "a".into(), reason: "broken".into() })
            }
            pem => Ok(String::from_utf8_lossy(pem.unwrap_or_default()).into_owned()),
        };
        let client = TrustedClient::new("s", &tls, make).unwrap();
        for (now, expected) in [("one", "one"), ("two", "two"), ("broken", "two"), ("three", "three")] {
            std::fs::write(&path, now).unwrap();
            client.look_again();
            assert_eq!(client.get(), expected);
        }
        std::fs::remove_file(&path).unwrap();
        client.look_again();
        assert_eq!(client.get(), "three");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(client.get(), "three", "not with every request");
        client.lock().looked -= EVERY;
        assert_eq!(client.get(), "four");
        std::fs::write(&path, "broken").unwrap();
        let error = TrustedClient::new("s", &tls, make).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("ca.pem cannot be used: broken"), "{error}");
        assert!(matches!(
            TrustedClient::new("s", &TlsSettings { ca_file: Some(folder.path().join("none")) }, make),
            Err(SinkError::File { .. })
        ));
        assert_eq!(TrustedClient::new("s", &TlsSettings::default(), make).unwrap().get(), "");
    }
}
