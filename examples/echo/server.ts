/**
 * Sends every byte back. Run it with
 *
 *     deno run --allow-net examples/echo/server.ts [ENDPOINT]
 *
 * and talk to it with `nc 127.0.0.1 7007`, or with the client beside this file. ENDPOINT is where it listens,
 * by default `tcp:127.0.0.1:7007`.
 */
import { DenoReactor, formatAddress, Protocol } from "@heddle/heddle";

class Echo extends Protocol {
  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7007", () => new Echo());
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
