import { didYouMean } from "../text/closest.ts";
import { quote } from "../text/quote.ts";
import { Fault } from "./_fault.ts";
import { type Field, splitFields } from "./_fields.ts";
import type { Mapping } from "./_grammar.ts";
import type { Scheme } from "./_scheme.ts";

/** The schemes that one kind of endpoint may have. */
export interface Schemes<E> {
  readonly byName: ReadonlyMap<string, Scheme<E>>;
  /** Why a scheme that exists is not among them. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

/** A table of schemes. */
export function schemes<E>(
  all: readonly Scheme<E>[],
  elsewhere: Readonly<Record<string, string>>,
): Schemes<E> {
  return { byName: new Map(all.map((one) => [one.name, one])), elsewhere };
}

const LONGEST_TEXT = 4096;
// What is no word was not meant as a scheme: "8080", "127.0.0.1:80", "/run/x.sock".
const SCHEME_NAME = /^[A-Za-z]+$/;

/** Reads an endpoint string. Throws a fault. */
export function readText<E>(text: string, among: Schemes<E>): E {
  if (text.length > LONGEST_TEXT) throw new Fault(`it must be at most ${LONGEST_TEXT} characters`);
  return readFields(splitFields(text), among);
}

/** Reads the fields of an endpoint string, of which the first is the scheme. Throws a fault. */
export function readFields<E>(fields: readonly Field[], among: Schemes<E>): E {
  const [first, ...rest] = fields;
  if (first === undefined || first.key !== undefined || !SCHEME_NAME.test(first.value)) {
    throw new Fault(`it must begin with a scheme: ${listOf(among)}`);
  }
  return find(first.value, among).fromFields(rest);
}

/** Reads the mapping form: one key is a scheme, the others are keywords. Throws a fault. */
export function readMapping<E>(value: unknown, among: Schemes<E>): E {
  const mapping = asMapping(value, among);
  const keys = Object.keys(mapping);
  const named = keys.filter((key) => among.byName.has(key));
  // Without one, the first key is what should have been it.
  const [name = keys[0], second] = named;
  if (name === undefined) throw new Fault(`one key must be a scheme: ${listOf(among)}`);
  if (second !== undefined) throw new Fault(`it has two schemes, "${name}" and "${second}"`, [second]);
  const { [name]: own, ...others } = mapping;
  return find(name, among).fromMapping(own, others);
}

function asMapping(value: unknown, among: Schemes<unknown>): Mapping {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Mapping;
  const [first] = among.byName.values();
  throw new Fault(`it must be a string, as in ${quote(first!.example)}, or a mapping`);
}

function find<E>(name: string, among: Schemes<E>): Scheme<E> {
  const found = among.byName.get(name);
  if (found !== undefined) return found;
  if (Object.hasOwn(among.elsewhere, name)) {
    throw new Fault(`"${name}" ${among.elsewhere[name]}, use one of ${listOf(among)}`, [name]);
  }
  const hint = didYouMean(name, among.byName.keys());
  throw new Fault(`unknown scheme ${quote(name)}${hint}, known are ${listOf(among)}`, [name]);
}

function listOf(among: Schemes<unknown>): string {
  return [...among.byName.keys()].join(", ");
}
