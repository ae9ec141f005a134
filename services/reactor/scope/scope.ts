import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "../../endpoint/endpoint.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../endpoint/parse.ts";
import type { Logger } from "../../log.ts";
import type { DatagramProtocol, DatagramTransport } from "../../protocol/datagram_protocol.ts";
import { asFactory, type FactoryLike } from "../../protocol/factory.ts";
import type { Protocol } from "../../protocol/protocol.ts";
import { type Address, formatAddress } from "../address.ts";
import { onAccountOf, type Owner } from "../attribution.ts";
import type { Connection } from "../connection.ts";
import type { ConnectionClosed } from "../errors.ts";
import type { Network } from "../network.ts";
import type { AcceptLoop } from "../pool/accept_loop.ts";
import type { ReceiveLoop } from "../pool/receive_loop.ts";
import type { Lease } from "../pool/socket_pool.ts";
import type { ConnectOptions, ListenOptions, Port, Reactor } from "../reactor.ts";
import { StreamConnection } from "../stream_connection.ts";
import { StreamTransport, type TransportEnvironment } from "../stream_transport.ts";
import { ConnectionBook, type ConnectionCounters } from "./connection_book.ts";
import { disposableResource, Resources } from "./resources.ts";
import { ScopedDatagramPort } from "./scoped_datagram_port.ts";
import { ScopedPort } from "./scoped_port.ts";
import { ScopedTimers } from "./scoped_timers.ts";

/** Until a connection attempt gives up, ms. */
const CONNECT_TIMEOUT = 30_000;
/** For the release of everything after the drain, ms. */
const RELEASE_TIMEOUT = 5_000;

/** What a scope uses of the reactor that it is a view of. */
export interface ScopeHost {
  readonly time: ReactorTime;
  readonly network: Network;
  readonly environment: TransportEnvironment;
  acquireListener(
    endpoint: ServerEndpoint,
    owner: string,
    staged: boolean,
    port: ScopedPort,
  ): Promise<Lease<AcceptLoop>>;
  acquireDatagram(
    endpoint: UdpEndpoint,
    owner: string,
    staged: boolean,
    port: ScopedDatagramPort,
  ): Promise<Lease<ReceiveLoop>>;
  callWhenRunning(fn: () => void): void;
}

/** How a scope is made. */
export interface ScopeOptions {
  /** The service's path: it names the owner of sockets, errors and log records. */
  readonly name: string;
  readonly log: Logger;
  /** An error of this scope's account that nothing caught, or a task that rejected. */
  readonly onFailure: (error: unknown) => void;
  /** Sockets that a running predecessor of the same name has are shared, and taken over at `activate`. */
  readonly staged?: boolean;
}

/** How a scope is to end. */
export interface DrainOrder {
  /** Milliseconds for what is under way to finish. */
  readonly within: number;
  /** Milliseconds for which sockets stay open for a successor. */
  readonly hold: number;
  /** Called when the drain is over, before anything is released. */
  readonly beforeRelease?: () => unknown;
}

/** `open -> draining -> released`. */
type Phase = "open" | "draining" | "released";

/**
 * A view of a reactor that owns what is opened through it: the listeners, connections, datagram ports,
 * timers, tasks, resources and inner scopes. Whatever way its user ends, the scope lets go of all of it.
 */
export class Scope implements Reactor, Owner {
  readonly name: string;
  readonly log: Logger;
  readonly #host: ScopeHost;
  readonly #onFailure: (error: unknown) => void;
  readonly #book: ConnectionBook;
  readonly #timers: ScopedTimers;
  readonly #resources = new Resources();
  readonly #ports = new Set<ScopedPort>();
  readonly #datagramPorts = new Set<ScopedDatagramPort>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #children = new Set<Scope>();
  readonly #draining = new AbortController();
  readonly #signal = new AbortController();
  #phase: Phase = "open";
  #staged: boolean;
  #idleWaiters: (() => void)[] = [];
  #drained: Promise<string[]> | null = null;
  #cutEarly: () => void = () => {};

  constructor(host: ScopeHost, options: ScopeOptions) {
    this.#host = host;
    this.name = options.name;
    this.log = options.log;
    this.#onFailure = options.onFailure;
    this.#staged = options.staged ?? false;
    this.#book = new ConnectionBook(host.environment, this, options.log, () => this.#checkIdle());
    this.#timers = new ScopedTimers(host.time, this);
  }

  /** Aborted when the drain begins. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Aborted when the drain is over and the rest is cut. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  /** What listens here now, streams and datagrams. */
  get endpoints(): Address[] {
    const own = [...this.#ports, ...this.#datagramPorts].map((port) => port.host);
    return [...own, ...[...this.#children].flatMap((child) => child.endpoints)];
  }

  counters(): ConnectionCounters {
    const sum = { ...this.#book.counters() };
    for (const port of this.#datagramPorts) {
      sum.bytesRead += port.bytesRead;
      sum.bytesWritten += port.bytesWritten;
    }
    for (const child of this.#children) {
      for (const [key, value] of Object.entries(child.counters())) {
        sum[key as keyof ConnectionCounters] += value;
      }
    }
    return sum;
  }

  // Reactor

  now(): number {
    return this.#host.time.now();
  }

  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    this.#mustBeOpen("arrange a call");
    return this.#timers.callLater(ms, fn, args);
  }

  callWhenRunning(fn: () => void): void {
    this.#host.callWhenRunning(() => {
      if (this.#phase === "released") return;
      try {
        onAccountOf(this, fn);
      } catch (error) {
        this.unhandled(error);
      }
    });
  }

  async listen(
    endpoint: ServerEndpoint | string,
    factory: FactoryLike,
    options?: ListenOptions,
  ): Promise<Port> {
    this.#mustBeOpen("listen");
    const parsed = typeof endpoint === "string" ? parseEndpoint(endpoint) : endpoint;
    const port = new ScopedPort(asFactory(factory), this.#book, options);
    const lease = await this.#host.acquireListener(parsed, this.name, this.#staged, port);
    const resource = {
      description: `port ${formatAddress(lease.host)}`,
      release: () => port.stopListening(),
    };
    port.bound(lease, () => {
      this.#ports.delete(port);
      this.#resources.delete(resource);
    });
    this.#ports.add(port);
    this.#resources.add(resource);
    await this.#ifReleased(() => port.stopListening());
    if (!this.#staged) port.activate();
    return port;
  }

  serve(
    endpoint: ServerEndpoint | string,
    handler: (connection: Connection) => void | Promise<void>,
    options?: ListenOptions,
  ): Promise<Port> {
    return this.listen(endpoint, () => new StreamConnection(handler, this.draining, this.log), options);
  }

  async listenDatagram(
    endpoint: UdpEndpoint | string,
    protocol: DatagramProtocol,
  ): Promise<DatagramTransport> {
    this.#mustBeOpen("listen");
    const parsed = typeof endpoint === "string" ? parseUdpEndpoint(endpoint) : endpoint;
    const port = new ScopedDatagramPort(protocol, this, this.log);
    const lease = await this.#host.acquireDatagram(parsed, this.name, this.#staged, port);
    const resource = {
      description: `port ${formatAddress(lease.host)}`,
      release: () => port.stopListening(),
    };
    this.#datagramPorts.add(port);
    this.#resources.add(resource);
    port.bound(lease, () => {
      this.#datagramPorts.delete(port);
      this.#resources.delete(resource);
    });
    await this.#ifReleased(() => port.stopListening());
    if (!this.#staged) port.activate();
    return port;
  }

  async connect<P extends Protocol>(
    endpoint: ClientEndpoint | string,
    factory: FactoryLike<P>,
    options: ConnectOptions = {},
  ): Promise<P> {
    this.#mustBeOpen("connect");
    const parsed = typeof endpoint === "string" ? parseClientEndpoint(endpoint) : endpoint;
    const signal = options.signal === undefined
      ? this.signal
      : AbortSignal.any([options.signal, this.signal]);
    signal.throwIfAborted();
    const maker = asFactory(factory);
    maker.startFactory?.();
    const raw = await this.#host.network.connect(parsed, {
      timeout: options.timeout ?? CONNECT_TIMEOUT,
      time: this.#host.time,
      signal,
    });
    const protocol = this.#phase === "released" ? null : maker.buildProtocol(raw.peer);
    if (protocol === null) {
      raw.close();
      throw new DOMException(
        `Connection to ${formatAddress(raw.peer)} was refused by its factory`,
        "AbortError",
      );
    }
    const transport = new StreamTransport(raw, protocol, {
      tlsRole: { side: "client", hostname: parsed.kind === "unix" ? "localhost" : parsed.hostname },
      protocolThrew: (error) => this.#book.protocolThrew(error, raw.peer),
      connectionClosed: (closed: StreamTransport, reason: ConnectionClosed) => {
        this.#book.remove(closed, reason);
        maker.stopFactory?.();
      },
    }, this.#host.environment);
    this.#book.add(transport);
    onAccountOf(this, () => transport.start());
    return protocol;
  }

  // Ownership

  /** Release `resource` with this scope, last-in first-out; returns it. */
  use<T extends Disposable | AsyncDisposable>(resource: T): T {
    this.#mustBeOpen("use a resource");
    this.#resources.add(disposableResource(resource));
    return resource;
  }

  /** Run `task`, tracked: the drain waits for it, and its rejection is this scope's failure. */
  spawn(task: (signal: AbortSignal) => Promise<void>): void {
    this.#mustBeOpen("spawn a task");
    const run: Promise<void> = onAccountOf(this, () => Promise.try(task, this.signal))
      .catch((error) => {
        if (!this.signal.aborted) this.unhandled(error);
      })
      .finally(() => {
        this.#tasks.delete(run);
        this.#checkIdle();
      });
    this.#tasks.add(run);
  }

  /** A scope within this one: it drains and is released with it, or by itself. */
  child(options: ScopeOptions): Scope {
    this.#mustBeOpen("open a scope");
    const child = new Scope(this.#host, { staged: this.#staged, ...options });
    const resource = {
      description: `scope ${options.name}`,
      release: () => child.drain({ within: 0, hold: 0 }),
    };
    child.#onReleased = () => {
      this.#children.delete(child);
      this.#resources.delete(resource);
      this.#checkIdle();
    };
    this.#children.add(child);
    this.#resources.add(resource);
    return child;
  }

  #onReleased: () => void = () => {};

  /** Take over the sockets that were shared with a predecessor. */
  activate(): void {
    this.#staged = false;
    for (const port of [...this.#ports, ...this.#datagramPorts]) port.activate();
    for (const child of this.#children) child.activate();
  }

  unhandled(error: unknown): void {
    this.#onFailure(error);
  }

  // Ending

  /**
   * End: take what is queued and stop listening, ask everything under way to finish, wait for it `within`
   * ms, cut the rest, release last-in first-out. Returns what had to be cut or did not let go, by name. A
   * second call with a shorter time hastens the first.
   */
  drain(order: DrainOrder): Promise<string[]> {
    if (this.#drained === null) this.#drained = this.#drain(order);
    else if (order.within === 0) this.#cutEarly();
    else this.#host.time.callLater(order.within, () => this.#cutEarly());
    return this.#drained;
  }

  async #drain({ within, hold, beforeRelease }: DrainOrder): Promise<string[]> {
    this.#phase = "draining";
    const late = Promise.withResolvers<void>();
    this.#cutEarly = late.resolve;
    const deadline = this.#host.time.callLater(within, late.resolve);
    await this.#quiesce(hold);
    await Promise.race([this.#idle(), late.promise]);
    const leftovers = this.#leftovers();
    if (leftovers.length > 0) this.#cut();
    await Promise.race([Promise.try(async () => await beforeRelease?.()), late.promise])
      .catch((error) => this.log.error("Service failed while it stopped", { error }));
    deadline.cancel();
    this.#cut();
    this.#timers.cancelAll();
    leftovers.push(
      ...await this.#resources.releaseAll(this.#host.time, RELEASE_TIMEOUT, (resource, error) => {
        this.log.error(`Cannot release ${resource.description}`, { error });
      }),
    );
    this.#phase = "released";
    this.#onReleased();
    return leftovers;
  }

  /** Stop listening, here and below, then tell everybody. */
  async #quiesce(hold: number): Promise<void> {
    this.#phase = "draining";
    const ports = [...this.#ports, ...this.#datagramPorts];
    await Promise.all([
      ...ports.map((port) => port.release(hold)),
      ...[...this.#children].map((child) => child.#quiesce(hold)),
    ]);
    this.#draining.abort(new DOMException(`Service "${this.name}" is stopping`, "AbortError"));
    for (const transport of [...this.#book]) {
      try {
        onAccountOf(this, () => transport.protocol.drainRequested());
      } catch (error) {
        this.#book.protocolThrew(error, transport.peer);
        transport.abortConnection();
      }
    }
  }

  #cut(): void {
    if (!this.signal.aborted) {
      this.#signal.abort(new DOMException(`Service "${this.name}" has stopped`, "AbortError"));
    }
    for (const transport of [...this.#book]) transport.abortConnection("Service has stopped");
    for (const child of this.#children) child.#cut();
  }

  async #idle(): Promise<void> {
    while (!this.#isIdle()) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    await Promise.all([...this.#children].map((child) => child.#idle()));
  }

  #isIdle(): boolean {
    return this.#book.size === 0 && this.#tasks.size === 0;
  }

  #checkIdle(): void {
    if (this.#isIdle()) { for (const wake of this.#idleWaiters.splice(0)) wake(); }
  }

  #leftovers(): string[] {
    const own: string[] = [];
    const [first] = this.#book;
    if (first !== undefined) {
      const more = this.#book.size > 1 ? ` and ${this.#book.size - 1} more` : "";
      own.push(`connection from ${formatAddress(first.peer)}${more}`);
    }
    if (this.#tasks.size > 0) own.push(`${this.#tasks.size} ${this.#tasks.size === 1 ? "task" : "tasks"}`);
    return [...own, ...[...this.#children].flatMap((child) => child.#leftovers())];
  }

  #mustBeOpen(what: string): void {
    if (this.#phase === "open") return;
    throw new DOMException(`Cannot ${what}: service "${this.name}" is stopping`, "InvalidStateError");
  }

  async #ifReleased(undo: () => Promise<void>): Promise<void> {
    if (this.#phase === "open") return;
    await undo();
    this.#mustBeOpen("listen");
  }
}
