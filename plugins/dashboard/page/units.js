import { $, make, write } from "./make.js";
import { spark } from "./plots.js";
import { detailOf, duration, FIGURES, isOff, isTrouble, STATES } from "./words.js";

/** Values in a row's small plot. */
const MOMENTS = 60;

/** By id: what is known of a unit, and its row. Rows are made once, and changed where something changes. */
const views = new Map();
const collapsed = new Set();
let order = [];
let clock = () => Date.now();
let opened = null;
let onOpen = () => {};
let onAct = () => {};

/** Rows that can be seen: what moves is only drawn there. */
const seen = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const view = views.get(Number(target.dataset.id));
    if (view === undefined) continue;
    if (!isIntersecting) seen.delete(view);
    else {
      seen.add(view);
      showTime(view);
      showSpark(view);
    }
  }
}, { rootMargin: "200px" });

/** @param now what the time is by the runner's clock */
export function setUp({ now, open, act }) {
  clock = now;
  onOpen = open;
  onAct = act;
}

/** The unit with this id, and the figures that are known of it. */
export const unitOf = (id) => views.get(id)?.unit;
export const figuresOf = (id) => views.get(id)?.figures;
export const allUnits = () => order.map((id) => views.get(id).unit);
export const byPath = (path) => allUnits().find((unit) => unit.path === path);

/** Show these units, and no others. */
export function setUnits(units, figures, traffic) {
  const focused = $("rows").contains(document.activeElement)
    ? Number(document.activeElement.dataset.id)
    : null;
  const focusedPath = views.get(focused)?.unit.path;
  const paths = new Map(units.map(({ id, path, kind }) => [id, `${kind} ${path}`]));
  for (const [id, { unit, row }] of views) {
    // A dashboard that has begun anew counts anew: the same id may be another unit.
    if (paths.get(id) === `${unit.kind} ${unit.path}`) continue;
    observer.unobserve(row);
    seen.delete(views.get(id));
    views.delete(id);
  }
  for (const unit of units) {
    if (!views.has(unit.id)) views.set(unit.id, viewOf(unit));
    const view = views.get(unit.id);
    view.unit = unit;
    view.traffic = [];
    showUnit(view);
  }
  for (const [id, values] of traffic) views.get(id).traffic = values;
  setFigures(figures);
  order = units.map(({ id }) => id);
  const rows = order.map((id) => views.get(id).row);
  const now = $("rows").children;
  if (rows.length !== now.length || rows.some((row, at) => row !== now[at])) {
    $("rows").replaceChildren(...rows);
  }
  filterUnits();
  if (focusedPath !== undefined) focusUnit(byPath(focusedPath)?.id);
  for (const view of seen) showSpark(view);
}

/** Units have changed. */
export function changeUnits(units) {
  for (const unit of units) {
    const view = views.get(unit.id);
    if (view === undefined) continue;
    const isOther = view.unit.state !== unit.state;
    view.unit = unit;
    showUnit(view);
    if (isOther) flash(view.row);
  }
  if (units.length > 0) filterUnits();
}

/** Figures have changed: rows of an id and four values. */
export function setFigures(rows) {
  for (const [id, ...values] of rows) {
    const view = views.get(id);
    if (view === undefined) continue;
    view.figures = Object.fromEntries(FIGURES.map(({ key }, at) => [key, values[at]]));
    for (const [at, { key, text }] of FIGURES.entries()) {
      const value = values[at];
      const isIdle = value === null || value === 0 && key !== "memory";
      write(view.cells[key], value === null ? "" : text(value));
      view.cells[key].classList.toggle("idle", isIdle);
    }
  }
}

/** A moment has passed: the small plots go on. */
export function moveOn() {
  for (const view of views.values()) {
    const value = view.figures?.traffic ?? null;
    if (!value && view.traffic.length === 0) continue;
    view.traffic.push(value);
    if (view.traffic.length > MOMENTS) view.traffic.shift();
    if (view.traffic.every((each) => !each)) view.traffic = [];
    if (seen.has(view)) showSpark(view);
  }
}

/** A second has passed. */
export function showTimes() {
  for (const view of seen) showTime(view);
}

/** Mark the row whose details are shown. */
export function markOpened(id) {
  views.get(opened)?.row.setAttribute("aria-selected", "false");
  opened = id;
  views.get(opened)?.row.setAttribute("aria-selected", "true");
}

export function focusUnit(id) {
  const view = views.get(id);
  if (view === undefined) return;
  tabTo(view.row);
  view.row.focus();
}

function viewOf(unit) {
  const { id, path, kind } = unit;
  const steps = path.split(".");
  const cell = (className, ...children) => make("td", { className }, ...children);
  const name = cell("name", make("span", { className: "label" }, path === "" ? "all" : steps.at(-1)));
  const state = cell("state");
  const figure = make("span", { className: "figure" });
  const small = spark();
  const cells = {
    since: cell("number since"),
    restarts: cell("number restarts"),
    where: cell("where"),
    connections: cell("number connections"),
    traffic: figure,
    cpu: cell("number cpu"),
    memory: cell("number memory"),
  };
  const row = make(
    "tr",
    { tabIndex: -1, className: kind },
    name,
    state,
    cells.since,
    cells.restarts,
    cells.where,
    cells.connections,
    cell("traffic", make("span", { className: "pair" }, figure, small.svg)),
    cells.cpu,
    cells.memory,
  );
  row.dataset.id = id;
  row.setAttribute("role", "row");
  row.setAttribute("aria-level", String(steps.length));
  row.setAttribute("aria-selected", "false");
  for (const each of row.children) each.setAttribute("role", "gridcell");
  name.setAttribute("role", "rowheader");
  name.dataset.depth = String(Math.min(6, steps.length - 1));
  if (kind === "group") {
    name.prepend(make("span", { className: "twist", ariaHidden: "true" }));
    row.setAttribute("aria-expanded", String(!collapsed.has(path)));
  }
  observer.observe(row);
  return { unit, row, name, state, cells, spark: small, traffic: [], figures: undefined };
}

function showUnit({ unit, row, state, cells }) {
  const { sign, word, tone } = STATES[unit.state];
  if (row.dataset.state !== unit.state) {
    row.dataset.state = unit.state;
    state.replaceChildren(
      make(
        "span",
        { className: `mark ${tone}` },
        make("span", { className: "sign", ariaHidden: "true" }, sign),
        word,
      ),
    );
  }
  row.hidden = unit.path === "";
  write(cells.restarts, unit.restarts === 0 ? "" : String(unit.restarts));
  showTime({ unit, cells });
}

function showTime({ unit, cells }) {
  const now = clock();
  write(cells.since, duration(now - unit.since));
  const text = detailOf(unit, now);
  write(cells.where, text);
  if (cells.where.title !== text) cells.where.title = text;
  cells.where.classList.toggle("reason", STATES[unit.state].tone === "bad");
}

function showSpark({ spark, traffic }) {
  spark.show(traffic, MOMENTS);
}

function flash(row) {
  row.classList.remove("changed");
  // Read, so that the change begins anew.
  void row.offsetWidth;
  row.classList.add("changed");
}

// Filter

/** Show what the filter lets pass, the groups around it, and nothing that is folded away. */
export function filterUnits() {
  const text = $("unit-filter").value.trim().toLowerCase();
  const wanted = $("unit-state").value;
  const now = clock();
  const passing = new Set();
  let services = 0;
  let shown = 0;
  for (const id of order) {
    const { unit } = views.get(id);
    if (unit.kind === "service") services++;
    const fits = wanted === "" || (wanted === "trouble" ? isTrouble(unit, now) : unit.state === wanted);
    if (!fits || !haystack(unit).includes(text)) continue;
    // A group by itself only without a filter by state: it is shown for what is in it.
    if (unit.kind === "group" && wanted !== "") continue;
    if (unit.kind === "service") shown++;
    passing.add(unit.path);
    for (let end = unit.path.lastIndexOf("."); end > 0; end = unit.path.lastIndexOf(".", end - 1)) {
      passing.add(unit.path.slice(0, end));
    }
  }
  const isFiltered = text !== "" || wanted !== "";
  for (const id of order) {
    const { unit, row } = views.get(id);
    const hidden = unit.path === "" || !passing.has(unit.path) || !isFiltered && isFolded(unit.path);
    if (row.hidden !== hidden) row.hidden = hidden;
  }
  write($("shown"), isFiltered ? `${shown} of ${services}` : String(services));
  $("none").hidden = shown > 0 || order.length === 0;
  keepTabStop();
}

const haystack = ({ path, state, endpoints = [], lastError = "" }) =>
  `${path} ${state} ${endpoints.join(" ")} ${lastError}`.toLowerCase();

function isFolded(path) {
  for (let end = path.lastIndexOf("."); end > 0; end = path.lastIndexOf(".", end - 1)) {
    if (collapsed.has(path.slice(0, end))) return true;
  }
  return false;
}

function fold(view, isFold) {
  const { path } = view.unit;
  if (isFold) collapsed.add(path);
  else collapsed.delete(path);
  view.row.setAttribute("aria-expanded", String(!isFold));
  filterUnits();
}

// The keyboard: one row is in the tab order, arrows go on from there

const visibleRows = () => [...$("rows").children].filter((row) => !row.hidden);

function tabTo(row) {
  const before = $("rows").querySelector("tr[tabindex='0']");
  if (before !== null) before.tabIndex = -1;
  row.tabIndex = 0;
}

function keepTabStop() {
  const now = $("rows").querySelector("tr[tabindex='0']");
  if (now !== null && !now.hidden) return;
  const first = $("rows").querySelector("tr:not([hidden])");
  if (first !== null) tabTo(first);
}

function go(row) {
  if (row === undefined) return;
  tabTo(row);
  row.focus();
}

const PAGE = 10;

function step(row, by) {
  const rows = visibleRows();
  const at = rows.indexOf(row) + by;
  go(rows[Math.min(rows.length - 1, Math.max(0, at))]);
}

const keys = {
  ArrowDown: ({ row }) => step(row, 1),
  ArrowUp: ({ row }) => step(row, -1),
  PageDown: ({ row }) => step(row, PAGE),
  PageUp: ({ row }) => step(row, -PAGE),
  Home: () => go(visibleRows()[0]),
  End: () => go(visibleRows().at(-1)),
  Enter: ({ unit }) => onOpen(unit.id),
  " ": ({ unit }) => onOpen(unit.id),
  ArrowRight(view) {
    if (view.unit.kind !== "group") return;
    if (collapsed.has(view.unit.path)) fold(view, false);
    else step(view.row, 1);
  },
  ArrowLeft(view) {
    const { path, kind } = view.unit;
    if (kind === "group" && !collapsed.has(path)) return fold(view, true);
    const parent = byPath(path.slice(0, Math.max(0, path.lastIndexOf("."))));
    if (parent !== undefined && parent.path !== "") go(views.get(parent.id).row);
  },
  r: ({ unit }) => onAct("restart", unit),
  s: ({ unit }) => onAct(isOff(unit) ? "start" : "stop", unit),
};

const viewAt = (event) => {
  const row = event.target.closest("tr[data-id]");
  return row === null ? undefined : views.get(Number(row.dataset.id));
};

$("rows").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const view = viewAt(event);
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
  if (view === undefined || act === undefined) return;
  event.preventDefault();
  act(view);
});

$("rows").addEventListener("click", (event) => {
  const view = viewAt(event);
  if (view === undefined) return;
  tabTo(view.row);
  if (event.target.closest(".twist") !== null) fold(view, !collapsed.has(view.unit.path));
  else onOpen(view.unit.id);
});

$("unit-filter").addEventListener("input", filterUnits);
$("unit-state").addEventListener("input", filterUnits);
