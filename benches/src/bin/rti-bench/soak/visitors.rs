//! Visitors: most wait for their answer, some leave.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use rti_bench::sample::Sample;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::load::Connection;

const AT_A_TIME: u64 = 32;

/// Between two requests of a visitor: a few thousand a second in all.
const PAUSE: Duration = Duration::from_millis(6);

/// One request in so many is not waited for.
const LEAVES: u64 = 100;

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) answered: u64,
    pub(super) unanswered: u64,
    pub(super) left: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.unanswered += other.unanswered;
        self.left += other.left;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            answered,
            unanswered,
            left,
        } = self;
        write!(
            f,
            "{answered} answered, {unanswered} not, {left} left before"
        )
    }
}

pub(super) struct Visitors {
    visitors: JoinSet<Tally>,
    closing: watch::Sender<bool>,
}

impl Visitors {
    pub(super) fn begin(address: SocketAddr) -> Self {
        let closing = watch::Sender::new(false);
        let mut visitors = JoinSet::new();
        for seed in 1..=AT_A_TIME {
            visitors.spawn(visit(address, Rng::with_seed(seed), closing.subscribe()));
        }
        Self { visitors, closing }
    }

    /// Each has its last answer, and goes.
    pub(super) async fn leave(self) -> Tally {
        self.closing.send_replace(true);
        let mut tally = Tally::default();
        for visitor in self.visitors.join_all().await {
            tally.add(&visitor);
        }
        tally
    }
}

async fn visit(address: SocketAddr, mut random: Rng, closing: watch::Receiver<bool>) -> Tally {
    let request = Sample::browser().wire();
    let mut tally = Tally::default();
    let mut connection = None;
    while !*closing.borrow() {
        let leaves = random.u64(..LEAVES) == 0;
        match ask(&mut connection, address, &request, leaves).await {
            Ok(()) if leaves => tally.left += 1,
            Ok(()) => tally.answered += 1,
            Err(_) => {
                tally.unanswered += 1;
                connection = None;
            }
        }
        sleep(PAUSE).await;
    }
    tally
}

async fn ask(
    connection: &mut Option<Connection>,
    address: SocketAddr,
    request: &[u8],
    leaves: bool,
) -> io::Result<()> {
    let mut open = match connection.take() {
        Some(open) => open,
        None => Connection::open(address).await?,
    };
    if leaves {
        return open.send(request).await;
    }
    open.ask(request).await?;
    *connection = Some(open);
    Ok(())
}
