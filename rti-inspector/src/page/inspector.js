// The page: which view is shown, and what is refreshed.

import { showConfiguration } from "./configuration.js";
import { showDecisions, startDecisions } from "./decisions.js";
import { openDetail, startDetail } from "./detail.js";
import { byId, call, count, make } from "./elements.js";
import { drawCharts, showOverview } from "./overview.js";
import { showMarks } from "./marks.js";
import { showTrial } from "./trial.js";

const VIEWS = ["overview", "decisions", "what-if", "configuration", "false-positives"];
const TITLES = { overview: "Overview", decisions: "Decisions", "what-if": "What if", configuration: "Configuration", "false-positives": "False positives" };
const REFRESH_MILLIS = 5000;

let view = null;

const open = (id) => openDetail(id).catch(report);

function route() {
  const [name, query = ""] = location.hash.slice(1).split("?");
  const isNew = view !== null && name !== view;
  view = VIEWS.includes(name) ? name : "overview";
  document.title = `${TITLES[view]} · RTI inspector`;
  for (const other of VIEWS) byId(`view-${other}`).hidden = other !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view) mark(link);
    else link.removeAttribute("aria-current");
  }
  if (isNew) window.scrollTo(0, 0);
  show(new URLSearchParams(query)).then(clear, report);
}

function mark(link) {
  link.setAttribute("aria-current", "page");
  link.scrollIntoView({ inline: "nearest", block: "nearest" });
}

async function show(query) {
  if (view === "overview") return frame(await showOverview());
  if (view === "decisions") await showDecisions(query);
  const summary = await call("api/summary?window=day");
  frame(summary);
  if (view === "what-if") await showTrial(summary, open);
  if (view === "configuration") await showConfiguration();
  if (view === "false-positives") await showMarks(open, refreshFrame);
}

/** What stands above every view. */
function frame(summary) {
  const mode = byId("mode");
  const acting = summary.blocking_policies ?? [];
  const said = acting.length ? `: blocking for ${acting.join(", ")}` : ": nothing is blocked";
  const words = { blocking: ["Blocking"], monitoring: ["Monitoring", make("span", said)], off: ["Off", make("span", ": nothing is checked")] };
  mode.replaceChildren(make("b", words[summary.mode] ?? "No engine"));
  mode.classList.toggle("blocking", summary.mode === "blocking");
  byId("reload").hidden = summary.reload === null || summary.reload.is_applied;
  const { marked } = summary.recorded;
  byId("marked-count").hidden = marked === 0;
  byId("marked-count").textContent = count(marked);
}

const refreshFrame = () => call("api/summary").then(frame, report);

function report(error) {
  byId("notice").hidden = false;
  byId("notice").textContent = error.status === 401
    ? "The program was started anew. Open the URL that it printed."
    : error.status ? error.message : "The inspector does not answer. The program may have ended.";
}

function clear() {
  byId("notice").hidden = true;
}

startDetail(refreshFrame);
startDecisions(open);
window.addEventListener("hashchange", route);
let resized = 0;
window.addEventListener("resize", () => { cancelAnimationFrame(resized); resized = requestAnimationFrame(drawCharts); });
setInterval(() => {
  if (view === "overview" && !document.hidden) showOverview().then((summary) => { frame(summary); clear(); }, report);
}, REFRESH_MILLIS);
route();
