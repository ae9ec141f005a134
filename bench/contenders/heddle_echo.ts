// TCP echo as a Heddle protocol: `keep`, as any protocol is, or `lend`, one that borrows what it is given.
import { DenoReactor, Protocol } from "../../mod.ts";

const lend = Deno.args[0] === "lend";

class Echo extends Protocol {
  override readonly borrowsData: boolean = lend;

  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listen("tcp:127.0.0.1:0", () => new Echo());
if (port.host.transport === "tcp") console.log(`ready ${port.host.port}`);
await reactor.run();
