// Charts as inline SVG, drawn to the width there is. Texts are set as text, never as markup.

const NAMESPACE = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, text) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** An empty drawing of the place's size, or nothing while it is not shown. */
function canvas(place, label) {
  const { width, height } = place.getBoundingClientRect();
  if (width < 10 || height < 10) return null;
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  place.replaceChildren(drawing);
  return { drawing, width, height };
}

/** A round number that is not below the value. */
function ceiling(value) {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= value);
}

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

/** Stacked bars over time. `parts` are the keys of a point, from the bottom. */
export function stackedBars(place, points, parts, { perMinute, label, clock }) {
  const area = canvas(place, label);
  if (!area) return;
  const { drawing, width, height } = area;
  const sum = (point) => parts.reduce((total, part) => total + point[part.key], 0);
  const top = ceiling(Math.max(...points.map(sum)) * perMinute);
  const left = Math.max(30, number(top).length * 7 + 10);
  const [bottom, above] = [22, 8];
  const step = (width - left) / points.length;
  const scale = (height - bottom - above) / top;
  for (const share of [0, 0.5, 1]) {
    const y = height - bottom - top * share * scale;
    drawing.append(svg("line", { class: "grid", x1: left, x2: width, y1: y, y2: y }));
    drawing.append(svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, number(top * share)));
  }
  points.forEach((point, index) => {
    let y = height - bottom;
    const x = left + index * step;
    for (const part of parts) {
      const tall = point[part.key] * perMinute * scale;
      if (tall <= 0) continue;
      y -= tall;
      drawing.append(svg("rect", { class: `fill-${part.tone}`, x: x + step * 0.1, y, width: step * 0.8, height: tall }));
    }
    const hover = svg("rect", { class: "hover", x, y: above, width: step, height: height - bottom - above });
    const texts = parts.filter((part) => point[part.key]).map((part) => `${part.name}: ${point[part.key]}`);
    hover.append(svg("title", {}, [clock(point.time), ...texts].join("\n")));
    drawing.append(hover);
  });
  const labels = Math.max(2, Math.min(6, Math.floor(width / 110)));
  for (let index = 0; index < labels; index += 1) {
    const place = Math.round((index * (points.length - 1)) / (labels - 1));
    const anchor = index === 0 ? "start" : index === labels - 1 ? "end" : "middle";
    const x = index === 0 ? left : index === labels - 1 ? width : left + (place + 0.5) * step;
    drawing.append(svg("text", { x, y: height - 4, "text-anchor": anchor }, clock(points[place].time)));
  }
}

/** Bars of a histogram whose buckets grow by a constant factor, and a line at the deadline. */
export function histogram(place, buckets, deadline, label) {
  const area = canvas(place, label);
  if (!area) return;
  const { drawing, width, height } = area;
  const factor = 2 ** 0.25;
  const highest = Math.max(...buckets.map((bucket) => bucket.count), 1);
  const first = Math.log(Math.min(buckets[0]?.up_to_ms ?? 1, deadline ?? Infinity) / factor);
  const last = Math.log(Math.max(buckets.at(-1)?.up_to_ms ?? 1, (deadline ?? 0) * factor));
  const at = (millis) => Math.max(0, ((Math.log(millis) - first) / (last - first)) * width);
  const [bottom, above] = [20, 18];
  drawing.append(svg("line", { class: "grid", x1: 0, x2: width, y1: height - bottom, y2: height - bottom }));
  for (const bucket of buckets) {
    const [from, to] = [at(bucket.up_to_ms / factor), at(bucket.up_to_ms)];
    const tall = ((height - bottom - above) * bucket.count) / highest;
    const bar = svg("rect", { class: "fill-accent", x: from + 0.5, width: Math.max(1, to - from - 1), y: height - bottom - tall, height: tall });
    bar.append(svg("title", {}, `up to ${bucket.up_to_ms} ms: ${bucket.count}`));
    drawing.append(bar);
  }
  let end = -40;
  for (const millis of [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000]) {
    const x = at(millis);
    if (Math.log(millis) < first || x > width - 14 || x - end < 34) continue;
    drawing.append(svg("text", { x, y: height - 4, "text-anchor": x < 12 ? "start" : "middle" }, `${millis} ms`));
    end = x + 10;
  }
  if (deadline) {
    const x = at(deadline);
    drawing.append(svg("line", { class: "deadline", x1: x, x2: x, y1: 4, y2: height - bottom }));
    const anchor = x > width / 2 ? "end" : "start";
    drawing.append(svg("text", { class: "deadline-text", x: x + (anchor === "end" ? -6 : 6), y: 13, "text-anchor": anchor }, `deadline ${deadline} ms`));
  }
}
