//! Elasticsearch refuses to run as root. When the tests run as root, this finds the prefix of a command that makes it run
//! as somebody else who can still read the installation and write the run folder.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ServerError;

/// The user `nobody` and the group `nogroup`.
const NOBODY: &str = "65534";

/// Prefix of a command line that runs `program` as a user other than root; empty when we are not root. The folder
/// becomes that user's own.
///
/// # Errors
/// [`ServerError::Program`] if we are root and there is no way to be somebody else.
pub(super) fn prefix(program: &Path, folder: &Path) -> Result<Vec<String>, ServerError> {
    let we_are_root = std::fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0);
    if !we_are_root {
        return Ok(Vec::new());
    }
    let as_nobody = words(&["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    if can_read(&as_nobody, program) {
        run("chown", &["-R", &format!("{NOBODY}:{NOBODY}"), &folder.to_string_lossy()])?;
        return Ok(as_nobody);
    }
    // A project below a folder that only root may enter: the same user under another number, in a namespace of its own.
    let renumbered = words(&["unshare", "--user", "--map-user", "1000", "--map-group", "1000"]);
    if can_read(&renumbered, program) {
        return Ok(renumbered);
    }
    Err(ServerError::Program {
        program: program.display().to_string(),
        reason: "it refuses to run as root and the user nobody cannot reach it: let others read and enter the folders \
                 above the project, or run the tests as another user"
            .to_owned(),
    })
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn can_read(prefix: &[String], program: &Path) -> bool {
    let Some((first, rest)) = prefix.split_first() else { return false };
    let mut probe = Command::new(first);
    probe.args(rest).args(["test", "-r"]).arg(program).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn run(program: &str, arguments: &[&str]) -> Result<(), ServerError> {
    let failed = |reason| ServerError::Program { program: format!("{program} {}", arguments.join(" ")), reason };
    let status = Command::new(program).args(arguments).status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
