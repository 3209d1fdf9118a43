// Making elements. Recorded texts are hostile: they are set as text and as values, never as markup.

export const byId = (id) => document.getElementById(id);

/** `make("p.muted", "text", child…)`; attributes and listeners as an object among the children. */
export function make(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node || typeof child !== "object") element.append(child);
    else for (const [key, value] of Object.entries(child)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
  }
  return element;
}

export const count = (value) => value.toLocaleString("en");
export const percent = (share) => `${(share * 100).toLocaleString("en", { maximumFractionDigits: share < 0.1 ? 1 : 0 })} %`;
export const millis = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
export function moment(text) {
  const date = new Date(text);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time.format(date) : `${day.format(date)}, ${time.format(date).slice(0, 5)}`;
}

const DONE = { allow: "continued", block: "blocked", redirect: "redirected", challenge: "challenged" };
const WOULD = { allow: "continue", block: "block", redirect: "redirect", challenge: "challenge" };

export const pill = (tone, text) => make(`span.pill.tone-${tone in WOULD ? tone : "failed"}`, text);
export const done = (action) => pill(action, DONE[action] ?? action);
export const would = (action) => pill(action, WOULD[action] ?? action);

/** A text that may be broken behind `_`, `/` and `:`. */
export const breakable = (text) => text.split(/(?<=[_/:])/).flatMap((part, index) => (index ? [document.createElement("wbr"), part] : [part]));

/** What the service saw, or why there is no verdict. */
export function seenAs(row) {
  if (row.outcome === "evaluated") {
    const code = row.threat_type_code ? ` (${row.threat_type_code})` : "";
    return `${row.threat_type ?? ""}${code}`;
  }
  return row.outcome === "skipped" ? "not checked" : "no verdict";
}

/** The cells that every table begins with. */
export function cells(row, open) {
  const title = `${row.method} ${row.path}`;
  return [
    make("td", make("time", { datetime: row.time, title: row.time }, moment(row.time))),
    make("td", make("button.link", { type: "button", onclick: () => open(row.id) }, breakable(title))),
    make("td", row.client ?? "unknown", make("span.agent", { title: row.user_agent ?? "" }, row.user_agent ?? "no user agent")),
    make("td", seenAs(row)),
  ];
}

export async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error ?? response.statusText), { status: response.status, faults: answer.faults });
  return answer;
}
