//! chromedriver, as a process of its own.

use std::io::{BufRead as _, BufReader, copy, sink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running chromedriver, which starts a browser for each session.
pub(super) struct Driver {
    process: Child,
    port: u16,
}

/// What it prints when it listens, before the port and a full stop.
const STARTED: &str = "started successfully on port ";

impl Driver {
    /// Starts it on a free port, which it chooses itself.
    pub(super) fn start(program: &Path) -> Self {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line).unwrap();
            assert!(read > 0, "chromedriver ended before it listened");
            if let Some((_, port)) = line.trim_end().rsplit_once(STARTED) {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        // It would stop at a pipe that is full.
        std::thread::spawn(move || copy(&mut output, &mut sink()));
        Self { process, port }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it, and every browser that it still has.
    pub(super) fn stop(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
