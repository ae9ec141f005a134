/** Answers with every instance of itself that the fleet has: part of the example in `app.yaml`. */
import { definePlugin, registry } from "@heddle/heddle";
import { Reply, serveHttp } from "@heddle/heddle/http";
import { z } from "zod";

export default definePlugin({
  name: "web",
  description: "Tell where the web is",
  options: z.strictObject({}),
  needs: [registry],
  makeService: () => ({
    async start({ reactor, get }) {
      const known = get(registry);
      await serveHttp(reactor, "tcp:127.0.0.1:0", () => {
        const lines = known.list("web").map(({ endpoint, state }) => `${endpoint} ${state}\n`);
        return new Reply(lines.join(""));
      });
    },
  }),
});
