import { quote } from "../../services/text/quote.ts";

/** Where something is in a YAML document: keys of mappings and indexes of sequences, from the root. */
export type Path = readonly (string | number)[];

/** `services.web.needs[0]`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (PLAIN_KEY.test(step) ? step : quote(step));
  }
  return text;
}

const PLAIN_KEY = /^[\w-]{1,100}$/;

/** The value at `path`, or undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** Does `path` lead to `prefix` or into it? */
export function isWithin(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((step, i) => step === path[i]);
}
