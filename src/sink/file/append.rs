//! Appends lines to a file so that they survive a crash, and never leaves half a line behind.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why lines could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}", path = path.display())]
pub(super) struct AppendError {
    action: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

/// An open file of JSON lines.
#[derive(Debug)]
pub(super) struct Appender {
    path: PathBuf,
    rotate_at: Option<u64>,
    /// Closed after a failure; the next append opens it again.
    file: Option<File>,
    /// Bytes of whole lines in the file.
    length: u64,
}

impl Appender {
    /// Opens or makes the file. The rest of a line that a crash cut off is removed: it never had a receipt, and its
    /// document will come again.
    ///
    /// # Errors
    /// [`AppendError`] when the file cannot be opened, read or cut.
    pub(super) fn open(path: &Path, rotate_at: Option<u64>) -> Result<Self, AppendError> {
        let mut appender = Self { path: path.to_owned(), rotate_at, file: None, length: 0 };
        appender.reopen()?;
        Ok(appender)
    }

    /// Writes whole lines, and returns when they are on disk. After an error nothing of them is in the file.
    ///
    /// # Errors
    /// [`AppendError`]; appending may be tried again.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<(), AppendError> {
        if self.file.is_none() {
            self.reopen()?;
        }
        if self.rotate_at.is_some_and(|limit| self.length > 0 && self.length + lines.len() as u64 > limit) {
            self.set_aside()?;
        }
        let length = self.length;
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(lines).and_then(|()| file.sync_data());
        match written {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(source) => {
                // What cannot be cut now is cut when the file is opened again, down to its last whole line.
                let _ = file.set_len(length);
                self.file = None;
                Err(self.failed("write")(source))
            }
        }
    }

    fn reopen(&mut self) -> Result<(), AppendError> {
        let is_new = !self.path.exists();
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).open(&self.path).map_err(self.failed("open"))?;
        let whole = whole_lines(&mut file).map_err(self.failed("read"))?;
        let length = file.metadata().map_err(self.failed("read"))?.len();
        if whole < length {
            tracing::warn!(path = %self.path.display(), bytes = length - whole, "removed the rest of a line that was cut off");
            file.set_len(whole).map_err(self.failed("cut"))?;
        }
        if is_new {
            self.sync_folder()?;
        }
        self.length = whole;
        self.file = Some(file);
        Ok(())
    }

    /// Renames the file to the first free number and starts a new one.
    fn set_aside(&mut self) -> Result<(), AppendError> {
        let target = (1_u64..)
            .map(|number| {
                let mut name: OsString = self.path.clone().into_os_string();
                name.push(format!(".{number}"));
                PathBuf::from(name)
            })
            .find(|candidate| !candidate.exists());
        if let Some(target) = target {
            std::fs::rename(&self.path, target).map_err(self.failed("rename"))?;
        }
        self.file = None;
        self.reopen()
    }

    /// A new name is safe only when its folder is on disk.
    fn sync_folder(&self) -> Result<(), AppendError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(self.failed("sync the folder of"))
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(std::io::Error) -> AppendError + use<> {
        let path = self.path.clone();
        move |source| AppendError { action, path, source }
    }
}

/// Bytes up to and with the last line break.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    const BLOCK: u64 = 64 * 1024;
    let mut end = file.metadata()?.len();
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = memchr::memrchr(b'\n', &block) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
