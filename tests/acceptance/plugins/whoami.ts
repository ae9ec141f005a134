import { definePlugin, formatAddress, type Plugin, Protocol } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

/** Tells each client its address. */
class Whoami extends Protocol {
  override connectionMade(): void {
    this.transport.write(new TextEncoder().encode(`${formatAddress(this.transport.peer)}\n`));
    this.transport.loseConnection();
  }
}

const options = z.strictObject({ listen: endpoint() });

export default definePlugin({
  name: "whoami",
  options,
  makeService: ({ listen }) => ({ start: (ctx) => ctx.reactor.listen(listen, () => new Whoami()) }),
}) as Plugin<typeof options>;
