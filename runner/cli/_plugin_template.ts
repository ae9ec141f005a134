/** The files of a new plugin called `name`, by their names. */
export function pluginFiles(name: string, listen: string): { "mod.ts": string; "mod_test.ts": string } {
  const protocol = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return { "mod.ts": moduleText(name, protocol, listen), "mod_test.ts": testText(name, listen) };
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

function testText(name: string, listen: string): string {
  return `\
TODO ${name}
`;
}
