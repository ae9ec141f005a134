import { compareHttp } from "../harness/http_comparison.ts";
import type { Report } from "../harness/report.ts";
import { runProcess } from "../harness/run_process.ts";
import type { Suite } from "../harness/suite.ts";
import { files, makeFiles } from "./http/files.ts";
import { handlers } from "./http/handlers.ts";
import { hello } from "./http/hello.ts";
import { http2 } from "./http/http2.ts";
import { idle } from "./http/idle.ts";
import { accessLog } from "./http/log.ts";
import { proxies } from "./http/proxies.ts";
import { sockets } from "./http/sockets.ts";

/** HTTP beside the runtime's own server and the peers. */
export const suite: Suite = {
  summary: "HTTP",
  async run(settings) {
    await runProcess(["sh", "-c", "command -v wrk && command -v h2load"], 5_000).catch(() => {
      throw new Error("wrk or h2load is not installed: apt-get install wrk nghttp2-client");
    });
    const folder = await Deno.makeTempDir({ prefix: "heddle-bench-" });
    try {
      await makeFiles(folder);
      const compared = [...hello, ...handlers, ...sockets, ...files(folder), accessLog, http2];
      const reports: Report[] = [];
      for (const comparison of compared) reports.push(await compareHttp(comparison, settings));
      reports.push(...await proxies(settings), await idle(settings));
      return {
        tables: reports.flatMap(({ tables }) => tables),
        goals: reports.flatMap(({ goals }) => goals),
      };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};
