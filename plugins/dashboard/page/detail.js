import { $, make, write } from "./make.js";
import { plots } from "./plots.js";
import { focusUnit, markOpened, unitOf } from "./units.js";
import { duration, isOff, STATES } from "./words.js";

const all = plots();
$("detail-plots").append(...all.elements);
const full = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
let openId = null;

/** The id of the unit whose details are shown, or null. */
export const opened = () => openId;

/** Show the details of a unit. */
export async function open(id, now) {
  openId = id;
  markOpened(id);
  $("detail").hidden = false;
  showDetail(now);
  $("detail").scrollTop = 0;
  const unit = unitOf(id);
  $("detail-plots").hidden = true;
  if (unit.kind === "group") return;
  const reply = await fetch(`api/history?${new URLSearchParams({ unit: unit.path })}`);
  if (!reply.ok || openId !== id) return;
  $("detail-plots").hidden = false;
  all.set(await reply.json(), now);
}

/** What a moment has brought. */
export function addDetail(figures, now) {
  if (openId !== null && figures !== undefined) all.add(now, figures);
}

export function close() {
  if (openId === null) return;
  const hadFocus = $("detail").contains(document.activeElement);
  const id = openId;
  openId = null;
  markOpened(null);
  $("detail").hidden = true;
  if (hadFocus) focusUnit(id);
}

/** Show the opened unit as it is now. */
export function showDetail(now) {
  if (openId === null) return;
  const unit = unitOf(openId);
  if (unit === undefined) return close();
  const { sign, word, tone } = STATES[unit.state];
  write($("detail-name"), unit.path);
  const facts = [
    ["State", `${sign} ${word} for ${duration(now - unit.since)}`, `mark ${tone}`],
    ["Since", full.format(new Date(unit.since))],
    ["Restarts", String(unit.restarts)],
    ["Where", (unit.endpoints ?? []).join("\n")],
    ["Waits for", (unit.waitsFor ?? []).join(", ")],
    [
      "Next attempt",
      unit.nextAttemptAt === undefined ? "" : `in ${duration(unit.nextAttemptAt - now + 999)}`,
    ],
    ["Process", unit.pid === undefined ? "" : String(unit.pid)],
    [
      "Replicas",
      (unit.replicas?.wanted ?? 1) === 1 ? "" : `${unit.replicas.ready} of ${unit.replicas.wanted} ready`,
    ],
    ["Last failure", unit.lastError ?? ""],
  ].filter(([, value]) => value !== "");
  const list = $("facts");
  const key = facts.map(([name, , className]) => `${name} ${className}`).join();
  if (list.dataset.key !== key) {
    list.replaceChildren(
      ...facts.flatMap(([name, , className = ""]) => [make("dt", {}, name), make("dd", { className })]),
    );
    list.dataset.key = key;
  }
  for (const [at, [, value]] of facts.entries()) write(list.children[2 * at + 1], value);
  const off = isOff(unit);
  const focused = document.activeElement;
  $("start").hidden = !off;
  $("restart").hidden = off;
  $("stop").hidden = off;
  // Who has just stopped it by keyboard wants to go on from there.
  if (focused.hidden && $("detail").contains(focused)) $(off ? "start" : "restart").focus();
}
