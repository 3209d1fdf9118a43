//! One way in which a service is, or is not.

use std::net::SocketAddr;
use std::time::Duration;

use rti_core::ConfigBuilder;
use rti_simulator::{Answer, Rule};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// The deadline of every scenario: the default of the options.
pub(crate) const DEADLINE: Duration = Duration::from_millis(100);

/// What is the matter with the service, and what must become of a visitor.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// `evaluated`, or the reason why not.
    pub(crate) expected: &'static str,
    pub(crate) service: Service,
    /// What goes before the requests that are measured.
    pub(crate) before: Before,
    pub(crate) configure: fn(ConfigBuilder) -> ConfigBuilder,
}

/// Who is at the endpoint.
pub(crate) enum Service {
    /// The simulator, with this rule.
    Simulator(Box<Rule>),
    /// Nobody listens.
    Nobody,
    /// Somebody listens and never accepts, and as many wait as may.
    FullBacklog,
    /// The simulator, which speaks no TLS, at an `https` endpoint.
    WithoutTls,
}

/// What goes before the requests that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// One request: connections are there, code is warm.
    Once,
    /// Until the circuit is open.
    UntilExpected,
    /// One that is still in flight.
    InFlight,
}

impl Scenario {
    pub(crate) fn new(name: &'static str, expected: &'static str, service: Service) -> Self {
        Self {
            name,
            expected,
            service,
            before: Before::Once,
            configure: |config| config,
        }
    }

    pub(crate) fn answering(
        name: &'static str,
        expected: &'static str,
        answer: impl Into<Answer>,
    ) -> Self {
        let rule = Rule::always().then(answer);
        Self::new(name, expected, Service::Simulator(Box::new(rule)))
    }
}

/// An endpoint that nobody answers at, for as long as `_held` lives.
pub(crate) struct Unanswered {
    pub(crate) address: SocketAddr,
    _held: Vec<TcpStream>,
    _listener: Option<TcpListener>,
}

impl Unanswered {
    pub(crate) async fn refused() -> Self {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: gone.local_addr().unwrap(),
            _held: Vec::new(),
            _listener: None,
        }
    }

    pub(crate) async fn full_backlog() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        // What does not fit the backlog any more hangs in the connect.
        let patience = 3 * DEADLINE;
        while let Ok(stream) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
            held.push(stream.unwrap());
        }
        Self {
            address,
            _held: held,
            _listener: Some(listener),
        }
    }
}
