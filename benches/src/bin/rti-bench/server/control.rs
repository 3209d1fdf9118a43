//! The talk between the harness and the server's process, over the latter's standard streams.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::process;
use crate::subject::Subject;
use crate::wire::Wire;

/// What a server is started with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) subject: Subject,
    pub(crate) service: SocketAddr,
    pub(crate) wire: Wire,
    pub(crate) timeout: Duration,
    pub(crate) breaker: bool,
    pub(crate) max_in_flight: usize,
    pub(crate) processor: Option<usize>,
}

impl Options {
    /// The defaults of RTI, save the deadline: a busy machine must not make a round fail open.
    pub(crate) fn new(subject: Subject, service: SocketAddr) -> Self {
        Self {
            subject,
            service,
            wire: Wire::Plain,
            timeout: Duration::from_secs(5),
            breaker: true,
            max_in_flight: 1024,
            processor: process::processor_for_servers(),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            self.subject.to_string(),
            self.service.to_string(),
            self.wire.name().to_owned(),
            self.timeout.as_millis().to_string(),
            self.breaker.to_string(),
            self.max_in_flight.to_string(),
        ];
        arguments.extend(self.processor.map(|processor| processor.to_string()));
        arguments
    }

    /// Reads what [`arguments`](Self::arguments) wrote.
    pub(crate) fn parse(arguments: &[String]) -> Option<Self> {
        let [
            subject,
            service,
            wire,
            timeout,
            breaker,
            max_in_flight,
            processor @ ..,
        ] = arguments
        else {
            return None;
        };
        Some(Self {
            subject: subject.parse().ok()?,
            service: service.parse().ok()?,
            wire: wire.parse().ok()?,
            timeout: Duration::from_millis(timeout.parse().ok()?),
            breaker: breaker.parse().ok()?,
            max_in_flight: max_in_flight.parse().ok()?,
            processor: processor
                .first()
                .and_then(|processor| processor.parse().ok()),
        })
    }
}

/// A server in a process of its own; it ends with this.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    ask: Option<ChildStdin>,
    told: Lines<BufReader<ChildStdout>>,
}

impl Server {
    pub(crate) fn start(options: Options) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .arg("serve")
            .args(options.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let ask = child.stdin.take();
        let told = child.stdout.take().expect("it is piped");
        let mut told = BufReader::new(told).lines();
        // Rocket writes warnings to the standard output, before its address.
        let mut lines = told.by_ref().map_while(Result::ok);
        let address = lines.find_map(|line| line.parse().ok());
        Self {
            address: address.unwrap_or_else(|| panic!("{} does not start", options.subject)),
            child,
            ask,
            told,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tasks alive in the server's runtimes.
    pub(crate) fn tasks(&mut self) -> usize {
        let mut ask = self.ask.as_ref().expect("it is open until the drop");
        ask.write_all(b"tasks\n").expect("the server lives");
        let told = self.told.next().and_then(Result::ok);
        told.and_then(|line| line.parse().ok())
            .expect("the server counts its tasks")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input ends it; killing is for one that hangs, or cannot fail.
        drop(self.ask.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runtimes of this process whose tasks are counted.
static RUNTIMES: Mutex<Vec<Handle>> = Mutex::new(Vec::new());

pub(super) fn watch_tasks(runtime: Handle) {
    RUNTIMES
        .lock()
        .expect("nothing panics with the lock")
        .push(runtime);
}

/// Tells the harness where to find the server, and answers it from then on.
pub(super) fn announce(address: SocketAddr) {
    println!("{address}");
    std::thread::spawn(|| {
        for _asked in std::io::stdin().lines().map_while(Result::ok) {
            let runtimes = RUNTIMES.lock().expect("nothing panics with the lock");
            let tasks: usize = runtimes
                .iter()
                .map(|it| it.metrics().num_alive_tasks())
                .sum();
            println!("{tasks}");
        }
        // The harness is gone, so nobody needs this server.
        std::process::exit(0);
    });
}
