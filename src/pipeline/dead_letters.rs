//! Where faults go: a file of JSON lines or a Kafka topic. A fault is durable before the offsets that it came from are.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::model::{Fault, Timestamp};
use crate::sink::kafka::{TopicWriter, TopicWriterError};

/// Longest raw value that is kept, in bytes; what is longer is cut and says so.
const MAX_RAW: usize = 512 * 1024;

/// Why dead letters cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The file refused.
    #[error("cannot write dead letters to {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The topic refused.
    #[error("cannot write dead letters: {0}")]
    Topic(#[from] TopicWriterError),
}

/// The dead letters.
pub enum DeadLetters {
    /// A file that is appended to.
    File(PathBuf, File),
    /// A topic.
    Topic(TopicWriter),
}

impl DeadLetters {
    /// Opens the file.
    ///
    /// # Errors
    /// [`DeadLetterError::File`].
    pub fn file(path: &Path) -> Result<Self, DeadLetterError> {
        let fail = |reason| DeadLetterError::File { path: path.to_owned(), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
        Ok(Self::File(path.to_owned(), file))
    }

    /// Writes one letter. It is durable after [`Self::flush`].
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub fn write(&mut self, fault: &Fault, now: Timestamp) -> Result<(), DeadLetterError> {
        let letter = letter(fault, now);
        match self {
            Self::File(path, file) => {
                let line = format!("{letter}\n");
                file.write_all(line.as_bytes()).map_err(|reason| DeadLetterError::File { path: path.clone(), reason })
            }
            Self::Topic(topic) => {
                let key = fault.coordinates.to_string();
                Ok(topic.send(Some(key.as_bytes()), letter.to_string().as_bytes())?)
            }
        }
    }

    /// Waits until everything written is durable.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub fn flush(&mut self) -> Result<(), DeadLetterError> {
        match self {
            Self::File(path, file) => {
                file.sync_data().map_err(|reason| DeadLetterError::File { path: path.clone(), reason })
            }
            Self::Topic(topic) => Ok(topic.flush()?),
        }
    }
}

/// The letter: coordinates, reason, and the bytes, as text when they are UTF-8 and as base64 when not.
#[must_use]
pub(super) fn letter(fault: &Fault, now: Timestamp) -> Value {
    let cut = fault.raw.get(..MAX_RAW);
    let raw = cut.unwrap_or(&fault.raw);
    let mut letter = json!({
        "@timestamp": now.to_string(),
        "stage": fault.stage,
        "kind": fault.kind,
        "reason": fault.reason,
        "topic": fault.coordinates.topic,
        "partition": fault.coordinates.partition,
        "offset": fault.coordinates.offset,
        "sequence": fault.coordinates.sequence,
        "length": fault.raw.len(),
    });
    if let Some(letter) = letter.as_object_mut() {
        match std::str::from_utf8(raw) {
            Ok(text) => letter.insert("raw".to_owned(), text.into()),
            Err(_) => letter.insert("raw_base64".to_owned(), STANDARD.encode(raw).into()),
        };
        if cut.is_some() && fault.raw.len() > MAX_RAW {
            letter.insert("cut".to_owned(), true.into());
        }
    }
    letter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coordinates, FaultStage};

    #[test]
    fn letters_keep_the_bytes_and_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/dead.ndjson");
        let mut letters = DeadLetters::file(&path).unwrap();
        let coordinates = Coordinates { topic: "t".into(), partition: 3, offset: 42, sequence: 0 };
        let fault = |raw: &[u8]| Fault {
            stage: FaultStage::Decode,
            kind: "not_json".into(),
            reason: "r".into(),
            coordinates: coordinates.clone(),
            raw: raw.to_vec(),
        };
        letters.write(&fault(b"{\"a\":"), Timestamp(0)).unwrap();
        letters.write(&fault(&[0xff, 0]), Timestamp(0)).unwrap();
        letters.flush().unwrap();
        let lines: Vec<Value> =
            std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            (&lines[0]["raw"], &lines[0]["offset"], &lines[0]["stage"]),
            (&json!("{\"a\":"), &json!(42), &json!("decode"))
        );
        assert_eq!(lines[1]["raw_base64"], json!("/wA="));
    }
}
