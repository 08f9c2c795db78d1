//! Where `tests/servers/install` put things: the only place that knows the layout of `.cache/servers/`.

use std::path::{Path, PathBuf};

use super::ServerError;

/// The project's folder for what is downloaded, built and run; git ignores it.
pub(super) fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache")
}

/// A path below `.cache/servers/`.
///
/// # Errors
/// [`ServerError::NotInstalled`] if there is nothing at it.
pub(crate) fn installed(server: &'static str, path: &str) -> Result<PathBuf, ServerError> {
    let full = cache().join("servers").join(path);
    if full.exists() { Ok(full) } else { Err(ServerError::NotInstalled { server, missing: full }) }
}

/// The random password that the installation gave to `user` on this machine.
///
/// # Errors
/// [`ServerError::NotInstalled`] if there is none.
pub(super) fn password(server: &'static str, user: &str) -> Result<String, ServerError> {
    let path = installed(server, "credentials/passwords")?;
    let text = read(&path)?;
    let found = text.lines().find_map(|line| line.strip_prefix(user)?.strip_prefix('='));
    found.map(str::to_owned).ok_or(ServerError::NotInstalled { server, missing: path })
}

/// Reads a text file.
///
/// # Errors
/// [`ServerError::File`] with the path.
pub(super) fn read(path: &Path) -> Result<String, ServerError> {
    std::fs::read_to_string(path).map_err(|source| ServerError::File { action: "read", path: path.to_owned(), source })
}

/// Writes a text file.
///
/// # Errors
/// [`ServerError::File`] with the path.
pub(super) fn write(path: &Path, text: &str) -> Result<(), ServerError> {
    std::fs::write(path, text).map_err(|source| ServerError::File { action: "write", path: path.to_owned(), source })
}

/// Copies a folder of plain files and folders.
///
/// # Errors
/// [`ServerError::File`] with the path that could not be copied.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), ServerError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ServerError::File { action: "copy", path, source }
    };
    std::fs::create_dir_all(to).map_err(failed(to))?;
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let source = entry.map_err(failed(from))?.path();
        let Some(name) = source.file_name() else { continue };
        let target = to.join(name);
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(failed(&source))?;
        }
    }
    Ok(())
}
