import type { DelayedCall } from "../../../services/async/time.ts";
import type { CommonMode } from "../../../services/mail/dialogue/dialogue.ts";
import type { LineExchange } from "../../../services/mail/sasl/line_exchange.ts";
import type { Reply } from "../reply/reply.ts";
import type { PhaseTimeouts } from "./server.ts";

/** What is done with the octets that arrive, besides what every dialogue does. */
export type SmtpMode =
  /** The greeting is held back: there should be none. */
  | { readonly kind: "greeting"; readonly timer: DelayedCall }
  /** They are lines of a login. */
  | { readonly kind: "login"; readonly login: LineExchange }
  /** They are a message. */
  | { readonly kind: "data" }
  /** They are a chunk of a message. */
  | ChunkMode
  /** They are a chunk that nobody wants. */
  | SkipMode;

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

export const data: SmtpMode = { kind: "data" };

/** How long a client may take in each mode; null: not at all long, since it has been told goodbye. */
export const phases: Readonly<Record<(SmtpMode | CommonMode)["kind"], keyof PhaseTimeouts | null>> = {
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
