// Written by `deno task page` from the files of page/: change those.
// deno-fmt-ignore-file
// deno-lint-ignore-file

/** page/dashboard.html */
export const html: string = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Dashboard</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="dashboard.css">
    <script src="main.js" type="module"></script>
  </head>
  <body>
    <a class="skip" href="#units">Skip to the services</a>
    <header class="bar">
      <h1><img src="icon.svg" alt="" width="22" height="22"> <span id="name">Heddle</span></h1>
      <ul id="summary" class="summary" aria-label="Services by state"></ul>
      <span id="live" class="live" role="status">Connecting</span>
      <button id="reload" type="button">Reload&hellip;</button>
    </header>
    <p id="notice" class="notice" role="status" hidden><span id="notice-text"></span>
      <button id="notice-close" type="button" aria-label="Close this message">&times;</button></p>
    <main>
      <section id="totals" class="totals" aria-label="The application as a whole"></section>
      <section id="attention" class="attention" aria-labelledby="attention-head" hidden>
        <h2 id="attention-head">Needs attention</h2>
        <ul id="troubles"></ul>
      </section>
      <div class="middle">
        <section class="services panel" aria-labelledby="services-head">
          <div class="tools">
            <h2 id="services-head">Services <span id="shown" class="count"></span></h2>
            <label class="hidden" for="unit-filter">Show services with this text</label>
            <span
              class="field"><input id="unit-filter" type="search" placeholder="Filter services" maxlength="200"
                autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></span>
            <label class="hidden" for="unit-state">Show services in this state</label>
            <select id="unit-state">
              <option value="">All states</option>
              <option value="trouble">Needs attention</option>
              <option value="ready">Ready</option>
              <option value="starting">Starting</option>
              <option value="waiting">Waiting</option>
              <option value="draining">Draining</option>
              <option value="backoff">Backoff</option>
              <option value="failed">Failed</option>
              <option value="stopped">Stopped</option>
              <option value="finished">Finished</option>
            </select>
          </div>
          <div class="scroll">
            <table id="units" role="treegrid" aria-labelledby="services-head" tabindex="-1">
              <thead>
                <tr>
                  <th scope="col" class="name">Service</th>
                  <th scope="col" class="state">State</th>
                  <th scope="col" class="number since">For</th>
                  <th scope="col" class="number restarts">Restarts</th>
                  <th scope="col" class="where">Where, or why not</th>
                  <th scope="col" class="number connections" title="Connections">Conns</th>
                  <th scope="col" class="traffic">Traffic</th>
                  <th scope="col" class="number cpu">CPU</th>
                  <th scope="col" class="number memory">Memory</th>
                </tr>
              </thead>
              <tbody id="rows"></tbody>
            </table>
            <p id="none" class="empty" hidden>No service is like that.</p>
          </div>
        </section>
        <section id="detail" class="detail panel" aria-labelledby="detail-name" tabindex="-1" hidden>
          <div class="tools">
            <h2 id="detail-name"></h2>
            <button id="detail-close" type="button" class="quiet"
              aria-label="Close the details">&times;</button>
          </div>
          <div class="buttons">
            <button id="restart" type="button">Restart</button>
            <button id="stop" type="button">Stop</button>
            <button id="start" type="button">Start</button>
            <button id="its-log" type="button" class="quiet">Its log</button>
          </div>
          <dl id="facts"></dl>
          <div id="detail-plots" class="plots"></div>
        </section>
        <section class="log panel" aria-labelledby="log-head">
          <div class="tools">
            <h2 id="log-head">Log <span id="log-count" class="count"></span></h2>
            <label class="hidden" for="log-level">Show records of this level or worse</label>
            <select id="log-level">
              <option value="0">All levels</option>
              <option value="1">Info and worse</option>
              <option value="2">Warnings and errors</option>
              <option value="3">Errors</option>
            </select>
            <label class="hidden" for="log-service">Show records of this service or group</label>
            <input id="log-service" type="search" placeholder="Service" maxlength="200" autocomplete="off"
              spellcheck="false">
            <label class="hidden" for="log-text">Show records with this text</label>
            <span class="field"><input id="log-text" type="search" placeholder="Text" maxlength="200"
                autocomplete="off" spellcheck="false"><kbd aria-hidden="true">l</kbd></span>
            <button id="latest" type="button" class="quiet" hidden>To the latest</button>
          </div>
          <div id="log" class="lines" role="log" aria-live="off" aria-labelledby="log-head"
            tabindex="0"></div>
        </section>
      </div>
    </main>
    <dialog id="confirm" aria-labelledby="confirm-text">
      <form method="dialog">
        <p id="confirm-text"></p>
        <p id="confirm-more" class="soft"></p>
        <div class="buttons end">
          <button value="no" autofocus>Cancel</button>
          <button id="confirm-yes" value="yes" class="primary"></button>
        </div>
      </form>
    </dialog>
    <dialog id="plan" class="wide" aria-labelledby="plan-head">
      <h2 id="plan-head">Reload the application</h2>
      <div id="plan-body" aria-live="polite"></div>
      <div class="buttons end">
        <button id="plan-cancel" type="button">Cancel</button>
        <button id="plan-again" type="button" hidden>Read the file again</button>
        <button id="plan-apply" type="button" class="primary" hidden>Reload</button>
      </div>
    </dialog>
    <p id="announcer" class="hidden" role="status"></p>
    <noscript><p class="empty">This page shows nothing without JavaScript; <code>heddle status</code> does.</p></noscript>
  </body>
</html>
`;

/** page/dashboard.css */
export const css: string = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f4f8, #101218);
  --surface: light-dark(#ffffff, #181b24);
  --raised: light-dark(#eef0f6, #222634);
  --line: light-dark(#dde0ea, #2a2f3f);
  --ink: light-dark(#1b1e28, #e4e7f0);
  --soft: light-dark(#5a6072, #9aa1b6);
  --accent: light-dark(#2f4bdc, #93a5ff);
  --accent-ground: light-dark(#e8ecff, #242b49);
  --good: light-dark(#17703f, #6fd6a0);
  --busy: light-dark(#8a5a00, #f0c36b);
  --bad: light-dark(#b3261e, #ff9d95);
  --bad-ground: light-dark(#fdeceb, #34191a);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font: 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
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
  min-height: 640px;
  display: flex;
  flex-direction: column;
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
  z-index: 3;
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

h1,
h2,
p,
ul,
dl,
figure {
  margin: 0;
  padding: 0;
}

h1 {
  display: flex;
  align-items: center;
  gap: 0.55rem;
  font-size: 1.15rem;
  font-weight: 650;
}

h2 {
  font-size: 0.95rem;
  font-weight: 650;
}

ul {
  list-style: none;
}

.soft,
.count {
  color: var(--soft);
  font-weight: 400;
}

.number,
.count,
.value,
.figure {
  font-variant-numeric: tabular-nums;
}

/* Controls */

button,
select,
input {
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 7px;
  padding: 0.28rem 0.7rem;
  min-height: 2rem;
}

button {
  font-weight: 550;
  cursor: pointer;
  white-space: nowrap;
}

button:hover {
  background: var(--raised);
}

button.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--surface);
}

button.primary:hover {
  filter: brightness(1.1);
}

button.quiet {
  border-color: transparent;
  background: none;
  color: var(--soft);
}

button.quiet:hover {
  background: var(--raised);
  color: var(--ink);
}

button.small {
  min-height: 1.6rem;
  padding: 0.05rem 0.55rem;
  font-size: 0.88rem;
}

button.link {
  background: none;
  border: none;
  padding: 0 0.1rem;
  min-height: 1.6rem;
  text-decoration: underline;
  text-underline-offset: 3px;
  text-decoration-color: var(--line);
}

.field {
  position: relative;
}

.field kbd {
  position: absolute;
  right: 0.5rem;
  top: 50%;
  translate: 0 -50%;
  color: var(--soft);
  border: 1px solid var(--line);
  border-radius: 4px;
  padding: 0 0.3rem;
  font: 0.75rem/1.3 var(--mono);
  pointer-events: none;
}

.field input:focus + kbd,
.field input:not(:placeholder-shown) + kbd {
  display: none;
}

.buttons {
  display: flex;
  gap: 0.5rem;
  flex-wrap: wrap;
}

.buttons.end {
  justify-content: flex-end;
  margin-top: 1.1rem;
}

/* The head */

.bar {
  display: flex;
  align-items: center;
  gap: 1.2rem;
  padding: 0.6rem 1rem;
  background: var(--surface);
  border-bottom: 1px solid var(--line);
}

.summary {
  display: flex;
  flex-wrap: wrap;
  gap: 0.3rem 1.1rem;
  margin-right: auto;
}

.mark {
  white-space: nowrap;
}

.mark .sign {
  display: inline-block;
  width: 1.3em;
}

.mark.good .sign {
  color: var(--good);
}

.mark.busy {
  color: var(--busy);
}

.mark.bad {
  color: var(--bad);
  font-weight: 600;
}

.mark.off {
  color: var(--soft);
}

.live {
  display: flex;
  align-items: center;
  gap: 0.45rem;
  color: var(--soft);
}

.live::before {
  content: "";
  width: 0.55rem;
  height: 0.55rem;
  border-radius: 50%;
  border: 2px solid var(--soft);
}

.live.on::before {
  border-color: var(--good);
  background: var(--good);
}

.live.off {
  color: var(--bad);
  font-weight: 600;
}

.live.off::before {
  border-color: var(--bad);
}

.stale main {
  opacity: 0.6;
}

.notice {
  position: fixed;
  left: 50%;
  bottom: 1rem;
  translate: -50% 0;
  z-index: 2;
  display: flex;
  align-items: center;
  gap: 0.6rem;
  max-width: min(46rem, calc(100vw - 2rem));
  padding: 0.45rem 0.5rem 0.45rem 1rem;
  background: var(--surface);
  border: 1px solid var(--line);
  border-left: 4px solid var(--good);
  border-radius: 9px;
  box-shadow: 0 6px 24px rgb(0 0 0 / 0.2);
}

.notice.bad {
  border-left-color: var(--bad);
}

.notice button {
  border: none;
  background: none;
}

/* The page */

main {
  flex: 1;
  min-height: 0;
  display: flex;
  flex-direction: column;
  gap: 0.7rem;
  padding: 0.7rem 1rem 0.8rem;
}

.panel {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 10px;
  min-height: 0;
  display: flex;
  flex-direction: column;
}

.tools {
  display: flex;
  align-items: center;
  gap: 0.5rem;
  padding: 0.45rem 0.5rem 0.45rem 0.9rem;
}

.tools h2 {
  margin-right: auto;
}

.empty {
  padding: 1rem;
  color: var(--soft);
  text-align: center;
}

/* Plots */

.totals {
  display: grid;
  grid-template-columns: repeat(4, minmax(0, 1fr));
  gap: 0.7rem;
}

.plot {
  display: flex;
  flex-direction: column;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 10px;
  overflow: hidden;
}

.plot figcaption {
  display: flex;
  align-items: baseline;
  gap: 0.6rem;
  padding: 0.4rem 0.9rem 0.1rem;
  white-space: nowrap;
}

.plot .label {
  color: var(--soft);
}

.plot .value {
  font-weight: 650;
  font-size: 1.05rem;
}

.plot .most {
  margin-left: auto;
  color: var(--soft);
  font-size: 0.82rem;
  font-variant-numeric: tabular-nums;
}

.plot svg {
  height: 34px;
  width: 100%;
}

.line {
  fill: none;
  stroke: var(--accent);
  stroke-width: 1.4;
  stroke-linejoin: round;
}

.area {
  fill: var(--accent);
  fill-opacity: 0.13;
}

.spark {
  width: 64px;
  height: 18px;
  flex: none;
}

/* What needs attention */

.attention {
  display: flex;
  gap: 1rem;
  padding: 0.5rem 0.9rem;
  background: var(--bad-ground);
  border: 1px solid color-mix(in srgb, var(--bad) 35%, transparent);
  border-radius: 10px;
}

.attention h2 {
  color: var(--bad);
  white-space: nowrap;
  line-height: 1.7rem;
}

.attention ul {
  flex: 1;
  min-width: 0;
}

.attention li {
  display: flex;
  align-items: center;
  gap: 0.7rem;
  min-height: 1.7rem;
}

.attention .mark {
  min-width: 5.6rem;
}

.why {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

/* Services */

.middle {
  flex: 1;
  min-height: 0;
  display: grid;
  grid-template: "services detail" minmax(0, 1fr) "log detail" minmax(170px, 34%) / minmax(0, 1fr) auto;
  gap: 0.7rem;
}

.middle:has(.detail[hidden]) {
  column-gap: 0;
}

.services {
  grid-area: services;
}

.scroll {
  flex: 1;
  overflow: auto;
  scrollbar-gutter: stable;
  border-top: 1px solid var(--line);
  border-radius: 0 0 10px 10px;
}

table {
  width: 100%;
  border-collapse: separate;
  border-spacing: 0;
  table-layout: fixed;
}

th {
  position: sticky;
  top: 0;
  z-index: 1;
  background: var(--surface);
  color: var(--soft);
  font-weight: 500;
  font-size: 0.85rem;
  text-align: left;
  border-bottom: 1px solid var(--line);
}

th,
td {
  padding: 0 0.6rem;
  height: 1.9rem;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

th:first-child,
td:first-child {
  padding-left: 0.9rem;
}

.name {
  width: 22%;
}

th.state {
  width: 7rem;
}

th.since {
  width: 5.6rem;
}

th.restarts {
  width: 5.2rem;
}

th.connections {
  width: 4.6rem;
}

th.traffic {
  width: 11rem;
}

th.cpu {
  width: 4.8rem;
}

th.memory {
  width: 5.6rem;
}

.number {
  text-align: right;
}

tbody tr {
  cursor: pointer;
}

tbody tr:hover {
  background: var(--raised);
}

tbody tr[aria-selected="true"] {
  background: var(--accent-ground);
}

tbody tr:focus-visible {
  outline-offset: -2px;
}

tr.group {
  font-weight: 600;
}

tr.group td:not(.name, .state) {
  color: var(--soft);
  font-weight: 400;
}

td.name[data-depth="1"] {
  padding-left: 2.1rem;
}

td.name[data-depth="2"] {
  padding-left: 3.3rem;
}

td.name[data-depth="3"] {
  padding-left: 4.5rem;
}

td.name[data-depth="4"] {
  padding-left: 5.7rem;
}

td.name[data-depth="5"] {
  padding-left: 6.9rem;
}

td.name[data-depth="6"] {
  padding-left: 8.1rem;
}

.twist {
  display: inline-block;
  width: 1.2rem;
  color: var(--soft);
}

.twist::before {
  content: "▾";
}

tr[aria-expanded="false"] .twist::before {
  content: "▸";
}

td.since,
td.where,
td.restarts {
  color: var(--soft);
}

td.where {
  font-size: 0.92em;
}

td.where.reason {
  color: var(--bad);
}

.idle {
  color: var(--soft);
}

.pair {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 0.5rem;
}

@keyframes changed {
  from {
    background: var(--accent-ground);
  }
}

@media (prefers-reduced-motion: no-preference) {
  tr.changed {
    animation: changed 2s ease-out;
  }
}

/* Details */

.detail {
  grid-area: detail;
  width: 21rem;
  overflow-y: auto;
}

.plots {
  margin-top: auto;
}

.detail h2 {
  overflow-wrap: anywhere;
}

.detail > .buttons {
  padding: 0 0.9rem 0.6rem;
}

dl {
  display: grid;
  grid-template-columns: auto minmax(0, 1fr);
  gap: 0.25rem 0.9rem;
  padding: 0.6rem 0.9rem;
  border-top: 1px solid var(--line);
}

dt {
  color: var(--soft);
}

dd {
  margin: 0;
  overflow-wrap: anywhere;
  white-space: pre-line;
}

dd.mark.good {
  color: var(--good);
}

.detail .plot {
  border-width: 1px 0 0;
  border-radius: 0;
}

.detail .plot svg {
  height: 44px;
}

/* The log */

.log {
  grid-area: log;
}

.lines {
  flex: 1;
  overflow-y: auto;
  padding: 0.35rem 0.9rem;
  border-top: 1px solid var(--line);
  border-radius: 0 0 10px 10px;
  font: 12.5px/1.5 var(--mono);
}

.lines:focus-visible {
  outline-offset: -2px;
}

div.line {
  display: grid;
  grid-template-columns: 4.9rem 4.6rem minmax(6rem, 11rem) minmax(0, 1fr);
  gap: 0.6rem;
}

div.line time,
div.line .from,
.fields {
  color: var(--soft);
}

div.line .from {
  overflow: hidden;
  text-overflow: ellipsis;
}

.level .sign {
  display: inline-block;
  width: 1.2em;
  white-space: pre;
}

.message {
  overflow-wrap: anywhere;
  white-space: pre-wrap;
}

.message details {
  display: inline-block;
  margin-left: 0.8em;
  vertical-align: top;
  color: var(--soft);
}

.message summary {
  cursor: pointer;
}

div.line.debug {
  color: var(--soft);
}

div.line.warn .level,
div.line.warn .message {
  color: var(--busy);
}

div.line.error .level,
div.line.error .message {
  color: var(--bad);
}

div.line .message .fields {
  color: var(--soft);
}

div.line.lost {
  display: block;
  color: var(--soft);
}

#log-service {
  width: 11rem;
}

/* Dialogues */

dialog {
  width: min(28rem, calc(100vw - 2rem));
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 12px;
  padding: 1.2rem 1.3rem;
  box-shadow: 0 12px 48px rgb(0 0 0 / 0.3);
}

dialog.wide {
  width: min(44rem, calc(100vw - 2rem));
}

dialog::backdrop {
  background: rgb(10 12 20 / 0.45);
}

#confirm-text {
  font-weight: 600;
  font-size: 1.05rem;
  margin-bottom: 0.4rem;
}

#plan-body {
  margin-top: 0.6rem;
  max-height: 60vh;
  overflow-y: auto;
}

.steps,
.problems {
  margin-top: 0.5rem;
}

.steps li {
  padding: 0.25rem 0;
}

.steps .sign {
  display: inline-block;
  width: 1.6rem;
  font: 600 1rem var(--mono);
  color: var(--busy);
}

.steps .add .sign {
  color: var(--good);
}

.steps .remove .sign {
  color: var(--bad);
}

.problems li {
  display: grid;
  padding: 0.45rem 0;
  border-top: 1px solid var(--line);
}

.problems code {
  font: 0.9rem var(--mono);
  color: var(--bad);
}

#plan-body .why {
  white-space: normal;
  color: var(--bad);
  font-weight: 600;
}

@media (max-width: 1100px) {
  th.cpu,
  td.cpu,
  th.memory,
  td.memory,
  th.restarts,
  td.restarts {
    display: none;
  }
}

@media (max-width: 760px) {
  body {
    height: auto;
  }

  .bar {
    flex-wrap: wrap;
  }

  .middle {
    display: flex;
    flex-direction: column;
  }

  .totals {
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }

  .plot .most {
    display: none;
  }

  .scroll {
    max-height: 60vh;
  }

  .detail {
    width: 100%;
  }

  .log {
    height: 20rem;
  }

  .tools {
    flex-wrap: wrap;
  }

  .name {
    width: 50%;
  }

  th.where,
  td.where,
  th.traffic,
  td.traffic,
  th.connections,
  td.connections {
    display: none;
  }

  div.line {
    grid-template-columns: auto auto 1fr;
  }

  div.line .message {
    grid-column: 1 / -1;
  }
}
`;

/** page/icon.svg */
export const icon: string = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#3d5afe" />
  <path d="M5 17h5l3-8 5 15 3.500-10 1.500 3H27" fill="none" stroke="#fff" stroke-width="2.400"
    stroke-linecap="round" stroke-linejoin="round" />
</svg>
`;

/** page/main.js */
export const main: string = `import { act as actOn, notify } from "./actions.js";
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
  const title = troubles > 0 ? \`(\${troubles}!) \${name}\` : name;
  if (document.title !== title) document.title = title;
  showDetail(now());
}

// What the server tells

const events = new EventSource("api/events");

const connected = (on) => {
  $("live").className = \`live \${on ? "on" : "off"}\`;
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
`;

/** page/make.js */
export const make: string = `/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** An element with properties and children; text stays text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** An element of a drawing, with attributes. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Write \`text\` where it is not there yet: nothing is laid out anew without need. */
export function write(element, text) {
  if (element.firstChild?.data !== text || element.childNodes.length !== 1) element.textContent = text;
}
`;

/** page/units.js */
export const units: string = `import { $, make, write } from "./make.js";
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
  const paths = new Map(units.map(({ id, path, kind }) => [id, \`\${kind} \${path}\`]));
  for (const [id, { unit, row }] of views) {
    // A dashboard that has begun anew counts anew: the same id may be another unit.
    if (paths.get(id) === \`\${unit.kind} \${unit.path}\`) continue;
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
        { className: \`mark \${tone}\` },
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
  write($("shown"), isFiltered ? \`\${shown} of \${services}\` : String(services));
  $("none").hidden = shown > 0 || order.length === 0;
  keepTabStop();
}

const haystack = ({ path, state, endpoints = [], lastError = "" }) =>
  \`\${path} \${state} \${endpoints.join(" ")} \${lastError}\`.toLowerCase();

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
`;

/** page/attention.js */
export const attention: string = `import { $, make } from "./make.js";
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
  if (more > 0) listed.push(make("li", { className: "soft" }, \`and \${some(more, "service")} more\`));
  renew($("troubles"), listed);

  const services = units.filter(({ kind }) => kind === "service");
  const items = Object.entries(STATES).flatMap(([state, { sign, word, tone }]) => {
    const count = services.filter((unit) => unit.state === state).length;
    if (count === 0) return [];
    const mark = make("span", { className: "sign", ariaHidden: "true" }, sign);
    return [make("li", { className: \`mark \${tone}\` }, mark, \`\${count} \${word}\`)];
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
  const key = items.map((item) => item.dataset.key ?? item.textContent).join("\\n");
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
      { className: \`mark \${tone}\` },
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
      ariaLabel: \`\${label} \${path}\`,
      onclick: () => act(action, unit),
    }, label));
  }
  item.dataset.key = \`\${id} \${path} \${action}\`;
  return item;
}

// What is said aloud: that something went wrong, or is well again; together, and not too often

let news = [];
let quietUntil = 0;
let planned;

/** A unit that was \`before\` has become \`after\`. */
export function tell(before, after) {
  if (after.kind === "group" || before.state === after.state) return;
  const { path, state, lastError } = after;
  if (state === "failed" || state === "backoff") news.push(\`\${path}: \${state}, \${lastError ?? ""}\`);
  else if (state === "ready" && before.restarts !== after.restarts) news.push(\`\${path} is ready again\`);
  if (news.length === 0 || planned !== undefined) return;
  planned = setTimeout(sayNews, Math.max(200, quietUntil - Date.now()));
}

function sayNews() {
  say(news.length > 3 ? \`\${news.length} services have changed, the last: \${news.at(-1)}\` : news.join(". "));
  news = [];
  planned = undefined;
  quietUntil = Date.now() + PAUSE;
}

/** Say it to who listens, and show nothing. */
export const say = (text) => $("announcer").textContent = text;
`;

/** page/detail.js */
export const detail: string = `import { $, make, write } from "./make.js";
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
  const reply = await fetch(\`api/history?\${new URLSearchParams({ unit: unit.path })}\`);
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
    ["State", \`\${sign} \${word} for \${duration(now - unit.since)}\`, \`mark \${tone}\`],
    ["Since", full.format(new Date(unit.since))],
    ["Restarts", String(unit.restarts)],
    ["Where", (unit.endpoints ?? []).join("\\n")],
    ["Waits for", (unit.waitsFor ?? []).join(", ")],
    [
      "Next attempt",
      unit.nextAttemptAt === undefined ? "" : \`in \${duration(unit.nextAttemptAt - now + 999)}\`,
    ],
    ["Process", unit.pid === undefined ? "" : String(unit.pid)],
    [
      "Replicas",
      (unit.replicas?.wanted ?? 1) === 1 ? "" : \`\${unit.replicas.ready} of \${unit.replicas.wanted} ready\`,
    ],
    ["Last failure", unit.lastError ?? ""],
  ].filter(([, value]) => value !== "");
  const list = $("facts");
  const key = facts.map(([name, , className]) => \`\${name} \${className}\`).join();
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
`;

/** page/totals.js */
export const totals: string = `import { $ } from "./make.js";
import { plots } from "./plots.js";

const all = plots();
$("totals").append(...all.elements);

/** What the application as a whole has used so far. */
export const setTotals = (history, now) => all.set(history, now);
/** What it uses now. */
export const addTotals = (figures, now) => all.add(now, figures);
`;

/** page/plots.js */
export const plots: string = `import { draw, make, write } from "./make.js";
import { FIGURES } from "./words.js";

/** Milliseconds that a plot goes back. */
const SPAN = 5 * 60_000;
const WIDTH = 100;
const HEIGHT = 30;

/** The line through \`points\`, each \`[x, y]\` from 0 to 1 or null for a gap; and the area below it. */
function pathsOf(points) {
  let line = "";
  let area = "";
  let begin = null;
  let last = null;
  const close = () => {
    if (begin !== null) area += \`L\${last} \${HEIGHT}L\${begin} \${HEIGHT}Z\`;
    begin = null;
  };
  for (const point of points) {
    if (point === null) {
      close();
      continue;
    }
    const x = (point[0] * WIDTH).toFixed(1);
    const step = \`\${begin === null ? "M" : "L"}\${x} \${((1 - point[1]) * (HEIGHT - 2) + 1).toFixed(1)}\`;
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
    { viewBox: \`0 0 \${WIDTH} \${HEIGHT}\`, preserveAspectRatio: "none", "aria-hidden": "true" },
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
    { className: \`plot \${key}\` },
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
      write(most, \`at most \${text(top)}\`);
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
`;

/** page/words.js */
export const words: string = `/** How each state is shown: a sign and a word, since colour alone tells nothing to some. */
export const STATES = {
  failed: { sign: "✕", word: "failed", tone: "bad" },
  backoff: { sign: "↻", word: "backoff", tone: "bad" },
  waiting: { sign: "…", word: "waiting", tone: "busy" },
  starting: { sign: "◔", word: "starting", tone: "busy" },
  draining: { sign: "◑", word: "draining", tone: "busy" },
  stopped: { sign: "■", word: "stopped", tone: "off" },
  finished: { sign: "✓", word: "finished", tone: "off" },
  ready: { sign: "●", word: "ready", tone: "good" },
};

/** What somebody should look at: what has failed, or waits for something longer than a start takes. */
export function isTrouble({ kind, state, since, standby }, now) {
  if (kind === "group" || standby) return false;
  return state === "failed" || state === "backoff" || state === "waiting" && now - since > 10_000;
}

/** Whether it stays as it is until somebody starts it. */
export const isOff = ({ state }) => state === "stopped" || state === "failed" || state === "finished";

/** \`4s\`, \`3m 04s\`, \`5h 12m\`, \`9d 3h\` */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return \`\${seconds}s\`;
  const two = (value) => String(value).padStart(2, "0");
  if (seconds < 3600) return \`\${Math.floor(seconds / 60)}m \${two(seconds % 60)}s\`;
  if (seconds < 86_400) return \`\${Math.floor(seconds / 3600)}h \${two(Math.floor(seconds / 60) % 60)}m\`;
  return \`\${Math.floor(seconds / 86_400)}d \${Math.floor(seconds / 3600) % 24}h\`;
}

/** \`812 B\`, \`1.4 MiB\` */
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1024;
    at++;
  }
  return \`\${at > 0 && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} \${units[at]}\`;
}

/** Of one processor: \`0.4 %\`, \`180 %\` */
export function percent(share) {
  const value = share * 100;
  return \`\${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %\`;
}

const count = new Intl.NumberFormat("en");

/** Each figure: its name, and how a value of it is written. In the order in which they come. */
export const FIGURES = [
  { key: "connections", name: "Connections", text: (value) => count.format(value), least: 4 },
  { key: "traffic", name: "Traffic", text: (value) => \`\${size(value)}/s\`, least: 1024 },
  { key: "cpu", name: "CPU", text: percent, least: 0.05 },
  { key: "memory", name: "Memory", text: size, least: 1024 * 1024 },
];

/** \`a number\` with its word: \`1 connection\`, \`3 connections\` */
export const some = (number, word) => \`\${count.format(number)} \${word}\${number === 1 ? "" : "s"}\`;

/** Where a unit is reached, or why it is not. */
export function detailOf(unit, now) {
  const { state, lastError = "", nextAttemptAt, waitsFor = [], endpoints = [], replicas } = unit;
  if (state === "failed") return lastError;
  if (state === "backoff") {
    const next = nextAttemptAt === undefined ? "" : \`again in \${duration(nextAttemptAt - now + 999)}: \`;
    return \`\${next}\${lastError}\`;
  }
  if (state === "waiting") return waitsFor.length === 0 ? "" : \`waits for \${waitsFor.join(", ")}\`;
  const ready = replicas === undefined || replicas.wanted === 1
    ? []
    : [\`\${replicas.ready}/\${replicas.wanted} ready\`];
  return [...ready, ...endpoints].join("  ");
}
`;

/** page/log.js */
export const log: string = `import { $, make, write } from "./make.js";
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

/** Records have come; before them, \`lost\` were left out. */
export function addRecords(added, lost) {
  const fresh = added.map(([sequence, time, level, service, message, fields, stack]) => ({
    sequence,
    time,
    level,
    service,
    message,
    fields,
    stack,
    text: \`\${message} \${fields} \${stack}\`.toLowerCase(),
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
  const isOf = (name) => isPath ? name === service || name.startsWith(\`\${service}.\`) : name.includes(service);
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
  write($("log-count"), count === MOST_SHOWN ? \`the latest \${count}\` : String(count));
  if (count === 0) lines.append(make("p", { className: "empty" }, "Nothing in the log is like that."));
  else lines.querySelector(".empty")?.remove();
  if (follows) lines.scrollTop = lines.scrollHeight;
}

function lineOf({ time, level, service, message, fields, stack, lost }) {
  if (lost > 0) return make("div", { className: "line lost" }, \`\${lost} records were left out here\`);
  const date = new Date(time);
  return make(
    "div",
    { className: \`line \${level}\` },
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
      ...(fields === "" ? [] : [make("span", { className: "fields" }, \` \${fields}\`)]),
      ...(stack === "" ? [] : [make("details", {}, make("summary", {}, "stack"), stack)]),
    ),
  );
}

// A reader who scrolls up leaves the last line. When it is the place that changes, the last line stays in view.
let shape = "";
const shapeNow = () => \`\${lines.clientWidth} \${lines.clientHeight}\`;

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
`;

/** page/actions.js */
export const actions: string = `import { $, make } from "./make.js";
import { say } from "./attention.js";
import { some } from "./words.js";

/** Milliseconds that good news stays. */
const STAYS = 6_000;
let leaving;

/** Tell the operator something. What went wrong stays until it is closed. */
export function notify(text, isBad = false) {
  clearTimeout(leaving);
  $("notice-text").textContent = text;
  $("notice").className = \`notice \${isBad ? "bad" : "good"}\`;
  $("notice").hidden = false;
  if (!isBad) leaving = setTimeout(() => $("notice").hidden = true, STAYS);
}
$("notice-close").addEventListener("click", () => $("notice").hidden = true);

/** Ask the server; what it answers, whether it is content or not. */
async function ask(path, method = "GET", body = undefined) {
  const headers = method === "GET" ? {} : { "x-heddle-action": "1" };
  const reply = await fetch(\`api/\${path}\`, { method, headers, ...(body !== undefined && { body }) });
  const type = reply.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return await reply.json();
  throw new Error((await reply.text()).trim() || \`The server answers \${reply.status}\`);
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
  say(\`\${VERBS[action]} \${unit.path}: under way\`);
  try {
    const reply = await ask(\`\${action}?\${new URLSearchParams({ unit: unit.path })}\`, "POST");
    if (reply.underWay) notify(\`\${VERBS[action]} \${unit.path}: under way; this page takes part in it\`);
    else if (reply.ok) notify(\`\${unit.path}: \${DONE[action]}\`);
    else {
      const { state, reason = "" } = reply.outcome;
      notify(\`\${unit.path} was not \${DONE[action]}: \${state}\${reason && \`, \${reason}\`}\`, true);
    }
  } catch (error) {
    notify(\`\${unit.path} was not \${DONE[action]}: \${error.message}\`, true);
  } finally {
    busy.delete(unit.id);
  }
}

function confirmed(action, { path, kind }, connections) {
  const dialog = $("confirm");
  $("confirm-text").textContent = \`\${VERBS[action]} \${kind === "group" ? "the group " : ""}“\${path}”?\`;
  const stays = action === "stop" ? "It stays stopped until it is started again. " : "";
  const open = connections > 0 ? \`\${some(connections, "connection")} of it will be drained.\` : "";
  $("confirm-more").textContent = \`What needs it goes with it. \${stays}\${open}\`;
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
    : \`\${before}The file is good. \${some(steps.length, "unit")} will change:\`;
  const items = steps.map(({ path, action, replace }) =>
    make(
      "li",
      { className: action },
      make("span", { className: "sign", ariaHidden: "true" }, SIGNS[action]),
      make("strong", {}, path),
      \` \${MEANINGS[action]}\`,
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
    make("p", { className: "why" }, \`The file has \${some(items.length, "problem")}; nothing has changed.\`),
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
    if (missed.length === 0) return notify(\`Reloaded: \${some(reply.results.length, "change")} done\`);
    const text = missed.map(({ path, result, reason = "" }) => \`\${path}: \${result} \${reason}\`).join("; ");
    notify(\`Reloaded, but not all of it is done. \${text}\`, true);
  } catch (error) {
    offer({ again: true });
    $("plan-body").replaceChildren(make("p", { className: "why" }, \`Cannot reload: \${error.message}\`));
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
`;
