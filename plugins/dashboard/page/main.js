import { act as actOn, notify } from "./actions.js";
import { showAttention, tell } from "./attention.js";
import { addDetail, close, open as openDetail, opened, showDetail } from "./detail.js";
import { addRecords, clearLog, filterBy, filterLog } from "./log.js";
import { $, write } from "./make.js";
import { addTotals, setTotals } from "./totals.js";
import {
  allUnits,
  byPath,
  changeUnits,
  figuresOf,
  filterUnits,
  focusUnit,
  moveOn,
  setFigures,
  setUnits,
  setUp,
  showTimes,
  unitOf,
} from "./units.js";

/** How much the runner's clock is ahead of this machine's, ms. */
let ahead = 0;
let name = "";
const now = () => Date.now() + ahead;

const act = (action, unit) => actOn(action, unit, figuresOf(unit.id)?.connections ?? 0);
const open = (id) => openDetail(id, now());
const ways = { open, act };
setUp({ now, ...ways });

function showRest() {
  const troubles = showAttention(allUnits(), now(), ways);
  const title = troubles > 0 ? `(${troubles}!) ${name}` : name;
  if (document.title !== title) document.title = title;
  showDetail(now());
}

// What the server tells

const events = new EventSource("api/events");

const connected = (on) => {
  $("live").className = `live ${on ? "on" : "off"}`;
  write($("live"), on ? "Live" : "Connection lost");
  document.body.classList.toggle("stale", !on);
};

events.onerror = () => {
  connected(false);
  // The browser gives up when it is answered by an error, as by a server that is starting.
  if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2_000);
};

events.addEventListener("snapshot", ({ data }) => {
  const snapshot = JSON.parse(data);
  ahead = snapshot.now - Date.now();
  ({ name } = snapshot);
  write($("name"), name);
  connected(true);
  const openPath = unitOf(opened())?.path;
  setUnits(snapshot.units, snapshot.figures, snapshot.traffic);
  setTotals(snapshot.total, snapshot.now);
  clearLog();
  const again = openPath === undefined ? undefined : byPath(openPath);
  if (again !== undefined) open(again.id);
  else close();
  showRest();
});

events.addEventListener("update", ({ data }) => {
  const update = JSON.parse(data);
  ahead = update.now - Date.now();
  for (const unit of update.units) {
    const before = unitOf(unit.id);
    if (before !== undefined) tell(before, unit);
  }
  changeUnits(update.units);
  setFigures(update.figures);
  if (update.total !== undefined) {
    moveOn();
    addTotals(update.total, update.now);
    addDetail(figuresOf(opened()), update.now);
  }
  if (update.units.length > 0) showRest();
});

events.addEventListener("log", ({ data }) => {
  const { records, lost } = JSON.parse(data);
  addRecords(records, lost);
});

setInterval(() => {
  showTimes();
  showRest();
}, 1_000);

// What the operator does

for (const action of ["restart", "stop", "start"]) {
  $(action).addEventListener("click", () => act(action, unitOf(opened())));
}
$("its-log").addEventListener("click", () => {
  filterBy(unitOf(opened()).path);
  $("log").focus();
});
$("detail-close").addEventListener("click", close);

const keys = {
  "/": () => $("unit-filter").select(),
  l: () => $("log-text").select(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null) {
    return;
  }
  const { target, key } = event;
  if (key === "Escape") return escape(target);
  if (target.matches("input, select")) {
    if (key === "Enter" && target.id === "unit-filter") firstShown();
    return;
  }
  const todo = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (todo === undefined) return;
  event.preventDefault();
  todo();
});

/** From the filter to what it has found. */
function firstShown() {
  const row = document.querySelector("#rows tr.service:not([hidden])");
  if (row !== null) focusUnit(Number(row.dataset.id));
}

function escape(target) {
  if (!target.matches("input")) return close();
  if (target.value === "") return target.blur();
  target.value = "";
  filterUnits();
  filterLog();
}

addEventListener("unhandledrejection", ({ reason }) => notify(String(reason?.message ?? reason), true));
