//! Where a secret is, never the secret itself: the configuration file may lie in version control.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Secret;

/// A credential by reference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretRef {
    /// Name of the environment variable that holds it.
    Env(String),
    /// File that holds it; white space at its end is not part of it.
    File(PathBuf),
}

impl SecretRef {
    /// Fetches the secret. `lookup` reads an environment variable; relative files start at `folder`.
    ///
    /// # Errors
    /// A sentence that says which variable or file is missing or empty, and never quotes a content.
    pub fn resolve(&self, folder: &Path, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Secret, String> {
        let text = match self {
            Self::Env(name) => {
                lookup(name).ok_or_else(|| format!("environment variable {name} is not set: set it to the secret"))?
            }
            Self::File(path) => {
                let path = folder.join(path);
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| format!("cannot read the secret file {}: {error}", path.display()))?;
                text.trim_end().to_owned()
            }
        };
        if text.is_empty() { Err(format!("{self} is empty: put the secret there")) } else { Ok(Secret::new(text)) }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(out, "environment variable {name}"),
            Self::File(path) => write!(out, "file {}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_environment_or_file_and_must_not_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "hunter2\n").unwrap();
        let lookup = |name: &str| match name {
            "SET" => Some("from-env".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let resolve = |reference: SecretRef| reference.resolve(folder.path(), &lookup);
        assert_eq!(resolve(SecretRef::Env("SET".into())).unwrap().expose(), "from-env");
        assert_eq!(resolve(SecretRef::File("password".into())).unwrap().expose(), "hunter2");
        assert!(resolve(SecretRef::Env("EMPTY".into())).unwrap_err().contains("EMPTY is empty"));
        assert!(resolve(SecretRef::Env("ABSENT".into())).unwrap_err().contains("ABSENT is not set"));
        assert!(resolve(SecretRef::File("absent".into())).unwrap_err().contains("absent"));
    }
}
