/** What the module of a plugin imports under such names. */
const TAKEN = new Set(["Plugin", "Protocol"]);

/** The files of a new plugin called `name`, by their names. */
export function pluginFiles(name: string, listen: string): { "mod.ts": string; "mod_test.ts": string } {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const protocol = TAKEN.has(words) ? `${words}Protocol` : words;
  return { "mod.ts": moduleText(name, protocol, listen), "mod_test.ts": testText(name) };
}

function moduleText(name: string, protocol: string, listen: string): string {
  return `\
import { definePlugin, type Plugin, Protocol } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

class ${protocol} extends Protocol {
  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

const options = z.strictObject({ listen: endpoint().prefault("${listen}") });

export default definePlugin({
  name: "${name}",
  description: "Send every byte back",
  options,
  makeService: ({ listen }) => ({
    start: (ctx) => ctx.reactor.listen(listen, () => new ${protocol}()),
  }),
}) as Plugin<typeof options>;
`;
}

function testText(name: string): string {
  return `\
import { startPlugin } from "@heddle/heddle/testing";
import { equal } from "node:assert/strict";
import plugin from "./mod.ts";

Deno.test("${name} sends every byte back", async () => {
  await using app = await startPlugin(plugin);
  const client = await app.connect();
  await client.send("hello");
  equal(client.received(), "hello");
});
`;
}
