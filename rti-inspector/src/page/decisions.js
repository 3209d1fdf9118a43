// The table of decisions: filters, and new ones as they are made.

import { breakable, byId, call, cells, count, done, make, millis, pill, would } from "./elements.js";

const FIELDS = [
  ["time", "Time (UTC) has"], ["method", "Method"], ["path", "Path has"], ["client", "Client has"], ["user_agent", "User agent has"],
  ["event_type", "Event has"], ["threat_type", "Threat type has"], ["threat_type_code", "Threat code"],
  ["policy_action", "Would be", ["", "allow", "block", "redirect", "challenge"]],
  ["action", "Was done", ["", "allow", "block", "redirect", "challenge"]],
  ["shadow_action", "Shadow", ["", "allow", "block", "redirect", "challenge"]], ["policy", "Policy has"],
  ["outcome", "Outcome", ["", "evaluated", "failed_open", "failed_closed", "skipped"]],
  ["reason", "Reason has"], ["rule", "Rule has"], ["request_id", "Request id has"], ["elapsed_ms", "Took at least (ms)"],
  ["enforced", "Enforced", ["", "true", "false"]], ["marked", "Marked", ["", "true", "false"]],
];
const WHOLE = ["method", "threat_type_code", "policy_action", "action", "shadow_action", "outcome"];
const SHOWN = 200;
const PAGE = 100;

let open = () => {};
let older = null;
let isLive = true;
let matching = 0;
let arrived = [];

export function startDecisions(openDetail) {
  open = openDetail;
  const field = ([name, label, words]) => make("label.field", make("span", label), words
    ? make("select", { name, onchange: apply }, words.map((word) => make("option", { value: word }, word || "any")))
    : make("input", { name, type: "text", autocomplete: "off", spellcheck: "false", onchange: apply }));
  byId("filters").append(...FIELDS.map(field));
  byId("filters").addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  byId("clear").addEventListener("click", () => { location.hash = "#decisions"; });
  byId("live").addEventListener("click", () => {
    isLive = !isLive;
    byId("live").setAttribute("aria-pressed", String(isLive));
    byId("live").textContent = isLive ? "Live" : "Paused";
    if (isLive) load();
  });
  byId("older").addEventListener("click", () => load(older));
  const stream = new EventSource("api/stream");
  stream.addEventListener("decision", (event) => arrive(JSON.parse(event.data)));
  // After a gap the table is read anew.
  stream.addEventListener("lost", () => isLive && load());
}

const form = () => byId("filters");
const active = () => [...new FormData(form())].filter(([, value]) => value.trim() !== "");

function apply() {
  const query = new URLSearchParams(active()).toString();
  location.hash = query ? `#decisions?${query}` : "#decisions";
}

export function showDecisions(query) {
  for (const [name] of FIELDS) form().elements[name].value = query.get(name) ?? "";
  const filters = active();
  byId("active-filters").textContent = filters.length ? `(${filters.length} in use)` : "";
  if (filters.length && matchMedia("(min-width: 861px)").matches) byId("filter-panel").open = true;
  byId("clear").disabled = filters.length === 0;
  return load();
}

async function load(before = null) {
  const query = new URLSearchParams([...active(), ["limit", PAGE]]);
  if (before) query.set("before", before);
  const page = await call(`api/decisions?${query}`);
  matching = page.matching;
  older = page.before;
  byId("older").hidden = older === null;
  const rows = page.decisions.map((row) => line(row));
  if (before) byId("rows").append(...rows);
  else { arrived = []; byId("rows").replaceChildren(...rows); }
  report();
}

function report() {
  const filtered = active().length > 0;
  byId("matching").textContent = `${count(matching)} recorded ${matching === 1 ? "decision" : "decisions"}${filtered ? " that match" : ""}, the newest first`;
  byId("no-rows").hidden = byId("rows").childElementCount > 0;
  byId("no-rows").textContent = filtered ? "No recorded decision matches these filters." : "No decision yet. They appear here as visitors come.";
}

function line(row, isNew = false) {
  const why = row.rule ?? row.reason ?? "no rule matched";
  return make(`tr.open${isNew ? ".new" : ""}`, { onclick: (event) => event.target.closest("button") || open(row.id) },
    cells(row, open), make("td", row.outcome === "evaluated" ? would(row.policy_action) : pill("failed", "–")),
    make("td", done(row.action)), make("td", breakable(why), row.policy === "default" ? null : make("span.agent", `policy ${row.policy}`)), make("td.number", millis(row.elapsed_ms)));
}

/** The same rules as on the server. What is marked is not known here. */
function matches(row) {
  return active().every(([name, wanted]) => {
    const value = row[name];
    if (name === "elapsed_ms") return value >= Number(wanted);
    if (name === "marked") return wanted === "false";
    if (value === null || value === undefined) return false;
    const text = String(value).toLowerCase();
    return WHOLE.includes(name) || name === "enforced" ? text === wanted.trim().toLowerCase() : text.includes(wanted.trim().toLowerCase());
  });
}

function arrive(row) {
  if (!isLive || byId("view-decisions").hidden || !matches(row)) return;
  if (arrived.push(row) === 1) requestAnimationFrame(showArrived);
}

function showArrived() {
  const rows = byId("rows");
  matching += arrived.length;
  rows.prepend(...arrived.slice(-SHOWN).reverse().map((row) => line(row, true)));
  arrived = [];
  while (rows.childElementCount > SHOWN) {
    rows.lastElementChild.remove();
    byId("older").hidden = true;
  }
  report();
}
