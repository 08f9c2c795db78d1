//! etcd, kube-apiserver and kube-controller-manager as processes of this test, and kubectl and Helm to talk to them. All of it
//! listens on 127.0.0.1 only, lives in one temporary folder, and ends with the value.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::root;

/// How long anything may take; a busy machine needs a tenth of it.
const WITHIN: Duration = Duration::from_secs(120);

/// A control plane that runs.
pub(crate) struct ControlPlane {
    folder: tempfile::TempDir,
    processes: RefCell<Vec<Child>>,
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        for process in self.processes.get_mut().iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
        println!("cluster: all of it has ended");
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn installed(path: &str) -> PathBuf {
    let path = root().join(".cache/servers").join(path);
    assert!(path.exists(), "{} is missing: run `./test cluster`, which installs it", path.display());
    path
}

fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&output.stderr)) }
}

impl ControlPlane {
    /// Starts everything, and returns when the API server is ready.
    pub(crate) fn start() -> Self {
        let mut plane = Self { folder: tempfile::tempdir().unwrap(), processes: RefCell::default() };
        let [client, peer, api] = [free_port(), free_port(), free_port()];
        plane.write_credentials(api);
        let at = |name: &str| plane.folder.path().join(name).display().to_string();
        let (key, certificate) = (at("key.pem"), at("certificate.pem"));
        let etcd = [
            format!("--data-dir={}", at("etcd")),
            format!("--listen-client-urls=http://127.0.0.1:{client}"),
            format!("--advertise-client-urls=http://127.0.0.1:{client}"),
            format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
            format!("--initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
            format!("--initial-cluster=default=http://127.0.0.1:{peer}"),
            "--unsafe-no-fsync".to_owned(),
        ];
        let server = [
            format!("--etcd-servers=http://127.0.0.1:{client}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={api}"),
            format!("--tls-cert-file={certificate}"),
            format!("--tls-private-key-file={key}"),
            format!("--token-auth-file={}", at("tokens.csv")),
            "--authorization-mode=RBAC".to_owned(),
            "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={certificate}"),
            format!("--service-account-signing-key-file={key}"),
            // no endpoints of the API server are needed, nor an address to publish
            "--endpoint-reconciler-type=none".to_owned(),
        ];
        let controllers = [
            format!("--kubeconfig={}", at("kubeconfig")),
            format!("--service-account-private-key-file={key}"),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
            "--controllers=statefulset-controller,serviceaccount-controller,disruption-controller,endpointslice-controller,\
             garbage-collector-controller"
                .to_owned(),
        ];
        plane.spawn("etcd", &etcd, &format!("etcd on 127.0.0.1:{client} and :{peer}"));
        plane.spawn("kube-apiserver", &server, &format!("kube-apiserver on 127.0.0.1:{api}"));
        plane.wait_for("the API server is ready", || plane.kubectl(&["get", "--raw", "/readyz"], "").is_ok());
        plane.spawn("kube-controller-manager", &controllers, "kube-controller-manager, which listens nowhere");
        plane
    }

    /// A certificate for 127.0.0.1 that is its own authority, a token of an administrator, and a kubeconfig with both.
    fn write_credentials(&self, port: u16) {
        let folder = self.folder.path();
        let openssl = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let names = ["-subj", "/CN=kube-apiserver", "-addext", "subjectAltName=IP:127.0.0.1"];
        let files = ["-keyout", "key.pem", "-out", "certificate.pem"];
        let mut command = Command::new("openssl");
        run(command.args(openssl).args(names).args(files).current_dir(folder), "").unwrap();
        let token = run(Command::new("openssl").args(["rand", "-hex", "16"]), "").unwrap();
        let token = token.trim();
        std::fs::write(folder.join("tokens.csv"), format!("{token},administrator,1,system:masters\n")).unwrap();
        let kubeconfig = serde_json::json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": format!("https://127.0.0.1:{port}"),
                "certificate-authority": folder.join("certificate.pem")}}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        });
        std::fs::write(folder.join("kubeconfig"), kubeconfig.to_string()).unwrap();
    }

    fn spawn(&mut self, program: &str, arguments: &[String], what: &str) {
        println!("cluster: starts {what}");
        let log = File::create(self.log(program)).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(installed("control_plane/control-plane"))
            .arg(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.processes.get_mut().push(child);
    }

    fn log(&self, program: &str) -> PathBuf {
        self.folder.path().join(format!("{program}.log"))
    }

    fn logs(&self) -> String {
        let tail = |program: &str| {
            let text = std::fs::read_to_string(self.log(program)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("{program}:\n{}\n", lines[lines.len().saturating_sub(15)..].join("\n"))
        };
        ["etcd", "kube-apiserver", "kube-controller-manager"].map(tail).concat()
    }

    /// Looks again and again until it is so.
    #[expect(clippy::disallowed_methods, reason = "other processes offer nothing to wait on")]
    pub(crate) fn wait_for(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            let has_ended = self.processes.borrow_mut().iter_mut().any(|process| process.try_wait().unwrap().is_some());
            let in_vain = has_ended || started.elapsed() > WITHIN;
            assert!(!in_vain, "waited in vain until {what}:\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn client(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(root()).env("KUBECONFIG", self.folder.path().join("kubeconfig"));
        for name in ["HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(name, self.folder.path());
        }
        command
    }

    /// Runs kubectl; gives what it said, also when it failed.
    pub(crate) fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let program = installed("control_plane/control-plane");
        run(self.client(&program).arg("kubectl").args(arguments), input)
    }

    /// Runs Helm in the namespace.
    pub(crate) fn helm(&self, arguments: &[&str]) -> Result<String, String> {
        let program = installed("helm/helm");
        run(self.client(&program).args(["--namespace", "governance"]).args(arguments), "")
    }

    /// Applies a file of the project.
    pub(crate) fn apply(&self, file: &str) {
        self.kubectl(&["apply", "--validate=strict", "-f", file], "").unwrap();
    }
}
