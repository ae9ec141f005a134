import { decodeBase64, encodeBase64 } from "../../../services/mail/base64.ts";
import type { SaslExchange } from "../../../services/mail/sasl/exchange.ts";
import * as replies from "../reply/replies.ts";
import { plainReply, type Reply } from "../reply/reply.ts";
import { decodeLine } from "../command/parse_command.ts";

/** Octets of a response (RFC 4954, section 4). */
export const LONGEST_RESPONSE = 12_288;

/** What comes of a client's response: another question, a user, or a refusal. */
export type LoginStep =
  | { readonly kind: "challenge"; readonly reply: Reply }
  | { readonly kind: "success"; readonly user: string }
  | { readonly kind: "failure"; readonly reply: Reply };

/** A login by AUTH (RFC 4954): a SASL exchange in lines of base64. */
export class Login {
  readonly #exchange: SaslExchange;

  /** Of a mechanism that was chosen. */
  constructor(exchange: SaslExchange) {
    this.#exchange = exchange;
  }

  /** Begin, with the initial response if AUTH had one; `=` is an empty one. */
  start(initial: string | null): Promise<LoginStep> {
    if (initial === null) return this.#next(null);
    return this.#answer(initial === "=" ? "" : initial);
  }

  /** The client's response, as a line. */
  receive(line: Uint8Array): Promise<LoginStep> {
    const text = decodeLine(line);
    if (text === "*") return Promise.resolve({ kind: "failure", reply: replies.cancelled });
    return this.#answer(text ?? "*");
  }

  #answer(text: string): Promise<LoginStep> {
    const response = decodeBase64(text);
    if (response === null) return Promise.resolve({ kind: "failure", reply: replies.badBase64 });
    return this.#next(response);
  }

  async #next(response: Uint8Array | null): Promise<LoginStep> {
    const step = await this.#exchange.next(response);
    switch (step.kind) {
      case "challenge":
        return { kind: "challenge", reply: plainReply(334, encodeBase64(step.data)) };
      case "success":
        return { kind: "success", user: step.user.name };
      case "failure":
        return {
          kind: "failure",
          reply: step.reason === "malformed" ? replies.badBase64 : replies.wrongCredentials,
        };
    }
  }
}
