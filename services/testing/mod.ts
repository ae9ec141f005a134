/**
 * What the author of a plugin tests with: a reactor without sockets, a clock that stands still, a transport
 * that records, a log that is kept.
 *
 * @module
 */
export * from "../async/clock.ts";
export { BaseReactor, type ReactorOptions } from "../reactor/base_reactor.ts";
export * from "../reactor/memory/memory_reactor.ts";
export * from "./recording_logger.ts";
export * from "./string_transport.ts";
