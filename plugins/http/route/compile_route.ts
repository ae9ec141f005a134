import type { RouteOptions } from "../options.ts";
import type { RouteContext, RouteHandler } from "./route_kind.ts";

/** The handler of a route, before anything stands around it. A kind is loaded only where a route is of it. */
export async function compileRoute(route: RouteOptions, context: RouteContext): Promise<RouteHandler> {
  if (route.files !== undefined) {
    const { compileFiles } = await import("../files/compile_files.ts");
    return await compileFiles(route.files, context, route.compress ?? false);
  }
  if (route.proxy !== undefined) {
    const { compileProxy } = await import("../proxy/compile_proxy.ts");
    return compileProxy(route.proxy, context);
  }
  if (route.redirect !== undefined) {
    const { compileRedirect } = await import("../redirect/compile_redirect.ts");
    return compileRedirect(route.redirect, context);
  }
  if (route.handler !== undefined) {
    const { compileHandler } = await import("../handler/compile_handler.ts");
    return await compileHandler(route.handler);
  }
  if (route.health !== undefined) {
    const { compileHealth } = await import("../health/compile_health.ts");
    return compileHealth(route.health, context);
  }
  if (route.metrics !== undefined) {
    const { compileMetrics } = await import("../metrics/compile_metrics.ts");
    return compileMetrics(context);
  }
  if (route.respond !== undefined) {
    const { compileRespond } = await import("../respond/compile_respond.ts");
    return compileRespond(route.respond);
  }
  throw new Error(`Cannot compile route ${context.name}: it has no kind`);
}
