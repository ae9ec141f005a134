/**
 * Sends a line to an echo server, prints what comes back, and ends. Run it with
 *
 *     deno run --allow-net examples/echo/client.ts [ENDPOINT]
 *
 * ENDPOINT is the server's, by default `tcp:127.0.0.1:7007`.
 */
import { type ConnectionClosed, DenoReactor, TextLineReceiver } from "@heddle/heddle";

class EchoClient extends TextLineReceiver {
  readonly closed: PromiseWithResolvers<ConnectionClosed> = Promise.withResolvers();

  override connectionMade(): void {
    this.sendLine("Hello, world");
  }

  override textReceived(line: string): void {
    console.log(`The server said: ${line}`);
    this.transport.loseConnection();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.closed.resolve(reason);
  }
}

await using reactor = new DenoReactor({ log: console });
const client = await reactor.connect(Deno.args[0] ?? "tcp:127.0.0.1:7007", () => new EchoClient());
const reason = await client.closed.promise;
console.log(reason.message);
