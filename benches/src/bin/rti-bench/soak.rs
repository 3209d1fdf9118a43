//! Faults at random for a while: every request is answered, and nothing is left behind.

mod faults;
mod visitors;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use self::faults::{Weather, simulator};
use self::visitors::{Tally, Visitors};
use crate::arguments::Arguments;
use crate::harness;
use crate::ports;
use crate::process;
use crate::server::{Options, Server};
use crate::subject::{Framework, Way};

/// Short, so that hanging answers do not keep visitors from coming.
const DEADLINE: Duration = Duration::from_millis(40);

/// What memory may differ by and not count as growth: an allocator keeps some of what is freed.
const SLACK: f64 = 1.05;
const SLACK_BYTES: u64 = 1 << 20;

/// What a server has when nobody visits it and it has no connections.
#[derive(Debug, Clone, Copy)]
struct Calm {
    tasks: usize,
    descriptors: usize,
    resident: u64,
}

/// Soaks each framework, or the one that is asked for; whether all held.
pub(crate) fn run(arguments: &Arguments) -> bool {
    let frameworks = match arguments.framework {
        Some(framework) => vec![framework],
        None => Framework::ALL.to_vec(),
    };
    let time = Duration::from_secs(arguments.seconds.unwrap_or(arguments.pace.pick(30, 60)));
    let each = time / frameworks.len() as u32;
    let mut held = true;
    for framework in frameworks {
        let (tally, calm, broken) = harness::run(soak(framework, each));
        if arguments.json {
            println!("{}", summary(framework, &tally, calm, &broken));
        } else {
            let asked = tally.answered as f64 / each.as_secs_f64();
            println!("{}: {tally}, {asked:.0} a second", framework.name());
            println!("  at the beginning, after warming up and at the end: {calm:?}");
            for message in &broken {
                println!("  BROKEN: {message}");
            }
        }
        held &= broken.is_empty();
    }
    held
}

async fn soak(framework: Framework, time: Duration) -> (Tally, [Calm; 3], Vec<String>) {
    let free = ports::listen();
    let address = free.local_addr().expect("a listener has an address");
    drop(free);
    let simulator = simulator(address).await;
    let mut options = Options::new(framework.with(Way::Rti), simulator.address());
    options.timeout = DEADLINE;
    // With a breaker, most faults would never reach the adapter.
    options.breaker = false;
    let mut server = Server::start(options);
    let mut weather = Weather::new(simulator);
    let mut tally = Tally::default();
    // Some of a server is not there before its first visitor.
    let visitors = Visitors::begin(server.address);
    sleep(DEADLINE * 10).await;
    tally.add(&visitors.leave().await);
    let begin = calm(&mut weather, &mut server).await;
    storm(&mut weather, &server, time / 3, &mut tally).await;
    let warm = calm(&mut weather, &mut server).await;
    storm(&mut weather, &server, time * 2 / 3, &mut tally).await;
    let end = calm(&mut weather, &mut server).await;
    let broken = broken(begin, warm, end, &tally);
    (tally, [begin, warm, end], broken)
}

/// Visitors and faults together, for a while.
async fn storm(weather: &mut Weather, server: &Server, time: Duration, tally: &mut Tally) {
    let visitors = Visitors::begin(server.address);
    let ends = Instant::now() + time;
    while Instant::now() < ends {
        weather.change().await;
    }
    weather.clear().await;
    tally.add(&visitors.leave().await);
}

/// The server without a visitor and without a service, once what was under way has ended.
async fn calm(weather: &mut Weather, server: &mut Server) -> Calm {
    weather.vanish().await;
    // Longer than any deadline; then a look until nothing changes.
    let mut calm = None;
    for _ in 0..20 {
        sleep(Duration::from_millis(250)).await;
        let now = (server.tasks(), process::descriptors(server.pid()));
        if calm.replace(now) == Some(now) {
            break;
        }
    }
    let (tasks, descriptors) = calm.unwrap_or_default();
    let resident = process::resident(server.pid());
    weather.clear().await;
    Calm {
        tasks,
        descriptors,
        resident,
    }
}

fn broken(begin: Calm, warm: Calm, end: Calm, tally: &Tally) -> Vec<String> {
    let most = (warm.resident as f64 * SLACK) as u64 + SLACK_BYTES;
    let checks = [
        (
            tally.unanswered == 0,
            format!("{} requests were not answered", tally.unanswered),
        ),
        (
            end.tasks <= begin.tasks,
            format!(
                "{} tasks at the beginning, {} at the end",
                begin.tasks, end.tasks
            ),
        ),
        (
            end.descriptors <= begin.descriptors,
            format!(
                "{} descriptors at the beginning, {} at the end",
                begin.descriptors, end.descriptors
            ),
        ),
        (
            end.resident <= most,
            format!(
                "{} bytes resident after warming up, {} at the end",
                warm.resident, end.resident
            ),
        ),
    ];
    let broken = checks.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, message)| message).collect()
}

fn summary(framework: Framework, tally: &Tally, calm: [Calm; 3], broken: &[String]) -> Value {
    let calm = calm.map(|calm| {
        json!({"tasks": calm.tasks, "descriptors": calm.descriptors, "resident": calm.resident})
    });
    json!({
        "framework": framework.name(),
        "answered": tally.answered,
        "unanswered": tally.unanswered,
        "left": tally.left,
        "begin": calm[0],
        "warm": calm[1],
        "end": calm[2],
        "broken": broken,
    })
}
