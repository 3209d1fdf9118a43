//! The inspector's page, as whoever operates the site sees it. Each look leaves a screenshot.

use std::time::Duration;

use rti_challenge::{Challenge, Cost, Keys};
use rti_conformance::client::{Connection, Request};
use rti_simulator::Rules;
use serde_json::{Value, json};

use super::block_page::{DESKTOP, LOOK, PHONE, prefer, window};
use crate::expected::{ABOUT, CONTRAST, challenged};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    the_inspector_shows_visitors_as_they_come,
    the_inspector_filters_and_tries_other_options,
    the_inspector_shows_what_a_visitor_wrote_as_text,
    the_inspector_shows_who_passes_challenges,
    the_inspector_can_be_read,
];

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const BOT: &str = "curl/8.5.0";

/// A name, the size of the window, and the colour scheme.
const LOOKS: [(&str, (u32, u32), &str); 3] = [
    ("light", DESKTOP, "light"),
    ("dark", DESKTOP, "dark"),
    ("phone", PHONE, "light"),
];

/// What would run, where it were markup.
const HOSTILE: &str =
    "curl/8 <img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

/// Waits in the page until an expression holds, and gives it.
fn until(holds: &str) -> String {
    format!(
        "return await new Promise((done) => {{
           const look = () => {{
             const found = {holds};
             if (!found) return false;
             observer.disconnect();
             done(found === true ? true : String(found));
             return true;
           }};
           const observer = new MutationObserver(look);
           const all = {{ subtree: true, childList: true, characterData: true, attributes: true }};
           observer.observe(document.documentElement, all);
           look();
         }})"
    )
}

/// Whether nobody, a bot or a visitor through a VPN is blocked, by the rules that the simulator begins with.
async fn inspected(stage: Stage) -> (Site, Tab) {
    let stage = stage.inspected().rules(Rules::default());
    let stage = stage.configure(|config| config.trusted_proxies(["127.0.0.0/8"]));
    visit(stage).await
}

async fn comes(site: &Site, path: &str, user_agent: &str, client: &str) {
    let request = Request::get(path).header("User-Agent", user_agent);
    let request = request.header("X-Forwarded-For", client);
    Connection::open(site.address()).await.send(&request).await;
}

/// Three genuine ones, two bots, one through a VPN, and one whose path is not checked.
async fn visitors(site: &Site) {
    for client in 1..=3 {
        comes(site, "/about", FIREFOX, &format!("192.0.2.{client}")).await;
    }
    comes(site, "/about", BOT, "203.0.113.1").await;
    comes(site, "/count", BOT, "203.0.113.2").await;
    comes(site, "/about", FIREFOX, "198.51.100.7").await;
}

/// Opens the page, and one of its views once it is there.
async fn open(site: &Site, tab: &Tab, view: &str) {
    // What earlier cases left there.
    tab.console().await;
    let server = site.inspector.as_ref().unwrap();
    let origin = format!("http://{}", server.address());
    tab.go_to(&origin, &format!("/?token={}", server.token()))
        .await;
    show(tab, view).await;
}

async fn show(tab: &Tab, view: &str) {
    tab.run(&format!("location.hash = '#{view}'")).await;
    let (name, _) = view.split_once('?').unwrap_or((view, ""));
    let shown = format!("document.getElementById('view-{name}')?.hidden === false");
    tab.run(&until(&shown)).await;
}

/// Until so many visitors are listed: what is decided is recorded a moment later.
async fn listed(tab: &Tab, count: usize) {
    let rows = format!("document.querySelectorAll('#rows tr').length === {count}");
    loop {
        let listed = tab.run(&format!("return {rows}")).await;
        if listed == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        tab.run("window.dispatchEvent(new HashChangeEvent('hashchange'))")
            .await;
    }
}

/// Neither an error of a script nor a breach of the page's policy. Then the page is left: that its event
/// stream breaks off with the case would be an error in the console of the next one.
async fn no_complaints(tab: &Tab) {
    let mut console = tab.console().await;
    // The browser may look for the icon of the site that was visited before, after it was left.
    console.retain(|line| !line.contains(&tab.origin));
    tab.go_to("about:", "blank").await;
    assert_eq!(console, Vec::<String>::new());
}

async fn the_inspector_shows_visitors_as_they_come(stage: Stage) {
    let (site, tab) = inspected(stage).await;
    open(&site, &tab, "decisions").await;
    tab.run(&until("!document.getElementById('no-rows').hidden"))
        .await;
    // The stream begins a moment after the page is shown, so visitors keep coming until one appears.
    let keep_coming = async {
        loop {
            comes(&site, "/about", BOT, "203.0.113.1").await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let arrived = until("document.querySelector('#rows tr.new')?.innerText");
    let arrived = tokio::select! {
        arrived = tab.run(&arrived) => arrived,
        () = keep_coming => unreachable!(),
    };
    let arrived = arrived.as_str().unwrap();
    for text in [
        "GET /about",
        "203.0.113.1",
        BOT,
        "automation tools (3)",
        "continued",
    ] {
        assert!(arrived.contains(text), "{text}: {arrived}");
    }
    no_complaints(&tab).await;
}

async fn the_inspector_filters_and_tries_other_options(stage: Stage) {
    let (site, tab) = inspected(stage).await;
    visitors(&site).await;
    open(&site, &tab, "decisions").await;
    listed(&tab, 6).await;
    let choose = "
        const select = document.querySelector('#filters [name=policy_action]');
        select.value = 'block';
        select.dispatchEvent(new Event('change', { bubbles: true }));";
    tab.run(choose).await;
    tab.run(&until("document.querySelectorAll('#rows tr').length === 2"))
        .await;
    let filtered = tab.text().await;
    assert!(
        filtered.contains("2 recorded decisions that match"),
        "{filtered}"
    );

    show(&tab, "what-if").await;
    let headline = "document.getElementById('trial-headline').textContent";
    let is = |text: &str| until(&format!("{headline}.startsWith('{text}')"));
    tab.run(&is("Nothing would differ in 6 decisions")).await;
    let spare = "
        const select = document.querySelector('#trial select[data-code=\"3\"]');
        select.value = '';
        select.dispatchEvent(new Event('input', { bubbles: true }));";
    tab.run(spare).await;
    tab.run(&is("2 of 6 decisions would differ")).await;
    let options = tab
        .run("return document.getElementById('trial-options').textContent")
        .await;
    let options = options.as_str().unwrap();
    assert!(
        options.contains("invalid_block_redirect_codes = [2, 6"),
        "{options}"
    );
    no_complaints(&tab).await;
}

async fn the_inspector_shows_what_a_visitor_wrote_as_text(stage: Stage) {
    let (site, tab) = inspected(stage).await;
    comes(&site, "/about", HOSTILE, "203.0.113.1").await;
    open(&site, &tab, "decisions").await;
    listed(&tab, 1).await;
    tab.click("#rows button.link").await;
    tab.run(&until("document.getElementById('detail').open"))
        .await;
    let seen = tab
        .run(
            "const detail = document.getElementById('detail');
             return { title: document.title, agent: document.querySelector('#rows .agent').textContent,
               detail: detail.textContent, made: document.querySelectorAll('main img, dialog img, main script, dialog script').length }",
        )
        .await;
    assert_eq!(seen["agent"], HOSTILE);
    assert!(seen["detail"].as_str().unwrap().contains(HOSTILE), "{seen}");
    assert_eq!(
        (&seen["made"], &seen["title"]),
        (&json!(0), &json!("Decisions · RTI inspector"))
    );
    show(&tab, "overview").await;
    tab.run(&until(
        "document.getElementById('top').textContent.includes('onerror')",
    ))
    .await;
    assert_eq!(
        tab.run("return document.querySelectorAll('main img').length")
            .await,
        0
    );
    no_complaints(&tab).await;
}

/// One passes, and one looks at the challenge alone.
async fn the_inspector_shows_who_passes_challenges(stage: Stage) {
    let framework = stage.framework();
    let kit = Challenge::proof_of_work(Keys::random().unwrap()).cost(Cost::new(1_000, 16));
    let stage = stage.inspected().blocking().kit(kit).answer(challenged());
    let (site, tab) = visit(stage).await;
    comes(&site, "/about", FIREFOX, "192.0.2.1").await;
    tab.go("/about").await;
    tab.shows(ABOUT).await;
    open(&site, &tab, "overview").await;
    let panel = "document.getElementById('challenges-panel').innerText";
    loop {
        let seen = tab.run(&format!("return {panel}")).await;
        let seen = seen
            .as_str()
            .unwrap_or_default()
            .replace(['\n', '\u{a0}'], " ");
        if seen.contains("issued 2 passed 1 pass rate 50 %") && seen.contains("1 of 2, 50 %") {
            break;
        }
        // What happened is counted a moment later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        tab.run("window.dispatchEvent(new HashChangeEvent('hashchange'))")
            .await;
    }
    for (look, pixels, scheme) in LOOKS {
        window(&tab, pixels).await;
        prefer(&tab, scheme).await;
        tab.run("document.getElementById('challenges-panel').scrollIntoView()")
            .await;
        looks_well(&tab, &format!("{framework}-inspector-challenges-{look}")).await;
    }
    no_complaints(&tab).await;
}

async fn the_inspector_can_be_read(stage: Stage) {
    let framework = stage.framework();
    let (site, tab) = inspected(stage).await;
    visitors(&site).await;
    open(&site, &tab, "decisions").await;
    listed(&tab, 6).await;
    for (look, pixels, scheme) in LOOKS {
        window(&tab, pixels).await;
        prefer(&tab, scheme).await;
        for (view, part) in [
            ("overview", "#cards .card"),
            ("decisions", "#rows tr"),
            ("what-if", "#trial-result .compare"),
            ("configuration", "#configuration-rows tr"),
            ("false-positives", "#no-marks:not([hidden])"),
        ] {
            show(&tab, view).await;
            tab.run(&until(&format!(
                "document.querySelector('{part}') !== null"
            )))
            .await;
            looks_well(&tab, &format!("{framework}-inspector-{view}-{look}")).await;
        }
    }
    no_complaints(&tab).await;
}

/// What it shows can be read and is not wider than the window. It leaves a screenshot.
async fn looks_well(tab: &Tab, name: &str) {
    tab.screenshot(name).await;
    let seen: Value = tab.run(LOOK).await;
    let contrast = seen["contrast"].as_f64().unwrap();
    assert!(contrast >= CONTRAST, "{name}: {seen}");
    assert!(seen["overflow"].as_i64().unwrap() <= 0, "{name}: {seen}");
}
