import { didYouMean } from "../text/closest.ts";
import { quote } from "../text/quote.ts";
import { Fault, within } from "./_fault.ts";
import { type Field, splitFields } from "./_fields.ts";
import type { Grammar, Mapping } from "./_grammar.ts";
import type { Slot } from "./_part.ts";

/** Values by name, each read by its slot's part; what was not given is absent. */
export type ReadValues = ReadonlyMap<string, unknown>;

/** Gathers values, each once. */
class Reading {
  readonly values = new Map<string, unknown>();
  readonly #grammar: Grammar;

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  slot(name: string): Slot<unknown> {
    const { slots, name: scheme } = this.#grammar;
    if (Object.hasOwn(slots, name)) return slots[name]!;
    const known = Object.keys(slots);
    const takes = known.length === 0 ? "none" : known.join(", ");
    const escape = /^\w+$/.test(name) ? "" : `; write "\\=" for an equals sign within a value`;
    throw new Fault(
      `unknown keyword ${quote(name)}${didYouMean(name, known)}, "${scheme}" takes ${takes}${escape}`,
      [name],
    );
  }

  /** `key` is where a mapping has the value. */
  set(name: string, key: string, read: (slot: Slot<unknown>) => unknown): void {
    const slot = this.slot(name);
    if (this.values.has(name)) throw new Fault(`${name} is given twice`, [key]);
    this.values.set(name, within(key, `${name} `, () => read(slot)));
  }

  /** Values without names. */
  setPositionals(texts: readonly string[]): void {
    const { name: scheme } = this.#grammar;
    for (const [index, name] of this.form(texts.length).entries()) {
      this.set(name, scheme, ({ part }) => part.parse(texts[index]!));
    }
  }

  form(count: number): readonly string[] {
    const { name: scheme, positionals, slots } = this.#grammar;
    if (count === 0) return [];
    const form = positionals.find(({ length }) => length === count);
    if (form !== undefined) return form;
    const forms = positionals.map((names) => quote(`${scheme}:${names.join(":")}`)).join(" or ");
    const brackets = Object.values(slots).some(({ part }) => part.colons);
    throw new Fault(`expected ${forms}${brackets ? ", an IPv6 address in brackets" : ""}`, [scheme]);
  }
}

/** Reads the fields of a string, without the scheme's name. */
export function fieldValues(grammar: Grammar, fields: readonly Field[]): ReadValues {
  const reading = new Reading(grammar);
  const { positionals, keywords } = sortFields(fields, (name) => reading.slot(name).part.colons ?? false);
  // "stdio:" has one field, and it is empty.
  reading.setPositionals(positionals.length === 1 && positionals[0] === "" ? [] : positionals);
  for (const [name, text] of keywords) reading.set(name, name, ({ part }) => part.parse(text));
  return reading.values;
}

/** Positionals come first; after a keyword, a field without `=` can only be the rest of an IPv6 address. */
function sortFields(
  fields: readonly Field[],
  mayHaveColons: (keyword: string) => boolean,
): { positionals: string[]; keywords: [name: string, text: string][] } {
  const positionals: string[] = [];
  const keywords: [string, string][] = [];
  for (const { key, value } of fields) {
    const last = keywords.at(-1);
    if (key !== undefined) {
      keywords.push([key, value]);
    } else if (last === undefined) {
      positionals.push(value);
    } else if (mayHaveColons(last[0])) {
      last[1] += `:${value}`;
    } else {
      throw new Fault(
        `${quote(value)} after a keyword must be a keyword too; write "\\:" for a colon within a value`,
      );
    }
  }
  return { positionals, keywords };
}

/** Reads a mapping: what its scheme's key has, and the other entries. */
export function mappingValues(grammar: Grammar, value: unknown, others: Mapping): ReadValues {
  const reading = new Reading(grammar);
  if (typeof value === "string" && grammar.positionals.some(({ length }) => length > 1)) {
    reading.setPositionals(splitPositionals(grammar.name, value));
  } else if (value !== null && value !== undefined) {
    const [name] = reading.form(1);
    reading.set(name!, grammar.name, ({ part }) => part.fromValue(value));
  }
  for (const [name, other] of Object.entries(others)) {
    reading.set(name, name, ({ part }) => part.fromValue(other));
  }
  return reading.values;
}

function splitPositionals(scheme: string, text: string): string[] {
  const fields = within(scheme, "", () => splitFields(text));
  const keyword = fields.find(({ key }) => key !== undefined);
  if (keyword !== undefined) {
    throw new Fault(`write ${keyword.key} as a key of the mapping`, [scheme]);
  }
  return fields.map(({ value }) => value);
}
