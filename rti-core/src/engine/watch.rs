//! Watching files, by polling: the file that turns everything off, and the configuration's.
//!
//! - By polling, since Kubernetes and editors replace files, which leaves a watch of the system on the old
//!   one, and network file systems have none.
//! - On a thread of its own, since files are read with calls that block, and an engine may be without a
//!   runtime. It ends with the engine.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Engine;
#[cfg(feature = "config-file")]
use super::Rti;
use super::mode_switch::FilePresence;
#[cfg(feature = "config-file")]
use crate::config::{Config, ConfigError};

const INTERVAL: Duration = Duration::from_millis(500);

#[cfg(feature = "config-file")]
impl Rti {
    /// Reads the configuration again when its file changes, and on unix when the process gets SIGHUP: within a
    /// second. It is for a configuration of [`ConfigBuilder::load`](crate::ConfigBuilder::load) or
    /// `from_file`; of another it does nothing. `load` makes the whole configuration, closures included.
    ///
    /// All or nothing: where the new content does not validate, the configuration in force stays, and each
    /// fault is logged at level `error`.
    ///
    /// ```no_run
    /// use rti_core::{ConfigBuilder, ConfigError, Config, Rti};
    ///
    /// fn load() -> Result<Config, ConfigError> {
    ///     ConfigBuilder::load().channel(|request| request.query_parameter("channel")).build()
    /// }
    ///
    /// let rti = Rti::new(load()?)?;
    /// rti.reload_on_change(load);
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn reload_on_change(
        &self,
        load: impl Fn() -> Result<Config, ConfigError> + Send + 'static,
    ) {
        let config = self.config();
        let Some(file) = &config.settings().config_file else {
            return;
        };
        let mut watch = ConfigWatch {
            path: file.path.clone(),
            seen: Ok(file.content.clone()),
            hang_up: HangUp::register(),
            load: Box::new(load),
        };
        spawn(&self.engine, move |engine| watch.look(engine));
    }
}

/// Watches the file that turns everything off.
pub(super) fn watch_off_file(engine: &Arc<Engine>, path: PathBuf) {
    look_for_off_file(engine, &path);
    spawn(engine, move |engine| look_for_off_file(engine, &path));
}

fn look_for_off_file(engine: &Engine, path: &std::path::Path) {
    // A file that cannot be looked for is none: an unmounted volume must not turn RTI off.
    let presence = if path.exists() {
        FilePresence::Exists
    } else {
        FilePresence::Absent
    };
    if !engine.mode.set_off_file(presence) {
        return;
    }
    let path = path.display();
    match presence {
        FilePresence::Exists => {
            tracing::warn!(target: "rti", %path, "off: nothing is checked while this file exists");
        }
        FilePresence::Absent => {
            tracing::warn!(target: "rti", %path, "no longer off: the file is gone");
        }
    }
}

fn spawn(engine: &Arc<Engine>, mut look: impl FnMut(&Engine) + Send + 'static) {
    let engine: Weak<Engine> = Arc::downgrade(engine);
    let run = move || {
        loop {
            std::thread::sleep(INTERVAL);
            let Some(engine) = engine.upgrade() else {
                return;
            };
            look(&engine);
        }
    };
    let thread = std::thread::Builder::new().name("rti-watch".to_owned());
    if let Err(error) = thread.spawn(run) {
        tracing::error!(target: "rti", %error, "files are not watched: no thread can be started");
    }
}

#[cfg(feature = "config-file")]
struct ConfigWatch {
    path: PathBuf,
    /// The content that was tried last, or why there is none: each is reported once.
    seen: Result<Vec<u8>, std::io::ErrorKind>,
    hang_up: HangUp,
    load: Box<dyn Fn() -> Result<Config, ConfigError> + Send>,
}

#[cfg(feature = "config-file")]
impl ConfigWatch {
    fn look(&mut self, engine: &Engine) {
        let now = std::fs::read(&self.path).map_err(|error| error.kind());
        let is_asked = self.hang_up.take();
        if now == self.seen && !is_asked {
            return;
        }
        self.seen = now;
        let load = std::panic::AssertUnwindSafe(|| (self.load)());
        let Ok(loaded) = std::panic::catch_unwind(load) else {
            tracing::error!(target: "rti", "configuration not reloaded: loading it panicked");
            return;
        };
        let result = loaded.and_then(|config| engine.reload(config));
        engine.publish_reload(result.as_ref().err());
    }
}

/// Whether the process got SIGHUP, where there are signals.
#[cfg(feature = "config-file")]
#[derive(Default)]
struct HangUp(Arc<std::sync::atomic::AtomicBool>);

#[cfg(feature = "config-file")]
impl HangUp {
    fn register() -> Self {
        let hang_up = Self::default();
        #[cfg(unix)]
        if let Err(error) =
            signal_hook::flag::register(signal_hook::consts::SIGHUP, Arc::clone(&hang_up.0))
        {
            tracing::warn!(target: "rti", %error, "SIGHUP does not reload the configuration");
        }
        hang_up
    }

    fn take(&self) -> bool {
        self.0.swap(false, std::sync::atomic::Ordering::Relaxed)
    }
}
