import type { ApplicationView } from "../../../services/control/application_view.ts";
import type { HandlerResult, RequestInfo } from "../../../services/http/handler.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { Logger } from "../../../services/log.ts";
import type { Metrics } from "../../../services/metrics/metrics.ts";
import type { Registry } from "../../../services/registry/registry.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import type { PathPattern } from "../routing/path_pattern.ts";

/**
 * Answers the requests of a route. `path` is the request's as routes are matched with it: decoded, without
 * dot segments, without `//`. One that returns no promise is answered in the same turn.
 */
export type RouteHandler = (
  request: HttpRequest,
  info: RequestInfo,
  path: string,
) => HandlerResult | Promise<HandlerResult>;

/**
 * What a route is compiled with. A kind is a folder `plugins/http/<kind>/` with `options.ts`, its options in zod,
 * and `compile_<kind>.ts`, whose function makes the handler of one route, once:
 * `(options, context: RouteContext) => RouteHandler | Promise<RouteHandler>`. What it throws fails the start
 * (or the reload, which then changes nothing).
 */
export interface RouteContext {
  /** Where the route is mounted. */
  readonly pattern: PathPattern;
  /** For messages: `"example.org/docs/*"`, `"/docs/*"` for the default site. */
  readonly name: string;
  /** The service's scope: time, connections, timers. */
  readonly reactor: Reactor;
  /** The service's log; give records the field `route: context.name`. */
  readonly log: Logger;
  /** The same for what may happen with every request: a flood of it is counted, and not written line by line. */
  readonly requestLog: Logger;
  /** The service's own; requests by site and route are counted already. */
  readonly metrics: Metrics;
  /** The application that the service is part of. */
  application(): ApplicationView;
  /** What a service that this one needs knows of others. @throws {Error} when none provides it */
  registry(): Registry;
  /** Aborted when the service drains: end what goes on for ever. */
  readonly draining: AbortSignal;
  /** The one `Kind` that all routes of the service share, made when it is first asked for. */
  shared<T>(Kind: new () => T): T;
  /**
   * Release `resource` with the route: when the service stops, or when a reload has replaced the route. Then
   * requests of it may still be under way: let go of what is idle, and leave the rest to its own end.
   */
  use<T extends Disposable | AsyncDisposable>(resource: T): T;
}
