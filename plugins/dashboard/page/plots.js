import { draw, make, write } from "./make.js";
import { FIGURES } from "./words.js";

/** Milliseconds that a plot goes back. */
const SPAN = 5 * 60_000;
const WIDTH = 100;
const HEIGHT = 30;

/** The line through `points`, each `[x, y]` from 0 to 1 or null for a gap; and the area below it. */
function pathsOf(points) {
  let line = "";
  let area = "";
  let begin = null;
  let last = null;
  const close = () => {
    if (begin !== null) area += `L${last} ${HEIGHT}L${begin} ${HEIGHT}Z`;
    begin = null;
  };
  for (const point of points) {
    if (point === null) {
      close();
      continue;
    }
    const x = (point[0] * WIDTH).toFixed(1);
    const step = `${begin === null ? "M" : "L"}${x} ${((1 - point[1]) * (HEIGHT - 2) + 1).toFixed(1)}`;
    line += step;
    area += step;
    begin ??= x;
    last = x;
  }
  close();
  return { line, area };
}

/** A drawing of a line, without axes. */
function drawing() {
  const area = draw("path", { class: "area" });
  const line = draw("path", { class: "line", "vector-effect": "non-scaling-stroke" });
  const svg = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    area,
    line,
  );
  const show = (points) => {
    const paths = pathsOf(points);
    line.setAttribute("d", paths.line);
    area.setAttribute("d", paths.area);
  };
  return { svg, show };
}

/** A small plot of the latest values, for a row of a list. */
export function spark() {
  const { svg, show } = drawing();
  svg.classList.add("spark");
  return {
    svg,
    /** @param most values that fit */
    show(values, most) {
      const top = Math.max(1024, ...values.map((value) => value ?? 0));
      const first = most - values.length;
      show(values.map((value, at) => value === null ? null : [(first + at) / (most - 1), value / top]));
    },
  };
}

/** A plot of one figure over the last five minutes, with its name, and its value now and at most. */
export function plot({ key, name, text, least }) {
  const { svg, show } = drawing();
  const value = make("span", { className: "value" }, "–");
  const most = make("span", { className: "most" });
  const element = make(
    "figure",
    { className: `plot ${key}` },
    make("figcaption", {}, make("span", { className: "label" }, name), value, most),
    svg,
  );
  return {
    element,
    /** @param times milliseconds since 1970, as many as values */
    show(times, values, now) {
      const shown = [];
      let top = 0;
      let known = null;
      for (let at = 0; at < values.length; at++) {
        const x = 1 - (now - times[at]) / SPAN;
        if (x < 0) continue;
        shown.push(values[at] === null ? null : [Math.min(1, x), values[at]]);
        top = Math.max(top, values[at] ?? 0);
        known = values[at];
      }
      element.hidden = shown.every((point) => point === null);
      // A little room above; and little ups and downs are not made great ones.
      const scale = Math.max(top * 1.1, least);
      show(shown.map((point) => point && [point[0], point[1] / scale]));
      write(value, known === null ? "–" : text(known));
      write(most, `at most ${text(top)}`);
    },
  };
}

/** Plots of all four figures, and the values that they show. */
export function plots() {
  const each = FIGURES.map((figure) => ({ figure, ...plot(figure) }));
  let times = [];
  let series = {};
  const show = (now) => {
    for (const { figure, show } of each) show(times, series[figure.key] ?? [], now);
  };
  return {
    elements: each.map(({ element }) => element),
    /** All values anew. */
    set(history, now) {
      times = [...history.times];
      series = Object.fromEntries(FIGURES.map(({ key }) => [key, [...history.series[key]]]));
      show(now);
    },
    /** One more moment. */
    add(now, figures) {
      times.push(now);
      for (const { key } of FIGURES) (series[key] ??= []).push(figures[key] ?? null);
      const old = times.findIndex((time) => now - time <= SPAN + 10_000);
      if (old > 0) {
        times.splice(0, old);
        for (const { key } of FIGURES) series[key].splice(0, old);
      }
      show(now);
    },
  };
}
