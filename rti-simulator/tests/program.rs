//! The simulator as a program.

// The functions between the tests assert too.
#![allow(clippy::unwrap_used)]

mod support;

use std::process::Stdio;

use support::FORM;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rti-simulator");

/// The program, and a connection to it.
struct Program {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stream: TcpStream,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap();
        let address = first.strip_prefix("simulator on http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            _child: child,
            lines,
            stream,
        }
    }

    /// Posts the body, and returns this many lines that are printed then.
    async fn send(&mut self, path: &str, body: &str, lines: usize) -> Vec<String> {
        let request = support::post(path, body);
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut printed = Vec::new();
        for _ in 0..lines {
            printed.push(self.lines.next_line().await.unwrap().unwrap());
        }
        printed
    }
}

#[tokio::test]
async fn it_prints_its_origin_and_a_line_for_each_request() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.example.toml");
    let arguments = [
        "--bind",
        "127.0.0.1:0",
        "--api-key",
        "k-1",
        "--rules",
        rules,
    ];
    let mut program = Program::start(&arguments).await;
    for (body, line) in [
        (
            FORM.to_owned(),
            "v1 page_load 192.0.2.1 Firefox/140.0 [everybody else] valid",
        ),
        (
            FORM.replace("Firefox", "curl"),
            "v1 page_load 192.0.2.1 curl/140.0 [scripts] threat 3",
        ),
        (
            FORM.replace("Firefox", "%1b[2J"),
            "v1 page_load 192.0.2.1 \"\\u{1b}[2J/140.0\" [everybody else] valid",
        ),
        (
            FORM.replace("k-1", "k-2"),
            "v1 page_load 192.0.2.1 Firefox/140.0 refused 401: not the expected ApiKey",
        ),
    ] {
        assert_eq!(program.send(support::V1, &body, 1).await, [line]);
    }
}

#[tokio::test]
async fn it_prints_remarks_and_telemetry() {
    let mut program = Program::start(&[]).await;
    let departing = FORM.replace("1795370096002", "20261122175455") + "&Origin=";
    let printed = program.send(support::V1, &departing, 3).await;
    assert_eq!(
        printed,
        [
            "v1 page_load 192.0.2.1 Firefox/140.0 [everybody else] valid",
            "  remark: RequestTime: \"20261122175455\" is not milliseconds since the epoch",
            "  remark: Origin: empty, must be left out",
        ]
    );
    let message = r#"{"level":"warn","apiKey":"k-1","tagHash":"t-1","action":"check","application":"shop","message":"late\u001b[2J"}"#;
    let printed = program.send("/telemetry", message, 1).await;
    assert_eq!(printed, ["telemetry warn shop check: late\u{fffd}[2J"]);
}

#[tokio::test]
async fn strict_is_an_option() {
    let mut program = Program::start(&["--strict"]).await;
    let departing = format!("{FORM}&Origin=");
    let printed = program.send(support::V1, &departing, 2).await;
    assert_eq!(
        printed,
        [
            "v1 page_load 192.0.2.1 Firefox/140.0 refused 400: Origin: empty, must be left out",
            "  remark: Origin: empty, must be left out",
        ]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_it_cleanly() {
    let mut program = Command::new(PROGRAM)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = program.stdout.take().unwrap();
    stdout.read_u8().await.unwrap();
    let id = program.id().unwrap().to_string();
    Command::new("kill")
        .args(["-INT", &id])
        .status()
        .await
        .unwrap();
    assert_eq!(program.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn bad_arguments_are_one_line_and_code_2() {
    for (arguments, expected) in [
        (&["--bond"][..], "invalid option '--bond'"),
        (&["extra"], "unexpected argument \"extra\""),
        (&["--bind"], "missing argument for option '--bind'"),
        (
            &["--bind", "localhost"],
            "cannot parse argument \"localhost\"",
        ),
        (
            &["--bind", "0.0.0.0:0"],
            "0.0.0.0:0 is not a loopback address",
        ),
        (&["--rules", "no/such/file"], "cannot read no/such/file: "),
    ] {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .output()
            .await
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.starts_with("rti-simulator: ") && message.contains(expected),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}
