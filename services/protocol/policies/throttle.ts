import type { ReactorTime } from "../../async/time.ts";
import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import { type ProtocolWrapper, wrapFactory } from "../protocol_wrapper.ts";
import { RateLimit } from "./_rate_limit.ts";
import { ThrottledProtocol } from "./_throttled_protocol.ts";

/** What {@linkcode throttle} allows. An absent rate is no limit. */
export interface ThrottleOptions {
  /** What the peers may send. */
  readonly readBytesPerSecond?: number;
  /** What the peers are sent. */
  readonly writeBytesPerSecond?: number;
  /** Whether the rates are for all connections of the factory together (the default) or for each. */
  readonly per?: "factory" | "connection";
}

/**
 * Hold connections to a bandwidth, on average over some tenths of a second. Reading pauses, so that the
 * peer's sending stalls; what is written in excess waits in a buffer with the marks of every transport's,
 * which pauses a registered producer and, over its hard limit, aborts the connection.
 *
 * @example
 * ```ts
 * import { Protocol, type Reactor, throttle } from "@heddle/heddle";
 *
 * function listen(reactor: Reactor) {
 *   const rates = { readBytesPerSecond: 100_000, writeBytesPerSecond: 1_000_000 };
 *   return reactor.listen("tcp:7", throttle(() => new Protocol(), rates, reactor));
 * }
 * ```
 * @throws {RangeError} when a rate is not a positive number
 */
export function throttle<P extends Protocol>(
  factory: FactoryLike<P>,
  options: ThrottleOptions,
  time: ReactorTime,
): Factory<ProtocolWrapper<P>> {
  const reads = rates(options.readBytesPerSecond, options, time);
  const writes = rates(options.writeBytesPerSecond, options, time);
  return wrapFactory(factory, (inner) => new ThrottledProtocol(inner, reads(), writes()));
}

/** Makes the rate of a new connection; null for none. */
function rates(
  bytesPerSecond: number | undefined,
  options: ThrottleOptions,
  time: ReactorTime,
): () => RateLimit | null {
  if (bytesPerSecond === undefined) return () => null;
  const shared = new RateLimit(bytesPerSecond, time);
  return options.per === "connection" ? () => new RateLimit(bytesPerSecond, time) : () => shared;
}
