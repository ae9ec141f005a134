import type { ApplicationView } from "../../../services/control/application_view.ts";
import { Reply } from "../../../services/http/reply.ts";
import { unlessRead } from "../route/read_only.ts";
import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import type { HealthOptions } from "./options.ts";

const plain = { "content-type": "text/plain", "cache-control": "no-store" };
const live = new Reply("live\n", { headers: plain });
const ready = new Reply("ready\n", { headers: plain });
const notReady = new Reply("not ready\n", { status: 503, headers: plain });
const draining = new Reply("draining\n", { status: 503, headers: plain });

/**
 * Tells whoever watches the process whether it is alive, or whether it should get work. It says no more than
 * that: what is wrong is for the log.
 *
 * @throws {Error} when it should tell of a service that the application does not have
 */
export function compileHealth(options: HealthOptions, context: RouteContext): RouteHandler {
  const tell = options === "live" ? () => live : readiness(options, context);
  return ({ method }) => unlessRead(method) ?? tell();
}

function readiness(options: "ready" | readonly string[], context: RouteContext): () => Reply {
  const view = context.application();
  // The root is ready when everything is, but for what has finished.
  const paths = options === "ready" ? [""] : options;
  for (const path of paths) expectUnit(view, path, context.name);
  return () => {
    if (context.draining.aborted) return draining;
    return paths.every((path) => isReady(view, path)) ? ready : notReady;
  };
}

function isReady(view: ApplicationView, path: string): boolean {
  const state = view.statusOf(path)?.state;
  return state === "ready" || state === "finished";
}

function expectUnit(view: ApplicationView, path: string, route: string): void {
  if (view.statusOf(path) !== undefined) return;
  throw new Error(`Cannot tell the health of "${path}" at ${route}: the application has no such service`);
}
