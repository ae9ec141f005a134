import { didYouMean } from "../text/closest.ts";
import { quote } from "../text/quote.ts";
import { timesDecimal } from "./_decimal.ts";

/** A size that cannot be read: `Cannot parse size "10M": unknown unit "M" (did you mean "MB"?), ...`. */
export class SizeError extends Error {
  /** Always `"SizeError"`. */
  override readonly name = "SizeError";
}

/** Bytes: the powers of 1024 (IEC 80000-13), then those of 1000, the largest first. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["TiB", 1024 ** 4],
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
  ["TB", 1000 ** 4],
  ["GB", 1000 ** 3],
  ["MB", 1000 ** 2],
  ["kB", 1000],
  ["B", 1],
]);

const LONGEST_TEXT = 64;
const SIZE = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$/;

/**
 * Reads a size: `64KiB`, `10MB`, `1.5GiB`, `512B`; without a unit, bytes. `KiB`, `MiB`, `GiB`, `TiB` are
 * powers of 1024, `kB`, `MB`, `GB`, `TB` of 1000, as the standard has it; `KB` is taken for `kB`.
 *
 * @returns whole bytes
 * @throws {SizeError} `Cannot parse size "64k": unknown unit "k" ...`
 *
 * @example
 * ```ts
 * import { parseSize } from "@heddle/heddle";
 *
 * parseSize("64KiB"); // 65_536
 * ```
 */
export function parseSize(value: string | number): number {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw fault(String(value), EXPECTED);
  }
  const fail = (reason: string) => fault(quote(value), reason);
  const [, number, unit] = value.length > LONGEST_TEXT ? [] : SIZE.exec(value) ?? [];
  if (number === undefined || unit === undefined) throw fail(EXPECTED);
  const factor = unit === "" ? 1 : UNITS.get(unit === "KB" ? "kB" : unit);
  if (factor === undefined) throw fail(unknownUnit(unit));
  const bytes = timesDecimal(number, factor);
  if (bytes === null) throw fail(`it must be whole bytes, at most ${Number.MAX_SAFE_INTEGER}`);
  return bytes;
}

const EXPECTED = `it must be a number of bytes or have a unit, as in "64KiB" or "10MB"`;

function unknownUnit(unit: string): string {
  return `unknown unit ${quote(unit)}${didYouMean(unit, UNITS.keys())}, known are ${
    [...UNITS.keys()].join(", ")
  }`;
}

function fault(shown: string, reason: string): SizeError {
  return new SizeError(`Cannot parse size ${shown}: ${reason}`);
}

/**
 * The shortest text of exactly so many bytes, from which `parseSize` reads them again: `64KiB`, `10MB`,
 * `1500B`.
 *
 * @throws {RangeError} for what is not a whole number of bytes
 */
export function formatSize(bytes: number): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new RangeError(`Cannot format size ${bytes}: it must be a whole number of bytes`);
  }
  if (bytes === 0) return "0B";
  const exact = [...UNITS].filter(([, factor]) => bytes % factor === 0);
  const [unit, factor] = exact.reduce((best, other) => other[1] > best[1] ? other : best);
  return `${bytes / factor}${unit}`;
}
