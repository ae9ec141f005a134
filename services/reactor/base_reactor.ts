import type { DelayedCall, ReactorTime } from "../async/time.ts";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "../endpoint/endpoint.ts";
import { formatEndpoint } from "../endpoint/format.ts";
import { type Logger, silentLogger } from "../log.ts";
import type { DatagramProtocol, DatagramTransport } from "../protocol/datagram_protocol.ts";
import type { FactoryLike } from "../protocol/factory.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { Chunks } from "./_chunks.ts";
import { ReadBuffers } from "./_read_buffers.ts";
import { ReadGate } from "./_read_gate.ts";
import { SlowWrites } from "./_slow_writes.ts";
import { formatAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { ForeignServer } from "./foreign_server.ts";
import type { Network } from "./network.ts";
import { placeOf } from "./place.ts";
import { AcceptLoop, type Acceptor } from "./pool/accept_loop.ts";
import { ReceiveLoop, type Receiver } from "./pool/receive_loop.ts";
import { type Lease, SocketPool } from "./pool/socket_pool.ts";
import type { ConnectOptions, ListenOptions, Port, RootReactor, TriggerPhase } from "./reactor.ts";
import { Scope, type ScopeHost, type ScopeOptions } from "./scope/scope.ts";
import type { ScopedDatagramPort } from "./scope/scoped_datagram_port.ts";
import type { ScopedPort } from "./scope/scoped_port.ts";
import type { TransportEnvironment } from "./stream_transport.ts";
import { SystemEvents } from "./system_events.ts";

/** How a reactor is made. */
export interface ReactorOptions {
  /**
   * Where the reactor itself writes: what protocols of its own throw, and what no service is to blame for.
   * Default: nowhere. In a script, `console` serves.
   */
  readonly log?: Logger;
}

/** `idle -> running -> stopping -> stopped`. */
type RunState = "idle" | "running" | "stopping" | "stopped";

/**
 * A reactor over a network and a time: all that the real and the in-memory one have in common. What is
 * opened through the reactor itself belongs to its root scope; services get scopes of their own.
 */
export abstract class BaseReactor implements RootReactor, AsyncDisposable {
  /** @internal */
  readonly time: ReactorTime;
  /** @internal */
  readonly network: Network;
  /** @internal */
  readonly environment: TransportEnvironment;
  readonly #log: Logger;
  readonly #events: SystemEvents;
  readonly #listeners: SocketPool<Acceptor, AcceptLoop>;
  readonly #datagrams: SocketPool<Receiver, ReceiveLoop>;
  readonly #scopeHost: ScopeHost;
  readonly #root: Scope;
  readonly #whenRunning: (() => void)[] = [];
  readonly #stopAsked = Promise.withResolvers<void>();
  #state: RunState = "idle";
  #ran: Promise<void> | null = null;
  #released: Promise<void> | null = null;

  /** @internal */
  constructor(time: ReactorTime, network: Network, options: ReactorOptions & { readonly poison: boolean }) {
    this.time = time;
    this.network = network;
    this.#log = options.log ?? silentLogger;
    this.#events = new SystemEvents(time, this.#log);
    this.#listeners = new SocketPool(time);
    this.#datagrams = new SocketPool(time);
    this.environment = {
      time,
      buffers: new ReadBuffers(),
      chunks: new Chunks(),
      gate: new ReadGate((fn) => network.afterTurn(fn)),
      slowWrites: new SlowWrites(time),
      poison: options.poison,
      startTLS: (raw, role, tls) => network.startTLS(raw, role, tls),
    };
    this.#scopeHost = {
      time,
      network,
      environment: this.environment,
      acquireListener: (...request) => this.#acquireListener(...request),
      acquireDatagram: (...request) => this.#acquireDatagram(...request),
      whenRunning: (fn) => this.#callWhenRunning(fn),
    };
    this.#root = new Scope(this.#scopeHost, {
      name: "",
      log: this.#log,
      onFailure: (error) => this.#log.error("Unhandled error outside any service", { error }),
    });
  }

  /**
   * A view of this reactor that owns what is opened through it. What is left of it ends with the reactor.
   * @internal
   */
  scope(options: ScopeOptions): Scope {
    return this.#root.child(options);
  }

  // Reactor

  /** See {@linkcode Reactor}. */
  now(): number {
    return this.time.now();
  }

  /** See {@linkcode Reactor}. */
  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    return this.#root.callLater(ms, fn, ...args);
  }

  /** See {@linkcode Reactor}. */
  callWhenRunning(fn: () => void): void {
    this.#root.callWhenRunning(fn);
  }

  /** See {@linkcode Reactor}. */
  listen(endpoint: ServerEndpoint | string, factory: FactoryLike, options?: ListenOptions): Promise<Port> {
    return this.#root.listen(endpoint, factory, options);
  }

  /** See {@linkcode Reactor}. */
  serve(
    endpoint: ServerEndpoint | string,
    handler: (connection: Connection) => void | Promise<void>,
    options?: ListenOptions,
  ): Promise<Port> {
    return this.#root.serve(endpoint, handler, options);
  }

  /** See {@linkcode Reactor}. */
  connect<P extends Protocol>(
    endpoint: ClientEndpoint | string,
    factory: FactoryLike<P>,
    options?: ConnectOptions,
  ): Promise<P> {
    return this.#root.connect(endpoint, factory, options);
  }

  /** See {@linkcode Reactor}. */
  listenDatagram(endpoint: UdpEndpoint | string, protocol: DatagramProtocol): Promise<DatagramTransport> {
    return this.#root.listenDatagram(endpoint, protocol);
  }

  /** See {@linkcode Reactor}. */
  adopt(server: ForeignServer): () => Promise<void> {
    return this.#root.adopt(server);
  }

  // RootReactor

  /** See {@linkcode RootReactor}. */
  get running(): boolean {
    return this.#state === "running";
  }

  /** See {@linkcode RootReactor}. */
  addSystemEventTrigger(phase: TriggerPhase, event: "startup" | "shutdown", fn: () => unknown): () => void {
    return this.#events.add(phase, event, fn);
  }

  /** See {@linkcode RootReactor}. */
  async run(): Promise<void> {
    if (this.#state !== "idle") throw new Error(`Cannot run the reactor: it is ${this.#state} already`);
    this.#state = "running";
    await (this.#ran = this.#run());
  }

  /** See {@linkcode RootReactor}. */
  stop(): void {
    this.#stopAsked.resolve();
  }

  /** Stop, if it runs, and release all that was opened through it and every socket it has kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await (this.#ran ?? this.#release());
  }

  async #run(): Promise<void> {
    await this.#events.fire("startup");
    for (const fn of this.#whenRunning.splice(0)) queueMicrotask(fn);
    await this.#stopAsked.promise;
    this.#state = "stopping";
    await this.#events.fire("shutdown");
    await this.#release();
  }

  #release(): Promise<void> {
    return this.#released ??= this.#releaseAll();
  }

  async #releaseAll(): Promise<void> {
    this.#state = "stopped";
    await this.#root.drain({ within: 0, hold: 0 });
    await Promise.all([this.#listeners.close(), this.#datagrams.close()]);
    this.environment.slowWrites.stop();
  }

  // What scopes ask for

  #callWhenRunning(fn: () => void): void {
    if (this.#state === "idle") this.#whenRunning.push(fn);
    else queueMicrotask(fn);
  }

  #acquireListener(
    endpoint: ServerEndpoint,
    owner: string,
    staged: boolean,
    port: ScopedPort,
  ): Promise<Lease<AcceptLoop>> {
    const settings = formatEndpoint(endpoint);
    return this.#listeners.acquire(
      { ...placeOf(endpoint), settings, owner, staged, taker: port },
      async () =>
        new AcceptLoop(await this.network.listen(endpoint), {
          time: this.time,
          gate: this.environment.gate,
          afterPoll: (fn) => this.network.afterPoll(fn),
          acceptFailed: (host, error) =>
            this.#log.error(`Cannot accept on "${formatAddress(host)}": trying again`, { error }),
        }),
    );
  }

  #acquireDatagram(
    endpoint: UdpEndpoint,
    owner: string,
    staged: boolean,
    port: ScopedDatagramPort,
  ): Promise<Lease<ReceiveLoop>> {
    const settings = formatEndpoint(endpoint);
    return this.#datagrams.acquire(
      { ...placeOf(endpoint), settings, owner, staged, taker: port },
      async () =>
        new ReceiveLoop(
          await this.network.bindDatagram(endpoint),
          (host, error) => this.#log.debug(`Receiving on "${formatAddress(host)}" failed`, { error }),
        ),
    );
  }
}
