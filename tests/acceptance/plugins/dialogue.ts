import { definePlugin, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

/** Has work under way from "begin" to "end", and on a drain finishes that first. */
class Dialogue extends TextLineReceiver {
  #busy = false;
  #draining = false;

  override textReceived(line: string): void {
    this.#busy = line === "begin";
    this.sendLine(this.#busy ? "begun" : "done");
    if (this.#draining) this.drainRequested();
  }

  override drainRequested(): void {
    this.#draining = true;
    if (this.#busy) this.sendLine("finish, please");
    else super.drainRequested();
  }
}

const options = z.strictObject({ listen: endpoint() });

export default definePlugin({
  name: "dialogue",
  options,
  makeService: ({ listen }) => ({ start: (ctx) => ctx.reactor.listen(listen, () => new Dialogue()) }),
}) as Plugin<typeof options>;
