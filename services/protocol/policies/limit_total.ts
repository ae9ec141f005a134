import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import type { ProtocolWrapper } from "../protocol_wrapper.ts";
import { Census, limitByCensus } from "./_census.ts";

/**
 * Serve at most `max` connections at once; further ones are closed at once. To let them wait in the
 * kernel's queue instead, see `ListenOptions.maxConnections`.
 *
 * @example
 * ```ts
 * import { idleTimeout, limitTotal, Protocol, type Reactor } from "@heddle/heddle";
 *
 * function listen(reactor: Reactor) {
 *   return reactor.listen("tcp:7", limitTotal(idleTimeout(() => new Protocol(), 60_000, reactor), 100));
 * }
 * ```
 * @throws {RangeError} when `max` is not a whole number of at least 1
 */
export function limitTotal<P extends Protocol>(
  factory: FactoryLike<P>,
  max: number,
): Factory<ProtocolWrapper<P>> {
  return limitByCensus(factory, new Census("limitTotal", max), () => "all");
}
