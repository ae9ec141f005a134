import type { DelayedCall, ReactorTime } from "../async/time.ts";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "../endpoint/endpoint.ts";
import type { DatagramProtocol, DatagramTransport } from "../protocol/datagram_protocol.ts";
import type { FactoryLike } from "../protocol/factory.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { ForeignServer } from "./foreign_server.ts";

/** A listener at work. */
export interface Port {
  /** Where it really listens: with the port that the system chose for 0. */
  readonly host: Address;
  /** Connections accepted by it that are still open. */
  readonly connections: number;
  /** Accept what is queued, then close the socket. Open connections go on. */
  stopListening(): Promise<void>;
}

/** How a port listens. */
export interface ListenOptions {
  /** Connections open at once; more wait in the kernel's queue. Default: no limit. */
  readonly maxConnections?: number;
}

/** How a connection is tried. */
export interface ConnectOptions {
  /** Gives up when aborted. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the attempt fails; default 30,000. */
  readonly timeout?: number;
}

/**
 * What a service may do with the network and with time. A service is given a scope of the shared
 * reactor: all that is opened through it belongs to the service and is released with it.
 */
export interface Reactor extends ReactorTime {
  /**
   * Listen, and make a protocol per connection. Resolves when connections are accepted.
   * @throws {CannotListenError} naming the endpoint and the cause
   */
  listen(
    endpoint: ServerEndpoint | string,
    factory: FactoryLike,
    options?: ListenOptions,
  ): Promise<Port>;
  /**
   * Connect, and resolve with the protocol, after its `connectionMade`. A host name's addresses are raced
   * (RFC 8305).
   * @throws {ConnectError} naming the endpoint and the cause; {@linkcode ConnectOptions.signal}'s reason
   */
  connect<P extends Protocol>(
    endpoint: ClientEndpoint | string,
    factory: FactoryLike<P>,
    options?: ConnectOptions,
  ): Promise<P>;
  /**
   * Receive and send datagrams.
   * @throws {CannotListenError} naming the endpoint and the cause
   */
  listenDatagram(endpoint: UdpEndpoint | string, protocol: DatagramProtocol): Promise<DatagramTransport>;
  /**
   * Listen, and run `handler` per connection, for who prefers streams to callbacks. The connection is
   * closed when the handler settles; a rejection is logged.
   */
  serve(
    endpoint: ServerEndpoint | string,
    handler: (connection: Connection) => void | Promise<void>,
    options?: ListenOptions,
  ): Promise<Port>;
  /**
   * Own a server that was started by other means: it is drained and ended with what the reactor has opened, or
   * before by the function that is returned.
   * @throws {DOMException} `InvalidStateError` when the service is stopping; the server is aborted then
   */
  adopt(server: ForeignServer): () => Promise<void>;
  /** Run `fn` when the reactor runs: soon if it does already. */
  callWhenRunning(fn: () => void): void;
}

/** When a system event trigger runs: see {@linkcode RootReactor.addSystemEventTrigger}. */
export type TriggerPhase = "before" | "during" | "after";

/** The reactor itself, which only the runner holds. */
export interface RootReactor extends Reactor {
  /**
   * Call `fn` at `startup` or `shutdown`. The `before` triggers run in turn, each awaited; then all of
   * `during`; then `after`. One that throws is logged, the rest goes on; none may hold up the event beyond
   * its deadline (10 s). Returns a function that removes the trigger.
   */
  addSystemEventTrigger(
    phase: TriggerPhase,
    event: "startup" | "shutdown",
    fn: () => unknown,
  ): () => void;
  /** Fire `startup`, run until `stop`, fire `shutdown`; resolves when everything is released. */
  run(): Promise<void>;
  /** End `run`. A second call is a no-op. */
  stop(): void;
  /** True between the begin of `run` and `stop`. */
  readonly running: boolean;
}

export type { DelayedCall };
