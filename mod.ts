/**
 * Heddle: supervised services on one reactor. This is the whole public interface for plugins and for
 * applications in code; `@heddle/heddle/zod` has the pieces for plugin options, `@heddle/heddle/testing` what
 * tests need.
 *
 * @module
 */

// An application, and running it
export * from "./services/application.ts";
export * from "./services/application_spec.ts";
export type * from "./services/process_spec.ts";
export type { LogFields, Logger, LogLevel } from "./services/log.ts";
export { silentLogger } from "./services/log.ts";
export { run, type RunOptions } from "./runner/run.ts";
export type { ApplicationSource, ReadApplication } from "./runner/control/reloader.ts";
export type { RunnerOptions } from "./runner/runner.ts";
export type { Started } from "./runner/starts.ts";
export type * from "./services/supervision/events.ts";
export type * from "./services/supervision/exit_verdict.ts";
export type * from "./services/supervision/reload.ts";
export type * from "./services/supervision/status.ts";
export type * from "./services/supervision/unit_state.ts";

// Services and plugins
export * from "./services/client_service.ts";
export * from "./services/context.ts";
export * from "./services/control/application_control.ts";
export * from "./services/control/application_view.ts";
export type * from "./services/control/file_problem.ts";
export type * from "./services/control/log_entry.ts";
export * from "./services/metrics/metrics.ts";
export type * from "./services/metrics/snapshot.ts";
export { EmbeddedRegistry, type EmbeddedRegistryOptions } from "./services/registry/embedded_registry.ts";
export * from "./services/registry/registry.ts";
export * from "./services/multi_service.ts";
export * from "./services/plugin/plugin.ts";
export type * from "./services/plugin/standard_schema.ts";
export * from "./services/retry_policy.ts";
export * from "./services/service.ts";
export * from "./services/timer_service.ts";

// The reactor
export * from "./services/reactor/address.ts";
export * from "./services/reactor/connection.ts";
export { BaseReactor, type ReactorOptions } from "./services/reactor/base_reactor.ts";
export { DenoReactor } from "./services/reactor/deno/deno_reactor.ts";
export * from "./services/reactor/errors.ts";
export * from "./services/reactor/foreign_server.ts";
export * from "./services/reactor/reactor.ts";
export type { Producer, TlsInfo, Transport } from "./services/reactor/transport.ts";

// Protocols
export * from "./services/protocol/buffered_protocol.ts";
export * from "./services/protocol/byte_queue.ts";
export * from "./services/protocol/client_factory.ts";
export * from "./services/protocol/connector.ts";
export * from "./services/protocol/datagram_protocol.ts";
export * from "./services/protocol/factory.ts";
export * from "./services/protocol/factory_for.ts";
export * from "./services/protocol/int_string_receiver.ts";
export * from "./services/protocol/line_receiver.ts";
export * from "./services/protocol/netstring_receiver.ts";
export * from "./services/protocol/policies/idle_timeout.ts";
export * from "./services/protocol/policies/limit_per_peer.ts";
export * from "./services/protocol/policies/limit_total.ts";
export * from "./services/protocol/policies/throttle.ts";
export * from "./services/protocol/policies/traffic_log.ts";
export * from "./services/protocol/protocol.ts";
export * from "./services/protocol/protocol_wrapper.ts";
export * from "./services/protocol/stateful_protocol.ts";
export * from "./services/protocol/string_receiver.ts";
export * from "./services/protocol/text_line_receiver.ts";
export * from "./services/protocol/transport_wrapper.ts";

// Endpoints, addresses, units
export * from "./services/endpoint/cidr.ts";
export * from "./services/endpoint/endpoint.ts";
export * from "./services/endpoint/endpoint_error.ts";
export * from "./services/endpoint/format.ts";
export * from "./services/endpoint/ip_address.ts";
export * from "./services/endpoint/mapping.ts";
export * from "./services/endpoint/parse.ts";
export * from "./services/endpoint/proxy_header.ts";
export * from "./services/units/duration.ts";
export * from "./services/units/size.ts";

// Time and waiting
export * from "./services/async/deferred.ts";
export * from "./services/async/deferred_lock.ts";
export * from "./services/async/deferred_queue.ts";
export * from "./services/async/deferred_semaphore.ts";
export * from "./services/async/errors.ts";
export * from "./services/async/looping_call.ts";
export * from "./services/async/maybe_deferred.ts";
export * from "./services/async/time.ts";
