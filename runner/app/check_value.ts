import { quote } from "../../services/text/quote.ts";
import { MAX_DEPTH, TOO_DEEP } from "./parse_yaml.ts";
import type { Path } from "./path.ts";

/** Most values that one file may stand for, each use of an alias counted anew. */
export const MAX_VALUES = 100_000;

/** What is wrong with a parsed value, and where. */
export interface ValueFault {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  /** The value is too large or too deep to be looked at any further. */
  readonly hostile?: "values" | "depth";
}

/**
 * Faults of a value that YAML allows and an application file does not: what is more than text, numbers,
 * booleans, null, mappings and sequences; keys that are dangerous in JavaScript; what is too deep, or grows
 * out of bounds through its aliases. After a hostile one, which is the last, the value must not be walked.
 */
export function checkValue(root: unknown): ValueFault[] {
  const faults: ValueFault[] = [];
  const path: (string | number)[] = [];
  let values = 0;

  function fault(message: string, at: ValueFault["at"] = "value", hostile?: "values" | "depth"): void {
    faults.push({ path: [...path], at, message, ...(hostile && { hostile }) });
  }

  /** False: stop. */
  function visit(value: unknown): boolean {
    if (++values > MAX_VALUES) {
      fault(`Cannot hold more than ${MAX_VALUES} values, with each alias expanded`, "value", "values");
      return false;
    }
    if (typeof value !== "object" || value === null) return true;
    if (path.length >= MAX_DEPTH) {
      fault(TOO_DEEP, "value", "depth");
      return false;
    }
    if (Array.isArray(value)) return value.every((item, index) => visitAt(index, item));
    const foreign = describeForeign(value);
    if (foreign !== undefined) {
      fault(foreign);
      return true;
    }
    return Object.entries(value).every(([key, item]) => visitAt(key, item));
  }

  function visitAt(step: string | number, value: unknown): boolean {
    path.push(step);
    if (FORBIDDEN_KEYS.has(step)) fault(`Cannot use ${quote(String(step))} as a key`, "key");
    const goOn = visit(value);
    path.pop();
    return goOn;
  }

  visit(root);
  return faults;
}

// The second is what the parser makes of a mapping that is used as a key.
const FORBIDDEN_KEYS = new Set<string | number>(["__proto__", "[object Object]"]);

function describeForeign(value: object): string | undefined {
  if (value instanceof Date) {
    const text = value.toISOString().replace(/T00:00:00\.000Z$/, "");
    return `Cannot use a timestamp here: write "${text}" in quotes`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return "Cannot use a YAML tag here: only text, numbers, booleans, null, mappings and sequences are allowed";
  }
  return undefined;
}
