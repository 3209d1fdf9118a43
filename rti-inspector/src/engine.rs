//! What is known of the engine itself: its configuration, how reloads went, and what it is doing now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rti_core::{Config, ConfigError, ConfigFault, Rti};
use serde_json::{Value, json};

use crate::record::timestamp;

/// The configuration in force, and how the last reload went.
#[derive(Default)]
pub(crate) struct Configured {
    config: Option<Config>,
    reloaded: Option<Reload>,
}

struct Reload {
    time: SystemTime,
    /// None where the new configuration is in force.
    faults: Vec<String>,
}

impl Configured {
    pub(crate) fn config(&self) -> Option<Config> {
        self.config.clone()
    }

    pub(crate) fn observed(&mut self, config: Config) {
        self.config = Some(config);
    }

    pub(crate) fn reloaded(&mut self, result: Result<&Config, &ConfigError>) {
        let faults = match result {
            Ok(config) => {
                self.config = Some(config.clone());
                Vec::new()
            }
            Err(error) => error.faults().iter().map(ConfigFault::to_string).collect(),
        };
        let time = SystemTime::now();
        self.reloaded = Some(Reload { time, faults });
    }

    /// The last reload; `null` where there was none.
    pub(crate) fn reload(&self) -> Value {
        let reload = self.reloaded.as_ref();
        let reload = reload.map(|Reload { time, faults }| {
            json!({"time": timestamp(*time), "is_applied": faults.is_empty(), "faults": faults})
        });
        reload.into()
    }

    /// `/api/config`: every option with its source, the policies, and what is likely a mistake.
    pub(crate) fn explained(&self) -> Value {
        let Some(config) = &self.config else {
            return Value::Null;
        };
        let explained = config.explain().into_iter().map(|option| {
            json!({
                "option": option.option,
                "variable": option.variable,
                "source": option.source.as_str(),
                "value": option.value,
            })
        });
        let policies = config.policies().into_iter();
        let policies =
            policies.map(|policy| json!({"name": *policy.name, "summary": policy.to_string()}));
        let warnings = config.warnings().iter().map(ToString::to_string);
        json!({
            "options": explained.collect::<Value>(),
            "policies": policies.collect::<Value>(),
            "warnings": warnings.collect::<Value>(),
            "reload": self.reload(),
        })
    }
}

/// The engine, once it is made. What records decisions does not hold it: the engine holds that, and neither
/// would ever end.
#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<Mutex<Option<Rti>>>);

impl Watched {
    pub(crate) fn set(&self, rti: Rti) {
        *self.lock() = Some(rti);
    }

    pub(crate) fn engine(&self) -> Option<Rti> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Rti>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rti_core::{ApiRequest, ApiResponse, CallError, Config, Observer, Rti, Transport};

    use crate::Inspector;

    struct Never;

    #[rti_core::async_trait]
    impl Transport for Never {
        async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
            Err(rti_core::FailOpenReason::Connect.into())
        }
    }

    struct Silent;

    impl Observer for Silent {}

    #[test]
    fn an_engine_that_is_watched_ends() {
        let observer = Arc::new(Silent);
        let config = Config::builder("k", "h", "http://127.0.0.1:9").build();
        let engine = Rti::builder(config.unwrap()).observer(Arc::clone(&observer));
        let inspector = Inspector::new().unwrap();
        let rti = inspector.observe(engine).build_with_transport(Never);
        inspector.watch(&rti);
        drop((rti, inspector));
        assert_eq!(Arc::strong_count(&observer), 1);
    }
}
