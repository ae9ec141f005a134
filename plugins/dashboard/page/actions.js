import { $, make } from "./make.js";
import { say } from "./attention.js";
import { some } from "./words.js";

/** Milliseconds that good news stays. */
const STAYS = 6_000;
let leaving;

/** Tell the operator something. What went wrong stays until it is closed. */
export function notify(text, isBad = false) {
  clearTimeout(leaving);
  $("notice-text").textContent = text;
  $("notice").className = `notice ${isBad ? "bad" : "good"}`;
  $("notice").hidden = false;
  if (!isBad) leaving = setTimeout(() => $("notice").hidden = true, STAYS);
}
$("notice-close").addEventListener("click", () => $("notice").hidden = true);

/** Ask the server; what it answers, whether it is content or not. */
async function ask(path, method = "GET", body = undefined) {
  const headers = method === "GET" ? {} : { "x-heddle-action": "1" };
  const reply = await fetch(`api/${path}`, { method, headers, ...(body !== undefined && { body }) });
  const type = reply.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return await reply.json();
  throw new Error((await reply.text()).trim() || `The server answers ${reply.status}`);
}

// Start, stop, restart

const DONE = { start: "started", stop: "stopped", restart: "restarted" };
const VERBS = { start: "Start", stop: "Stop", restart: "Restart" };
const busy = new Set();

/** Ask whether it is meant, and do it. */
export async function act(action, unit, connections = 0) {
  if (busy.has(unit.id)) return;
  if (action !== "start" && !await confirmed(action, unit, connections)) return;
  busy.add(unit.id);
  say(`${VERBS[action]} ${unit.path}: under way`);
  try {
    const reply = await ask(`${action}?${new URLSearchParams({ unit: unit.path })}`, "POST");
    if (reply.underWay) notify(`${VERBS[action]} ${unit.path}: under way; this page takes part in it`);
    else if (reply.ok) notify(`${unit.path}: ${DONE[action]}`);
    else {
      const { state, reason = "" } = reply.outcome;
      notify(`${unit.path} was not ${DONE[action]}: ${state}${reason && `, ${reason}`}`, true);
    }
  } catch (error) {
    notify(`${unit.path} was not ${DONE[action]}: ${error.message}`, true);
  } finally {
    busy.delete(unit.id);
  }
}

function confirmed(action, { path, kind }, connections) {
  const dialog = $("confirm");
  $("confirm-text").textContent = `${VERBS[action]} ${kind === "group" ? "the group " : ""}“${path}”?`;
  const stays = action === "stop" ? "It stays stopped until it is started again. " : "";
  const open = connections > 0 ? `${some(connections, "connection")} of it will be drained.` : "";
  $("confirm-more").textContent = `What needs it goes with it. ${stays}${open}`;
  $("confirm-yes").textContent = VERBS[action];
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// Reload: the difference first

const SIGNS = { add: "+", remove: "−", reload: "~", replace: "±", settings: "~" };
const MEANINGS = {
  add: "is added",
  remove: "is stopped and removed",
  reload: "takes its new options while it runs",
  replace: "is replaced by a new instance",
  settings: "gets other supervision settings, nothing restarts",
};
let steps = [];

/** Read the file, and show what a reload would do. */
export async function showPlan() {
  const dialog = $("plan");
  if (!dialog.open) dialog.showModal();
  offer({});
  $("plan-body").replaceChildren(make("p", { className: "soft" }, "Reading the application file…"));
  try {
    const reply = await ask("reload");
    if (reply.ok) showSteps(reply.steps);
    else showProblems(reply.problems);
  } catch (error) {
    offer({ again: true });
    $("plan-body").replaceChildren(make("p", { className: "why" }, error.message));
  }
}

function showSteps(planned, before = "") {
  steps = planned;
  const isNothing = steps.length === 0;
  offer({ again: isNothing, apply: !isNothing });
  const intro = isNothing
    ? "The file says what runs already: there is nothing to do."
    : `${before}The file is good. ${some(steps.length, "unit")} will change:`;
  const items = steps.map(({ path, action, replace }) =>
    make(
      "li",
      { className: action },
      make("span", { className: "sign", ariaHidden: "true" }, SIGNS[action]),
      make("strong", {}, path),
      ` ${MEANINGS[action]}`,
      ...(replace === "exclusive" ? [make("span", { className: "soft" }, " (with a pause)")] : []),
    )
  );
  $("plan-body").replaceChildren(make("p", {}, intro), make("ul", { className: "steps" }, ...items));
  // Not at the button that does it: who presses Enter twice has not read it.
  $("plan-cancel").focus();
}

function showProblems(problems) {
  offer({ again: true });
  const items = problems.map(({ file, line, column, path, message, suggestion }) => {
    const place = [file, line, column].filter((part) => part !== undefined && part !== "").join(":");
    return make(
      "li",
      {},
      make("code", {}, place || path || "application"),
      make("span", {}, message),
      ...(suggestion === undefined ? [] : [make("span", { className: "soft" }, suggestion)]),
    );
  });
  $("plan-body").replaceChildren(
    make("p", { className: "why" }, `The file has ${some(items.length, "problem")}; nothing has changed.`),
    make("ul", { className: "problems" }, ...items),
  );
  $("plan-again").focus();
}

async function applyPlan() {
  offer({});
  $("plan-body").prepend(make("p", { className: "soft" }, "Reloading…"));
  try {
    const reply = await ask("reload", "POST", JSON.stringify(steps));
    if (reply.changed) return showSteps(reply.steps, "The file has changed meanwhile: look again. ");
    if (reply.problems !== undefined) return showProblems(reply.problems);
    $("plan").close();
    if (reply.underWay) return notify("The reload is under way; this page takes part in it");
    const missed = reply.results.filter(({ result }) => result !== "done");
    if (missed.length === 0) return notify(`Reloaded: ${some(reply.results.length, "change")} done`);
    const text = missed.map(({ path, result, reason = "" }) => `${path}: ${result} ${reason}`).join("; ");
    notify(`Reloaded, but not all of it is done. ${text}`, true);
  } catch (error) {
    offer({ again: true });
    $("plan-body").replaceChildren(make("p", { className: "why" }, `Cannot reload: ${error.message}`));
  }
}

function offer({ again = false, apply = false }) {
  $("plan-again").hidden = !again;
  $("plan-apply").hidden = !apply;
}

$("reload").addEventListener("click", showPlan);
$("plan-again").addEventListener("click", showPlan);
$("plan-apply").addEventListener("click", applyPlan);
$("plan-cancel").addEventListener("click", () => $("plan").close());
