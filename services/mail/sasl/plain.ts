import type { Users } from "../users.ts";
import { challenge, malformed, outcome, type SaslExchange, type SaslStep, textOf } from "./exchange.ts";

/** PLAIN (RFC 4616): name and password in one message. A user can log in only as themself. */
export class PlainExchange implements SaslExchange {
  readonly #users: Users;

  /** One login. */
  constructor(users: Users) {
    this.#users = users;
  }

  /** See {@linkcode SaslExchange.next}. */
  async next(response: Uint8Array | null): Promise<SaslStep> {
    if (response === null) return challenge("");
    const parts = textOf(response)?.split("\0");
    if (parts === undefined || parts.length !== 3) return malformed;
    const [authorize, name, password] = parts as [string, string, string];
    if (name === "") return malformed;
    const user = await this.#users.verify(name, password);
    return outcome(user !== null && (authorize === "" || this.#users.find(authorize) === user) ? user : null);
  }
}
