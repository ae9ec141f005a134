import config from "../../deno.json" with { type: "json" };
import { processUsage } from "../metrics/process_metrics.ts";
import type { Runner } from "../runner.ts";
import type { ApplicationInfo } from "./api.ts";

/** What a runner says of itself. */
export function runnerInfo({ control, startedAt, loopLag }: Runner, ready: boolean): ApplicationInfo {
  return {
    name: control.name,
    version: config.version,
    pid: Deno.pid,
    startedAt: Math.round(startedAt),
    now: Date.now(),
    ready,
    ...processUsage(),
    loopLag: Math.round(loopLag.recent * 10) / 10,
  };
}
