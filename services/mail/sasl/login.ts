import type { Users } from "../users.ts";
import { challenge, malformed, outcome, type SaslExchange, type SaslStep, textOf } from "./exchange.ts";

/** LOGIN (draft-murchison-sasl-login): never a standard, and all that some clients know. */
export class LoginExchange implements SaslExchange {
  readonly #users: Users;
  #name: string | null = null;

  /** One login. */
  constructor(users: Users) {
    this.#users = users;
  }

  /** See {@linkcode SaslExchange.next}. */
  async next(response: Uint8Array | null): Promise<SaslStep> {
    if (response === null) return challenge("Username:");
    const text = textOf(response);
    if (text === null) return malformed;
    if (this.#name !== null) return outcome(await this.#users.verify(this.#name, text));
    if (text === "") return malformed;
    this.#name = text;
    return challenge("Password:");
  }
}
