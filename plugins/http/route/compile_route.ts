import type { RouteOptions } from "../options.ts";
import type { RouteContext, RouteHandler } from "./route_kind.ts";

/** The handler of a route. A kind is loaded only where a route is of it. */
export async function compileRoute(route: RouteOptions, context: RouteContext): Promise<RouteHandler> {
  if (route.respond !== undefined) {
    const { compileRespond } = await import("../respond/compile_respond.ts");
    return compileRespond(route.respond);
  }
  if (route.files !== undefined) {
    const { compileFiles } = await import("../files/compile_files.ts");
    return await compileFiles(route.files, context, false);
  }
  throw new Error(`Cannot compile route ${context.name}: it has no kind`);
}
