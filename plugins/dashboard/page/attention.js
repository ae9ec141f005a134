import { $, make } from "./make.js";
import { detailOf, isOff, isTrouble, some, STATES } from "./words.js";

/** Troubles that are listed; of more, how many there are. */
const MOST = 4;
/** Milliseconds between two things that are said aloud. */
const PAUSE = 3_000;

/** What is wrong, before everything else; and the number of services in each state. */
export function showAttention(units, now, { open, act }) {
  const troubles = units.filter((unit) => remainsTrouble(unit, now));
  $("attention").hidden = troubles.length === 0;
  const listed = troubles.slice(0, MOST).map((unit) => troubleOf(unit, now, { open, act }));
  const more = troubles.length - MOST;
  if (more > 0) listed.push(make("li", { className: "soft" }, `and ${some(more, "service")} more`));
  renew($("troubles"), listed);

  const services = units.filter(({ kind }) => kind === "service");
  const items = Object.entries(STATES).flatMap(([state, { sign, word, tone }]) => {
    const count = services.filter((unit) => unit.state === state).length;
    if (count === 0) return [];
    const mark = make("span", { className: "sign", ariaHidden: "true" }, sign);
    return [make("li", { className: `mark ${tone}` }, mark, `${count} ${word}`)];
  });
  renew($("summary"), items);
  return troubles.length;
}

/** Paths of what is in trouble. */
const troubled = new Set();

/** One that is tried again and again is in trouble until that works: it would come and go with every attempt. */
function remainsTrouble(unit, now) {
  const is = isTrouble(unit, now) || unit.state === "starting" && troubled.has(unit.path);
  if (is) troubled.add(unit.path);
  else troubled.delete(unit.path);
  return is;
}

/** New children, unless they are as those that are there: focus stays, and nothing flickers. */
function renew(list, items) {
  const key = items.map((item) => item.dataset.key ?? item.textContent).join("\n");
  if (list.dataset.key !== key) {
    list.replaceChildren(...items);
    list.dataset.key = key;
    return;
  }
  for (const [at, item] of items.entries()) {
    for (const part of [".mark", ".why"]) {
      const [before, after] = [list.children[at], item].map((each) => each.querySelector(part));
      if (before !== null && before.textContent !== after?.textContent) before.replaceWith(after);
    }
  }
}

function troubleOf(unit, now, { open, act }) {
  const { id, path, state, lastError = "" } = unit;
  const { sign, word, tone } = STATES[state];
  const item = make(
    "li",
    {},
    make(
      "span",
      { className: `mark ${tone}` },
      make("span", { className: "sign", ariaHidden: "true" }, sign),
      word,
    ),
    make("button", { type: "button", className: "link", onclick: () => open(id) }, path),
    make("span", { className: "why" }, detailOf(unit, now) || lastError),
  );
  // What waits is not helped by a restart.
  const action = state === "waiting" ? "" : isOff(unit) ? "start" : "restart";
  if (action !== "") {
    const label = action === "start" ? "Start" : "Restart";
    item.append(make("button", {
      type: "button",
      className: "small",
      ariaLabel: `${label} ${path}`,
      onclick: () => act(action, unit),
    }, label));
  }
  item.dataset.key = `${id} ${path} ${action}`;
  return item;
}

// What is said aloud: that something went wrong, or is well again; together, and not too often

let news = [];
let quietUntil = 0;
let planned;

/** A unit that was `before` has become `after`. */
export function tell(before, after) {
  if (after.kind === "group" || before.state === after.state) return;
  const { path, state, lastError } = after;
  if (state === "failed" || state === "backoff") news.push(`${path}: ${state}, ${lastError ?? ""}`);
  else if (state === "ready" && before.restarts !== after.restarts) news.push(`${path} is ready again`);
  if (news.length === 0 || planned !== undefined) return;
  planned = setTimeout(sayNews, Math.max(200, quietUntil - Date.now()));
}

function sayNews() {
  say(news.length > 3 ? `${news.length} services have changed, the last: ${news.at(-1)}` : news.join(". "));
  news = [];
  planned = undefined;
  quietUntil = Date.now() + PAUSE;
}

/** Say it to who listens, and show nothing. */
export const say = (text) => $("announcer").textContent = text;
