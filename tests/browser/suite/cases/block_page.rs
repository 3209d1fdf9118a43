//! What a blocked visitor sees. Each look leaves a screenshot.

use rti_core::{ApiVersion, Strategy};
use serde_json::{Value, json};

use crate::expected::{
    ABOUT, BLOCKED_TITLE, CONTRAST, COPIED, COPY_BUTTON, REFERENCE, SUPPORT_LINK, blocked,
};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    the_block_page_fits_a_desktop,
    the_block_page_fits_a_phone,
    the_block_page_can_be_read_in_the_dark,
    the_block_page_is_dark_for_those_who_prefer_it,
    the_block_page_needs_no_script,
    the_block_page_copies_its_reference,
    the_block_page_leads_to_support,
    the_block_page_keeps_to_its_own_policy,
    a_hidden_page_is_not_an_error_of_the_browser,
];

/// Width and height of a window, in pixels of CSS.
pub(super) const DESKTOP: (u32, u32) = (1280, 800);
pub(super) const PHONE: (u32, u32) = (390, 844);

pub(super) async fn window(tab: &Tab, (width, height): (u32, u32)) {
    let is_phone = width == PHONE.0;
    let scale = if is_phone { 2 } else { 1 };
    let metrics = json!({
        "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone,
    });
    tab.devtools("Emulation.setDeviceMetricsOverride", metrics)
        .await;
}

pub(super) async fn prefer(tab: &Tab, scheme: &str) {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    let media = json!({ "features": features });
    tab.devtools("Emulation.setEmulatedMedia", media).await;
}

async fn blocked_at(stage: Stage, pixels: (u32, u32), scheme: &str) -> (Site, Tab) {
    let (site, tab) = visit(stage.blocking().answer(blocked())).await;
    window(&tab, pixels).await;
    prefer(&tab, scheme).await;
    tab.go("/").await;
    (site, tab)
}

/// The smallest contrast between a text and what is behind it, the luminance of the page's
/// background, and how far the page is wider than its window. Colours become bytes on a canvas. What is
/// behind all elements is the colour `Canvas`: dark where the page allows it, by its style or by a meta
/// element.
pub(super) const LOOK: &str = "
    const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.backgroundColor = 'Canvas';
    const canvas = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const behind = (element) => {
      const elements = [];
      for (let at = element; at; at = at.parentElement) elements.unshift(at);
      pixel.fillStyle = canvas;
      pixel.fillRect(0, 0, 1, 1);
      for (const at of elements) {
        pixel.fillStyle = getComputedStyle(at).backgroundColor;
        pixel.fillRect(0, 0, 1, 1);
      }
      return luminance();
    };
    const luminance = () => {
      const [r, g, b] = [...pixel.getImageData(0, 0, 1, 1).data].map((byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let contrast = 21;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
      const back = behind(element);
      pixel.fillStyle = getComputedStyle(element).color;
      pixel.fillRect(0, 0, 1, 1);
      const [dark, light] = [back, luminance()].sort((a, b) => a - b);
      contrast = Math.min(contrast, (light + 0.05) / (dark + 0.05));
    }
    const root = document.documentElement;
    return { contrast, background: behind(document.body), overflow: root.scrollWidth - innerWidth,
      width: innerWidth, lang: root.lang }";

/// That the page can be read, with a screenshot of this name.
async fn can_be_read(tab: &Tab, name: &str) -> Value {
    tab.screenshot(name).await;
    let seen = tab.text().await;
    assert!(seen.contains(BLOCKED_TITLE), "{seen}");
    assert!(seen.contains(REFERENCE), "{seen}");
    let look = tab.run(LOOK).await;
    assert!(look["contrast"].as_f64().unwrap() >= CONTRAST, "{look}");
    assert!(look["overflow"].as_i64().unwrap() <= 0, "{look}");
    assert_eq!(look["lang"], "en", "{look}");
    look
}

async fn is_shown(tab: &Tab, selector: &str) -> bool {
    let shown = format!("return document.querySelector('{selector}').checkVisibility()");
    tab.run(&shown).await == true
}

async fn the_block_page_fits_a_desktop(stage: Stage) {
    let name = format!("{}-blocked-desktop", stage.framework());
    let (_site, tab) = blocked_at(stage, DESKTOP, "light").await;
    let look = can_be_read(&tab, &name).await;
    assert_eq!(look["width"], DESKTOP.0);
}

async fn the_block_page_fits_a_phone(stage: Stage) {
    let name = format!("{}-blocked-phone", stage.framework());
    let (_site, tab) = blocked_at(stage, PHONE, "light").await;
    let look = can_be_read(&tab, &name).await;
    // A page without a viewport of its own is laid out wider, and its text is tiny.
    assert_eq!(look["width"], PHONE.0);
}

async fn the_block_page_can_be_read_in_the_dark(stage: Stage) {
    let name = format!("{}-blocked-dark", stage.framework());
    let (_site, tab) = blocked_at(stage, DESKTOP, "dark").await;
    can_be_read(&tab, &name).await;
}

async fn the_block_page_is_dark_for_those_who_prefer_it(stage: Stage) {
    let (_site, tab) = blocked_at(stage, PHONE, "dark").await;
    let look = tab.run(LOOK).await;
    assert!(look["background"].as_f64().unwrap() < 0.2, "{look}");
}

async fn the_block_page_needs_no_script(stage: Stage) {
    let name = format!("{}-blocked-no-script", stage.framework());
    let (_site, tab) = visit(stage.blocking().answer(blocked())).await;
    let off = json!({ "value": true });
    tab.devtools("Emulation.setScriptExecutionDisabled", off)
        .await;
    tab.go("/").await;
    can_be_read(&tab, &name).await;
    assert!(!is_shown(&tab, COPY_BUTTON).await);
}

async fn the_block_page_copies_its_reference(stage: Stage) {
    let name = format!("{}-blocked-copied", stage.framework());
    let (_site, tab) = blocked_at(stage, DESKTOP, "light").await;
    let permissions = json!(["clipboardReadWrite", "clipboardSanitizedWrite"]);
    let granted = json!({ "permissions": permissions, "origin": tab.origin });
    tab.devtools("Browser.grantPermissions", granted).await;
    assert!(is_shown(&tab, COPY_BUTTON).await);
    tab.click(COPY_BUTTON).await;
    // It says so when it has.
    let seen = format!(
        "const button = document.querySelector('{COPY_BUTTON}');
         while (button.textContent !== '{COPIED}') await new Promise(requestAnimationFrame);
         return await navigator.clipboard.readText()"
    );
    assert_eq!(tab.run(&seen).await, REFERENCE);
    tab.screenshot(&name).await;
}

async fn the_block_page_leads_to_support(stage: Stage) {
    let name = format!("{}-blocked-support", stage.framework());
    let stage = stage.configure(|config| config.support_url("/about").uri_exclusion(["/about"]));
    let (_site, tab) = blocked_at(stage, PHONE, "dark").await;
    can_be_read(&tab, &name).await;
    tab.click(SUPPORT_LINK).await;
    assert_eq!(tab.text().await, ABOUT);
}

async fn the_block_page_keeps_to_its_own_policy(stage: Stage) {
    let (_site, tab) = visit(stage.blocking().answer(blocked())).await;
    tab.console().await;
    tab.go("/").await;
    let reported = tab.console().await;
    // That the response was a 403 is reported too.
    let refused = |entry: &&String| !entry.contains("403");
    let refused: Vec<&String> = reported.iter().filter(refused).collect();
    assert!(refused.is_empty(), "{refused:?}");
    // The browser requests an icon by itself.
    let loaded = "
        const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
        return loaded.filter((name) => !name.endsWith('/favicon.ico'))";
    assert_eq!(tab.run(loaded).await, json!([]), "it stands alone");
}

async fn a_hidden_page_is_not_an_error_of_the_browser(stage: Stage) {
    let name = format!("{}-hidden", stage.framework());
    let stage = stage.blocking().configure(|config| {
        let config = config.api_version(ApiVersion::V4_1);
        config.blocking_strategy(Strategy::NotFound)
    });
    let (_site, tab) = visit(stage.answer(blocked())).await;
    for (pixels, scheme) in [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")] {
        window(&tab, pixels).await;
        prefer(&tab, scheme).await;
        tab.go("/").await;
        tab.screenshot(&format!("{name}-{scheme}-{}", pixels.0))
            .await;
        // Chromium's own has another address, and says so otherwise.
        assert_eq!(tab.location().await, format!("{}/", tab.origin));
        let seen = tab.text().await;
        assert!(seen.starts_with("404"), "{seen}");
        assert!(!seen.contains(REFERENCE), "{seen}");
    }
}
