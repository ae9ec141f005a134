import { definePlugin, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

const options = z.strictObject({ listen: endpoint() });

/** Answers "pong" to every line, and fails as a whole at "crash". */
export default definePlugin({
  name: "fragile",
  options,
  makeService: ({ listen }) => ({
    async start(ctx) {
      const crash = Promise.withResolvers<never>();
      class Fragile extends TextLineReceiver {
        override textReceived(line: string): void {
          if (line === "crash") crash.reject(new Error("Somebody said crash"));
          else this.sendLine("pong");
        }
      }
      await ctx.reactor.listen(listen, () => new Fragile());
      ctx.spawn((signal) => {
        signal.addEventListener("abort", () => crash.reject(signal.reason));
        return crash.promise;
      });
    },
  }),
}) as Plugin<typeof options>;
