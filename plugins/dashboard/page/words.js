/** How each state is shown: a sign and a word, since colour alone tells nothing to some. */
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

/** `4s`, `3m 04s`, `5h 12m`, `9d 3h` */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const two = (value) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
  return `${Math.floor(seconds / 86_400)}d ${Math.floor(seconds / 3600) % 24}h`;
}

/** `812 B`, `1.4 MiB` */
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1024;
    at++;
  }
  return `${at > 0 && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

/** Of one processor: `0.4 %`, `180 %` */
export function percent(share) {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

const count = new Intl.NumberFormat("en");

/** Each figure: its name, and how a value of it is written. In the order in which they come. */
export const FIGURES = [
  { key: "connections", name: "Connections", text: (value) => count.format(value), least: 4 },
  { key: "traffic", name: "Traffic", text: (value) => `${size(value)}/s`, least: 1024 },
  { key: "cpu", name: "CPU", text: percent, least: 0.05 },
  { key: "memory", name: "Memory", text: size, least: 1024 * 1024 },
];

/** `a number` with its word: `1 connection`, `3 connections` */
export const some = (number, word) => `${count.format(number)} ${word}${number === 1 ? "" : "s"}`;

/** Where a unit is reached, or why it is not. */
export function detailOf(unit, now) {
  const { state, lastError = "", nextAttemptAt, waitsFor = [], endpoints = [], replicas } = unit;
  if (state === "failed") return lastError;
  if (state === "backoff") {
    const next = nextAttemptAt === undefined ? "" : `again in ${duration(nextAttemptAt - now + 999)}: `;
    return `${next}${lastError}`;
  }
  if (state === "waiting") return waitsFor.length === 0 ? "" : `waits for ${waitsFor.join(", ")}`;
  const ready = replicas === undefined || replicas.wanted === 1
    ? []
    : [`${replicas.ready}/${replicas.wanted} ready`];
  return [...ready, ...endpoints].join("  ");
}
