//! The programs of others, where `tests/validators/install` put them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a program said, and whether it succeeded.
pub(crate) struct Said {
    pub(crate) success: bool,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            success: output.status.success(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output of a program that must have succeeded.
    pub(crate) fn or_fail(self, what: &str) -> String {
        assert!(self.success, "{what}:\n{}{}", self.output, self.errors);
        self.output
    }
}

/// Runs a program that is in `.cache/servers`.
fn run<'a>(program: &str, folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    let path: PathBuf = root().join(".cache/servers").join(program);
    assert!(path.exists(), "{} is missing: run tests/validators/install", path.display());
    // what somebody's shell sets must not change what the chart gives
    let mut command = Command::new(path);
    command.args(arguments).current_dir(folder).env_remove("HELM_NAMESPACE").env_remove("KUBECONFIG");
    Said::of(command.output().unwrap())
}

/// Helm, at the root of the project.
pub(crate) fn helm<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Said {
    run("helm/helm", root(), arguments)
}

/// promtool, in a folder.
pub(crate) fn promtool<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    run("promtool/promtool", folder, arguments)
}

/// kubernetes-validate, in a folder.
pub(crate) fn kubernetes_validate<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    run("validators/bin/kubernetes-validate", folder, arguments)
}

/// hadolint, at the root of the project.
pub(crate) fn hadolint<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Said {
    run("validators/bin/hadolint", root(), arguments)
}
