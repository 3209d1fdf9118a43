// The first view: what blocking would do, at a glance.

import { histogram, stackedBars } from "./charts.js";
import { byId, call, count, make, millis, moment, percent } from "./elements.js";

const NAMES = { "5m": "5 minutes", hour: "Hour", day: "Day", week: "Week" };
const IN_TEXT = { "5m": "last 5 minutes", hour: "last hour", day: "last day", week: "last week" };
const PARTS = [
  { key: "allow", tone: "allow", name: "continue" },
  { key: "challenge", tone: "challenge", name: "challenge" },
  { key: "redirect", tone: "redirect", name: "redirect" },
  { key: "block", tone: "block", name: "block" },
];

let period = "hour";
let latest = null;

export async function showOverview() {
  const summary = await call(`api/summary?window=${period}`);
  latest = summary;
  periods(summary);
  headline(summary);
  cards(summary);
  challenges(summary);
  lists(summary);
  health(summary);
  drawCharts();
  return summary;
}

function periods(summary) {
  const place = byId("windows");
  if (place.querySelectorAll("input").length === summary.windows.length) return;
  const choose = (event) => { period = event.target.value; showOverview(); };
  const choice = (name) => make("label", make("input", { type: "radio", name: "period", value: name, checked: name === period, onchange: choose }), make("span", NAMES[name] ?? name));
  place.append(...summary.windows.map(choice));
}

function headline(summary) {
  const { policy_actions: policy, actions, outcomes, total } = summary;
  // What is refused without a verdict is blocked, and yet nobody was found to be a threat.
  const refused = outcomes.failed_closed;
  const acting = policy.block + policy.redirect + policy.challenge - refused;
  const done = actions.block + actions.redirect + actions.challenge - refused;
  const checked = outcomes.evaluated + outcomes.failed_open + outcomes.failed_closed;
  const share = checked ? acting / checked : 0;
  const blocking = summary.mode === "blocking";
  const mode = { blocking: "Blocking mode", off: "Off" }[summary.mode] ?? "Monitoring mode";
  const what = "blocked, redirected or challenged";
  byId("headline").textContent = total === 0
    ? `No requests in the ${IN_TEXT[period]}`
    : acting === 0
      ? `None of ${count(checked)} checked requests ${blocking ? "was" : "would be"} ${what}`
      : `${count(acting)} of ${count(checked)} checked requests (${percent(share)}) ${blocking ? "were to be" : "would be"} ${what}`;
  const closed = refused ? ` ${count(refused)} got a 503, since there was no verdict.` : "";
  const skipped = outcomes.skipped ? ` ${count(outcomes.skipped)} more were not checked.` : "";
  byId("subline").textContent = total === 0
    ? "As soon as visitors come, this page shows what blocking would do."
    // A policy of its own may block in monitoring mode.
    : `In the ${IN_TEXT[period]}. ${mode}: ${blocking || done || refused ? `it was done for ${count(done)} of them` : "every request continued"}.${closed}${skipped}`;
}

function cards(summary) {
  const { evaluated, failed_open: open, failed_closed: closed } = summary.outcomes;
  const [without, checked] = [open + closed, evaluated + open + closed];
  const card = (key, name, done) => {
    // A request that is refused without a verdict is blocked too, and has a card of its own.
    const refused = key === "block" ? closed : 0;
    const number = summary.policy_actions[key] - refused;
    const share = checked ? number / checked : 0;
    return make(`a.card.tone-${key}`, { href: `#decisions?policy_action=${key}&outcome=evaluated` },
      make("span.name", name), make("span.value", count(number), " ", make("small", percent(share))),
      make("span.foot", `${count(summary.actions[key] - refused)} ${done}`));
  };
  const all = [...Object.entries(summary.fail_open), ...Object.entries(summary.fail_closed)];
  const reasons = all.sort((a, b) => b[1] - a[1]).map(([reason, number]) => `${count(number)} ${reason}`);
  if (closed) reasons.unshift(`${count(closed)} got a 503`);
  byId("cards").replaceChildren(
    card("block", "Would be blocked", "were blocked"),
    card("redirect", "Would be redirected", "were redirected"),
    card("challenge", "Would be challenged", "were challenged"),
    make("a.card.tone-failed", { href: `#decisions?outcome=${closed > open ? "failed_closed" : "failed_open"}` },
      make("span.name", "Without a verdict"), make("span.value", count(without), " ", make("small", percent(checked ? without / checked : 0))),
      make("span.foot", reasons.length ? reasons.slice(0, 3).join(", ") : "Every call got its verdict")));
}

/** A list of names with bars as long as their counts, up to the most; a link of each leads to its decisions. */
function bars(place, entries, link, most = Math.max(1, ...entries.map((entry) => entry.count))) {
  const row = (entry) => {
    const bar = make("i");
    bar.style.width = `${(entry.count / most) * 100}%`;
    const inside = [make("span.label", { title: entry.name }, entry.name), make("span", entry.text ?? count(entry.count)), make("span.track", bar)];
    const href = link(entry.name);
    return make(`li.tone-${entry.tone ?? "accent"}`, href ? make("a", { href }, inside) : make("div", inside));
  };
  place.replaceChildren(...(entries.length ? entries.map(row) : [make("li.muted", "Nothing yet")]));
}

/** A network as what its addresses begin with. */
const prefix = (network) => network.replace(/(\.0)?\/\d+$/, ".").replace(/::\.$/, ":");
const filter = (column, value) => `#decisions?${new URLSearchParams({ [column]: value })}`;

/** Of a threat type there may be solutions alone: of challenges that were issued before. */
function challenges(summary) {
  const { issued, passed, failed, replayed, expired, provider_error: unreachable } = summary.challenges;
  const rate = (passes, of) => (of ? Math.min(1, passes / of) : 0);
  const others = [["failed", failed], ["used again", replayed], ["too late", expired], ["provider not reached", unreachable]].filter(([, number]) => number);
  byId("challenges-panel").hidden = !issued && !passed && !others.length;
  const numbers = [["issued", issued], ["passed", passed], ...others].map(([name, number]) => figure(name, count(number)));
  numbers.splice(2, 0, figure("pass rate", issued ? percent(rate(passed, issued)) : "–"));
  byId("challenges").replaceChildren(...numbers);
  const rates = Object.entries(summary.challenges_by_threat_type).map(([name, of]) => ({
    name, count: rate(of.passed, of.issued), issued: of.issued, tone: "challenge",
    text: of.issued ? `${count(of.passed)} of ${count(of.issued)}, ${percent(rate(of.passed, of.issued))}` : `${count(of.passed)} passed`,
  }));
  rates.sort((a, b) => b.issued - a.issued);
  bars(byId("pass-rates"), rates, (name) => `${filter("threat_type", name)}&policy_action=challenge`, 1);
}

const figure = (name, value) => make("div", make("dt", name), make("dd", value));

function lists(summary) {
  const threats = Object.entries(summary.threat_types).map(([name, number]) => ({ name, count: number, tone: name === "valid" ? "allow" : "accent" }));
  threats.sort((a, b) => b.count - a.count);
  bars(byId("threats"), threats.slice(0, 8), (name) => filter("threat_type", name));
  const panels = [
    ["Paths", summary.top.paths, (name) => filter("path", name)],
    ["Events", summary.top.event_types, (name) => filter("event_type", name)],
    ["User agents", summary.top.user_agents, (name) => (name === "(none)" ? null : filter("user_agent", name))],
    ["Networks", summary.top.networks, (name) => filter("client", summary.anonymized ? name : prefix(name))],
  ];
  byId("top").replaceChildren(...panels.map(([name, entries, link]) => {
    const list = make("ul.bars");
    bars(list, entries, link);
    return make("article.panel", make("h2", name), list);
  }));
}

function health(summary) {
  const { recorded, connections } = summary;
  const line = (name, value) => [make("dt", name), make("dd", value)];
  byId("health").replaceChildren(...[
    line("Circuit", summary.circuit === "open" ? make("span.pill.tone-block", "open: no calls") : make("span.pill.tone-allow", "closed: calls are made")),
    connections ? line("Connections", `${connections.idle} idle, ${connections.busy} busy, ${connections.dialling} being opened`) : [],
    summary.calls_in_flight === null ? [] : line("Calls in flight", count(summary.calls_in_flight)),
    line("Deadline", summary.deadline_ms ? `${summary.deadline_ms} ms` : "unknown"),
    line("Protocol", summary.api_version ?? "unknown"),
    line("Recorded decisions", `${count(recorded.decisions)} of ${count(recorded.max_decisions)}`),
    line("Recording since", moment(summary.recording_since)),
    recorded.not_kept ? line("Counted, not kept", `${count(recorded.not_kept)}: more than 500 a second`) : [],
  ].flat());
  const share = recorded.max_bytes ? recorded.bytes / recorded.max_bytes : 0;
  byId("recorded").textContent = `The lists hold texts that visitors wrote. Recorded decisions take ${percent(share)} of ${count(Math.round(recorded.max_bytes / 1048576))} MiB.`;
}

export function drawCharts() {
  if (!latest || byId("view-overview").hidden) return;
  const points = latest.series.map((point) => ({ ...point, allow: point.total - point.block - point.redirect - point.challenge }));
  const clock = (text) => {
    const long = latest.window === "week" || latest.window === "day";
    return new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(latest.window === "week" ? { weekday: "short" } : {}), ...(long ? {} : { second: latest.window === "5m" ? "2-digit" : undefined }) }).format(new Date(text));
  };
  stackedBars(byId("requests-chart"), points, PARTS, { perMinute: 60 / latest.slot_seconds, clock, label: `Requests a minute in the ${IN_TEXT[period]}, by what blocking would do` });
  byId("legend").replaceChildren(...PARTS.map((part) => make(`li.tone-${part.tone}`, part.name)));
  const { p50, p90, p99 } = latest.latency_ms;
  const waited = (name, value) => figure(name, value === null ? "–" : `${millis(value)} ms`);
  byId("latency").replaceChildren(waited("half within", p50), waited("90 % within", p90), waited("99 % within", p99));
  histogram(byId("latency-chart"), latest.latency_histogram, latest.deadline_ms, "How long visitors waited for a verdict");
}
