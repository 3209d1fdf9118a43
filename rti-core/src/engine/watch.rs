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
    /// Reads the configuration again when its file changes, and on unix when the process gets SIGHUP: within
    /// two seconds. It is for a configuration of [`ConfigBuilder::load`](crate::ConfigBuilder::load) or
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
        if let Some(mut watch) = self.watch_config(load) {
            spawn(&self.engine, move |engine| watch.look(engine));
        }
    }

    /// `None` where the configuration is of no file.
    fn watch_config(
        &self,
        load: impl Fn() -> Result<Config, ConfigError> + Send + 'static,
    ) -> Option<ConfigWatch> {
        let config = self.config();
        let file = config.settings().config_file.as_ref()?;
        Some(ConfigWatch {
            path: file.path.clone(),
            tried: Some(Ok(file.content.clone())),
            seen: Ok(file.content.clone()),
            hang_up: HangUp::register(),
            load: Box::new(load),
        })
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

/// The content of a file, or why there is none.
#[cfg(feature = "config-file")]
type Content = Result<Vec<u8>, std::io::ErrorKind>;

/// A file is loaded once two looks have seen the same: one that is being written may be valid with a part
/// of its options, and a site would not be blocked for that time.
#[cfg(feature = "config-file")]
struct ConfigWatch {
    path: PathBuf,
    /// What was tried last: each is reported once.
    tried: Option<Content>,
    /// What the last look has seen.
    seen: Content,
    hang_up: HangUp,
    load: Box<dyn Fn() -> Result<Config, ConfigError> + Send>,
}

#[cfg(feature = "config-file")]
impl ConfigWatch {
    fn look(&mut self, engine: &Engine) {
        let now = self.read();
        let is_settled = std::mem::replace(&mut self.seen, now.clone()) == now;
        let is_new = self.tried.as_ref() != Some(&now);
        let is_due = is_new && is_settled;
        let is_asked = self.hang_up.take();
        if !is_due && !is_asked {
            return;
        }
        let load = std::panic::AssertUnwindSafe(|| (self.load)());
        let loaded = std::panic::catch_unwind(load);
        // What was loaded may be neither of two contents.
        if self.read() != now {
            self.tried = None;
            return;
        }
        self.tried = Some(now);
        let Ok(loaded) = loaded else {
            tracing::error!(target: "rti", "configuration not reloaded: loading it panicked");
            return;
        };
        let result = loaded.and_then(|config| engine.reload(config));
        engine.publish_reload(result.as_ref().err());
    }

    fn read(&self) -> Content {
        std::fs::read(&self.path).map_err(|error| error.kind())
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

#[cfg(test)]
#[cfg(feature = "config-file")]
mod tests {
    use std::fs;
    use std::sync::Mutex;

    use super::*;
    use crate::config::ConfigBuilder;
    use crate::{ApiRequest, ApiResponse, CallError, Mode, Transport};

    struct Never;

    #[crate::async_trait]
    impl Transport for Never {
        async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
            std::future::pending().await
        }
    }

    const BLOCKING: &str = "mode = 'blocking'\n";

    /// An engine whose file sets the mode alone, as beside variables, and its watch. The file has this
    /// content when it is first loaded again.
    fn watched(name: &str, while_loaded: Option<&'static str>) -> (Rti, ConfigWatch, PathBuf) {
        let path = std::env::temp_dir().join(format!("rti-watch-{name}-{}", std::process::id()));
        fs::write(&path, BLOCKING).unwrap();
        let read = path.clone();
        let build = move || {
            let builder = ConfigBuilder::from_file(&read).api_key("key");
            builder
                .tag_hash("hash")
                .api_endpoint("http://127.0.0.1:9")
                .build()
        };
        let rti = Rti::with_transport(build().unwrap(), Never);
        let (while_loaded, written) = (Mutex::new(while_loaded), path.clone());
        let load = move || {
            if let Some(content) = while_loaded.lock().unwrap().take() {
                fs::write(&written, content).unwrap();
            }
            build()
        };
        let watch = rti.watch_config(load).unwrap();
        (rti, watch, path)
    }

    fn look(rti: &Rti, watch: &mut ConfigWatch) {
        watch.look(&rti.engine);
        assert_eq!(rti.mode(), Mode::Blocking);
    }

    /// Beside variables an empty file is valid.
    #[test]
    fn a_file_that_is_being_written_is_not_in_force() {
        let (rti, mut watch, path) = watched("written", None);
        fs::write(&path, "").unwrap();
        look(&rti, &mut watch);
        fs::write(&path, format!("{BLOCKING}timeout = 50\n")).unwrap();
        look(&rti, &mut watch);
        look(&rti, &mut watch);
        assert_eq!(rti.config().timeout().as_millis(), 50);
        fs::remove_file(path).unwrap();
    }

    /// A look and the loading read the file one after the other.
    #[test]
    fn a_file_that_is_written_while_it_is_loaded_is_loaded_again() {
        for (name, content) in [("empty", ""), ("broken", "mode = ")] {
            let (rti, mut watch, path) = watched(name, Some(content));
            let whole = format!("{BLOCKING}timeout = 50\n");
            fs::write(&path, &whole).unwrap();
            look(&rti, &mut watch);
            look(&rti, &mut watch);
            fs::write(&path, &whole).unwrap();
            look(&rti, &mut watch);
            look(&rti, &mut watch);
            assert_eq!(rti.config().timeout().as_millis(), 50, "{name}");
            fs::remove_file(path).unwrap();
        }
    }
}
