/**
 * Finger, second step: what all conversations share stands in the factory; each protocol is given it. Run it
 * with
 *
 *     deno run --allow-net examples/finger/2_users.ts [ENDPOINT]
 *
 * then: `echo alice | nc 127.0.0.1 7079`.
 */
import { DenoReactor, type Factory, formatAddress, TextLineReceiver } from "@heddle/heddle";

class FingerFactory implements Factory<Finger> {
  readonly #users: ReadonlyMap<string, string>;

  constructor(users: ReadonlyMap<string, string>) {
    this.#users = users;
  }

  buildProtocol(): Finger {
    return new Finger(this);
  }

  getUser(user: string): string {
    return this.#users.get(user) ?? "No such user";
  }
}

class Finger extends TextLineReceiver {
  readonly #factory: FingerFactory;

  constructor(factory: FingerFactory) {
    super();
    this.#factory = factory;
  }

  override textReceived(user: string): void {
    this.sendLine(this.#factory.getUser(user.trim()));
    this.transport.loseConnection();
  }
}

const users = new Map([["alice", "Out for lunch"], ["bob", "In the laboratory"]]);
const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7079", new FingerFactory(users));
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
