// The configuration in force: every option with its source, the policies, and how the last reload went.

import { breakable, byId, call, make, moment } from "./elements.js";

const SOURCES = { code: "default or code", file: "file", environment: "environment" };

export async function showConfiguration() {
  const config = await call("api/config");
  if (config === null) {
    byId("configuration-state").textContent = "The inspector observes no engine yet";
    return;
  }
  const { reload } = config;
  byId("configuration-state").textContent = reload === null
    ? "As it was read at the start. Values stand as they were written; the others are defaults, or set in code."
    : reload.is_applied
      ? `Reloaded at ${moment(reload.time)}.`
      : `The reload at ${moment(reload.time)} failed, so what was in force before still is:`;
  list(byId("configuration-faults"), reload?.faults ?? []);
  list(byId("configuration-policies"), config.policies.map((policy) => policy.summary));
  list(byId("configuration-warnings"), config.warnings);
  byId("warnings-panel").hidden = config.warnings.length === 0;
  const row = ({ option, variable, value, source }) => make("tr",
    make("td", breakable(option), make("div.muted.small", breakable(variable))), make("td", value === null ? make("span.muted", "–") : value), make("td", SOURCES[source] ?? source));
  const isSet = (option) => option.value !== null;
  byId("configuration-rows").replaceChildren(...[...config.options.filter(isSet), ...config.options.filter((option) => !isSet(option))].map(row));
}

function list(place, texts) {
  place.replaceChildren(...texts.map((text) => make("li", text)));
  place.hidden = texts.length === 0;
}
