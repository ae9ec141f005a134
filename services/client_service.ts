import { attempt, type ClientConnection } from "./_client_connection.ts";
import { type ClientEvent, type ClientState, nextClientState } from "./_client_states.ts";
import { ConnectWaiters, type WaitOptions } from "./_connect_waiters.ts";
import { CancelledError } from "./async/errors.ts";
import type { DelayedCall } from "./async/time.ts";
import type { ServiceContext } from "./context.ts";
import type { ClientEndpoint } from "./endpoint/endpoint.ts";
import { formatEndpoint } from "./endpoint/format.ts";
import { parseClientEndpoint } from "./endpoint/parse.ts";
import { type LogFields, silentLogger } from "./log.ts";
import type { FactoryLike } from "./protocol/factory.ts";
import type { Protocol } from "./protocol/protocol.ts";
import { Scope } from "./reactor/scope/scope.ts";
import { backoffPolicy, type RetryPolicy } from "./retry_policy.ts";
import type { Service } from "./service.ts";

export type { ClientState, WaitOptions };

/** How a {@linkcode ClientService} connects. */
export interface ClientServiceOptions<P extends Protocol = Protocol> {
  /** How long to wait before a retry. Default: what `backoffPolicy()` returns. */
  readonly retry?: RetryPolicy;
  /**
   * What makes a new connection fit for use: log in, select a database. When it fails, so has the attempt: the
   * connection is aborted and tried again. `signal` is aborted when the client is stopped meanwhile.
   */
  prepareConnection?(protocol: P, signal: AbortSignal): void | Promise<void>;
  /** Milliseconds for connecting, and again for preparing. Default 30,000. */
  readonly timeout?: number;
  /** Milliseconds that a connection may take to end in order when the client is stopped. Default 10,000. */
  readonly stopTimeout?: number;
}

/** What a client service uses of its surroundings: a `ServiceContext`, or just a reactor. */
export type ClientContext =
  & Pick<ServiceContext, "reactor">
  & Partial<Pick<ServiceContext, "log" | "draining">>;

/**
 * Keeps one connection to an endpoint: connects, and connects again when the connection is lost or an attempt
 * fails, with growing delays (Twisted's `ClientService`). Ready as soon as it is started, connected or not;
 * whoever needs the connection awaits {@linkcode ClientService.whenConnected}.
 *
 * It is a service of its own, or a part of one: `client.start(ctx)`. It also works alone: `start({ reactor })`,
 * and later `stop()`.
 *
 * @example
 * ```ts
 * import { ClientService, Protocol, type Service } from "@heddle/heddle";
 *
 * const client = new ClientService("tcp:db.example:5432", () => new Protocol());
 * const service: Service = {
 *   start(ctx) {
 *     client.start(ctx);
 *     ctx.spawn(async (signal) => {
 *       const protocol = await client.whenConnected({ signal });
 *       protocol.transport.write(new TextEncoder().encode("hello\n"));
 *     });
 *   },
 * };
 * ```
 */
export class ClientService<P extends Protocol = Protocol> implements Service {
  /** What it connects to. */
  readonly endpoint: ClientEndpoint;
  readonly #factory: FactoryLike<P>;
  readonly #options: ClientServiceOptions<P>;
  readonly #retryPolicy: RetryPolicy;
  readonly #waiters: ConnectWaiters<P> = new ConnectWaiters();
  #state: ClientState = "init";
  #ctx: ClientContext | null = null;
  /** Since the last connection. */
  #retries = 0;
  /** What the state stands for: the attempt under way, the wait, the connection. */
  #attempt: AbortController | null = null;
  #wait: DelayedCall | null = null;
  #connection: ClientConnection<P> | null = null;
  #stopped: PromiseWithResolvers<void> = Promise.withResolvers();

  /**
   * A client that connects once it is started.
   * @throws {EndpointError} when `endpoint` cannot be parsed
   */
  constructor(
    endpoint: ClientEndpoint | string,
    factory: FactoryLike<P>,
    options: ClientServiceOptions<P> = {},
  ) {
    this.endpoint = typeof endpoint === "string" ? parseClientEndpoint(endpoint) : endpoint;
    this.#factory = factory;
    this.#options = options;
    this.#retryPolicy = options.retry ?? backoffPolicy();
  }

  /** Where it stands. */
  get state(): ClientState {
    return this.#state;
  }

  /** Begin to connect. Started already, it goes on as it is. */
  start(ctx: ClientContext): void {
    if (nextClientState(this.#state, "start") === null) return;
    this.#ctx = ctx;
    this.#happen("start");
    const stop = (): void => {
      if (this.#ctx === ctx) this.#happen("stop");
    };
    const draining = ctx.draining ?? (ctx.reactor instanceof Scope ? ctx.reactor.draining : undefined);
    if (draining?.aborted) stop();
    else draining?.addEventListener("abort", stop, { once: true });
  }

  /**
   * End the connection in order (the protocol's `drainRequested`), or give up the attempt, and connect no more.
   * Resolves when that is over. Those who still wait for a connection get a `CancelledError`.
   */
  async stop(): Promise<void> {
    this.#happen("stop");
    if (this.#state === "disconnecting") await this.#stopped.promise;
  }

  /**
   * The protocol of the connection: at once when there is one, otherwise as soon as there is.
   *
   * @throws {CancelledError} when the client is stopped
   * @throws what an attempt failed with, after {@linkcode WaitOptions.failAfterFailures} of them
   * @throws the reason of {@linkcode WaitOptions.signal}
   * @throws {RangeError} when `failAfterFailures` is less than 1
   */
  async whenConnected(options: WaitOptions = {}): Promise<P> {
    const { failAfterFailures = Infinity, signal } = options;
    if (!(failAfterFailures >= 1)) {
      throw new RangeError(`Cannot fail after "${failAfterFailures}" failures: must be at least 1`);
    }
    signal?.throwIfAborted();
    if (this.#state === "connected") return this.#connection!.inner;
    if (this.#state === "stopped") throw this.#stoppedError();
    return await this.#waiters.wait(options);
  }

  #happen(event: ClientEvent): void {
    const from = this.#state;
    const to = nextClientState(from, event);
    if (to === null) return;
    this.#state = to;
    if (from === "waiting") this.#wait?.cancel();
    if (from === "restarting" && to === "connecting") this.#stopped.resolve();
    this.#enter(to, from);
  }

  #enter(state: ClientState, from: ClientState): void {
    switch (state) {
      case "connecting":
        if (from !== "waiting") this.#retries = 0;
        return void this.#connect();
      case "connected":
        this.#retries = 0;
        this.#log("info", "Connected");
        return this.#waiters.connected(this.#connection!.inner);
      case "waiting":
        return this.#waitForRetry();
      case "disconnecting":
        if (from !== "restarting") this.#disconnect();
        return;
      case "stopped":
        this.#waiters.cancel(this.#stoppedError());
        return this.#stopped.resolve();
    }
  }

  async #connect(): Promise<void> {
    const { reactor } = this.#ctx!;
    const { timeout = 30_000 } = this.#options;
    const abort = this.#attempt = new AbortController();
    const prepare = this.#options.prepareConnection?.bind(this.#options);
    try {
      const { endpoint } = this;
      const what = { endpoint, factory: this.#factory, timeout, ...(prepare && { prepare }) };
      this.#connection = await attempt(reactor, what, abort.signal);
    } catch (error) {
      return this.#attemptFailed(error);
    }
    void this.#connection.lost.then((reason) => {
      this.#connection = null;
      if (this.#state === "connected") this.#log("info", "Connection is over", { reason: reason.message });
      this.#happen("lost");
    });
    this.#happen("connected");
  }

  #attemptFailed(error: unknown): void {
    if (this.#state === "connecting") {
      this.#log("warn", "Attempt to connect failed", { error });
      this.#waiters.attemptFailed(error);
    }
    this.#happen("failed");
  }

  #waitForRetry(): void {
    this.#wait = this.#callLater(this.#retryPolicy(this.#retries++), () => this.#happen("retry"));
    if (this.#wait === null) this.#happen("stop");
  }

  #disconnect(): void {
    this.#stopped = Promise.withResolvers();
    const connection = this.#connection;
    if (connection === null) {
      return this.#attempt!.abort(new CancelledError(`Connecting to ${this.#place} was cancelled`));
    }
    const deadline = this.#callLater(
      this.#options.stopTimeout ?? 10_000,
      () => connection.transport.abortConnection("Client has stopped"),
    );
    void connection.lost.then(() => deadline?.cancel());
    try {
      connection.drainRequested();
    } catch (error) {
      this.#log("error", "Protocol threw an exception: its connection is closed", { error });
      connection.transport.abortConnection("Protocol threw an exception");
    }
  }

  /** Null when the reactor takes no more calls: it has ended, and bounds what is under way. */
  #callLater(ms: number, fn: () => void): DelayedCall | null {
    try {
      return this.#ctx!.reactor.callLater(ms, fn);
    } catch (error) {
      if (error instanceof DOMException && error.name === "InvalidStateError") return null;
      throw error;
    }
  }

  get #place(): string {
    return `"${formatEndpoint(this.endpoint)}"`;
  }

  #stoppedError(): CancelledError {
    return new CancelledError(`Cannot wait for a connection to ${this.#place}: its client has stopped`);
  }

  #log(level: "info" | "warn" | "error", message: string, fields: LogFields = {}): void {
    const log = this.#ctx?.log ?? silentLogger;
    log[level](message, { endpoint: formatEndpoint(this.endpoint), ...fields });
  }
}
