//! A visitor: a tab of the framework's browser, at an origin that no other case has.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fantoccini::cookies::Cookie;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use rti_tests::browser::FRIEND;
use serde_json::{Value, json};
use url::Url;

use crate::browser::{self, Lent};
use crate::stage::{Site, Stage};

/// How the origins of most visitors begin.
const VISITOR: &str = "http://visitor-";

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Starts what the stage says, and a visitor of it.
pub(crate) async fn visit(stage: Stage) -> (Site, Tab) {
    visit_as(VISITOR, stage).await
}

/// As [`visit`], at an origin whose pages may read what applications of other origins respond.
pub(crate) async fn visit_as_friend(stage: Stage) -> (Site, Tab) {
    visit_as(FRIEND, stage).await
}

async fn visit_as(scheme_and_name: &str, stage: Stage) -> (Site, Tab) {
    let framework = stage.framework();
    let site = stage.start().await;
    let tab = Tab::open(framework, origin_of(scheme_and_name, &site)).await;
    (site, tab)
}

/// An origin of the site. Cookies, caches and workers are those of the host, so that visitors with
/// hosts of their own share nothing; every name below `localhost` is loopback, and a secure context.
pub(crate) fn origin(site: &Site) -> String {
    origin_of(VISITOR, site)
}

fn origin_of(scheme_and_name: &str, site: &Site) -> String {
    static VISITORS: AtomicU64 = AtomicU64::new(1);
    let visitor = VISITORS.fetch_add(1, Ordering::Relaxed);
    let port = site.address().port();
    format!("{scheme_and_name}{visitor}.localhost:{port}")
}

/// A tab, the only one of its browser.
pub(crate) struct Tab {
    browser: Lent,
    /// Scheme, host and port of what it visits.
    pub(crate) origin: String,
}

impl Tab {
    async fn open(framework: &'static str, origin: String) -> Self {
        let browser = browser::lend(framework).await;
        let tab = Self { browser, origin };
        let client = tab.client();
        let others = client.windows().await.unwrap();
        let opened = client.new_window(true).await.unwrap().handle;
        for other in others {
            client.switch_to_window(other).await.unwrap();
            client.close_window().await.unwrap();
        }
        client.switch_to_window(opened).await.unwrap();
        tab
    }

    fn client(&self) -> &Client {
        &self.browser.as_ref().unwrap().client
    }

    /// Goes to a path, and waits until it is loaded.
    pub(crate) async fn go(&self, path: &str) {
        self.go_to(&self.origin, path).await;
    }

    /// Goes to a path of another origin.
    pub(crate) async fn go_to(&self, origin: &str, path: &str) {
        let url = format!("{origin}{path}");
        self.client().goto(&url).await.unwrap();
    }

    pub(crate) async fn back(&self) {
        self.client().back().await.unwrap();
    }

    pub(crate) async fn forward(&self) {
        self.client().forward().await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client().refresh().await.unwrap();
    }

    /// Where it is, as the page's script sees it.
    pub(crate) async fn location(&self) -> String {
        text(&self.run("return location.href").await)
    }

    /// The text that can be seen.
    pub(crate) async fn text(&self) -> String {
        text(&self.run("return document.body.innerText").await)
    }

    /// Waits until this is all the text of the page, across navigations of its own.
    pub(crate) async fn shows(&self, text: &str) {
        let page = format!("//body[normalize-space(.)='{text}']");
        let found = self.client().wait().for_element(Locator::XPath(&page));
        if let Err(error) = found.await {
            let seen = self.client().source().await.unwrap_or_default();
            panic!("{}: {seen}", in_short(error));
        }
    }

    /// Waits until the page has an element.
    pub(crate) async fn shows_element(&self, selector: &str) {
        let found = self.client().wait().for_element(Locator::Css(selector));
        found
            .await
            .unwrap_or_else(|error| panic!("{}", in_short(error)));
    }

    /// Opens a path in so many more tabs at once, and waits until each shows this text.
    pub(crate) async fn open_many(&self, count: usize, path: &str, text: &str) {
        let script = format!("for (let i = 0; i < {count}; i++) window.open('{path}')");
        self.run(&script).await;
        let first = self.client().window().await.unwrap();
        let others = self.client().windows().await.unwrap();
        let others: Vec<_> = others.into_iter().filter(|tab| *tab != first).collect();
        assert_eq!(others.len(), count);
        for other in others {
            self.client().switch_to_window(other).await.unwrap();
            self.shows(text).await;
        }
        self.client().switch_to_window(first).await.unwrap();
    }

    /// Runs the body of an async function in the page, and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let script = format!("return (async () => {{ {script} }})()");
        let returned = self.client().execute(&script, Vec::new()).await;
        returned.unwrap_or_else(|error| panic!("{}", in_short(error)))
    }

    pub(crate) async fn click(&self, selector: &str) {
        let found = self.client().find(Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{}", in_short(error)));
        element.click().await.unwrap();
    }

    /// Clicks what appears only after a while, without a script's doing: nothing reports it.
    pub(crate) async fn click_once_shown(&self, selector: &str) {
        let found = self.client().find(Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{}", in_short(error)));
        while !element.is_displayed().await.unwrap() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        element.click().await.unwrap();
    }

    /// The cookies of the site that the browser holds.
    pub(crate) async fn cookies(&self) -> Vec<Cookie<'static>> {
        self.client().get_all_cookies().await.unwrap()
    }

    /// What the browser reported since the last call, each with its level in front.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.issue("se/log", json!({ "type": "browser" })).await;
        let entry = |entry: &Value| format!("{}: {}", entry["level"], entry["message"]);
        entries.as_array().unwrap().iter().map(entry).collect()
    }

    /// Calls a method of the `DevTools` protocol.
    pub(crate) async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let parameters = json!({ "cmd": method, "params": parameters });
        self.issue("goog/cdp/execute", parameters).await
    }

    /// Gives the page the speed of a processor so many times slower, but not its workers.
    pub(crate) async fn slow_down(&self, times: u32) {
        let rate = json!({ "rate": times });
        self.devtools("Emulation.setCPUThrottlingRate", rate).await;
    }

    /// Saves what can be seen as `target/browser-screenshots/NAME.png`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let directory =
            Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("browser-screenshots");
        std::fs::create_dir_all(&directory).unwrap();
        let picture: PathBuf = directory.join(format!("{name}.png"));
        let bytes = self.client().screenshot().await.unwrap();
        std::fs::write(picture, bytes).unwrap();
    }

    async fn issue(&self, path: &'static str, body: Value) -> Value {
        let command = Extension { path, body };
        self.client().issue_cmd(command).await.unwrap()
    }
}

/// Without the stack of the driver.
fn in_short(error: CmdError) -> String {
    match error {
        CmdError::Standard(error) => error.message.into(),
        other => other.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        let method = http::Method::POST;
        (method, Some(self.body.to_string()))
    }
}
