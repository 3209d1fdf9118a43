//! What the examples have in common: a small shop's configuration from a file and the environment, and the
//! simulator in the service's place where no service is named.
//!
//! An application of your own needs none of this but [`configured`].

mod metrics;
mod stop;

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;

use rti_challenge::{Challenge, Keys};
use rti_core::{ConfigBuilder, Mode, Rti};
use rti_inspector::{Inspector, InspectorServer};
use rti_simulator::Simulator;

pub use self::metrics::Metrics;
pub use self::stop::stopped;

/// A shop that is ready to be served.
pub struct Shop {
    /// The engine, for an adapter.
    pub rti: Rti,
    /// What `GET /metrics` answers.
    pub metrics: Metrics,
    /// How visitors are challenged, for an adapter; without it those to be challenged continue.
    pub challenge: Option<Challenge>,
    /// Where to listen: `BIND`, or `127.0.0.1:8080`.
    pub bind: SocketAddr,
    simulator: Option<Simulator>,
    inspector: Option<InspectorServer>,
}

/// Reads the configuration, and starts the simulator when `RTI_API_ENDPOINT` names no service.
///
/// # Errors
/// The configuration is bad; the error says how, in words for people.
pub async fn shop() -> Result<Shop, Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::builder()
                .with_default_directive(tracing_subscriber::filter::LevelFilter::INFO.into())
                .from_env_lossy(),
        )
        .with_writer(std::io::stderr)
        .init();
    let bind = variable("BIND").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let bind = bind.parse().map_err(|_| {
        format!("BIND: {bind:?}: expected an address and a port, such as 127.0.0.1:8080")
    })?;
    let simulator = if ConfigBuilder::load().is_set("api_endpoint") {
        None
    } else {
        Some(Simulator::start().await?)
    };
    let challenge = challenge(simulator.as_ref())?;
    let origin = simulator
        .as_ref()
        .map(|simulator| simulator.origin().clone());
    let load = move || configured(with_simulator(ConfigBuilder::load(), origin.as_deref())).build();
    let mut engine = Rti::builder(load()?);
    // With `RTI_INSPECTOR=127.0.0.1:0` there is a page that shows what is decided.
    let inspector = Inspector::from_env()?;
    if let Some((inspector, _)) = &inspector {
        engine = inspector.observe(engine);
    }
    let rti = engine.build()?;
    rti.reload_on_change(load);
    let inspector = match inspector {
        Some((inspector, address)) => {
            inspector.watch(&rti);
            Some(inspector.serve(address)?)
        }
        None => None,
    };
    let metrics = Metrics::install(rti.clone())?;
    // So that the first visitors get verdicts too. It returns when the service cannot be reached.
    rti.warm_up().await;
    Ok(Shop {
        rti,
        metrics,
        challenge,
        bind,
        simulator,
        inspector,
    })
}

/// The challenge that `RTI_CHALLENGE` names. With the simulator it is proof of work if none is named, by a key
/// of this process: after a restart visitors are challenged again.
fn challenge(simulator: Option<&Simulator>) -> Result<Option<Challenge>, Box<dyn Error>> {
    let named = Challenge::from_env()?;
    if named.is_some() || simulator.is_none() {
        return Ok(named);
    }
    Ok(Some(Challenge::proof_of_work(Keys::random()?)))
}

/// The rules of this shop, beside what the environment says.
pub fn configured(builder: ConfigBuilder) -> ConfigBuilder {
    builder
        .uri_exclusion(["/count", "/metrics"])
        .ja3(|request| request.header("x-ja3-fingerprint"))
        .channel(|request| request.query_parameter("channel"))
        .resource_type(|request| {
            Some(
                if request.method() == "POST" {
                    "application/json"
                } else {
                    "text/html"
                }
                .to_owned(),
            )
        })
}

/// The same with the simulator for a service, where there is one. It blocks, and trusts `X-Forwarded-For` of
/// this machine, so that visitors from elsewhere can be played with `curl`.
fn with_simulator(mut builder: ConfigBuilder, origin: Option<&str>) -> ConfigBuilder {
    let Some(origin) = origin else { return builder };
    builder = builder.api_endpoint(origin);
    if !builder.is_set("api_key") {
        builder = builder.api_key("demo-key");
    }
    if !builder.is_set("tag_hash") {
        builder = builder.tag_hash("demo-hash");
    }
    if !builder.is_set("mode") {
        builder = builder.mode(Mode::Blocking);
    }
    if !builder.is_set("trusted_proxies") && !builder.is_set("trusted_ip_header") {
        builder = builder.trusted_proxies(["127.0.0.0/8", "::1"]);
    }
    builder
}

impl Shop {
    /// What to say where the address is taken or not this machine's: the system's error names
    /// neither it nor the variable that it comes from.
    pub fn cannot_listen(&self, error: impl Display) -> Box<dyn Error> {
        format!("BIND: cannot listen on {}: {error}", self.bind).into()
    }

    /// Says where the shop is, and what to try.
    pub fn announce(&self, address: SocketAddr) {
        println!("listening on http://{address}");
        if let Some(inspector) = &self.inspector {
            println!("inspector on {}", inspector.url());
        }
        if let Some(simulator) = &self.simulator {
            const BROWSER: &str =
                "-A 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'";
            println!("simulator on {}", simulator.origin());
            println!("try a visitor, a bot, and a visitor who comes through a VPN:");
            println!("  curl -i {BROWSER} http://{address}/");
            println!("  curl -i http://{address}/");
            println!("  curl -i {BROWSER} -H 'X-Forwarded-For: 198.51.100.7' http://{address}/");
            println!("and see what was counted:");
            println!("  curl http://{address}/metrics");
        }
    }
}

/// How a shop ends: quietly, or with one readable message and code 2.
pub fn ended(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// A variable that is set, and not to nothing.
fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}
