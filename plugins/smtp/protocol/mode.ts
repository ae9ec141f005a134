import type { DelayedCall } from "../../../services/async/time.ts";
import type { Reply } from "../reply/reply.ts";
import type { Login } from "./login.ts";
import type { PhaseTimeouts } from "./server.ts";

/** What is done with the octets that arrive. */
export type Mode =
  /** The greeting is held back: there should be none. */
  | { readonly kind: "greeting"; readonly timer: DelayedCall }
  /** They are lines of commands. */
  | { readonly kind: "command" }
  /** They are lines of a login. */
  | { readonly kind: "login"; readonly login: Login }
  /** They are a message. */
  | { readonly kind: "data" }
  /** They are a chunk of a message. */
  | ChunkMode
  /** They are a chunk that nobody wants. */
  | SkipMode
  /** They wait until something is settled. */
  | { readonly kind: "busy" }
  /** They are for TLS. */
  | { readonly kind: "tls" }
  /** They are not looked at any more. */
  | { readonly kind: "closing" };

/** A chunk of BDAT, of which so many octets are still to come. */
export interface ChunkMode {
  readonly kind: "chunk";
  readonly size: number;
  readonly last: boolean;
  left: number;
}

/** A chunk that is refused once it has come. */
export interface SkipMode {
  readonly kind: "skip";
  readonly reply: Reply;
  left: number;
}

export const command: Mode = { kind: "command" };
export const data: Mode = { kind: "data" };
export const busy: Mode = { kind: "busy" };
export const tls: Mode = { kind: "tls" };
export const closing: Mode = { kind: "closing" };

/** How long a client may take in each mode; null: not at all long, since it has been told goodbye. */
export const phases: Readonly<Record<Mode["kind"], keyof PhaseTimeouts | null>> = {
  greeting: "command",
  command: "command",
  login: "command",
  busy: "command",
  data: "data",
  chunk: "data",
  skip: "data",
  tls: "tls",
  closing: null,
};
