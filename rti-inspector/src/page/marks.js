// False positives: decisions that someone holds to be wrong.

import { byId, call, cells, make } from "./elements.js";

export async function showMarks(open, changed) {
  const { decisions } = await call("api/export");
  const remove = async (id) => {
    await call("api/mark", { id, marked: false });
    changed();
    showMarks(open, changed);
  };
  const row = (entry) => make("tr", cells(entry, open), make("td", entry.request_id ?? "none"), make("td", entry.note ?? ""),
    make("td", make("button", { type: "button", onclick: () => remove(entry.id), "aria-label": `Remove the mark of ${entry.method} ${entry.path}` }, "Remove")));
  byId("mark-rows").replaceChildren(...decisions.reverse().map(row));
  byId("no-marks").hidden = decisions.length > 0;
  byId("export").hidden = decisions.length === 0;
}
