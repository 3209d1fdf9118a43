//! The simulator as a program.

mod support;

use std::process::Stdio;

use support::FORM;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rti-simulator");

#[tokio::test]
async fn it_says_where_it_is_and_one_line_for_each_request() {
    let mut program = Command::new(PROGRAM)
        .args(["--bind", "127.0.0.1:0", "--api-key", "k-1", "--rules"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/rules.example.toml"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let address = first.strip_prefix("simulator on http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
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
        stream
            .write_all(support::post(support::V1, &body).as_bytes())
            .await
            .unwrap();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), line);
    }
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
