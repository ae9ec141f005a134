/**
 * Sends a datagram to an echo server until it comes back: a network may lose datagrams. Run it with
 *
 *     deno run --allow-net examples/udp/client.ts [PORT]
 */
import { DatagramProtocol, DenoReactor, LoopingCall } from "@heddle/heddle";

class Ping extends DatagramProtocol {
  readonly answered: PromiseWithResolvers<string> = Promise.withResolvers();
  readonly #port: number;

  constructor(port: number) {
    super();
    this.#port = port;
  }

  send(): void {
    this.transport.write(new TextEncoder().encode("ping"), { hostname: "127.0.0.1", port: this.#port });
  }

  override datagramReceived(data: Uint8Array): void {
    this.answered.resolve(new TextDecoder().decode(data));
  }
}

await using reactor = new DenoReactor({ log: console });
const ping = new Ping(Number(Deno.args[0] ?? "7007"));
await reactor.listenDatagram("udp:127.0.0.1:0", ping);
const sending = new LoopingCall(reactor, () => ping.send());
sending.start(1_000);
console.log(`The server said: ${await ping.answered.promise}`);
sending.stop();
