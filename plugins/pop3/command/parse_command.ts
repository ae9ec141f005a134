import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";
import type { Command } from "./command.ts";

/** What a line says: a command, or the reply to one that cannot be understood. */
export type Parsed =
  | { readonly command: Command; readonly fault?: undefined }
  | { readonly fault: Reply; readonly command?: undefined };

type ParseArguments = (text: string) => Parsed;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NUMBER = /^[0-9]{1,10}$/;
const NUMBERS = /^([0-9]{1,10}) +([0-9]{1,10})$/;
const AUTH = /^([A-Za-z0-9_-]{1,20})(?: +(\S+))?$/;
const APOP = /^(\S+) +([0-9A-Fa-f]{32})$/;

const parsers: ReadonlyMap<string, ParseArguments> = new Map<string, ParseArguments>([
  ["CAPA", bare("CAPA")],
  ["STLS", bare("STLS")],
  ["STAT", bare("STAT")],
  ["NOOP", bare("NOOP")],
  ["RSET", bare("RSET")],
  ["QUIT", bare("QUIT")],
  ["USER", (name) => name === "" ? { fault: replies.badName } : understood({ verb: "USER", name })],
  ["PASS", (password) => understood({ verb: "PASS", password })],
  ["APOP", parseApop],
  ["AUTH", parseAuth],
  ["LIST", parseListing("LIST")],
  ["UIDL", parseListing("UIDL")],
  ["RETR", parseMessage("RETR")],
  ["DELE", parseMessage("DELE")],
  ["TOP", parseTop],
]);

/** Reads a line of command (RFC 1939, section 3), without its CRLF. */
export function parseCommand(line: Uint8Array): Parsed {
  const text = decodeLine(line);
  if (text === null) return { fault: replies.badCharacters };
  const space = text.indexOf(" ");
  const verb = space < 0 ? text : text.slice(0, space);
  const parse = parsers.get(verb) ?? parsers.get(verb.toUpperCase());
  if (parse === undefined) return { fault: replies.unknownCommand };
  // A password may begin and end with spaces (RFC 1939, section 7, PASS).
  const rest = space < 0 ? "" : text.slice(space + 1);
  return parse(verb.toUpperCase() === "PASS" ? rest : rest.trim());
}

/** The text of a line; null when it has controls or is not UTF-8. */
function decodeLine(line: Uint8Array): string | null {
  try {
    const text = decoder.decode(line);
    return CONTROL.test(text) ? null : text;
  } catch {
    return null;
  }
}

function understood(command: Command): Parsed {
  return { command };
}

function bare(verb: "CAPA" | "STLS" | "STAT" | "NOOP" | "RSET" | "QUIT"): ParseArguments {
  const parsed = understood({ verb });
  return (text) => text === "" ? parsed : { fault: replies.noArgument };
}

function parseListing(verb: "LIST" | "UIDL"): ParseArguments {
  return (text) => {
    if (text === "") return understood({ verb, message: null });
    return NUMBER.test(text) ? understood({ verb, message: Number(text) }) : { fault: replies.badNumber };
  };
}

function parseMessage(verb: "RETR" | "DELE"): ParseArguments {
  return (text) =>
    NUMBER.test(text) ? understood({ verb, message: Number(text) }) : { fault: replies.badNumber };
}

function parseTop(text: string): Parsed {
  const [, message, lines] = NUMBERS.exec(text) ?? [];
  if (message === undefined) return { fault: replies.badTop };
  return understood({ verb: "TOP", message: Number(message), lines: Number(lines) });
}

function parseApop(text: string): Parsed {
  const [, name, digest] = APOP.exec(text) ?? [];
  if (name === undefined) return { fault: replies.badApop };
  return understood({ verb: "APOP", name, digest: digest!.toLowerCase() });
}

function parseAuth(text: string): Parsed {
  const [, mechanism, initial] = AUTH.exec(text) ?? [];
  if (mechanism === undefined) return { fault: replies.badAuth };
  return understood({ verb: "AUTH", mechanism, initial: initial ?? null });
}
