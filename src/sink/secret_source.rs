//! Where a credential is: in an environment variable or in a file, never in the configuration itself. It is read when a
//! sink starts and again when the destination refuses it, so that credentials can be rotated without a restart.

use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::model::Secret;

/// `{env: NAME}` or `{file: PATH}`.
#[derive(Debug, Clone, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum SecretSource {
    /// The name of an environment variable.
    Env(String),
    /// The path of a file that holds nothing else; a line break at its end is not part of the secret.
    File(PathBuf),
}

/// Why a credential could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No such variable, or it is not text.
    #[error("the environment variable {0} is not set: set it, or name another one")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("the secret file {path} cannot be read: {reason}")]
    NoFile {
        /// The path.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Empty, or with characters that no header can carry.
    #[error("the secret of {0} is empty or has control characters in it: it must be one line of text")]
    NotASecret(String),
}

impl SecretSource {
    /// Reads the credential.
    ///
    /// # Errors
    /// [`SecretError`] when it is not there or cannot be one.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let (text, place) = match self {
            Self::Env(name) => {
                let text = std::env::var(name).map_err(|_| SecretError::NoVariable(name.clone()))?;
                (text, format!("the environment variable {name}"))
            }
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| SecretError::NoFile { path: path.clone(), reason: error.to_string() })?;
                (text, format!("the file {}", path.display()))
            }
        };
        let line = text.trim_end_matches(['\r', '\n']);
        if line.is_empty() || line.chars().any(char::is_control) {
            return Err(SecretError::NotASecret(place));
        }
        Ok(Secret::new(line.to_owned()))
    }
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Place)
    }
}

const HELP: &str =
    "a secret is not written here: write {env: NAME} for an environment variable or {file: PATH} for a file";

struct Place;

impl<'de> Visitor<'de> for Place {
    type Value = SecretSource;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("{env: NAME} or {file: PATH}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
        let source = match map.next_entry::<String, String>()? {
            Some((key, name)) if key == "env" => SecretSource::Env(name),
            Some((key, path)) if key == "file" => SecretSource::File(path.into()),
            _ => return Err(A::Error::custom(HELP)),
        };
        if map.next_entry::<String, String>()?.is_some() {
            return Err(A::Error::custom(HELP));
        }
        Ok(source)
    }

    // The literal is never repeated in the message: it may be the secret.
    fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }

    fn visit_unit<E: Error>(self) -> Result<SecretSource, E> {
        Err(E::custom(HELP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_read_and_nothing_else_does() {
        let read = |yaml: &str| serde_saphyr::from_str::<SecretSource>(yaml).map_err(|error| error.to_string());
        assert_eq!(read("{env: TOKEN}"), Ok(SecretSource::Env("TOKEN".into())));
        assert_eq!(read("{file: /run/secrets/token}"), Ok(SecretSource::File("/run/secrets/token".into())));
        for literal in ["hunter2", "'hunter2'", "12345", "true", "{value: hunter2}", "{env: A, file: hunter2}", "{}"] {
            let error = read(literal).unwrap_err();
            assert!(error.contains("{env: NAME}") && !error.contains("hunter2"), "{literal}: {error}");
        }
    }

    #[test]
    fn a_file_loses_its_line_break_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (content, secret) in [("abc\n", "abc"), ("abc\r\n", "abc"), (" a b ", " a b ")] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(SecretSource::File(path.clone()).resolve().unwrap().expose(), secret);
        }
        for content in ["", "\n", "two\nlines", "a\u{0}b"] {
            std::fs::write(&path, content).unwrap();
            let error = SecretSource::File(path.clone()).resolve().unwrap_err();
            assert!(matches!(error, SecretError::NotASecret(_)), "{content:?}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(SecretSource::File(path).resolve(), Err(SecretError::NoFile { .. })));
        let absent = SecretSource::Env("CLARION_TEST_NO_SUCH_VARIABLE".into());
        assert!(matches!(absent.resolve(), Err(SecretError::NoVariable(_))));
    }
}
