//! The app as an archive to install. The same description gives the same bytes: no clock, no owner, one order.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use super::super::{DashboardError, Description};
use super::{APP, app};

/// The archive, `tar` within `gzip`.
///
/// # Errors
/// [`DashboardError::Package`] when a path does not fit into an archive.
pub fn archive(description: &Description) -> Result<Vec<u8>, DashboardError> {
    let failed = |error: std::io::Error| DashboardError::Package(error.to_string());
    let mut folder = tar::Builder::new(Vec::new());
    for file in app(description) {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(u64::try_from(file.text.len()).unwrap_or(u64::MAX));
        header.set_mtime(0);
        folder.append_data(&mut header, format!("{APP}/{}", file.path), file.text.as_bytes()).map_err(failed)?;
    }
    let plain = folder.into_inner().map_err(failed)?;
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packed.write_all(&plain).map_err(failed)?;
    packed.finish().map_err(failed)
}
