// The page of the inbox: a list that changes as mail comes and goes, and the message that is open. Whatever strangers
// wrote becomes text, or is shown in a frame that runs nothing and fetches nothing.

const PAGE = 50;
/** Octets of source that are shown; all of it can be saved. */
const LONGEST_SOURCE = 512 * 1024;
const TABS = ["html", "text", "headers", "source"];

const $ = (id) => document.getElementById(id);

const state = {
  /** The rows that are shown, the newest first. */
  rows: [],
  /** Messages that match the search. */
  total: 0,
  /** Of the rows that are shown, before the first. */
  offset: 0,
  search: "",
  /** The id of the message that is open. */
  open: null,
  tab: "html",
  /** Ids of messages that came while the page was open, and were not looked at. */
  fresh: new Set(),
  /** Counts the lists that were asked for: an answer that is overtaken is dropped. */
  asked: 0,
};

// Asking

const api = (path, method = "GET") =>
  fetch(`api/${path}`, { method, headers: { accept: "application/json" } });

async function ask(path, method) {
  const reply = await api(path, method);
  if (!reply.ok) throw new Error((await reply.text()).trim() || `The server answered ${reply.status}`);
  return await reply.json();
}

const pathOf = (id, rest = "") => `messages/${encodeURIComponent(id)}${rest}`;

// Making elements

/** An element with properties and children; text is text, whatever stands in it. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const sizes = ["B", "KB", "MB", "GB"];

function sizeText(octets) {
  if (octets === null) return "";
  let unit = 0;
  let value = octets;
  while (value >= 1000 && unit < sizes.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const number = new Intl.NumberFormat();

function timeText(milliseconds) {
  const date = new Date(milliseconds);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : year).format(date);
}

/** The name of `Jane Doe <jane@example.org>`, where there is one. */
const nameOf = (person) => person.replace(/\s*<[^>]*>/g, "") || person;

// The list

function itemOf(row) {
  const line = (name, text, otherwise) =>
    make("span", { className: `line ${name}${text ? "" : " none"}` }, text || otherwise);
  const date = new Date(row.receivedAt);
  const link = make(
    "a",
    { href: `#${encodeURIComponent(row.id)}` },
    line("from", nameOf(row.from), "(no sender)"),
    make("time", { dateTime: date.toISOString(), title: full.format(date) }, timeText(row.receivedAt)),
    line("subject", row.subject, "(no subject)"),
    make("span", { className: "marks" }, row.attachments ? attachmentMark() : "", sizeText(row.size)),
    line("to", `to ${nameOf(row.to) || row.mailbox}`),
  );
  if (row.id === state.open) link.setAttribute("aria-current", "true");
  const item = make("li", {}, link);
  item.dataset.id = row.id;
  if (state.fresh.has(row.id)) item.classList.add("fresh");
  return item;
}

function attachmentMark() {
  return make(
    "span",
    { className: "clip", title: "Has attachments" },
    make("span", { className: "hidden" }, "attachments, "),
  );
}

function showList() {
  $("messages").replaceChildren(...state.rows.map(itemOf));
  showCounts();
}

function showCounts() {
  const { rows, total, offset, search } = state;
  $("count").textContent = number.format(total);
  document.title = state.fresh.size > 0 ? `(${state.fresh.size}) Inbox` : "Inbox";
  $("older").hidden = offset + rows.length >= total;
  $("newer").hidden = offset === 0;
  $("empty").hidden = rows.length > 0;
  if (rows.length === 0) {
    const [what, then] = search === ""
      ? ["No mail yet", "It appears here as soon as it comes."]
      : [`Nothing has “${search}” in it`, "Sender, recipient and subject are searched."];
    $("empty").replaceChildren(make("strong", {}, what), then);
  }
  $("delete-all").textContent = search === "" ? "Delete all" : "Delete found";
  $("delete-all").disabled = total === 0;
}

function showProgress({ read, messages }) {
  $("progress").hidden = read >= messages;
  $("progress").textContent = `Reading ${number.format(read)} of ${number.format(messages)} messages`;
}

/** Ask for a part of the list; `more` keeps the rows that are shown. */
async function load(offset = 0, more = false) {
  const asked = ++state.asked;
  const query = new URLSearchParams({ offset: String(offset), limit: String(PAGE), search: state.search });
  try {
    const { rows, total, progress } = await ask(`messages?${query}`);
    if (asked !== state.asked) return;
    const shown = new Set(more ? state.rows.map(({ id }) => id) : []);
    state.rows = more ? [...state.rows, ...rows.filter(({ id }) => !shown.has(id))] : rows;
    state.total = total;
    if (!more) state.offset = offset;
    showList();
    showProgress(progress);
  } catch (error) {
    announce(error.message);
  }
}

function announce(text) {
  $("announcer").textContent = text;
}

// The message that is open

async function open(id) {
  state.open = id;
  state.fresh.delete(id);
  for (const item of $("messages").children) {
    const link = item.firstElementChild;
    if (item.dataset.id === id) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest" });
      item.classList.remove("fresh");
    } else {
      link.removeAttribute("aria-current");
    }
  }
  showCounts();
  document.body.classList.toggle("reading", id !== null);
  $("queue").hidden = true;
  $("show-queue").setAttribute("aria-pressed", "false");
  $("nothing").hidden = id !== null;
  if (id === null) {
    $("message").hidden = true;
    return;
  }
  try {
    const message = await ask(pathOf(id));
    if (state.open === id) showMessage(message);
  } catch (error) {
    if (state.open !== id) return;
    close();
    announce(error.message);
  }
}

function close() {
  history.replaceState(null, "", location.pathname);
  open(null);
}

function showMessage(message) {
  $("message").hidden = false;
  $("subject").textContent = message.subject || "(no subject)";
  const received = full.format(new Date(message.receivedAt));
  const people = [
    ["From", message.from],
    ["To", message.to],
    ["Cc", message.cc],
    ["Reply to", message.replyTo],
    ["Mailbox", message.mailbox],
    ["Received", `${received}${message.size === null ? "" : `, ${sizeText(message.size)}`}`],
  ].filter(([, value]) => value);
  $("people").replaceChildren(
    ...people.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
  $("attachments").replaceChildren(...(message.attachments || []).map(({ name, size }, at) =>
    make(
      "li",
      {},
      make(
        "a",
        { href: `api/${pathOf(message.id, `/attachments/${at}`)}`, download: name, title: name },
        make("span", { className: "name" }, name),
        make("span", { className: "size" }, sizeText(size)),
      ),
    )
  ));
  $("save").href = `api/${pathOf(message.id, "/source?download")}`;
  const can = {
    html: message.html === true,
    text: typeof message.text === "string" || message.html === true,
    headers: Array.isArray(message.headers),
    source: true,
  };
  for (const tab of TABS) $(`tab-${tab}`).disabled = !can[tab];
  const wanted = [state.tab, "html", "text"].find((tab) => can[tab]) ?? "source";
  if (message.problem !== null) announce(message.problem);
  showBody(message, wanted);
  for (const tab of TABS) {
    $(`tab-${tab}`).onclick = () => {
      state.tab = tab;
      showBody(message, tab);
    };
  }
}

function showBody(message, tab) {
  for (const name of TABS) {
    const button = $(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }
  const body = $("body");
  body.setAttribute("aria-labelledby", `tab-${tab}`);
  body.scrollTop = 0;
  $("blocked").hidden = tab !== "html";
  if (tab === "html") {
    // No script runs in it, no form is sent; what it may fetch, its own policy says: nothing.
    const frame = make("iframe", { title: "The message as HTML", referrerPolicy: "no-referrer" });
    frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    frame.src = `api/${pathOf(message.id, "/html")}`;
    body.replaceChildren(frame);
  } else if (tab === "text") {
    showText(message, body);
  } else if (tab === "headers") {
    const rows = message.headers.map(({ name, value }) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value))
    );
    body.replaceChildren(make("table", {}, make("tbody", {}, ...rows)));
  } else {
    showSource(message, body);
  }
}

async function showText(message, body) {
  const pre = make("pre", { className: "text" }, message.text ?? "");
  body.replaceChildren(pre);
  if (message.text !== null) return;
  try {
    pre.textContent = textOf(await (await api(pathOf(message.id, "/html"))).text());
  } catch (error) {
    pre.textContent = error.message;
  }
}

/** The text of HTML, which a document without a window runs nothing of, nor fetches anything for. */
function textOf(html) {
  const whole = new DOMParser().parseFromString(html, "text/html");
  for (const element of whole.querySelectorAll("style, script, head")) element.remove();
  for (const element of whole.querySelectorAll("br, p, div, tr, li, h1, h2, h3, h4")) element.append("\n");
  return whole.body.textContent.replaceAll(/[^\S\n]+/g, " ").replaceAll(/ ?\n ?/g, "\n").replaceAll(
    /\n{3,}/g,
    "\n\n",
  ).trim();
}

async function showSource(message, body) {
  const pre = make("pre", {});
  body.replaceChildren(
    ...(message.problem === null ? [] : [make("p", { className: "notice" }, message.problem)]),
    pre,
  );
  try {
    const { text, whole } = await startOf(await api(pathOf(message.id, "/source")));
    pre.textContent = text;
    if (!whole) body.append(make("p", { className: "notice" }, "There is more: save it to see all."));
  } catch (error) {
    pre.textContent = error.message;
  }
}

/** The beginning of a reply's text. */
async function startOf(reply) {
  if (!reply.ok) throw new Error(await reply.text());
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.length < LONGEST_SOURCE) {
    const { done, value } = await reader.read();
    if (done) return { text, whole: true };
    text += value;
  }
  await reader.cancel();
  return { text, whole: false };
}

// Deleting

async function remove(id) {
  const at = state.rows.findIndex((row) => row.id === id);
  try {
    await ask(pathOf(id), "DELETE");
  } catch (error) {
    return announce(error.message);
  }
  // The next one, or the one before: so one can go on.
  const next = state.rows[at + 1] ?? state.rows[at - 1];
  drop([id]);
  announce("Message deleted");
  if (next === undefined || at < 0) return close();
  location.hash = encodeURIComponent(next.id);
  linkOf(next.id)?.focus();
}

async function removeAll() {
  const { total, search } = state;
  const what = search === ""
    ? `Delete all ${number.format(total)} messages, for good?`
    : `Delete the ${number.format(total)} messages that have “${search}” in them, for good?`;
  if (!await confirmed(what)) return;
  try {
    const { removed } = await ask(`messages?${new URLSearchParams({ search })}`, "DELETE");
    announce(`${number.format(removed)} messages deleted`);
    close();
    await load();
  } catch (error) {
    announce(error.message);
  }
}

function confirmed(question) {
  const dialog = $("confirm");
  $("confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Messages are gone: from the list, and from the page. */
function drop(ids) {
  const gone = new Set(ids);
  const before = state.rows.length;
  state.rows = state.rows.filter(({ id }) => !gone.has(id));
  for (const id of ids) state.fresh.delete(id);
  for (const item of [...$("messages").children]) if (gone.has(item.dataset.id)) item.remove();
  state.total = Math.max(0, state.total - (before - state.rows.length));
  showCounts();
  if (state.rows.length === 0 && state.total > 0) load(Math.max(0, Math.min(state.offset, state.total - 1)));
}

// What happens meanwhile

function listen() {
  const events = new EventSource("api/events");
  const connected = (on) => {
    $("live").className = `live ${on ? "on" : "off"}`;
    $("live").textContent = on ? "Live" : "Connection lost";
  };
  let lost = false;
  events.onopen = () => {
    connected(true);
    // What came while nobody listened.
    if (lost) load(state.offset);
    lost = false;
  };
  events.onerror = () => {
    connected(false);
    lost = true;
  };
  events.addEventListener("progress", ({ data }) => {
    const { progress } = JSON.parse(data);
    showProgress(progress);
    if (state.rows.length === 0 && progress.messages > 0) load(state.offset);
  });
  events.addEventListener("reload", ({ data }) => {
    showProgress(JSON.parse(data).progress);
    load(state.offset);
  });
  events.addEventListener("change", ({ data }) => {
    const { added, removed, progress } = JSON.parse(data);
    showProgress(progress);
    if (removed.length > 0) {
      drop(removed);
      if (removed.includes(state.open)) {
        announce("The open message was removed");
        close();
      }
    }
    if (added.length > 0) arrived(added);
  });
}

function arrived(added) {
  for (const { id } of added) state.fresh.add(id);
  const newest = added.at(-1);
  announce(`New message from ${nameOf(newest.from) || "nobody"}: ${newest.subject || "no subject"}`);
  // Which of them match a search, and where they belong, the server knows.
  if (state.search !== "" || state.offset > 0) return load(state.offset);
  const shown = new Set(state.rows.map(({ id }) => id));
  const rows = added.filter(({ id }) => !shown.has(id)).reverse();
  if (rows.some(({ receivedAt }) => receivedAt < (state.rows[0]?.receivedAt ?? 0))) return load();
  state.rows.unshift(...rows);
  state.total += rows.length;
  const items = rows.map(itemOf);
  for (const item of items) item.classList.add("arrived");
  $("messages").prepend(...items);
  showCounts();
}

// Outgoing mail

async function loadQueue() {
  try {
    const { available, messages } = await ask("queue");
    $("show-queue").hidden = !available;
    $("queue-count").textContent = number.format(messages.length);
    if (!$("queue").hidden) showQueue(messages);
  } catch (error) {
    announce(error.message);
  }
}

function showQueue(messages) {
  $("retry-all").disabled = messages.length === 0;
  if (messages.length === 0) {
    $("queued").replaceChildren(
      make("p", { className: "empty" }, make("strong", {}, "Nothing waits"), "All mail is delivered."),
    );
    return;
  }
  const act = (label, path, method, className = "") =>
    make("button", {
      type: "button",
      className,
      onclick: () => ask(path, method).catch((error) => announce(error.message)).finally(loadQueue),
    }, label);
  const rows = messages.map(({ id, sender, recipients, receivedAt, attempts, nextAttempt }) =>
    make(
      "tr",
      {},
      make("td", {}, sender || "<>"),
      make(
        "td",
        {},
        ...recipients.map(({ address, state, answer }) =>
          make("div", {}, `${address}, ${state}`, make("div", { className: "answer" }, answer ?? ""))
        ),
      ),
      make("td", {}, timeText(receivedAt)),
      make("td", {}, `${attempts}, ${nextAttempt === null ? "now" : `next ${timeText(nextAttempt)}`}`),
      make(
        "td",
        {},
        make(
          "span",
          { className: "buttons" },
          act("Try now", `queue/${encodeURIComponent(id)}/retry`, "POST"),
          act("Drop", `queue/${encodeURIComponent(id)}`, "DELETE", "danger"),
        ),
      ),
    )
  );
  const heads = ["From", "To", "Since", "Attempts", ""].map((text) => make("th", { scope: "col" }, text));
  $("queued").replaceChildren(
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)),
  );
}

function toggleQueue() {
  const showing = $("queue").hidden;
  if (!showing) return close();
  close();
  $("nothing").hidden = true;
  $("queue").hidden = false;
  $("show-queue").setAttribute("aria-pressed", "true");
  document.body.classList.add("reading");
  loadQueue();
}

// What the reader does

const linkOf = (id) => [...$("messages").children].find((item) => item.dataset.id === id)?.firstElementChild;

/** Open the message `by` places further down. */
function step(by) {
  const at = state.rows.findIndex(({ id }) => id === state.open);
  const row = state.rows[at < 0 ? 0 : Math.min(state.rows.length - 1, Math.max(0, at + by))];
  if (row === undefined) return;
  location.hash = encodeURIComponent(row.id);
  linkOf(row.id)?.focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  "/": () => $("search").select(),
  Delete: () => state.open !== null && remove(state.open),
  Escape: () => close(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("confirm").open) return;
  if (event.target === $("search")) {
    if (event.key === "Escape" && $("search").value === "") $("search").blur();
    return;
  }
  // There, arrows scroll, or go from tab to tab.
  if (event.key.startsWith("Arrow") && event.target.closest("#reader")) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
  if (act === undefined) return;
  event.preventDefault();
  act();
});

document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  const enabled = TABS.map((tab) => $(`tab-${tab}`)).filter((button) => !button.disabled);
  const at = enabled.indexOf(document.activeElement);
  const next = enabled[(at + by + enabled.length) % enabled.length];
  next?.focus();
  next?.click();
});

let typing;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    state.search = $("search").value.trim();
    load();
  }, 150);
});
$("search-form").addEventListener("submit", (event) => event.preventDefault());
$("older").addEventListener("click", () => load(state.offset + state.rows.length, true));
$("newer").addEventListener("click", () => load());
$("delete").addEventListener("click", () => remove(state.open));
$("delete-all").addEventListener("click", removeAll);
$("close").addEventListener("click", close);
$("show-queue").addEventListener("click", toggleQueue);
$("retry-all").addEventListener(
  "click",
  () => ask("queue/retry", "POST").catch((error) => announce(error.message)).finally(loadQueue),
);

const fromHash = () => open(location.hash === "" ? null : decodeURIComponent(location.hash.slice(1)));
addEventListener("hashchange", fromHash);
setInterval(() => $("show-queue").hidden || loadQueue(), 5_000);

listen();
await load();
await loadQueue();
if (location.hash !== "") fromHash();
