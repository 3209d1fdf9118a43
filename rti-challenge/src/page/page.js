// Starts the challenge and sends its solution. Settings are in the form's data attributes.
const form = document.getElementById("solve");
const status = document.getElementById("status");
const settings = form.dataset;
const say = (text) => { status.textContent = text; };

const send = () => {
  say("Done. Taking you to the page.");
  try { sessionStorage.setItem("rti", String(Date.now())); } catch { /* without storage */ }
  form.submit();
};

// Solved a moment ago and here again: the cookie was not kept, or the check was refused. Starting again
// by itself would never end.
const mayStart = () => {
  if (!navigator.cookieEnabled) {
    say("This check needs cookies, which are turned off in this browser.");
    return false;
  }
  let last = 0;
  try { last = Number(sessionStorage.getItem("rti")); } catch { /* without storage */ }
  if (settings.start !== "auto") {
    say("Please start the check.");
    return false;
  }
  if (Date.now() - last > 15000) return true;
  say("The check was passed a moment ago. If this repeats, allow cookies for this site.");
  return false;
};

// Scripts run, but not what the check is made of: the path without scripts is shown.
const giveUp = () => {
  say("The check cannot run in this browser.");
  document.documentElement.classList.remove("scripts");
};

const starts = {
  pow() {
    if (!globalThis.$altcha || !isSecureContext) return giveUp();
    $altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(settings.worker));
    const widget = document.createElement("altcha-widget");
    widget.setAttribute("challenge", settings.challenge);
    widget.setAttribute("name", "altcha");
    widget.setAttribute("language", "en");
    widget.setAttribute("auto", mayStart() ? "onload" : "off");
    widget.setAttribute("configuration", JSON.stringify({
      humanInteractionSignature: false, minDuration: 300, hideFooter: true, hideLogo: true,
    }));
    widget.addEventListener("statechange", ({ detail }) => {
      if (detail.state === "verifying") say("Checking …");
      if (detail.state === "error") say("The check failed. Please try again.");
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
