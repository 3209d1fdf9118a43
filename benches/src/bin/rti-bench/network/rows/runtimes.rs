//! Several runtimes in a process: row 8.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rti_test_network::Http;
use tokio::runtime::{Builder, Runtime};

use crate::network::constants::{NEAR, SETTLED};
use crate::network::rig::Rig;
use crate::network::share::Share;
use crate::network::visitors::{Engine, Visit};

const WORKERS: usize = 3;
const LASTING: Duration = Duration::from_secs(4);

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built")
}

async fn in_threads(measure: impl FnOnce() -> Vec<Visit> + Send + 'static) -> Share {
    let visits = tokio::task::spawn_blocking(measure).await;
    Share::of_all(&visits.expect("the workers do not panic"))
}

/// Workers with a runtime each, as actix-web's; one more is blocked for 300 of every 400 ms, and its
/// visitors do not count.
pub(super) async fn blocked(http: Http) -> Share {
    in_threads(move || {
        let rig = Rig::start(http, NEAR);
        let engine = &rig.engine;
        let (dialled, first_has_dialled) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || runtime().block_on(blocked_worker(engine, &dialled)));
            // It fails where the worker panicked, which the scope passes on.
            let _ = first_has_dialled.recv();
            let workers =
                [(); WORKERS].map(|()| scope.spawn(|| runtime().block_on(worker(engine))));
            let visits = workers.map(|worker| worker.join().expect("a worker does not panic"));
            visits.concat()
        })
    })
    .await
}

async fn worker(engine: &Engine) -> Vec<Visit> {
    bursts(engine, SETTLED).await;
    bursts(engine, LASTING).await
}

/// Five visitors at a time, so that connections of other workers come into use.
async fn bursts(engine: &Engine, lasting: Duration) -> Vec<Visit> {
    let began = Instant::now();
    let mut visits = Vec::new();
    while began.elapsed() < lasting {
        visits.extend(engine.burst(5).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    visits
}

async fn blocked_worker(engine: &Engine, dialled: &mpsc::Sender<()>) {
    engine.burst(6).await;
    let _ = dialled.send(());
    let began = Instant::now();
    while began.elapsed() < SETTLED + LASTING {
        let turn = Instant::now();
        engine.burst(6).await;
        tokio::time::sleep(Duration::from_millis(100).saturating_sub(turn.elapsed())).await;
        thread::sleep(Duration::from_millis(300));
    }
}

/// The engine was made and has dialled on a runtime that then rests.
pub(super) async fn not_driven(http: Http) -> Share {
    in_threads(move || {
        let first = runtime();
        let rig = first.block_on(async {
            let rig = Rig::start(http, NEAR);
            rig.engine.steady(60, SETTLED).await;
            rig
        });
        runtime().block_on(worker(&rig.engine))
    })
    .await
}
