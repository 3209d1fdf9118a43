//! Changes at run time: the configuration, and the mode.

use std::sync::Arc;

use super::inspection::Snapshot;
use super::{Engine, Rti};
use crate::config::{Config, ConfigError, ConfigFault, Settings, options};
use crate::words::Mode;

impl Rti {
    /// Puts a configuration in force for the requests that begin from now on. A request is decided by the
    /// one it began with.
    ///
    /// What was made at start stays, so these options cannot change: `api_endpoint`, `ca_file`,
    /// `max_in_flight`, `min_idle_connections`, `off_file`, `telemetry` and those of the circuit breaker.
    ///
    /// Observers and the log hear of it.
    ///
    /// # Errors
    /// An option that needs a restart differs. The configuration in force stays as it was.
    pub fn reload(&self, config: Config) -> Result<(), ConfigError> {
        let result = self.engine.reload(config);
        self.engine.publish_reload(result.as_ref().err());
        result
    }

    /// Sets the mode in place of that of the configuration, also of one that is reloaded later, for the
    /// requests that begin from now on. `None` gives it back to the configuration.
    ///
    /// [`Mode::Off`] is the kill switch: it turns all policies off. Other modes are for requests whose
    /// policy sets none.
    ///
    /// ```
    /// use rti_core::{Mode, Rti};
    ///
    /// fn stop(rti: &Rti) {
    ///     rti.set_mode(Some(Mode::Off));
    /// }
    /// ```
    pub fn set_mode(&self, mode: Option<Mode>) {
        self.engine.mode.set(mode);
        tracing::warn!(target: "rti", mode = self.mode().as_str(), "the mode was set");
        self.engine.warn_of_lost_challenges();
    }

    /// The mode in force for requests without a policy that sets one.
    pub fn mode(&self) -> Mode {
        let snapshot = self.engine.snapshot.load();
        self.engine.mode.in_force(snapshot.config.mode())
    }
}

impl Engine {
    pub(super) fn reload(&self, config: Config) -> Result<(), ConfigError> {
        let current = self.snapshot.load();
        let faults = fixed(current.config.settings(), config.settings());
        if !faults.is_empty() {
            return Err(ConfigError::new(faults));
        }
        for warning in config.warnings() {
            tracing::warn!(target: "rti", option = warning.option(), "{warning}");
        }
        let snapshot = Snapshot::new(config, current.policy.clone());
        self.snapshot.store(Arc::new(snapshot));
        self.warn_of_lost_challenges();
        Ok(())
    }

    pub(super) fn publish_reload(&self, error: Option<&ConfigError>) {
        match error {
            None => tracing::info!(target: "rti", "configuration reloaded"),
            Some(error) => {
                for fault in error.faults() {
                    tracing::error!(
                        target: "rti",
                        option = fault.option(),
                        "configuration not reloaded, the one in force stays: {fault}"
                    );
                }
            }
        }
        let config = self.snapshot.load().config.clone();
        self.observers
            .config_reloaded(error.map_or(Ok(&config), Err));
    }
}

/// The options that differ and cannot change.
fn fixed(current: &Settings, new: &Settings) -> Vec<ConfigFault> {
    #[cfg(feature = "http")]
    let roots = |settings: &Settings| {
        let roots = settings.authorities.as_ref();
        roots.map(|store| store.roots.clone())
    };
    #[cfg(feature = "http")]
    let has_other_roots = roots(current) != roots(new);
    #[cfg(not(feature = "http"))]
    let has_other_roots = false;
    let differing = [
        (
            current.api_endpoint != new.api_endpoint,
            &options::API_ENDPOINT,
        ),
        (has_other_roots, &options::CA_FILE),
        (
            current.max_in_flight != new.max_in_flight,
            &options::MAX_IN_FLIGHT,
        ),
        (
            current.min_idle_connections != new.min_idle_connections,
            &options::MIN_IDLE_CONNECTIONS,
        ),
        (current.off_file != new.off_file, &options::OFF_FILE),
        (current.telemetry != new.telemetry, &options::TELEMETRY),
        (
            current.circuit_breaker != new.circuit_breaker,
            &options::CIRCUIT_BREAKER,
        ),
        (
            current.circuit_breaker_min_calls != new.circuit_breaker_min_calls,
            &options::CIRCUIT_BREAKER_MIN_CALLS,
        ),
        (
            current.circuit_breaker_window != new.circuit_breaker_window,
            &options::CIRCUIT_BREAKER_WINDOW,
        ),
        (
            current.circuit_breaker_max_probe_interval != new.circuit_breaker_max_probe_interval,
            &options::CIRCUIT_BREAKER_MAX_PROBE_INTERVAL,
        ),
    ];
    let differing = differing.into_iter().filter(|(differs, _)| *differs);
    differing
        .map(|(_, option)| ConfigFault::fixed(option))
        .collect()
}
