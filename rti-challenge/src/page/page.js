// Starts the challenge and sends its solution. Settings are in the form's data attributes.
const form = document.getElementById("solve");
const status = document.getElementById("status");
const settings = form.dataset;
const texts = JSON.parse(settings.texts);
const say = (text) => { status.textContent = text; };

const send = () => {
  say(texts.done);
  try { sessionStorage.setItem("rti", String(Date.now())); } catch { /* without storage */ }
  form.submit();
};

// Solved a moment ago and here again: the cookie was not kept, or the check was refused. Starting again
// by itself would never end.
const mayStart = () => {
  if (!navigator.cookieEnabled) {
    say(texts.no_cookies);
    return false;
  }
  let last = 0;
  try { last = Number(sessionStorage.getItem("rti")); } catch { /* without storage */ }
  if (settings.start !== "auto") {
    say(texts.start);
    return false;
  }
  if (Date.now() - last > 15000) return true;
  say(texts.repeated);
  return false;
};

// Scripts run, but not what the check is made of: the path without scripts is shown.
const giveUp = () => {
  say(texts.unable);
  document.documentElement.classList.remove("scripts");
};

const starts = {
  pow() {
    if (!globalThis.$altcha || !isSecureContext) return giveUp();
    $altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(settings.worker));
    const { label, verified, checking: verifying, failed: error } = texts;
    const { lang } = document.documentElement;
    $altcha.i18n.set(lang, { ...$altcha.i18n.get("en"), label, verified, verifying, error, expired: error });
    const widget = document.createElement("altcha-widget");
    widget.setAttribute("challenge", settings.challenge);
    widget.setAttribute("name", "altcha");
    widget.setAttribute("language", lang);
    widget.setAttribute("auto", mayStart() ? "onload" : "off");
    widget.setAttribute("configuration", JSON.stringify({
      humanInteractionSignature: false, minDuration: 300, hideFooter: true, hideLogo: true,
    }));
    widget.addEventListener("statechange", ({ detail }) => {
      if (detail.state === "verifying") say(texts.checking);
      if (detail.state === "error") say(texts.failed);
      // The widget writes its field after the event.
      if (detail.state === "verified") setTimeout(send);
    });
    document.getElementById("challenge").append(widget);
  },
  callback() {
    globalThis.rtiSolved = send;
    if (!navigator.cookieEnabled) mayStart();
  },
  execute() {
    if (!mayStart()) return;
    const recaptcha = settings.object.split(".").reduce((object, name) => object?.[name], globalThis);
    if (!recaptcha) return giveUp();
    recaptcha.ready(() => recaptcha.execute(settings.siteKey, { action: settings.action }).then((token) => {
      form.elements.namedItem(settings.field).value = token;
      send();
    }, giveUp));
  },
  form() {},
};
starts[settings.kind]();
