//! Lines of a file or of standard input as records: newline-delimited JSON, plain or gzip. Streams; never holds more than
//! one line and a read buffer.
//!
//! A line's number, counted from 1, is its offset. Lines end in `\n` or `\r\n`; the last one needs no end. Empty lines are
//! skipped and counted. Bytes are passed on as they are: whether they are UTF-8 or JSON is the decoder's business.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Stdin};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::model::Timestamp;

use super::OwnedRecord;

/// Bytes of a line that is too long that are kept as evidence.
const EVIDENCE_BYTES: usize = 256;

const BUFFER_BYTES: usize = 64 * 1024;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why lines could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// The file could not be opened.
    #[error("cannot open {name}: {error}")]
    Open {
        /// The file's name.
        name: String,
        /// The system's own words.
        error: io::Error,
    },
    /// Reading failed; for a compressed file also when it is cut off or damaged.
    #[error("cannot read {name} after line {line}: {error}")]
    Read {
        /// The file's name.
        name: String,
        /// The last line that was read.
        line: i64,
        /// The system's own words.
        error: io::Error,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineItem {
    /// A line within the limit, as a record.
    Record(OwnedRecord),
    /// A line beyond the limit: its first bytes instead of the line.
    TooLong {
        /// Number of the line, from 1.
        line: i64,
        /// Its first bytes, at most 256.
        first_bytes: Vec<u8>,
        /// Its length in bytes without its end.
        length: u64,
    },
}

/// Reads lines. An iterator that ends after the first error.
pub struct Lines {
    topic: Arc<str>,
    input: Box<dyn BufRead + Send>,
    limit: usize,
    arrived: Timestamp,
    line: i64,
    empty_lines: u64,
    bytes_read: Arc<AtomicU64>,
    bytes_total: Option<u64>,
    ended: bool,
}

impl Lines {
    /// Opens a file; gzip is recognised by its first two bytes. `limit` is the longest line in bytes, `arrived` the time
    /// of arrival of every record (nothing arrives from a file: it is the clock at start).
    ///
    /// # Errors
    /// [`LinesError::Open`].
    pub fn open(path: &Path, limit: usize, arrived: Timestamp) -> Result<Self, LinesError> {
        let name = path.display().to_string();
        let fail = |error| LinesError::Open { name: name.clone(), error };
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(fail(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder: name a file")));
        }
        let total = metadata.is_file().then_some(metadata.len());
        Self::from_reader(&name, file, total, limit, arrived).map_err(fail)
    }

    /// Reads standard input, whose topic name is `-`.
    ///
    /// # Errors
    /// [`LinesError::Open`] when it cannot be read from.
    pub fn stdin(input: Stdin, limit: usize, arrived: Timestamp) -> Result<Self, LinesError> {
        Self::from_reader("-", input, None, limit, arrived)
            .map_err(|error| LinesError::Open { name: "standard input".to_owned(), error })
    }

    /// Reads from anything. `total` is its length in bytes, if known.
    ///
    /// # Errors
    /// What the reader says to the first read.
    pub fn from_reader(
        name: &str,
        reader: impl Read + Send + 'static,
        total: Option<u64>,
        limit: usize,
        arrived: Timestamp,
    ) -> io::Result<Self> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let mut counted = Counted { reader, bytes_read: Arc::clone(&bytes_read) };
        let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
        counted.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut magic)?;
        let compressed = magic == GZIP_MAGIC;
        let whole = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(magic).chain(counted));
        let input: Box<dyn BufRead + Send> = if compressed {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(whole)))
        } else {
            Box::new(whole)
        };
        let topic = Arc::from(name);
        Ok(Self { topic, input, limit, arrived, line: 0, empty_lines: 0, bytes_read, bytes_total: total, ended: false })
    }

    /// The file's name as the records' topic.
    #[must_use]
    pub fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    /// Lines without a byte that were skipped so far.
    #[must_use]
    pub fn empty_lines(&self) -> u64 {
        self.empty_lines
    }

    /// Lines read so far, the skipped ones included.
    #[must_use]
    pub fn lines(&self) -> i64 {
        self.line
    }

    /// Bytes read from the file so far (before decompression), and its length if known.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.bytes_read.load(Ordering::Relaxed), self.bytes_total)
    }

    /// Reads the next line that is not empty; `None` at the end.
    fn read_item(&mut self) -> io::Result<Option<LineItem>> {
        loop {
            let Some(line) = self.read_line()? else { return Ok(None) };
            self.line += 1;
            match line {
                Line::Whole(bytes) if bytes.is_empty() => self.empty_lines += 1,
                Line::Whole(bytes) => {
                    return Ok(Some(LineItem::Record(OwnedRecord {
                        offset: self.line,
                        timestamp: None,
                        headers: Vec::new(),
                        value: Some(bytes),
                        arrived: self.arrived,
                    })));
                }
                Line::TooLong { first_bytes, length } => {
                    return Ok(Some(LineItem::TooLong { line: self.line, first_bytes, length }));
                }
            }
        }
    }

    /// Reads up to the next `\n` and keeps no more of it than the limit, or the evidence.
    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let mut kept: Vec<u8> = Vec::new();
        let mut length = 0_u64;
        let mut last = None;
        let found_end = loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break false;
            }
            let end = memchr::memchr(b'\n', buffer);
            let content = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            // one byte more than the limit: it may be the `\r` of the line's end
            let room = self.limit.max(EVIDENCE_BYTES).saturating_add(1).saturating_sub(kept.len());
            kept.extend_from_slice(content.get(..content.len().min(room)).unwrap_or_default());
            length += content.len() as u64;
            last = content.last().copied().or(last);
            let used = content.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                break true;
            }
        };
        if !found_end && length == 0 {
            return Ok(None);
        }
        if found_end && last == Some(b'\r') {
            length -= 1;
            kept.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        }
        if length > self.limit as u64 {
            kept.truncate(EVIDENCE_BYTES);
            return Ok(Some(Line::TooLong { first_bytes: kept, length }));
        }
        Ok(Some(Line::Whole(kept)))
    }
}

impl Iterator for Lines {
    type Item = Result<LineItem, LinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read_item() {
            Ok(Some(item)) => Some(Ok(item)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(LinesError::Read { name: self.topic.to_string(), line: self.line, error }))
            }
        }
    }
}

enum Line {
    Whole(Vec<u8>),
    TooLong { first_bytes: Vec<u8>, length: u64 },
}

/// Counts the bytes that pass.
struct Counted<R> {
    reader: R,
    bytes_read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
