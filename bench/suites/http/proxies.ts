import { presentContenders, startContender } from "../../harness/contender.ts";
import { compareHttp, type HttpComparison } from "../../harness/http_comparison.ts";
import { fetchProxy, nginx, plugin } from "../../harness/http_servers.ts";
import type { Report } from "../../harness/report.ts";
import type { Settings } from "../../harness/suite.ts";

/** Requests forwarded to an nginx; its own work counts for nobody. */
export async function proxies(settings: Settings): Promise<Report[]> {
  const { present: [upstream] } = await presentContenders([nginx("hello")]);
  if (upstream === undefined) return [];
  await using running = await startContender(upstream);
  const ours = plugin("proxy", running.port);
  const theirs = nginx("proxy", running.port);
  const simple = fetchProxy(running.port);
  const comparison: HttpComparison = {
    title: "Hello through a proxy to nginx, 64 connections",
    contenders: [ours, theirs, simple],
    load: { connections: 64 },
    goals: [
      { against: theirs, by: "CPU", atLeast: 0.5 },
      { against: simple, by: "CPU", atLeast: 2 },
    ],
  };
  return [await compareHttp(comparison, settings)];
}
