//! A site in a process of its own, with as many descriptors as it is told, and its visitors.

use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::routing::get;
use rti_axum::RtiLayer;
use rti_bench::sample::Sample;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::rig::{self, Path};
use crate::load::message_length;
use crate::process;

/// The last line of a certificate in PEM.
const PEM_ENDS: &str = "-----END CERTIFICATE-----";

/// The address that visitors have as a rule, and another one.
pub(super) const CROWD: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(super) const SOMEBODY_ELSE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// An axum server with RTI; it ends with this.
pub(super) struct Site {
    address: SocketAddr,
    child: Child,
}

/// A visitor's connection to a site.
pub(super) struct Visitor(TcpStream);

impl Site {
    pub(super) fn start(path: &Path, descriptors: u64) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .args(["site", &path.origin(), &descriptors.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let mut input = child.stdin.as_ref().expect("it is piped");
        writeln!(input, "{}", path.pem()).expect("the site reads");
        let output = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        std::io::BufReader::new(output)
            .read_line(&mut line)
            .expect("the site tells its address");
        let address = line.trim().parse().expect("the site starts");
        Self { address, child }
    }

    pub(super) async fn visitor(&self, from: IpAddr) -> Visitor {
        let socket = TcpSocket::new_v4().expect("there are descriptors");
        socket
            .bind(SocketAddr::new(from, 0))
            .expect("every address of 127.0.0.0/8 is here");
        let stream = socket.connect(self.address).await;
        Visitor(stream.expect("the site accepts"))
    }

    pub(super) async fn visitors(&self, from: IpAddr, count: usize) -> Vec<Visitor> {
        let mut visitors = Vec::with_capacity(count);
        for _ in 0..count {
            visitors.push(self.visitor(from).await);
        }
        visitors
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Visitor {
    /// The status of the site's answer; 0 where there is none.
    pub(super) async fn visit(&mut self) -> u16 {
        self.ask().await.unwrap_or(0)
    }

    async fn ask(&mut self) -> std::io::Result<u16> {
        self.0.write_all(&Sample::browser().wire()).await?;
        let mut answer = Vec::new();
        while message_length(&answer).is_none_or(|length| answer.len() < length) {
            if self.0.read_buf(&mut answer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = answer
            .get(9..12)
            .and_then(|status| str::from_utf8(status).ok());
        Ok(status.and_then(|status| status.parse().ok()).unwrap_or(0))
    }
}

/// The child's whole life: serves until its standard input ends.
pub(crate) fn serve(arguments: &[String]) -> Option<()> {
    let [origin, descriptors] = arguments else {
        return None;
    };
    process::lower_descriptor_limit(descriptors.parse().ok()?);
    let mut pem = String::new();
    for line in std::io::stdin().lines().map_while(Result::ok) {
        pem = pem + &line + "\n";
        if line == PEM_ENDS {
            break;
        }
    }
    std::thread::spawn(|| {
        // It ends with the program that started this one.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be built").block_on(async {
        let layer = RtiLayer::new(rig::engine(origin, &pem, |config| config));
        let app = Router::new()
            .fallback(get(|| async { "hello" }))
            .layer(layer);
        let listener = tokio::net::TcpSocket::new_v4().expect("there are descriptors");
        listener
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("loopback has a free port");
        let listener = listener.listen(4096).expect("loopback can be listened on");
        println!("{}", listener.local_addr().expect("it has an address"));
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app)
            .await
            .expect("a server serves until its process ends");
    });
    Some(())
}
