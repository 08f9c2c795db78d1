//! One server process: started in a process group of its own with its output in a log file, watched until it is ready,
//! stopped or killed as a group, and killed by the kernel should the test process die.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use super::ServerError;
use super::directory::RunDirectory;
use super::wait::pause;

/// How long a server may take until it answers; a busy two-core machine needs a fraction of it, unless a program in Python is
/// compiled at its first start.
const START_WITHIN: Duration = Duration::from_secs(240);
/// How long a server may take to end in order before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// How long a killed process group may take to be gone: the kernel has to give back its memory.
const GONE_WITHIN: Duration = Duration::from_secs(10);
/// How much of the log an error shows.
const LOG_LINES_SHOWN: usize = 40;

/// What to run; the same at every restart.
#[derive(Clone, Debug, Default)]
pub(super) struct CommandLine {
    /// What runs the program as another user; often nothing.
    pub(super) prefix: Vec<String>,
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    /// Variables that are added to the environment.
    pub(super) environment: Vec<(&'static str, String)>,
}

/// A server process and its folder. Dropping it kills the process group, then removes the folder.
#[derive(Debug)]
pub(super) struct Process {
    server: &'static str,
    child: Option<Child>,
    command: CommandLine,
    directory: RunDirectory,
}

impl Process {
    /// A server that does not run yet.
    pub(super) fn new(server: &'static str, directory: RunDirectory, command: CommandLine) -> Self {
        Self { server, child: None, command, directory }
    }

    /// Replaces what the next start runs.
    pub(super) fn set_command(&mut self, command: CommandLine) {
        self.command = command;
    }

    /// The folder of the server.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the server and returns when `ready` says that it can be talked to. Does nothing if it runs.
    ///
    /// # Errors
    /// [`ServerError::NotReady`] with the end of the log, if the server ends or does not become ready in time.
    pub(super) fn start(&mut self, ready: impl Fn() -> Result<(), String>) -> Result<(), ServerError> {
        if self.child.is_some() {
            return Ok(());
        }
        let child = spawn_from_lasting_thread(self.prepare()?).map_err(|error| ServerError::Program {
            program: self.command.words.join(" "),
            reason: error.to_string(),
        })?;
        self.child = Some(child);
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                self.kill();
                return Err(self.not_ready(started.elapsed(), format!("it ended with {status}")));
            }
            match ready() {
                Ok(()) => return Ok(()),
                Err(reason) if started.elapsed() >= START_WITHIN => {
                    self.kill();
                    return Err(self.not_ready(START_WITHIN, reason));
                }
                Err(_) => pause(),
            }
        }
    }

    /// Asks the server to end and waits until it has; kills it when it takes too long.
    pub(super) fn stop(&mut self) {
        self.end("TERM", STOP_WITHIN);
        self.kill();
    }

    /// Kills the whole process group at once, as a crash would.
    pub(super) fn kill(&mut self) {
        self.end("KILL", GONE_WITHIN);
        self.child = None;
    }

    /// Stops the clocks of the server: it keeps its connections and answers nothing, until [`Process::thaw`].
    pub(super) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub(super) fn thaw(&self) {
        self.signal("CONT");
    }

    /// The last lines of the log.
    pub(super) fn log_tail(&self) -> String {
        let text = std::fs::read(self.log()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.unwrap_or_else(|error| format!("(no log: {error})"));
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_LINES_SHOWN)..).unwrap_or_default().join("\n")
    }

    fn log(&self) -> PathBuf {
        self.directory().join("log")
    }

    fn prepare(&self) -> Result<Command, ServerError> {
        let log = self.log();
        let failed = |source| ServerError::File { action: "open", path: log.clone(), source };
        let output: File = OpenOptions::new().create(true).append(true).open(&log).map_err(failed)?;
        let errors = output.try_clone().map_err(failed)?;
        // The kernel kills the server when the thread that started it ends: see `spawn_from_lasting_thread`. It forgets
        // to when a process changes its user, so this comes after the prefix.
        let guard = ["setpriv", "--pdeathsig", "KILL", "--"].map(str::to_owned);
        let mut command = Command::new("env");
        command.args(&self.command.prefix).args(guard).args(&self.command.words);
        command.envs(self.command.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.directory()).process_group(0);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        Ok(command)
    }

    /// Signals the group and waits until nobody of it is left: the children of a server that has children hold its ports
    /// and its data longer than it does.
    fn end(&mut self, signal_name: &str, within: Duration) {
        let Some(group) = self.child.as_ref().map(Child::id) else { return };
        signal(group, signal_name);
        let started = Instant::now();
        while (self.ended().is_none() || is_alive(group)) && started.elapsed() < within {
            pause();
        }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok()?
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            signal(child.id(), name);
        }
    }

    fn not_ready(&self, waited: Duration, reason: String) -> ServerError {
        ServerError::NotReady { server: self.server, waited, reason, log: self.log(), log_tail: self.log_tail() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process group.
fn signal(group: u32, name: &str) {
    signal_process(&format!("-{group}"), name);
}

/// Sends a signal to a process. The shell has the only `kill` that is on every machine.
pub(super) fn signal_process(id: &str, name: &str) {
    let script = format!("kill -s {name} -- {id}");
    // A group that is gone already needs no signal.
    let _ = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
}

/// Whether a process of the group still runs; one that has ended and that nobody has collected does not.
fn is_alive(group: u32) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    entries.flatten().any(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // `id (name) state parent group …`, where the name may hold anything.
        let mut after_name = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let state = after_name.next();
        after_name.nth(1).is_some_and(|found| found == group.to_string()) && !matches!(state, Some("Z" | "X"))
    })
}

/// A command to start, and where its child goes.
type Order = (Command, SyncSender<io::Result<Child>>);

/// Starts the command from a thread that lives as long as the test process. The kernel's parent-death signal follows
/// the *thread* that started a child, and the thread of one test ends long before a server that several tests share.
fn spawn_from_lasting_thread(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, todo) = channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, result) in todo {
                // The receiver waits for it below.
                let _ = result.send(command.spawn());
            }
        });
        orders
    });
    let (sender, result) = sync_channel(1);
    spawner.send((command, sender)).map_err(io::Error::other)?;
    result.recv().map_err(io::Error::other)?
}
