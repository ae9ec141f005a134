import { quote } from "../text/quote.ts";
import { Fault } from "./_fault.ts";
import { escapeValue, type Field } from "./_fields.ts";
import type { Grammar, Mapping, Slots } from "./_grammar.ts";
import type { JsonSchema, Slot } from "./_part.ts";
import { fieldValues, mappingValues, type ReadValues } from "./_reading.ts";

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

type Values<S> = { readonly [Name in keyof S]: S[Name] extends Slot<infer T> ? T : never };

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
    fromFields: (fields) => build(row, fieldValues(row, fields)),
    fromMapping: (value, others) => build(row, mappingValues(row, value, others)),
    format: (endpoint) => format(row, row.values(endpoint)),
    schema: mappingSchema(row),
  };
}

function build<S extends Slots, E>(row: SchemeRow<S, E>, values: ReadValues): E {
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
