import { didYouMean } from "../text/closest.ts";
import { quote } from "../text/quote.ts";
import { timesDecimal } from "./_decimal.ts";

/** A duration that cannot be read: `Cannot parse duration "10x": unknown unit "x", known are ...`. */
export class DurationError extends Error {
  /** Always `"DurationError"`. */
  override readonly name = "DurationError";
}

/** Milliseconds, from the longest to the shortest: the order in which they are written. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/** A hundred years: beyond it, nobody meant what they wrote. */
const LONGEST = 36_500 * 86_400_000;
const LONGEST_TEXT = 64;
const TERM = /([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)/y;

/**
 * Reads a duration: numbers with a unit, the longest first, as in `500ms`, `10s`, `1.5h`, `1h30m`, `2d`.
 * Units are `d`, `h`, `m`, `s` and `ms`. Only 0 goes without one: 10 could be seconds or milliseconds.
 *
 * @returns whole milliseconds
 * @throws {DurationError} `Cannot parse duration "10": add a unit, as in "10s" or "500ms"`
 *
 * @example
 * ```ts
 * import { parseDuration } from "@heddle/heddle";
 *
 * parseDuration("1h30m"); // 5_400_000
 * ```
 */
export function parseDuration(value: string | number): number {
  if (value === 0 || value === "0") return 0;
  if (typeof value === "number") throw fault(String(value), value > 0 ? ADD_UNIT : EXPECTED);
  const fail = (reason: string) => fault(quote(value), reason);
  if (value === "" || value.length > LONGEST_TEXT) throw fail(EXPECTED);

  let total = 0;
  let previous = Infinity;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < value.length) {
    const [, number, unit] = TERM.exec(value) ?? [];
    if (number === undefined || unit === undefined) throw fail(EXPECTED);
    if (unit === "") throw fail(number === value ? ADD_UNIT : EXPECTED);
    const factor = UNITS.get(unit);
    if (factor === undefined) throw fail(unknownUnit(unit));
    if (factor >= previous) throw fail("units must go from the longest to the shortest, each once");
    const term = timesDecimal(number, factor);
    if (term === null) throw fail(BOUNDS);
    total += term;
    previous = factor;
  }
  if (total > LONGEST) throw fail(BOUNDS);
  return total;
}

const EXPECTED = `it must be numbers with units, as in "10s" or "1h30m"`;
const BOUNDS = "it must be whole milliseconds, at most 36500d";
const ADD_UNIT = `add a unit, as in "10s" or "500ms"`;

function unknownUnit(unit: string): string {
  return `unknown unit ${quote(unit)}${didYouMean(unit, UNITS.keys())}, known are ${
    [...UNITS.keys()].join(", ")
  }`;
}

function fault(shown: string, reason: string): DurationError {
  return new DurationError(`Cannot parse duration ${shown}: ${reason}`);
}

/**
 * The text of a duration, from which `parseDuration` reads it again: `1h30m`, `500ms`, `0s`. What is finer
 * than a millisecond is rounded.
 *
 * @throws {RangeError} for what is no duration: a negative number, an infinite one, NaN
 */
export function formatDuration(ms: number): string {
  if (!(ms >= 0 && ms < Infinity)) {
    throw new RangeError(`Cannot format duration ${ms}: it must be 0 or more, and finite`);
  }
  let left = Math.round(ms);
  if (left === 0) return "0s";
  let text = "";
  for (const [unit, factor] of UNITS) {
    const count = Math.floor(left / factor);
    if (count > 0) text += `${count}${unit}`;
    left -= count * factor;
  }
  return text;
}
