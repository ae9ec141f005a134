// An HTTP service that may work for its answer, and fails when it is asked for /crash.
import { definePlugin, type Plugin } from "../../mod.ts";
import { endpoint } from "../../services/plugin/zod.ts";
import { Reply, serveHttp } from "../../services/http/mod.ts";
import { z } from "zod";

const options = z.strictObject({ listen: endpoint(), work: z.int().min(0) });

export default definePlugin({
  name: "isolated-http",
  options,
  makeService: ({ listen, work }) => ({
    async start(ctx) {
      await serveHttp(ctx.reactor, listen, ({ pathname }) => {
        if (pathname === "/crash") ctx.fail(new Error("asked for"));
        let hash = 1;
        for (let i = 0; i < work; i++) hash = Math.imul(hash, 31) + i | 0;
        return new Reply(`hello ${hash}`);
      });
    },
  }),
}) as Plugin<typeof options>;
