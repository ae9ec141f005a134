/**
 * What the author of a plugin tests with: the plugin on a reactor without sockets, clients of it, a clock that
 * stands still, a transport that records, a log that is kept.
 *
 * @module
 */
export * from "../async/clock.ts";
export { BaseReactor, type ReactorOptions } from "../reactor/base_reactor.ts";
export * from "../reactor/memory/memory_reactor.ts";
export * from "./plugin_harness.ts";
export * from "./recording_logger.ts";
export * from "./string_transport.ts";
export * from "./test_client.ts";
export * from "./test_datagram_client.ts";
export { MetricSet } from "../metrics/metric_set.ts";
export type * from "../metrics/snapshot.ts";
