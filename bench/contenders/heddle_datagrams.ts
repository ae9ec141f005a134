// UDP echo as a Heddle protocol: `keep`, as any protocol is, or `lend`, one that borrows what it is given.
import { DatagramProtocol, DenoReactor, type InetAddress } from "../../mod.ts";

const lend = Deno.args[0] === "lend";

class Echo extends DatagramProtocol {
  override readonly borrowsData: boolean = lend;

  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.transport.write(data, from);
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listenDatagram("udp:0:interface=127.0.0.1", new Echo());
console.log(`ready ${port.host.port}`);
await reactor.run();
