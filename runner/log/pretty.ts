import { printable } from "./_printable.ts";
import type { LogLevel } from "./options.ts";
import { type PlainValue, plainValue } from "./plain_value.ts";
import type { LogFormatter, LogRecord } from "./record.ts";

/** Paints `text` for a terminal, or leaves it as it is. */
export type Paint = (text: string) => string;

/** What a pretty line paints. */
export interface Palette {
  readonly level: Readonly<Record<LogLevel, Paint>>;
  readonly service: Paint;
  /** Times, field names, stacks: what steps back. */
  readonly dim: Paint;
}

const SERVICE_WIDTH = 12;
const MESSAGE_WIDTH = 32;
/** Lines of one stack that are shown. */
const MAX_FRAMES = 50;

function ansi(open: number, close: number): Paint {
  return (text) => `\x1b[${open}m${text}\x1b[${close}m`;
}

function unpainted(text: string): string {
  return text;
}

/** The colours of a terminal. */
export const COLOURS: Palette = {
  level: { debug: ansi(90, 39), info: ansi(32, 39), warn: ansi(33, 39), error: ansi(31, 39) },
  service: ansi(36, 39),
  dim: ansi(90, 39),
};

/** No colours: NO_COLOR is set, or it is not a terminal. */
export const PLAIN: Palette = {
  level: { debug: unpainted, info: unpainted, warn: unpainted, error: unpainted },
  service: unpainted,
  dim: unpainted,
};

/**
 * For eyes: `12:03:04.123 INFO  web          Listening                        endpoint=tcp:127.0.0.1:7007`,
 * local time, columns aligned; the stacks of errors follow, indented.
 */
export function prettyFormatter(palette: Palette): LogFormatter {
  return (record) => {
    const fields = Object.entries(record.fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => {
        const plain = plainValue(value);
        return { key, plain, isError: value instanceof Error || isPlainError(plain) };
      });
    const inline = fields.map(({ key, plain, isError }) =>
      palette.dim(`${printable(key)}=`) + quoteIfNeeded(isError ? headline(plain) : inlineText(plain))
    );
    const message = printable(record.message);
    const line = [
      palette.dim(timeOfDay(record)),
      palette.level[record.level](record.level.toUpperCase().padEnd(5)),
      palette.service(printable(record.service).padEnd(SERVICE_WIDTH)),
      inline.length === 0 ? message : message.padEnd(MESSAGE_WIDTH),
      ...inline,
    ].join(" ");
    const stacks = fields.flatMap(({ plain, isError }) => isError ? stackLines(plain) : []);
    return [line, ...stacks.map((text) => palette.dim(`    ${printable(text)}`)), ""].join("\n");
  };
}

function timeOfDay({ time }: LogRecord): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

function inlineText(value: PlainValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function quoteIfNeeded(text: string): string {
  const shown = printable(text);
  return /^[^\s"=]+$/.test(shown) ? shown : `"${shown.replaceAll('"', '\\"')}"`;
}

/** An error that was made plain before: it comes from a log that is shown elsewhere. */
function isPlainError(value: PlainValue): boolean {
  const { message, stack } = asMembers(value);
  return typeof message === "string" && typeof stack === "string";
}

/** Name and message of an error that was made plain. */
function headline(error: PlainValue): string {
  const { name, message } = asMembers(error);
  return [name, message].filter((part) => typeof part === "string" && part !== "").join(": ");
}

/** The stack of an error and of its causes. */
function stackLines(error: PlainValue, heading = ""): string[] {
  const { stack, cause } = asMembers(error);
  const [, ...frames] = typeof stack === "string" ? stack.split("\n", MAX_FRAMES) : [];
  const own = [...(heading === "" ? [] : [heading]), ...frames.map((frame) => frame.trim())];
  return cause === undefined
    ? own
    : [...own, ...stackLines(cause, `caused by ${headline(cause) || inlineText(cause)}`)];
}

function asMembers(value: PlainValue): Partial<Record<string, PlainValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Partial<Record<string, PlainValue>>
    : {};
}
