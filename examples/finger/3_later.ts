/**
 * Finger, third step: an answer that takes time. Who looks users up is a function that returns a promise; it may
 * fail, and the one who asked may have left meanwhile. Run it with
 *
 *     deno run --allow-net --allow-read examples/finger/3_later.ts [ENDPOINT]
 *
 * then: `echo root | nc 127.0.0.1 7079`. It tells what this machine knows of its users.
 */
import { DenoReactor, formatAddress, TextLineReceiver } from "@heddle/heddle";

type GetUser = (user: string) => Promise<string | undefined>;

class Finger extends TextLineReceiver {
  readonly #getUser: GetUser;

  constructor(getUser: GetUser) {
    super();
    this.#getUser = getUser;
  }

  override textReceived(user: string): void {
    this.transport.pauseProducing(); // one question is all that we answer
    void this.#answer(user.trim());
  }

  async #answer(user: string): Promise<void> {
    try {
      this.sendLine(await this.#getUser(user) ?? "No such user");
    } catch (error) {
      console.error(error);
      this.sendLine("Internal error");
    }
    this.transport.loseConnection(); // does nothing when the connection is over
  }
}

async function realNameOf(user: string): Promise<string | undefined> {
  const accounts = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) => line.split(":"));
  return accounts.find(([name]) => name === user)?.[4];
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7079", () => new Finger(realNameOf));
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
