import type { Token } from "../../services/context.ts";
import { applicationControl } from "../../services/control/application_control.ts";

/** What a service can be granted by name, in the application file. */
export const GRANT_NAMES = ["control"] as const;

/** A name under `grants`. */
export type Grant = typeof GRANT_NAMES[number];

/** The grant by which each of these tokens is got. */
const GRANT_OF: ReadonlyMap<string, Grant> = new Map([[applicationControl.id, "control"]]);

/** The grant that a service must have to get `token`; undefined: none. */
export function grantFor(token: Token<unknown>): Grant | undefined {
  return GRANT_OF.get(token.id);
}
