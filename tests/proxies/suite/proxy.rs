//! A real proxy, as a process of its own.

mod configuration;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::certificate::Certificate;

/// A proxy that there is a configuration for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxy {
    Nginx,
    Haproxy,
    Caddy,
}

/// A loaded machine starts several at once.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Who listens where.
#[derive(Debug, Clone, Copy)]
struct Places {
    application: SocketAddr,
    http: SocketAddr,
    https: SocketAddr,
    admin: SocketAddr,
}

impl Proxy {
    pub(crate) const ALL: [Self; 3] = [Self::Nginx, Self::Haproxy, Self::Caddy];

    /// The name of the program, and of the package of Debian's that holds it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx.conf",
            Self::Haproxy => "haproxy.cfg",
            Self::Caddy => "Caddyfile",
        }
    }

    pub(crate) fn is_installed(self) -> bool {
        // Debian keeps servers where a user's search path does not lead.
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let mut paths = std::env::split_paths(&paths).chain(["/usr/sbin".into()]);
        paths.any(|path| path.join(self.name()).is_file())
    }

    fn command(self, directory: &Path) -> Command {
        let paths = std::env::var("PATH").unwrap_or_default();
        let file = directory.join(self.file_name());
        let mut command = Command::new(self.name());
        // Caddy keeps its state in these directories.
        command
            .env("PATH", format!("{paths}:/usr/sbin"))
            .env("HOME", directory)
            .env("XDG_DATA_HOME", directory)
            .env("XDG_CONFIG_HOME", directory);
        match self {
            Self::Nginx => command.arg("-c").arg(file).args(["-g", "daemon off;"]),
            Self::Haproxy => command.arg("-db").arg("-f").arg(file),
            Self::Caddy => command
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(file),
        };
        command
    }

    /// What ends it at once. nginx takes its workers along.
    fn stop_signal(self) -> Signal {
        match self {
            Self::Nginx | Self::Haproxy => Signal::TERM,
            Self::Caddy => Signal::QUIT,
        }
    }

    /// Starts it before this application.
    pub(crate) async fn start(self, application: SocketAddr, certificate: &Certificate) -> Running {
        let directory = tempfile::tempdir().unwrap();
        let address = own_address();
        let [http, https, admin] = free_ports(address);
        let places = Places {
            application,
            http,
            https,
            admin,
        };
        let files = certificate.write(directory.path());
        configuration::write(self, directory.path(), places, &files);
        let log = fs::File::create(directory.path().join("log")).unwrap();
        let child = self
            .command(directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut running = Running {
            proxy: self,
            child,
            http,
            https,
            directory,
        };
        running.listening().await;
        running
    }
}

/// An address of loopback for this proxy alone. Proxies must be told their ports, and between the
/// choice of a port and their start another test would take it on 127.0.0.1.
fn own_address() -> Ipv4Addr {
    static STARTED: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    let second = 64 + high % 64;
    Ipv4Addr::new(127, second, low, STARTED.fetch_add(1, Ordering::Relaxed))
}

fn free_ports<const COUNT: usize>(address: Ipv4Addr) -> [SocketAddr; COUNT] {
    let listeners = [(); COUNT].map(|()| TcpListener::bind((address, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}

/// A running proxy. Dropping it ends the process.
pub(crate) struct Running {
    proxy: Proxy,
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    directory: TempDir,
}

impl Running {
    /// There is nothing to wait for but that it listens.
    async fn listening(&mut self) {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(self.https).await.is_err() {
            let is_running = self.child.try_wait().unwrap().is_none();
            assert!(is_running, "{} ended", self.proxy.name());
            assert!(Instant::now() < deadline, "{} is slow", self.proxy.name());
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.directory.path().join("log"));
            println!("{} said: {}", self.proxy.name(), log.unwrap_or_default());
        }
        if let Some(process) = Pid::from_raw(self.child.id().try_into().unwrap_or_default())
            && matches!(self.child.try_wait(), Ok(None))
        {
            let _ = kill_process(process, self.proxy.stop_signal());
            let _ = self.child.wait();
        }
    }
}
