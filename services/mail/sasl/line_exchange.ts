import { decodeBase64, encodeBase64 } from "../../auth/base64.ts";
import type { User } from "../users.ts";
import type { SaslExchange } from "./exchange.ts";

/** Octets of a response, as a line (RFC 4954, section 4; RFC 5034, section 4). */
export const LONGEST_RESPONSE = 12_288;

/** What comes of a client's response. */
export type LineStep =
  /** Another question: a line of base64. */
  | { readonly kind: "challenge"; readonly text: string }
  /** Logged in. */
  | { readonly kind: "success"; readonly user: User }
  /** The client has given up, makes no sense, or has a wrong name or password. */
  | { readonly kind: "failure"; readonly reason: "cancelled" | "malformed" | "credentials" };

const cancelled: LineStep = { kind: "failure", reason: "cancelled" };
const malformed: LineStep = { kind: "failure", reason: "malformed" };

/** A SASL exchange in lines of base64, as SMTP (RFC 4954) and POP3 (RFC 5034) frame it. */
export class LineExchange {
  readonly #exchange: SaslExchange;

  /** Of a mechanism that was chosen. */
  constructor(exchange: SaslExchange) {
    this.#exchange = exchange;
  }

  /** Begin, with the initial response if AUTH had one; `=` is an empty one. */
  start(initial: string | null): Promise<LineStep> {
    if (initial === null) return this.#next(null);
    return this.#answer(initial === "=" ? "" : initial);
  }

  /** The client's response, as a line. */
  receive(line: Uint8Array): Promise<LineStep> {
    const text = latin1.decode(line);
    return text === "*" ? Promise.resolve(cancelled) : this.#answer(text);
  }

  #answer(text: string): Promise<LineStep> {
    const response = decodeBase64(text);
    return response === null ? Promise.resolve(malformed) : this.#next(response);
  }

  async #next(response: Uint8Array | null): Promise<LineStep> {
    const step = await this.#exchange.next(response);
    return step.kind === "challenge" ? { kind: "challenge", text: encodeBase64(step.data) } : step;
  }
}

const latin1 = new TextDecoder("latin1");
