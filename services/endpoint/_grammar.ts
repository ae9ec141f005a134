import type { Slot } from "./_part.ts";

/** Values that the endpoints of a scheme have, by name. */
export type Slots = { readonly [name: string]: Slot<unknown> };

/** What a scheme's endpoints consist of. */
export interface Grammar<S extends Slots = Slots> {
  readonly name: string;
  readonly example: string;
  /** Which values may stand without their names, and in which order: one list for each count of them. */
  readonly positionals: readonly (readonly string[])[];
  /** All values, by name: each may be given as a keyword. */
  readonly slots: S;
}

/** A mapping of YAML or JSON. */
export type Mapping = { readonly [key: string]: unknown };
