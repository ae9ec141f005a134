import type { HttpComparison } from "../../harness/http_comparison.ts";
import { denoServe, engine } from "../../harness/http_servers.ts";

/** What handlers do, on the engine alone, beside the same on `Deno.serve`. */
export const handlers: readonly HttpComparison[] = [
  against("A browser's request, one field read, JSON with three", "data", "data", 1.1, {
    connections: 64,
    script: "browser",
  }),
  against("Sixteen requests at once on each of 64 connections", "hello", "hello", 3, {
    connections: 64,
    script: "pipelined",
    args: [16],
  }),
  against("POST of 10 KiB", "count", "count", 1.2, { connections: 64, script: "post", args: [10 << 10] }),
  against("Upload of 1 MiB", "count", "count", 1, { connections: 16, script: "post", args: [1 << 20] }),
  against("Stream of 10 MiB", "stream", "stream", 0.9, { connections: 8 }),
  against("A standard Response", "response", "hello", 0.7, { connections: 64 }),
  against("An unchanged Hono application", "hono", "hono", 0.85, { connections: 64 }),
];

function against(
  title: string,
  handler: Parameters<typeof engine>[0],
  theirs: Parameters<typeof denoServe>[0],
  atLeast: number,
  load: HttpComparison["load"],
): HttpComparison {
  const raw = denoServe(theirs);
  return { title, contenders: [engine(handler), raw], load, goals: [{ against: raw, by: "CPU", atLeast }] };
}
