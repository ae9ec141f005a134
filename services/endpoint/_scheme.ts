import { didYouMean } from "../text/closest.ts";
import { quote } from "../text/quote.ts";
import { Fault, within } from "./_fault.ts";
import { escapeValue, type Field, splitFields } from "./_fields.ts";
import type { JsonSchema, Slot } from "./_part.ts";

/** How the endpoints of one scheme are read and written. */
export interface Scheme<E> {
  /** What the string begins with, and the mapping's first key. */
  readonly name: string;
  /** A string for messages. */
  readonly example: string;
  /** Reads the fields of a string, without the scheme's name. */
  fromFields(fields: readonly Field[]): E;
  /** Reads a mapping: what its scheme's key has, and the other entries. */
  fromMapping(value: unknown, others: Mapping): E;
  /** The inverse of `fromFields`, with the scheme's name. */
  format(endpoint: E): string;
  /** JSON Schema of the mapping form. */
  readonly schema: JsonSchema;
}

/** A mapping of YAML or JSON. */
export type Mapping = { readonly [key: string]: unknown };

type Slots = { readonly [name: string]: Slot<unknown> };
type Values<S> = { readonly [Name in keyof S]: S[Name] extends Slot<infer T> ? T : never };

/** What a scheme's endpoints consist of. */
interface Grammar<S extends Slots = Slots> {
  readonly name: string;
  readonly example: string;
  /** Which values may stand without their names, and in which order: one list for each count of them. */
  readonly positionals: readonly (readonly string[])[];
  /** All values, by name: each may be given as a keyword. */
  readonly slots: S;
}

/** A row of the table of schemes. */
export interface SchemeRow<S extends Slots, E> extends Grammar<S> {
  readonly positionals: readonly (readonly (keyof S & string)[])[];
  /** Makes the endpoint, or finds a fault in how its values go together. */
  build(values: Values<S>): E;
  /** The inverse of `build`. */
  values(endpoint: E): Values<S>;
}

/** Reads and writes as a row of the table says. */
export function scheme<S extends Slots, E>(row: SchemeRow<S, E>): Scheme<E> {
  const { name, example } = row;
  return {
    name,
    example,
    fromFields: (fields) => build(row, readFields(row, fields)),
    fromMapping: (value, others) => build(row, readMapping(row, value, others)),
    format: (endpoint) => format(row, row.values(endpoint)),
    schema: mappingSchema(row),
  };
}

/** Values as they are read: by name, each once. */
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

function readFields(grammar: Grammar, fields: readonly Field[]): Reading {
  const reading = new Reading(grammar);
  const { positionals, keywords } = sortFields(fields, (name) => reading.slot(name).part.colons ?? false);
  // "stdio:" has one field, and it is empty.
  reading.setPositionals(positionals.length === 1 && positionals[0] === "" ? [] : positionals);
  for (const [name, text] of keywords) reading.set(name, name, ({ part }) => part.parse(text));
  return reading;
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

function readMapping(grammar: Grammar, value: unknown, others: Mapping): Reading {
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
  return reading;
}

function splitPositionals(scheme: string, text: string): string[] {
  const fields = within(scheme, "", () => splitFields(text));
  const keyword = fields.find(({ key }) => key !== undefined);
  if (keyword !== undefined) {
    throw new Fault(`write ${keyword.key} as a key of the mapping`, [scheme]);
  }
  return fields.map(({ value }) => value);
}

function build<S extends Slots, E>(row: SchemeRow<S, E>, { values }: Reading): E {
  const complete = Object.entries(row.slots).map(([name, { fallback }]) => {
    if (values.has(name)) return [name, values.get(name)];
    if (fallback === undefined) throw new Fault(`${name} is missing, as in ${quote(row.example)}`);
    return [name, fallback.value];
  });
  // Each value was read by its own slot's part, which is what `Values` says.
  return row.build(Object.fromEntries(complete) as Values<S>);
}

/** The shortest string: what is at its default is left out, what can do without a name has none. */
function format<S extends Slots, E>(row: SchemeRow<S, E>, values: Values<S>): string {
  const told = Object.keys(row.slots).filter((name) => values[name] !== row.slots[name]!.fallback?.value);
  const form = row.positionals
    .filter((names) => names.every((name) => told.includes(name)))
    .reduce((longest, names) => names.length > longest.length ? names : longest, []);
  const write = (name: string) => {
    const { part } = row.slots[name]!;
    const text = part.format(values[name]);
    return part.colons ? text : escapeValue(text);
  };
  const keywords = told.filter((name) => !form.includes(name)).map((name) => `${name}=${write(name)}`);
  return `${row.name}:${[...form.map(write), ...keywords].join(":")}`;
}

function mappingSchema({ name, slots, positionals }: Grammar): JsonSchema {
  const kinds = positionals.map((names): JsonSchema => {
    if (names.length === 0) return { type: "null" };
    return names.length === 1 ? slots[names[0]!]!.part.schema : { type: "string" };
  });
  // What cannot be left out and needs no name stands under the scheme's own key.
  const keywords = Object.entries(slots).filter(([keyword, { fallback }]) =>
    fallback !== undefined || !positionals.some((names) => names.includes(keyword))
  );
  return {
    type: "object",
    properties: {
      [name]: kinds.length === 1 ? kinds[0]! : { anyOf: kinds },
      ...Object.fromEntries(keywords.map(([keyword, { part }]) => [keyword, part.schema])),
    },
    required: [
      name,
      ...keywords.filter(([, { fallback }]) => fallback === undefined).map(([keyword]) => keyword),
    ],
    additionalProperties: false,
  };
}
