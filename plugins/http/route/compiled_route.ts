import type { ServiceContext } from "../../../services/context.ts";
import type { RouteOptions } from "../options.ts";
import { formatPathPattern, type PathPattern } from "../routing/path_pattern.ts";
import { compileRoute } from "./compile_route.ts";
import type { RouteHandler } from "./route_kind.ts";

/** A route that answers, and what it has opened. */
export class CompiledRoute implements AsyncDisposable {
  /** Tells routes apart: the same key, the same answers. */
  readonly key: string;
  readonly pattern: PathPattern;
  readonly handle: RouteHandler;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    key: string,
    pattern: PathPattern,
    handle: RouteHandler,
    resources: AsyncDisposableStack,
  ) {
    this.key = key;
    this.pattern = pattern;
    this.handle = handle;
    this.#resources = resources;
  }

  /** `host`: the first of the site's hosts, or `""`. */
  static async compile(
    key: string,
    host: string,
    route: RouteOptions,
    { reactor, log, draining }: ServiceContext,
  ): Promise<CompiledRoute> {
    await using resources = new AsyncDisposableStack();
    const handle = await compileRoute(route, {
      pattern: route.path,
      name: host + formatPathPattern(route.path),
      reactor,
      log,
      draining,
      use: (resource) => resources.use(resource),
    });
    return new CompiledRoute(key, route.path, handle, resources.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
