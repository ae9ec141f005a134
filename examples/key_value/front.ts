/**
 * Lets people read and write a store line by line, `set KEY VALUE` and `get KEY`: the second half of the example
 * in `app.yaml`.
 */
import { definePlugin, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";
import { STORE } from "./store.ts";

class Front extends TextLineReceiver {
  readonly #store: Map<string, string>;

  constructor(store: Map<string, string>) {
    super();
    this.#store = store;
  }

  override textReceived(line: string): void {
    const [, verb, key, value] = /^(get|set) (\S+)(?: (.*))?$/.exec(line) ?? [];
    if (verb === undefined || key === undefined) return this.sendLine("Write: set KEY VALUE, or: get KEY");
    if (verb === "set") this.#store.set(key, value ?? "");
    this.sendLine(this.#store.get(key) ?? "");
  }
}

const options = z.strictObject({ listen: endpoint().prefault("tcp:127.0.0.1:7012") });

export default definePlugin({
  name: "front",
  description: "Read and write a store, line by line",
  options,
  needs: [STORE],
  makeService: ({ listen }) => ({
    start({ reactor, get }) {
      const store = get(STORE);
      return reactor.listen(listen, () => new Front(store));
    },
  }),
}) as Plugin<typeof options>;
