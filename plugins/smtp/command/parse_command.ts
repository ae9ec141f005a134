import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";
import type { Command, Recipient, Sender } from "./command.ts";
import { readParameters, recipientParameters, senderParameters } from "./parameters.ts";
import { parsePath } from "./path.ts";
import { parseXclient } from "./xclient.ts";

/** What a line says: a command, or the reply to one that cannot be understood. */
export type Parsed =
  | { readonly command: Command; readonly fault?: undefined }
  | { readonly fault: Reply; readonly command?: undefined };

type ParseArguments = (text: string) => Parsed;

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** RFC 5321, section 4.1.4: what a client calls itself need not be true. */
const HELLO_NAME = /^[^\s\p{Cc}]{1,255}$/u;
const BDAT = /^([0-9]{1,15})(?: +(LAST))?$/i;
const AUTH = /^([A-Za-z0-9_-]{1,20})(?: +(\S+))?$/;
/** They come from browsers that were tricked into talking to us. */
const HTTP = /^(?:GET|POST|PUT|HEAD|DELETE|OPTIONS|CONNECT|PATCH|TRACE) /;

/** Commands without arguments; and those whose arguments do not matter. */
const bare = {
  DATA: understood({ verb: "DATA" }),
  RSET: understood({ verb: "RSET" }),
  QUIT: understood({ verb: "QUIT" }),
  STARTTLS: understood({ verb: "STARTTLS" }),
  NOOP: understood({ verb: "NOOP" }),
  HELP: understood({ verb: "HELP" }),
  VRFY: understood({ verb: "VRFY" }),
  EXPN: understood({ verb: "EXPN" }),
};
const badArguments: Parsed = { fault: replies.badArguments };
const noArgument: Parsed = { fault: replies.noArgument };
const unknownCommand: Parsed = { fault: replies.unknownCommand };
const badCharacters: Parsed = { fault: replies.badCharacters };

const parsers: ReadonlyMap<string, ParseArguments> = new Map<string, ParseArguments>([
  ["EHLO", (text) => parseHello("EHLO", text)],
  ["HELO", (text) => parseHello("HELO", text)],
  ["MAIL", parseMail],
  ["RCPT", parseRcpt],
  ["DATA", (text) => text === "" ? bare.DATA : noArgument],
  ["BDAT", parseBdat],
  ["RSET", (text) => text === "" ? bare.RSET : noArgument],
  ["QUIT", (text) => text === "" ? bare.QUIT : noArgument],
  ["STARTTLS", (text) => text === "" ? bare.STARTTLS : noArgument],
  ["NOOP", () => bare.NOOP],
  ["HELP", () => bare.HELP],
  ["VRFY", (text) => text === "" ? badArguments : bare.VRFY],
  ["EXPN", () => bare.EXPN],
  ["AUTH", parseAuth],
  ["XCLIENT", parseXclientCommand],
]);

/** Reads a line of command (RFC 5321, section 4.1.1), without its CRLF. */
export function parseCommand(line: Uint8Array): Parsed {
  const text = decodeLine(line);
  if (text === null) return badCharacters;
  const space = text.indexOf(" ");
  const verb = space < 0 ? text : text.slice(0, space);
  const parse = parsers.get(verb) ?? parsers.get(verb.toUpperCase());
  if (parse === undefined) return HTTP.test(text) ? { fault: replies.notSmtp } : unknownCommand;
  return parse(space < 0 ? "" : text.slice(space + 1).trim());
}

/** The text of a line; null when it has controls or is not UTF-8. */
export function decodeLine(line: Uint8Array): string | null {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    return null;
  }
  return CONTROL.test(text) ? null : text;
}

function understood(command: Command): Parsed {
  return { command };
}

function parseHello(verb: "EHLO" | "HELO", name: string): Parsed {
  return HELLO_NAME.test(name) ? understood({ verb, name }) : { fault: replies.helloWithoutName };
}

function parseMail(text: string): Parsed {
  const path = text.slice(0, 5).toUpperCase() === "FROM:" ? parsePath(text.slice(5).trimStart()) : null;
  if (path === null) return { fault: replies.badSender };
  // Nobody sends as a mailbox that has no domain.
  if (path.address?.domain === "") return { fault: replies.badSender };
  const sender: Sender = { address: path.address };
  const fault = path.rest === "" ? null : readParameters(path.rest, senderParameters, sender);
  return fault === null ? understood({ verb: "MAIL", sender }) : { fault };
}

function parseRcpt(text: string): Parsed {
  const path = text.slice(0, 3).toUpperCase() === "TO:" ? parsePath(text.slice(3).trimStart()) : null;
  if (path === null || path.address === null) return { fault: replies.badRecipient };
  const recipient: Recipient = { address: path.address };
  const fault = path.rest === "" ? null : readParameters(path.rest, recipientParameters, recipient);
  return fault === null ? understood({ verb: "RCPT", recipient }) : { fault };
}

function parseBdat(text: string): Parsed {
  const [, size, last] = BDAT.exec(text) ?? [];
  // Nobody knows where the chunk ends: what follows must not be taken for commands.
  if (size === undefined) return { fault: replies.badChunk };
  return understood({ verb: "BDAT", size: Number(size), last: last !== undefined });
}

function parseAuth(text: string): Parsed {
  const [, mechanism, initial] = AUTH.exec(text) ?? [];
  if (mechanism === undefined) return badArguments;
  return understood({ verb: "AUTH", mechanism, initial: initial ?? null });
}

function parseXclientCommand(text: string): Parsed {
  const facts = parseXclient(text);
  return facts === null ? badArguments : understood({ verb: "XCLIENT", facts });
}
