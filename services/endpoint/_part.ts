import { Fault } from "./_fault.ts";

/** JSON Schema, as much of it as endpoints need. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * A kind of value within an endpoint: a port, a path, a list of ALPN protocols. Both forms are read by it,
 * so that a rule is written once. Faults say what the value must be; the caller prepends its name.
 */
export interface Part<T> {
  /** Reads what stands in an endpoint string, escapes removed. */
  parse(text: string): T;
  /** Reads what stands in a mapping. */
  fromValue(value: unknown): T;
  /** The inverse of `parse`. */
  format(value: T): string;
  /** What a mapping may have. */
  readonly schema: JsonSchema;
  /**
   * The value may be an IPv6 address, whose colons need no escapes: fields without `=` that follow belong
   * to it.
   */
  readonly colons?: boolean;
}

/** A part and what it is when the endpoint does not say; `fallback` absent: it must be given. */
export interface Slot<T> {
  readonly part: Part<T>;
  readonly fallback?: { readonly value: T };
}

/** A value that every endpoint of its scheme must give. */
export function required<T>(part: Part<T>): Slot<T> {
  return { part };
}

/** A value with a default. */
export function optional<T>(part: Part<T>, value: T): Slot<T> {
  return { part, fallback: { value } };
}

/** A value that may be absent. */
export function maybe<T>(part: Part<T>): Slot<T | undefined> {
  return { part, fallback: { value: undefined } };
}

/** A part that a mapping gives as a string. */
export function textPart<T>(part: Omit<Part<T>, "fromValue">): Part<T> {
  return {
    ...part,
    fromValue: (value) => {
      if (typeof value !== "string") throw new Fault("must be a string");
      return part.parse(value);
    },
  };
}
