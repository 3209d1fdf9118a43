// The panel that explains one decision.

import { breakable, byId, call, done, make, millis, seenAs, would } from "./elements.js";

const RESPONSES = { none: "the page", access_denied: "a 403 page", not_found: "a 404", redirect: "a redirect", captcha: "a challenge" };
let changed = () => {};

export function startDetail(onMark) {
  changed = onMark;
  byId("detail").addEventListener("click", (event) => event.target === byId("detail") && byId("detail").close());
}

export async function openDetail(id) {
  const decision = await call(`api/decisions/${id}`);
  const sheet = make("div.sheet", head(decision), story(decision), mark(decision), elsewhere(decision), exclude(decision), facts(decision),
    exchange("What was sent, without the key", decision.sent), exchange("What came back", decision.received));
  byId("detail").replaceChildren(sheet);
  if (!byId("detail").open) byId("detail").showModal();
  byId("detail").scrollTop = 0;
}

const head = (decision) => make("header", make("div", make("h1", { id: "detail-title" }, breakable(`${decision.method} ${decision.path}`)),
  make("p.muted", new Date(decision.time).toLocaleString())), make("button", { type: "button", onclick: () => byId("detail").close() }, "Close"));

function story(decision) {
  const sentences = decision.explanation ?? ["This decision was made before the last start; only its record is known."];
  const actions = make("p.row", "Blocking would: ", would(decision.policy_action), " It was: ", done(decision.action));
  return make("section.story", make("h2", "Why"), sentences.map((sentence) => make("p", sentence)), decision.outcome === "evaluated" ? actions : null);
}

function mark(decision) {
  const note = make("input", { type: "text", maxlength: "200", placeholder: "Why is it wrong? (optional)", "aria-label": "Note" });
  const set = async (marked) => {
    await call("api/mark", { id: decision.id, marked, note: marked ? note.value : null });
    changed();
    openDetail(decision.id);
  };
  const button = (text, marked) => make(marked ? "button.primary" : "button", { type: "button", onclick: () => set(marked) }, text);
  return make("section", make("h2", "Is this decision wrong?"), decision.marked
    ? make("div.row", make("span", "It is marked as a false positive."), button("Remove the mark", false))
    : make("div.mark", note, button("Mark as wrong", true)));
}

function elsewhere(decision) {
  if (!decision.elsewhere?.length) return null;
  const row = (entry) => make("tr", make("td", breakable(entry.if)), make("td", would(entry.would.policy_action)), make("td", done(entry.would.action)), make("td", RESPONSES[entry.would.response] ?? entry.would.response));
  const heads = ["If", "Policy", "Done", "Visitor gets"].map((name) => make("th", { scope: "col" }, name));
  return make("section", make("h2", "What other options would do"), make("table", make("thead", make("tr", heads)), make("tbody", decision.elsewhere.map(row))));
}

function exclude(decision) {
  if (!decision.exclude) return null;
  const entry = decision.exclude.uri_exclusion;
  return make("section", make("h2", "How to leave this path unchecked"), entry ? make("pre", `uri_exclusion = [${JSON.stringify(entry)}]`) : null, make("p.muted.small", decision.exclude.note));
}

function facts(decision) {
  const took = (value) => (value === null ? null : `${millis(value)} ms`);
  const lines = [
    ["Seen as", seenAs(decision)], ["Policy", decision.policy], ["Its shadow", decision.shadow_action], ["Rule", decision.rule], ["Reason", decision.reason], ["Client", decision.client], ["User agent", decision.user_agent],
    ["Event", decision.event_type], ["Challenge", decision.challenge], ["Request id", decision.request_id], ["Middleware", decision.middleware],
    ["Waited", took(decision.elapsed_ms)], ["of which for a connection", took(decision.connection_ms)], ["of which for the service", took(decision.service_ms)],
  ];
  const known = lines.filter(([, value]) => value !== null && value !== undefined);
  return make("section", make("h2", "Facts"), make("dl.lines", known.flatMap(([name, value]) => [make("dt", name), make("dd", value)])));
}

function exchange(title, text) {
  if (text === null || text === undefined) return null;
  return make("section", make("h2", title), readable(text));
}

/** JSON with line breaks, a form as its fields, and anything else as it is. */
function readable(text) {
  try {
    return make("pre", { tabindex: "0" }, JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    const fields = [...new URLSearchParams(text)];
    if (!/^[^\s<>{}]+=/.test(text)) return make("pre", { tabindex: "0" }, text);
    return make("dl.sent", { tabindex: "0" }, fields.filter(([, value]) => value !== "").flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  }
}
