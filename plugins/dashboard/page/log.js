import { $, make, write } from "./make.js";
import { byPath } from "./units.js";

/** Records that the page keeps, and lines that it shows. */
const MOST_KEPT = 2_000;
const MOST_SHOWN = 500;

const LEVELS = ["debug", "info", "warn", "error"];
const SIGNS = { debug: "·", info: " ", warn: "!", error: "✕" };
const clock = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const whole = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

const lines = $("log");
let records = [];
/** The last line is in view, and stays there as lines come. */
let follows = true;

/** Forget what there is: all of it comes again. */
export function clearLog() {
  records = [];
}

/** Records have come; before them, `lost` were left out. */
export function addRecords(added, lost) {
  const fresh = added.map(([sequence, time, level, service, message, fields, stack]) => ({
    sequence,
    time,
    level,
    service,
    message,
    fields,
    stack,
    text: `${message} ${fields} ${stack}`.toLowerCase(),
  }));
  if (lost > 0) fresh.unshift({ lost, service: "", level: "info", text: "" });
  const isAnew = records.length === 0;
  records.push(...fresh);
  if (records.length > MOST_KEPT) records.splice(0, records.length - MOST_KEPT);
  if (isAnew) return filterLog();
  const passes = filter();
  show(fresh.filter(passes), false);
}

/** Show the records of this service or group alone. */
export function filterBy(path) {
  $("log-service").value = path;
  filterLog();
}

function filter() {
  const level = Number($("log-level").value);
  const service = $("log-service").value.trim();
  const text = $("log-text").value.trim().toLowerCase();
  const isPath = service !== "" && byPath(service) !== undefined;
  const isOf = (name) => isPath ? name === service || name.startsWith(`${service}.`) : name.includes(service);
  return (record) =>
    record.lost > 0 ||
    LEVELS.indexOf(record.level) >= level && isOf(record.service) && record.text.includes(text);
}

export function filterLog() {
  follows = true;
  show(records.filter(filter()), true);
}

function show(added, isAnew) {
  const items = added.slice(-MOST_SHOWN).map(lineOf);
  if (isAnew) lines.replaceChildren(...items);
  else lines.append(...items);
  while (lines.childElementCount > MOST_SHOWN) lines.firstElementChild.remove();
  const count = lines.childElementCount;
  write($("log-count"), count === MOST_SHOWN ? `the latest ${count}` : String(count));
  if (count === 0) lines.append(make("p", { className: "empty" }, "Nothing in the log is like that."));
  else lines.querySelector(".empty")?.remove();
  if (follows) lines.scrollTop = lines.scrollHeight;
}

function lineOf({ time, level, service, message, fields, stack, lost }) {
  if (lost > 0) return make("div", { className: "line lost" }, `${lost} records were left out here`);
  const date = new Date(time);
  return make(
    "div",
    { className: `line ${level}` },
    make("time", { dateTime: date.toISOString(), title: whole.format(date) }, clock.format(date)),
    make(
      "span",
      { className: "level" },
      make("span", { className: "sign", ariaHidden: "true" }, SIGNS[level]),
      level,
    ),
    make("span", { className: "from" }, service),
    make(
      "span",
      { className: "message" },
      message,
      ...(fields === "" ? [] : [make("span", { className: "fields" }, ` ${fields}`)]),
      ...(stack === "" ? [] : [make("details", {}, make("summary", {}, "stack"), stack)]),
    ),
  );
}

// A reader who scrolls up leaves the last line. When it is the place that changes, the last line stays in view.
let shape = "";
const shapeNow = () => `${lines.clientWidth} ${lines.clientHeight}`;

lines.addEventListener("scroll", () => {
  if (shape !== shapeNow()) return;
  follows = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 24;
  $("latest").hidden = follows;
});
new ResizeObserver(() => {
  shape = shapeNow();
  if (follows) lines.scrollTop = lines.scrollHeight;
}).observe(lines);
$("latest").addEventListener("click", () => {
  lines.scrollTop = lines.scrollHeight;
  lines.focus();
});
for (const id of ["log-level", "log-service", "log-text"]) $(id).addEventListener("input", filterLog);
