import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { ClientEndpoint, ServerEndpoint, SocketEndpoint, UdpEndpoint } from "../../endpoint/endpoint.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../endpoint/parse.ts";
import type { Logger } from "../../log.ts";
import type { DatagramProtocol, DatagramTransport } from "../../protocol/datagram_protocol.ts";
import { asFactory, type Factory, type FactoryLike } from "../../protocol/factory.ts";
import type { Protocol } from "../../protocol/protocol.ts";
import { type Address, formatAddress } from "../address.ts";
import { onAccountOf, type Owner } from "../attribution.ts";
import type { Connection } from "../connection.ts";
import type { ForeignServer } from "../foreign_server.ts";
import type { Network } from "../network.ts";
import type { AcceptLoop } from "../pool/accept_loop.ts";
import type { ReceiveLoop } from "../pool/receive_loop.ts";
import type { Lease } from "../pool/socket_pool.ts";
import type { ConnectOptions, ListenOptions, Port, Reactor } from "../reactor.ts";
import { StreamConnection } from "../stream_connection.ts";
import { StreamTransport, type TransportEnvironment } from "../stream_transport.ts";
import type { RawConn } from "../raw.ts";
import { ClientOwner } from "./client_owner.ts";
import { ConnectionBook, type ConnectionCounters } from "./connection_book.ts";
import { dialInstance, type InstanceFinder } from "./dial_instance.ts";
import { Deadline } from "./deadline.ts";
import { beginUse } from "./factory_use.ts";
import { disposableResource, type Resource, Resources } from "./resources.ts";
import { ScopedDatagramPort } from "./scoped_datagram_port.ts";
import { ScopedPort } from "./scoped_port.ts";
import { ScopedTimers } from "./scoped_timers.ts";

/** Until a connection attempt gives up, ms. */
const CONNECT_TIMEOUT = 30_000;
/** For the service's own `stop` where the drain has used up its time, ms. */
const STOP_GRACE = 1_000;
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
  whenRunning(fn: () => void): void;
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
  /** Gives the registry that `discover:` asks; throws when none is in reach. Default: there is none. */
  readonly finder?: () => InstanceFinder;
}

interface Dialled {
  readonly endpoint: SocketEndpoint;
  readonly raw: RawConn;
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

/** `open -> draining -> released`. While it drains, what is under way may still open what it needs to finish. */
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
  readonly #finder: () => InstanceFinder;
  readonly #book: ConnectionBook;
  readonly #timers: ScopedTimers;
  readonly #resources = new Resources();
  readonly #ports = new Set<ScopedPort>();
  readonly #datagramPorts = new Set<ScopedDatagramPort>();
  /** Servers of others, with what ends each. */
  readonly #servers = new Map<ForeignServer, () => Promise<void>>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #children = new Set<Scope>();
  /** Handlers of `serve` that have not settled: of open connections, and of such as are over. */
  #handlers = 0;
  readonly #draining = new AbortController();
  readonly #signal = new AbortController();
  #phase: Phase = "open";
  #staged: boolean;
  #idleWaiters: (() => void)[] = [];
  #drained: Promise<string[]> | null = null;
  #deadline: Deadline | null = null;

  constructor(host: ScopeHost, options: ScopeOptions) {
    this.#host = host;
    this.name = options.name;
    this.log = options.log;
    this.#onFailure = options.onFailure;
    this.#finder = options.finder ?? noRegistry;
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
    const own = [...this.#ports, ...this.#datagramPorts, ...this.#servers.keys()].map(({ host }) => host);
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
    if (this.#phase === "released") this.#refuse("arrange a call");
    return this.#timers.callLater(ms, fn, args);
  }

  callWhenRunning(fn: () => void): void {
    this.#host.whenRunning(() => {
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
    const maker = asFactory(factory);
    const port = new ScopedPort(maker, this.#book, options);
    let lease: Lease<AcceptLoop>;
    try {
      lease = await this.#host.acquireListener(parsed, this.name, this.#staged, port);
    } catch (error) {
      this.#book.endUse(maker);
      throw error;
    }
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
    const makeConnection = (): StreamConnection => {
      this.#handlers++;
      return new StreamConnection(handler, this.draining, this.log, this.#handlerSettled);
    };
    return this.listen(endpoint, makeConnection, options);
  }

  readonly #handlerSettled = (): void => {
    this.#handlers--;
    this.#checkIdle();
  };

  async listenDatagram(
    endpoint: UdpEndpoint | string,
    protocol: DatagramProtocol,
  ): Promise<DatagramTransport> {
    this.#mustBeOpen("listen");
    const parsed = typeof endpoint === "string" ? parseUdpEndpoint(endpoint) : endpoint;
    const port = new ScopedDatagramPort(protocol, this, this.log, this.#host.environment.chunks);
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
      this.#book.absorb(port.counters());
    });
    try {
      port.start();
    } catch (error) {
      await port.stopListening();
      throw error;
    }
    await this.#ifReleased(() => port.stopListening());
    if (!this.#staged) port.activate();
    return port;
  }

  async connect<P extends Protocol>(
    endpoint: ClientEndpoint | string,
    factory: FactoryLike<P>,
    options: ConnectOptions = {},
  ): Promise<P> {
    if (this.#isCut()) this.#refuse("connect");
    const parsed = typeof endpoint === "string" ? parseClientEndpoint(endpoint) : endpoint;
    const signal = options.signal === undefined
      ? this.signal
      : AbortSignal.any([options.signal, this.signal]);
    signal.throwIfAborted();
    const maker = asFactory(factory);
    beginUse(maker);
    let raw: RawConn | undefined;
    try {
      const dialled = await this.#dial(parsed, options.timeout ?? CONNECT_TIMEOUT, signal);
      raw = dialled.raw;
      signal.throwIfAborted();
      const hostname = dialled.endpoint.kind === "unix" ? "localhost" : dialled.endpoint.hostname;
      return onAccountOf(this, this.#begin<P>, raw, maker, hostname);
    } catch (error) {
      raw?.close();
      this.#book.endUse(maker);
      throw error;
    }
  }

  /** Connect, and tell to what. */
  async #dial(endpoint: ClientEndpoint, timeout: number, signal: AbortSignal): Promise<Dialled> {
    const { network, time } = this.#host;
    const dial = async (endpoint: SocketEndpoint, timeout: number): Promise<Dialled> => ({
      endpoint,
      raw: await network.connect(endpoint, { timeout, time, signal }),
    });
    if (endpoint.kind !== "discover") return await dial(endpoint, timeout);
    return await dialInstance(endpoint.service, { finder: this.#finder, time, timeout, signal, dial });
  }

  readonly #begin = <P extends Protocol>(raw: RawConn, factory: Factory<P>, hostname: string): P => {
    const protocol = factory.buildProtocol(raw.peer);
    if (protocol === null) {
      throw new DOMException(
        `Cannot connect to "${formatAddress(raw.peer)}": the factory refused the connection`,
        "AbortError",
      );
    }
    const owner = new ClientOwner(factory, this.#book, hostname);
    const transport = new StreamTransport(raw, protocol, owner, this.#host.environment);
    this.#book.add(transport);
    transport.start();
    return protocol;
  };

  adopt(server: ForeignServer): () => Promise<void> {
    if (this.#phase !== "open") server.abort();
    this.#mustBeOpen("listen");
    const resource = {
      description: `server on ${formatAddress(server.host)}`,
      release: () => {
        server.abort();
        return drained();
      },
    };
    let over: Promise<void> | null = null;
    const drained = () => over ??= this.#drainServer(server).finally(() => this.#resources.delete(resource));
    this.#servers.set(server, drained);
    this.#resources.add(resource);
    return drained;
  }

  /** It is over when this resolves. */
  async #drainServer(server: ForeignServer): Promise<void> {
    await server.drain().catch((error) =>
      this.log.error(`Cannot end the server on ${formatAddress(server.host)}`, { error })
    );
    this.#servers.delete(server);
    this.#checkIdle();
  }

  // Ownership

  /**
   * Release `resource` with this scope, last-in first-out; returns it.
   * @throws {DOMException} `InvalidStateError` when the scope is over; `resource` is released all the same
   */
  use<T extends Disposable | AsyncDisposable>(resource: T): T {
    const owned = disposableResource(resource);
    if (this.#isCut()) {
      Promise.try(() => owned.release()).catch((error) => this.#cannotRelease(owned, error));
      this.#refuse("use a resource");
    }
    this.#resources.add(owned);
    return resource;
  }

  /** Run `task`, tracked: the drain waits for it, and its rejection is this scope's failure. */
  spawn(task: (signal: AbortSignal) => Promise<void>): void {
    if (this.#isCut()) this.#refuse("spawn a task");
    const run: Promise<void> = onAccountOf(this, () => Promise.try(task, this.signal))
      .catch((error) => {
        if (!this.signal.aborted) this.unhandled(error);
        else if (error !== this.signal.reason) this.log.warn("Task failed when it was cut", { error });
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
    const child = new Scope(this.#host, { staged: this.#staged, finder: this.#finder, ...options });
    const resource = {
      description: `scope ${options.name}`,
      release: () => child.drain({ within: 0, hold: 0 }),
    };
    child.#onReleased = () => {
      this.#children.delete(child);
      this.#resources.delete(resource);
      this.#book.absorb(child.counters());
      this.#checkIdle();
    };
    this.#children.add(child);
    this.#resources.add(resource);
    return child;
  }

  #onReleased: () => void = () => {};

  /** Take over the sockets that were shared with a predecessor. */
  activate(): void {
    if (this.#phase !== "open") return;
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
    this.#deadline?.hasten(order.within);
    return this.#drained ??= this.#drain(order);
  }

  async #drain({ within, hold, beforeRelease }: DrainOrder): Promise<string[]> {
    this.#phase = "draining";
    const deadline = this.#deadline = new Deadline(this.#host.time, within);
    await this.#quiesce(hold);
    await Promise.race([this.#idle(), deadline.passed]);
    const leftovers = this.#leftovers();
    if (leftovers.length > 0) await this.#cutAndSettle();
    if (beforeRelease !== undefined && !await this.#finishedInTime(beforeRelease, deadline)) {
      leftovers.push("stop of the service");
    }
    deadline.cancel();
    await this.#cutAndSettle();
    this.#timers.cancelAll();
    leftovers.push(
      ...await this.#resources.releaseAll(this.#host.time, RELEASE_TIMEOUT, this.#cannotRelease),
    );
    this.#phase = "released";
    this.#timers.cancelAll();
    this.#onReleased();
    return leftovers;
  }

  /** Stop listening, here and below, then tell everybody. */
  async #quiesce(hold: number): Promise<void> {
    this.#phase = "draining";
    const ports = [...this.#ports, ...this.#datagramPorts];
    for (const drained of this.#servers.values()) void drained();
    await Promise.all([
      ...ports.map((port) => port.release(hold)),
      ...[...this.#children].map((child) => child.#quiesce(hold)),
    ]);
    if (!this.draining.aborted) onAccountOf(this, this.#tellDraining);
  }

  readonly #tellDraining = (): void => {
    this.#draining.abort(new DOMException(`${this.#title()} is stopping`, "AbortError"));
    for (const transport of [...this.#book]) {
      try {
        transport.protocol.drainRequested();
      } catch (error) {
        this.#book.protocolThrew(error, transport.peer);
        transport.abortConnection("Protocol threw an exception");
      }
    }
  };

  /** Run the service's own end: until the deadline or, where that has passed, for a moment more. */
  async #finishedInTime(end: () => unknown, drain: Deadline): Promise<boolean> {
    const deadline = drain.hasPassed ? new Deadline(this.#host.time, STOP_GRACE) : drain;
    const ended = Promise.try(end)
      .catch((error) => this.log.error("Service failed while it stopped", { error }))
      .then(() => true);
    const inTime = await Promise.race([ended, deadline.passed.then(() => false)]);
    deadline.cancel();
    return inTime;
  }

  #cut(): void {
    if (!this.signal.aborted) {
      this.#signal.abort(new DOMException(`${this.#title()} has stopped`, "AbortError"));
    }
    for (const transport of [...this.#book]) transport.abortConnection("Service has stopped");
    for (const server of this.#servers.keys()) server.abort();
    for (const child of this.#children) child.#cut();
  }

  /** Cut, and let those who are told so come to their end before what they use is released. */
  async #cutAndSettle(): Promise<void> {
    onAccountOf(this, () => this.#cut());
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#host.network.afterTurn(resolve));
  }

  /** Nothing may be begun any more, not even to finish what is under way. */
  #isCut(): boolean {
    return this.#phase === "released" || this.signal.aborted;
  }

  async #idle(): Promise<void> {
    while (!this.#isIdle()) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    await Promise.all([...this.#children].map((child) => child.#idle()));
  }

  #isIdle(): boolean {
    return this.#book.size === 0 && this.#tasks.size === 0 && this.#handlers === 0 &&
      this.#servers.size === 0;
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
    if (first === undefined && this.#handlers > 0) own.push(counted(this.#handlers, "connection handler"));
    if (this.#tasks.size > 0) own.push(counted(this.#tasks.size, "task"));
    for (const { host, underWay } of this.#servers.keys()) {
      if (underWay !== null) own.push(`${underWay} on ${formatAddress(host)}`);
    }
    return [...own, ...[...this.#children].flatMap((child) => child.#leftovers())];
  }

  #mustBeOpen(what: string): void {
    if (this.#phase !== "open") this.#refuse(what);
  }

  #refuse(what: string): never {
    const title = this.name === "" ? "the reactor" : `service "${this.name}"`;
    throw new DOMException(`Cannot ${what}: ${title} is stopping`, "InvalidStateError");
  }

  #title(): string {
    return this.name === "" ? "Reactor" : `Service "${this.name}"`;
  }

  readonly #cannotRelease = (resource: Resource, error: unknown): void => {
    this.log.error(`Cannot release ${resource.description}`, { error });
  };

  async #ifReleased(undo: () => Promise<void>): Promise<void> {
    if (this.#phase === "open") return;
    await undo();
    this.#mustBeOpen("listen");
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function noRegistry(): never {
  throw new Error("a reactor of one's own has none");
}
