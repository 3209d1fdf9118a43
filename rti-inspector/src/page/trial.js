// What if: other options, tried on the recorded decisions.

import { breakable, byId, call, cells, count, done, make, percent, would } from "./elements.js";

const LISTS = ["invalid_block_redirect_codes", "invalid_captcha_codes"];
const CHOICES = [["invalid_block_redirect_codes", "block or redirect"], ["invalid_captcha_codes", "challenge"], ["", "let continue"]];
const STRATEGIES = ["access_denied", "not_found", "redirect", "captcha"];
const OF_V4 = ["block_codes", "block_reasons", "challenge_codes", "challenge_reasons", "redirect_codes", "redirect_reasons"];

let options = null;
let open = () => {};
let timer = 0;
let latest = 0;

export function showTrial(summary, openDetail) {
  open = openDetail;
  byId("trial-policies").hidden = summary.policies < 2;
  // After a reload other options are in force.
  if (summary.policy_options && JSON.stringify(summary.policy_options) !== JSON.stringify(options)) build(summary);
  if (options) return compare();
  byId("trial-headline").textContent = "The inspector observes no engine yet";
}

const later = () => { clearTimeout(timer); timer = setTimeout(compare, 150); };

function build(summary) {
  options = summary.policy_options;
  const form = byId("trial");
  form.onsubmit = (event) => event.preventDefault();
  form.oninput = later;
  const modes = ["monitoring", "blocking", "off"].map((mode) => make("label", make("input", { type: "radio", name: "mode", value: mode, checked: options.mode === mode }), ` ${mode}`));
  const isCodes = LISTS[0] in options;
  form.replaceChildren(
    make("fieldset.plain", make("legend", "Mode"), make("div.choices", modes)),
    isCodes ? codes(summary) : ofV4(),
    text("redirect_url", "Redirect to", options.redirect_url ?? "", "nowhere: a 403"),
    make("label.field", make("span", "Paths that are not checked, one a line"), make("textarea", { name: "uri_exclusion", spellcheck: "false" }, options.uri_exclusion.join("\n"))),
    make("div", make("button", { type: "button", onclick: reset }, "Back to what is in force")));
}

function codes(summary) {
  const known = new Map(summary.known_threat_types.filter((threat) => threat.code !== 0).map((threat) => [threat.code, threat.name]));
  for (const list of LISTS) for (const code of options[list]) if (typeof code === "number" && !known.has(code)) known.set(code, "unnamed");
  const row = ([code, name]) => {
    const present = LISTS.find((list) => options[list].includes(code)) ?? "";
    const select = make("select", { name: `code-${code}`, "data-code": code, "data-present": present }, CHOICES.map(([list, word]) => make("option", { value: list, selected: list === present }, word)));
    const seen = summary.threat_types[name];
    return make("label", { "data-threat": code }, make("span", `${name} (${code})`), make("span.seen.muted.small", seen ? `${count(seen)} seen` : ""), select);
  };
  const seen = ([, name]) => summary.threat_types[name] ?? 0;
  const ordered = [...known].sort((a, b) => seen(b) - seen(a) || a[0] - b[0]);
  return make("fieldset.plain", make("legend", "What each threat type leads to"), make("div.threats", ordered.map(row)));
}

function ofV4() {
  const strategy = (name, label) => make("label.field", make("span", label), make("select", { name }, STRATEGIES.map((word) => make("option", { value: word, selected: options[name] === word }, word))));
  return make("fieldset.plain", make("legend", "Protocol v4"), strategy("blocking_strategy", "Blocked visitors get"), strategy("challenging_strategy", "Challenged visitors get"),
    OF_V4.map((name) => text(name, name.replace("_", " "), options[name].join(", "), "none")));
}

const text = (name, label, value, placeholder) => make("label.field", make("span", label), make("input", { type: "text", name, value, placeholder, autocomplete: "off", spellcheck: "false" }));

function reset() {
  byId("trial").reset();
  compare();
}

const words = (value) => value.split(/[,\s]+/).filter(Boolean);

function chosen() {
  const form = byId("trial");
  const body = { mode: form.elements.mode.value, redirect_url: form.elements.redirect_url.value.trim() || null,
    uri_exclusion: form.elements.uri_exclusion.value.split("\n").map((line) => line.trim()).filter(Boolean) };
  const selects = [...form.querySelectorAll("select[data-code]")];
  if (selects.length) for (const list of LISTS) body[list] = selects.filter((select) => select.value === list).map((select) => Number(select.dataset.code)).sort((a, b) => a - b);
  else {
    for (const name of ["blocking_strategy", "challenging_strategy"]) body[name] = form.elements[name].value;
    for (const name of OF_V4) body[name] = words(form.elements[name].value);
  }
  for (const select of selects) select.closest("label").classList.toggle("changed", select.value !== select.dataset.present);
  return body;
}

async function compare() {
  const body = chosen();
  const turn = ++latest;
  try {
    const result = await call("api/what-if", body);
    if (turn === latest) show(result, body);
  } catch (error) {
    if (turn !== latest) return;
    byId("trial-headline").textContent = "These options cannot be in force";
    byId("trial-result").replaceChildren(make("ul.faults", (error.faults ?? [{ message: error.message }]).map((fault) => make("li", fault.message))));
    byId("trial-list").hidden = true;
  }
}

function show(result, body) {
  const { compared, differing, recorded } = result;
  byId("trial-headline").textContent = compared === 0 ? "No recorded decision has a verdict yet"
    : differing === 0 ? `Nothing would differ in ${count(compared)} decisions`
      : `${count(differing)} of ${count(compared)} decisions would differ (${percent(differing / compared)})`;
  const stack = (name, actions) => {
    const parts = ["block", "redirect", "challenge", "allow"].filter((key) => actions[key]).map((key) => {
      const part = make(`i.tone-${key}`, { title: `${key}: ${actions[key]}` });
      part.style.flexGrow = actions[key];
      return part;
    });
    return make("div", make("span.muted", name), make("div.stack", { role: "img", "aria-label": `${name}: block ${actions.block}, redirect ${actions.redirect}, challenge ${actions.challenge}, continue ${actions.allow}` }, parts));
  };
  const change = (entry) => make("li.row", `${count(entry.count)} ×`, would(entry.from), entry.from === entry.to ? null : ["→", would(entry.to)], ...inAnotherWay(entry));
  const rest = recorded - compared;
  byId("trial-result").replaceChildren(
    make("div.compare", stack("Now", result.policy_actions.now), stack("Instead", result.policy_actions.instead)),
    make("ul.legend", [["block", "block"], ["redirect", "redirect"], ["challenge", "challenge"], ["allow", "continue"]].map(([tone, name]) => make(`li.tone-${tone}`, name))),
    make("ul.changes", result.changes.map(change)),
    rest > 0 ? make("p.muted.small", `${count(rest)} more recorded decisions cannot be compared: they have no verdict, or are from before the last start.`) : "");
  const row = (entry) => make("tr.open", cells(entry, open), make("td", would(entry.now.policy_action)), make("td", would(entry.instead.policy_action)), make("td", breakable(entry.instead.rule ?? "no rule matches")));
  byId("trial-rows").replaceChildren(...result.decisions.map(row));
  byId("trial-list").hidden = result.decisions.length === 0;
  byId("trial-options").textContent = toml(body);
}

/** What differs beside the policy: whether it is done, and what the visitor gets. */
function inAnotherWay({ from, to, done_from: before, done_to: after }) {
  if (before !== after) return ["and", done(before), "becomes", done(after)];
  return from === to ? ["is shown in another way"] : [];
}

/** What differs from what is in force, as lines of a file. */
function toml(body) {
  const isSame = (name) => JSON.stringify(body[name] ?? null) === JSON.stringify((options[name] ?? null)?.filter?.((code) => code !== "none") ?? options[name] ?? null);
  const value = (entry) => (Array.isArray(entry) ? `[${entry.map((item) => (/^-?\d+$/.test(item) ? item : JSON.stringify(item))).join(", ")}]` : JSON.stringify(entry ?? ""));
  const line = (name) => `${name} = ${LISTS.includes(name) && body[name].length === 0 ? '["none"]' : value(body[name])}`;
  const lines = Object.keys(body).filter((name) => !isSame(name)).map(line);
  return lines.length ? lines.join("\n") : "# nothing differs from what is in force";
}
