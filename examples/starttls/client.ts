/**
 * A client of the server beside this file: says something in the clear, switches to TLS, says it again. Run it
 * with
 *
 *     deno run --allow-net --allow-read examples/starttls/client.ts certificates [ENDPOINT]
 */
import { type ConnectionClosed, DenoReactor, TextLineReceiver } from "@heddle/heddle";

class Client extends TextLineReceiver {
  readonly closed: PromiseWithResolvers<ConnectionClosed> = Promise.withResolvers();
  #answered: (line: string) => void = () => {};

  /** Send a line, and wait for the answer. */
  ask(line: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#answered = resolve;
    this.sendLine(line);
    return promise;
  }

  override textReceived(line: string): void {
    this.#answered(line);
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.closed.resolve(reason);
  }
}

const [folder = "certificates", endpoint = "tcp:127.0.0.1:7025"] = Deno.args;
await using reactor = new DenoReactor({ log: console });
const client = await reactor.connect(endpoint, () => new Client());
console.log(await client.ask("hello"));
console.log(await client.ask("STARTTLS"));
await client.transport.startTLS({ authorities: `${folder}/authority.pem`, serverName: "localhost" });
console.log(await client.ask("hello"));
client.transport.loseConnection();
await client.closed.promise;
