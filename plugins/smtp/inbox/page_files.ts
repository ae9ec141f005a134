// Written by `deno task page` from the files of page/: change those.
// deno-fmt-ignore-file
// deno-lint-ignore-file

/** page/inbox.html */
export const html: string = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Inbox</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="inbox.css">
    <script src="inbox.js" type="module"></script>
  </head>
  <body>
    <a class="skip" href="#reader">Skip to the message</a>
    <header class="bar">
      <h1><img src="icon.svg" alt="" width="24" height="24"> Inbox <span id="count" class="count"></span></h1>
      <form id="search-form" role="search">
        <label class="hidden" for="search">Search sender, recipient and subject</label>
        <input id="search" type="search" placeholder="Search sender, recipient, subject" maxlength="200"
          autocomplete="off" spellcheck="false">
        <kbd aria-hidden="true">/</kbd>
      </form>
      <nav class="actions" aria-label="Inbox">
        <span id="live" class="live" role="status">Connecting</span>
        <button id="show-queue" type="button" hidden
          aria-pressed="false">Outgoing <span id="queue-count" class="count"></span></button>
        <button id="delete-all" type="button" class="danger">Delete all</button>
      </nav>
    </header>
    <main>
      <section class="list" aria-label="Messages">
        <p id="progress" class="notice" hidden></p>
        <button id="newer" type="button" class="more" hidden>Back to the newest</button>
        <ol id="messages"></ol>
        <div id="empty" class="empty" hidden></div>
        <button id="older" type="button" class="more" hidden>Show older</button>
      </section>
      <article id="reader" tabindex="-1" aria-label="Message">
        <div id="nothing" class="nothing">
          <p>No message is open.</p>
          <dl class="keys">
            <div>
              <dt><kbd>↑</kbd> <kbd>↓</kbd> or <kbd>k</kbd> <kbd>j</kbd></dt>
              <dd>go through the list</dd>
            </div>
            <div>
              <dt><kbd>/</kbd></dt>
              <dd>search</dd>
            </div>
            <div>
              <dt><kbd>Delete</kbd></dt>
              <dd>delete the open message</dd>
            </div>
            <div>
              <dt><kbd>Esc</kbd></dt>
              <dd>close it</dd>
            </div>
          </dl>
        </div>
        <div id="message" hidden>
          <header class="head">
            <div class="title">
              <button id="close" type="button" class="back">← <span>List</span></button>
              <h2 id="subject"></h2>
              <button id="delete" type="button" class="danger">Delete</button>
            </div>
            <dl id="people" class="people"></dl>
            <ul id="attachments" class="attachments" aria-label="Attachments"></ul>
          </header>
          <div class="tabs" role="tablist" aria-label="How the message is shown">
            <button role="tab" type="button" id="tab-html" aria-controls="body">HTML</button>
            <button role="tab" type="button" id="tab-text" aria-controls="body">Text</button>
            <button role="tab" type="button" id="tab-headers" aria-controls="body">Headers</button>
            <button role="tab" type="button" id="tab-source" aria-controls="body">Source</button>
            <span id="blocked" class="blocked">Remote content is blocked</span>
            <a id="save" class="save" download="message.eml">Save</a>
          </div>
          <div id="body" class="body" role="tabpanel" tabindex="0"></div>
        </div>
        <div id="queue" hidden>
          <header class="head">
            <div class="title">
              <h2>Outgoing mail</h2>
              <button id="retry-all" type="button">Try all now</button>
            </div>
          </header>
          <div id="queued" class="queued"></div>
        </div>
      </article>
    </main>
    <p id="announcer" class="hidden" role="log" aria-live="polite"></p>
    <dialog id="confirm" aria-labelledby="confirm-text">
      <form method="dialog">
        <p id="confirm-text"></p>
        <div class="choices">
          <button value="no" autofocus>Keep them</button>
          <button value="yes" class="danger">Delete</button>
        </div>
      </form>
    </dialog>
  </body>
</html>
`;

/** page/inbox.css */
export const css: string = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f9, #12141b);
  --surface: light-dark(#ffffff, #1a1d27);
  --raised: light-dark(#eef0f7, #232735);
  --line: light-dark(#dfe2ec, #2c3142);
  --ink: light-dark(#1b1e28, #e8eaf2);
  --soft: light-dark(#5a6072, #a0a7bb);
  --accent: light-dark(#2f4bdc, #93a5ff);
  --accent-ground: light-dark(#e8ecff, #262d4d);
  --danger: light-dark(#b3261e, #ff9d95);
  --good: light-dark(#1a7f4b, #6fd6a0);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}

* {
  box-sizing: border-box;
}

[hidden] {
  display: none !important;
}

body {
  margin: 0;
  height: 100dvh;
  display: grid;
  grid-template-rows: auto minmax(0, 1fr);
  background: var(--ground);
  color: var(--ink);
}

.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  z-index: 2;
  padding: 0.5rem 1rem;
  background: var(--accent);
  color: var(--surface);
  border-radius: 0 0 8px 8px;
}

.skip:focus {
  top: 0;
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

button,
.save {
  font: inherit;
  font-weight: 500;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 8px;
  padding: 0.35rem 0.8rem;
  cursor: pointer;
  text-decoration: none;
  white-space: nowrap;
}

button:hover,
.save:hover {
  background: var(--raised);
}

button[aria-pressed="true"] {
  background: var(--accent-ground);
  border-color: var(--accent);
}

button:disabled {
  opacity: 0.5;
  cursor: default;
}

.danger {
  color: var(--danger);
}

kbd {
  font: 0.8rem ui-monospace, "Cascadia Mono", Menlo, monospace;
  padding: 0.1rem 0.4rem;
  border: 1px solid var(--line);
  border-bottom-width: 2px;
  border-radius: 5px;
  background: var(--raised);
  color: var(--soft);
}

.bar {
  display: flex;
  align-items: center;
  gap: 1rem;
  padding: 0.6rem 1rem;
  background: var(--surface);
  border-bottom: 1px solid var(--line);
}

h1 {
  display: flex;
  align-items: center;
  gap: 0.6rem;
  margin: 0;
  font-size: 1.1rem;
}

.count {
  font-weight: 400;
  font-size: 0.95rem;
  color: var(--soft);
  font-variant-numeric: tabular-nums;
}

#search-form {
  flex: 1;
  max-width: 34rem;
  margin: 0 auto;
  position: relative;
}

#search {
  width: 100%;
  font: inherit;
  color: inherit;
  padding: 0.45rem 2.2rem 0.45rem 0.8rem;
  background: var(--raised);
  border: 1px solid transparent;
  border-radius: 8px;
}

#search:focus {
  background: var(--surface);
  border-color: var(--accent);
  outline: none;
  box-shadow: 0 0 0 3px var(--accent-ground);
}

#search::placeholder {
  color: var(--soft);
}

#search-form kbd {
  position: absolute;
  right: 0.6rem;
  top: 50%;
  translate: 0 -50%;
}

#search:focus + kbd,
#search:not(:placeholder-shown) + kbd {
  display: none;
}

.actions {
  display: flex;
  align-items: center;
  gap: 0.6rem;
}

.live {
  display: flex;
  align-items: center;
  gap: 0.4rem;
  color: var(--soft);
  font-size: 0.9rem;
}

.live::before {
  content: "";
  width: 0.55rem;
  height: 0.55rem;
  border-radius: 50%;
  background: var(--soft);
}

.live.on::before {
  background: var(--good);
}

.live.off {
  color: var(--danger);
}

.live.off::before {
  background: var(--danger);
}

main {
  display: grid;
  grid-template-columns: minmax(19rem, 27rem) minmax(0, 1fr);
  min-height: 0;
}

.list {
  overflow-y: auto;
  border-right: 1px solid var(--line);
  background: var(--surface);
}

#messages {
  list-style: none;
  margin: 0;
  padding: 0;
}

#messages a {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  gap: 0.05rem 0.8rem;
  padding: 0.6rem 1rem 0.65rem;
  color: inherit;
  text-decoration: none;
  border-bottom: 1px solid var(--line);
  border-left: 3px solid transparent;
}

#messages a:hover {
  background: var(--raised);
}

#messages a:focus-visible {
  outline-offset: -2px;
}

#messages a[aria-current="true"] {
  background: var(--accent-ground);
  border-left-color: var(--accent);
}

#messages .from {
  font-weight: 500;
}

#messages .fresh .from::before {
  content: "";
  display: inline-block;
  width: 0.5rem;
  height: 0.5rem;
  margin-right: 0.45rem;
  border-radius: 50%;
  background: var(--accent);
  vertical-align: 0.1rem;
}

#messages .fresh .from,
#messages .fresh .subject {
  font-weight: 650;
}

#messages .line {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

#messages time,
#messages .to,
#messages .marks {
  color: var(--soft);
  font-size: 0.87rem;
}

#messages time,
#messages .marks {
  text-align: right;
  font-variant-numeric: tabular-nums;
}

#messages .none {
  color: var(--soft);
  font-style: italic;
}

.clip {
  display: inline-block;
  width: 0.8rem;
  height: 0.8rem;
  margin-right: 0.35rem;
  vertical-align: -0.1rem;
  background: currentcolor;
  mask: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='%23000' stroke-width='1.6' stroke-linecap='round'%3E%3Cpath d='M13.5 7.5 8 13a3.6 3.6 0 0 1-5-5l6-6a2.4 2.4 0 0 1 3.4 3.4l-5.9 6a1.2 1.2 0 0 1-1.8-1.7L10 4.5'/%3E%3C/svg%3E")
    center / contain no-repeat;
}

.notice {
  margin: 0;
  padding: 0.5rem 1rem;
  font-size: 0.9rem;
  color: var(--soft);
  background: var(--raised);
  border-bottom: 1px solid var(--line);
  font-variant-numeric: tabular-nums;
}

.more {
  display: block;
  width: calc(100% - 2rem);
  margin: 0.8rem 1rem;
}

.empty {
  padding: 3rem 1.5rem;
  text-align: center;
  color: var(--soft);
}

.empty strong {
  display: block;
  margin-bottom: 0.4rem;
  color: var(--ink);
}

#reader {
  min-width: 0;
  min-height: 0;
  display: grid;
  outline: none;
}

.nothing {
  place-self: center;
  color: var(--soft);
  text-align: center;
}

.keys {
  display: inline-grid;
  gap: 0.5rem;
  margin: 0.5rem 0 0;
  text-align: left;
}

.keys div {
  display: grid;
  grid-template-columns: 10rem auto;
}

.keys dd {
  margin: 0;
}

#message {
  display: grid;
  grid-template-rows: auto auto minmax(0, 1fr);
  min-height: 0;
}

.head {
  padding: 1rem 1.4rem 0.9rem;
}

.title {
  display: flex;
  align-items: start;
  gap: 1rem;
}

h2 {
  flex: 1;
  margin: 0;
  font-size: 1.3rem;
  line-height: 1.3;
  overflow-wrap: anywhere;
  max-height: 5.2em;
  overflow-y: auto;
}

.back {
  display: none;
}

.people {
  display: grid;
  grid-template-columns: auto minmax(0, 1fr);
  gap: 0.15rem 0.8rem;
  margin: 0.7rem 0 0;
  max-height: 9rem;
  overflow-y: auto;
}

.people dt {
  color: var(--soft);
}

.people dd {
  margin: 0;
  overflow-wrap: anywhere;
}

.attachments {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  list-style: none;
  margin: 0.8rem 0 0;
  padding: 0;
  max-height: 8rem;
  overflow-y: auto;
}

.attachments:empty {
  display: none;
}

.attachments a {
  display: flex;
  gap: 0.5rem;
  padding: 0.3rem 0.7rem;
  color: inherit;
  text-decoration: none;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 8px;
}

.attachments a:hover {
  background: var(--raised);
}

.attachments .name {
  max-width: 22rem;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.attachments .size {
  color: var(--soft);
}

.tabs {
  display: flex;
  gap: 0.3rem;
  padding: 0 1.4rem;
  border-bottom: 1px solid var(--line);
}

.tabs [role="tab"] {
  background: none;
  border: 0;
  border-bottom: 3px solid transparent;
  border-radius: 6px 6px 0 0;
  padding: 0.4rem 0.8rem;
  color: var(--soft);
}

.tabs [role="tab"]:hover:enabled {
  background: var(--raised);
}

.tabs [role="tab"][aria-selected="true"] {
  color: var(--ink);
  border-bottom-color: var(--accent);
}

.blocked[hidden] {
  display: block !important;
  visibility: hidden;
}

.blocked {
  align-self: center;
  margin-left: auto;
  color: var(--soft);
  font-size: 0.85rem;
  white-space: nowrap;
}

.save {
  margin: 0 0 0.35rem 0.6rem;
  padding: 0.2rem 0.8rem;
}

.body {
  min-height: 0;
  overflow: auto;
  background: var(--surface);
}

.body iframe {
  display: block;
  width: 100%;
  height: 100%;
  border: 0;
  /* What senders write is made for white paper. */
  background: #ffffff;
  color-scheme: light;
}

.body pre {
  margin: 0;
  padding: 1.2rem 1.4rem;
  font: 0.87rem/1.55 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  tab-size: 4;
}

.body pre.text {
  max-width: 54rem;
}

.body table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9rem;
}

.body th,
.body td {
  padding: 0.35rem 1.4rem 0.35rem 0;
  text-align: left;
  vertical-align: top;
  border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere;
}

.body th {
  width: 1%;
  min-width: 9rem;
  padding-left: 1.4rem;
  font-weight: 500;
  color: var(--soft);
  white-space: nowrap;
}

.body .notice {
  border: 0;
  padding: 1.2rem 1.4rem;
  background: none;
}

.queued {
  padding: 0 1.4rem 1.4rem;
  overflow: auto;
}

.queued table {
  width: 100%;
  border-collapse: collapse;
}

.queued th,
.queued td {
  text-align: left;
  vertical-align: top;
  padding: 0.5rem 0.8rem 0.5rem 0;
  border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere;
}

.queued th {
  font-weight: 500;
  color: var(--soft);
}

.queued .buttons {
  display: flex;
  gap: 0.4rem;
}

.queued .answer {
  color: var(--soft);
  font-size: 0.87rem;
}

dialog {
  max-width: 26rem;
  padding: 1.4rem;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 12px;
}

dialog::backdrop {
  background: rgb(0 0 0 / 45%);
}

dialog p {
  margin: 0 0 1.2rem;
}

.choices {
  display: flex;
  justify-content: end;
  gap: 0.6rem;
}

@media (max-width: 50rem) {
  .bar {
    flex-wrap: wrap;
    gap: 0.5rem 0.8rem;
  }

  #search-form {
    order: 3;
    flex-basis: 100%;
    max-width: none;
  }

  .actions {
    margin-left: auto;
  }

  main {
    grid-template-columns: minmax(0, 1fr);
  }

  .list {
    border: 0;
  }

  #reader {
    display: none;
  }

  body.reading .list {
    display: none;
  }

  body.reading #reader {
    display: grid;
  }

  .back {
    display: block;
  }

  #search-form kbd,
  .blocked,
  .blocked[hidden] {
    display: none !important;
  }

  .save {
    margin-left: auto;
  }

  .head {
    padding: 0.8rem 1rem;
  }

  .tabs {
    padding: 0 0.4rem;
    overflow-x: auto;
  }
}

@media (prefers-reduced-motion: no-preference) {
  #messages .arrived a {
    animation: arrive 1.6s ease-out;
  }

  @keyframes arrive {
    from {
      background: var(--accent-ground);
    }
  }
}
`;

/** page/inbox.js */
export const script: string = `// The page of the inbox: a list that changes as mail comes and goes, and the message that is open. Whatever strangers
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
  fetch(\`api/\${path}\`, { method, headers: { accept: "application/json" } });

async function ask(path, method) {
  const reply = await api(path, method);
  if (!reply.ok) throw new Error((await reply.text()).trim() || \`The server answered \${reply.status}\`);
  return await reply.json();
}

const pathOf = (id, rest = "") => \`messages/\${encodeURIComponent(id)}\${rest}\`;

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
  return \`\${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} \${sizes[unit]}\`;
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

/** The name of \`Jane Doe <jane@example.org>\`, where there is one. */
const nameOf = (person) => person.replace(/\\s*<[^>]*>/g, "") || person;

// The list

function itemOf(row) {
  const line = (name, text, otherwise) =>
    make("span", { className: \`line \${name}\${text ? "" : " none"}\` }, text || otherwise);
  const date = new Date(row.receivedAt);
  const link = make(
    "a",
    { href: \`#\${encodeURIComponent(row.id)}\` },
    line("from", nameOf(row.from), "(no sender)"),
    make("time", { dateTime: date.toISOString(), title: full.format(date) }, timeText(row.receivedAt)),
    line("subject", row.subject, "(no subject)"),
    make("span", { className: "marks" }, row.attachments ? attachmentMark() : "", sizeText(row.size)),
    line("to", \`to \${nameOf(row.to) || row.mailbox}\`),
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
  document.title = state.fresh.size > 0 ? \`(\${state.fresh.size}) Inbox\` : "Inbox";
  $("older").hidden = offset + rows.length >= total;
  $("newer").hidden = offset === 0;
  $("empty").hidden = rows.length > 0;
  if (rows.length === 0) {
    const [what, then] = search === ""
      ? ["No mail yet", "It appears here as soon as it comes."]
      : [\`Nothing has “\${search}” in it\`, "Sender, recipient and subject are searched."];
    $("empty").replaceChildren(make("strong", {}, what), then);
  }
  $("delete-all").textContent = search === "" ? "Delete all" : "Delete found";
  $("delete-all").disabled = total === 0;
}

function showProgress({ read, messages }) {
  $("progress").hidden = read >= messages;
  $("progress").textContent = \`Reading \${number.format(read)} of \${number.format(messages)} messages\`;
}

/** Ask for a part of the list; \`more\` keeps the rows that are shown. */
async function load(offset = 0, more = false) {
  const asked = ++state.asked;
  const query = new URLSearchParams({ offset: String(offset), limit: String(PAGE), search: state.search });
  try {
    const { rows, total, progress } = await ask(\`messages?\${query}\`);
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
    ["Received", \`\${received}\${message.size === null ? "" : \`, \${sizeText(message.size)}\`}\`],
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
        { href: \`api/\${pathOf(message.id, \`/attachments/\${at}\`)}\`, download: name, title: name },
        make("span", { className: "name" }, name),
        make("span", { className: "size" }, sizeText(size)),
      ),
    )
  ));
  $("save").href = \`api/\${pathOf(message.id, "/source?download")}\`;
  const can = {
    html: message.html === true,
    text: typeof message.text === "string" || message.html === true,
    headers: Array.isArray(message.headers),
    source: true,
  };
  for (const tab of TABS) $(\`tab-\${tab}\`).disabled = !can[tab];
  const wanted = [state.tab, "html", "text"].find((tab) => can[tab]) ?? "source";
  if (message.problem !== null) announce(message.problem);
  showBody(message, wanted);
  for (const tab of TABS) {
    $(\`tab-\${tab}\`).onclick = () => {
      state.tab = tab;
      showBody(message, tab);
    };
  }
}

function showBody(message, tab) {
  for (const name of TABS) {
    const button = $(\`tab-\${name}\`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }
  const body = $("body");
  body.setAttribute("aria-labelledby", \`tab-\${tab}\`);
  body.scrollTop = 0;
  $("blocked").hidden = tab !== "html";
  if (tab === "html") {
    // No script runs in it, no form is sent; what it may fetch, its own policy says: nothing.
    const frame = make("iframe", { title: "The message as HTML", referrerPolicy: "no-referrer" });
    frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    frame.src = \`api/\${pathOf(message.id, "/html")}\`;
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
  for (const element of whole.querySelectorAll("br, p, div, tr, li, h1, h2, h3, h4")) element.append("\\n");
  return whole.body.textContent.replaceAll(/[^\\S\\n]+/g, " ").replaceAll(/ ?\\n ?/g, "\\n").replaceAll(
    /\\n{3,}/g,
    "\\n\\n",
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
    ? \`Delete all \${number.format(total)} messages, for good?\`
    : \`Delete the \${number.format(total)} messages that have “\${search}” in them, for good?\`;
  if (!await confirmed(what)) return;
  try {
    const { removed } = await ask(\`messages?\${new URLSearchParams({ search })}\`, "DELETE");
    announce(\`\${number.format(removed)} messages deleted\`);
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
    $("live").className = \`live \${on ? "on" : "off"}\`;
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
  announce(\`New message from \${nameOf(newest.from) || "nobody"}: \${newest.subject || "no subject"}\`);
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
          make("div", {}, \`\${address}, \${state}\`, make("div", { className: "answer" }, answer ?? ""))
        ),
      ),
      make("td", {}, timeText(receivedAt)),
      make("td", {}, \`\${attempts}, \${nextAttempt === null ? "now" : \`next \${timeText(nextAttempt)}\`}\`),
      make(
        "td",
        {},
        make(
          "span",
          { className: "buttons" },
          act("Try now", \`queue/\${encodeURIComponent(id)}/retry\`, "POST"),
          act("Drop", \`queue/\${encodeURIComponent(id)}\`, "DELETE", "danger"),
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

/** Open the message \`by\` places further down. */
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
  const enabled = TABS.map((tab) => $(\`tab-\${tab}\`)).filter((button) => !button.disabled);
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
`;

/** page/icon.svg */
export const icon: string = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#3d5afe" />
  <path d="M7 10.5h18v11H7zM7 11l9 6.5L25 11" fill="none" stroke="#fff" stroke-width="2"
    stroke-linejoin="round" />
</svg>
`;
