//! The browsers: one for each framework, started when its first case needs it.
//!
//! They are driven from a runtime of their own, since that of a case ends with the case.

mod driver;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::driver::Driver;

/// With these Chromium runs as root and without a screen, and sends nothing of its own.
const ARGUMENTS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How long a script and a navigation may take, in milliseconds.
const SCRIPT_LIMIT: u64 = 10_000;
const LOAD_LIMIT: u64 = 20_000;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

static DRIVER: LazyLock<Mutex<Option<Driver>>> = LazyLock::new(Mutex::default);

type Shared = Arc<Mutex<Option<Browser>>>;

static BROWSERS: std::sync::Mutex<BTreeMap<&str, Shared>> = std::sync::Mutex::new(BTreeMap::new());

/// A running browser.
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// Its profile, which is removed with it.
    _profile: TempDir,
}

/// A browser that a case has to itself. There is one in it.
pub(crate) type Lent = OwnedMutexGuard<Option<Browser>>;

/// The browser of this framework, once no other case has it.
pub(crate) async fn lend(framework: &'static str) -> Lent {
    let shared = Arc::clone(BROWSERS.lock().unwrap().entry(framework).or_default());
    let mut browser = shared.lock_owned().await;
    if browser.is_none() {
        *browser = Some(RUNTIME.spawn(start()).await.unwrap());
    }
    browser
}

/// Ends the browsers and what drives them.
pub(crate) fn stop_all() {
    let browsers = std::mem::take(&mut *BROWSERS.lock().unwrap());
    RUNTIME.block_on(async {
        for shared in browsers.into_values() {
            if let Some(browser) = shared.lock_owned().await.take() {
                // One that does not end by itself ends with the driver.
                let _ = browser.client.close().await;
            }
        }
        if let Some(driver) = DRIVER.lock().await.take() {
            driver.stop();
        }
    });
}

async fn start() -> Browser {
    let programs = Programs::find().unwrap();
    let mut driver = DRIVER.lock().await;
    let driver = driver.get_or_insert_with(|| Driver::start(&programs.driver));
    let profile = tempfile::tempdir().unwrap();
    let directory = format!("--user-data-dir={}", profile.path().display());
    let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([directory.as_str()]).collect();
    let capabilities = json!({
        "goog:chromeOptions": { "binary": programs.browser, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "script": SCRIPT_LIMIT, "pageLoad": LOAD_LIMIT },
    });
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities.as_object().unwrap().clone())
        .connect(&driver.url())
        .await
        .unwrap();
    Browser {
        client,
        _profile: profile,
    }
}

/// The programs that it takes.
pub(crate) struct Programs {
    browser: PathBuf,
    driver: PathBuf,
}

impl Programs {
    /// Looks for them under the names that Debian gives them. The error says which one is missing.
    pub(crate) fn find() -> Result<Self, String> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let find = |name: &str| {
            let mut candidates = std::env::split_paths(&paths).map(|path| path.join(name));
            let found = candidates.find(|candidate| candidate.is_file());
            found.ok_or_else(|| format!("{name} is not installed"))
        };
        Ok(Self {
            browser: find("chromium")?,
            driver: find("chromedriver")?,
        })
    }
}
