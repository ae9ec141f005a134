/**
 * Sends every datagram back to where it came from. Run it with
 *
 *     deno run --allow-net examples/udp/server.ts [ENDPOINT]
 *
 * and talk to it with `nc -u 127.0.0.1 7007`, or with the client beside this file. ENDPOINT is where it
 * receives, by default `udp:127.0.0.1:7007`.
 */
import { DatagramProtocol, DenoReactor, formatAddress, type InetAddress } from "@heddle/heddle";

class Echo extends DatagramProtocol {
  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.transport.write(data, from);
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listenDatagram(Deno.args[0] ?? "udp:127.0.0.1:7007", new Echo());
console.log(`Receiving on ${formatAddress(port.host)}`);
await reactor.run();
