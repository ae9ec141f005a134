import type { ReplyOutcome } from "../../../services/http/options.ts";
import type { Address } from "../../../services/reactor/address.ts";
import { readCredentials } from "../around/basic_auth.ts";

/** Makes a line of an access log, with its line feed. `now` is in milliseconds since 1970. */
export type LineFormat = (outcome: ReplyOutcome, now: number) => string;

/** How lines may look, by the names of options. */
export const lineFormats: Readonly<Record<"common" | "combined" | "json", LineFormat>> = {
  common: (outcome, now) => `${commonPart(outcome, now)}\n`,
  combined: (outcome, now) =>
    `${commonPart(outcome, now)} "${field(outcome, "referer")}" "${field(outcome, "user-agent")}"\n`,
  json: (outcome, now) => {
    const { request, peer, status, bytes, duration, complete } = outcome;
    return JSON.stringify({
      time: new Date(now).toISOString(),
      client: hostOf(peer),
      user: userOf(outcome) ?? undefined,
      host: request?.header("host") ?? undefined,
      method: request?.method,
      target: request?.target,
      protocol: request?.httpVersion,
      status,
      bytes,
      duration: Math.round(duration * 1000) / 1000,
      complete: complete ? undefined : false,
      referer: request?.header("referer") ?? undefined,
      userAgent: request?.header("user-agent") ?? undefined,
    }) + "\n";
  },
};

function commonPart(outcome: ReplyOutcome, now: number): string {
  const { request, peer, status, bytes } = outcome;
  const line = request === null ? "-" : `${request.method} ${escaped(request.target)} ${request.httpVersion}`;
  const user = escaped(userOf(outcome) ?? "-");
  return `${hostOf(peer)} - ${user} [${clfTime(now)}] "${line}" ${status} ${bytes === 0 ? "-" : bytes}`;
}

function field({ request }: ReplyOutcome, name: string): string {
  const value = request?.header(name);
  if (value === null || value === undefined) return "-";
  const known = knownFields.get(value);
  if (known !== undefined) return known;
  const text = escaped(value);
  if (knownFields.size >= MOST_KNOWN) knownFields.clear();
  if (value.length <= LONGEST_KNOWN) knownFields.set(value, text);
  return text;
}

/** Browsers and pages are few, and to look at every character of their names is what costs most here. */
const knownFields = new Map<string, string>();
const MOST_KNOWN = 1_000;
const LONGEST_KNOWN = 512;

/** Who the client says it is, unless that was refused: where a route asks for a password, who had the right one. */
function userOf({ request, status }: ReplyOutcome): string | null {
  const authorization = status === 401 ? null : request?.header("authorization") ?? null;
  return authorization === null ? null : readCredentials(authorization)?.user ?? null;
}

function hostOf(peer: Address): string {
  return "hostname" in peer ? peer.hostname : "-";
}

/** What would end a quoted string or the line, and what a terminal would obey. */
// deno-lint-ignore no-control-regex
const special = /["\\\x00-\x1f\x7f-\xff]/;

/** As Apache and nginx escape: a line cannot be forged. */
function escaped(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll(
    new RegExp(special, "g"),
    (character) =>
      character === '"' || character === "\\"
        ? `\\${character}`
        : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let second = -1;
let secondText = "";

/** `10/Oct/2026:13:55:36 +0000`; made once a second. */
function clfTime(now: number): string {
  const current = Math.floor(now / 1000);
  if (current === second) return secondText;
  second = current;
  const date = new Date(now).toISOString();
  const month = months[Number(date.slice(5, 7)) - 1];
  return secondText = `${date.slice(8, 10)}/${month}/${date.slice(0, 4)}:${date.slice(11, 19)} +0000`;
}
