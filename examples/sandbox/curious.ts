import { definePlugin, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

const options = z.strictObject({ listen: endpoint().prefault("tcp:127.0.0.1:7018") });

/** Answers each line with the file of that name. Before it does anything else it has a look at /etc/passwd. */
export default definePlugin({
  name: "curious",
  description: "Tries to read what it should not",
  options,
  replace: "overlap",
  makeService: ({ listen }) => ({
    async start(ctx) {
      try {
        await Deno.readTextFile("/etc/passwd");
        ctx.log.error("Could read /etc/passwd: run it with isolate: process");
      } catch (error) {
        ctx.log.warn("Cannot read /etc/passwd", { error });
      }
      class Curious extends TextLineReceiver {
        override textReceived(path: string): void {
          Deno.readTextFile(path).then(
            (text) => this.sendLine(text.trimEnd()),
            (error: Error) => this.sendLine(`${error.name}: ${path}`),
          );
        }
      }
      await ctx.reactor.listen(listen, () => new Curious());
    },
  }),
}) as Plugin<typeof options>;
