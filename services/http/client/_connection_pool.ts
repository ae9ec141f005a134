import type { DelayedCall } from "../../async/time.ts";
import type { ClientEndpoint } from "../../endpoint/endpoint.ts";
import type { Reactor } from "../../reactor/reactor.ts";
import { OutBuffer } from "../_out_buffer.ts";
import { ClientConnection, type ConnectionOwner } from "./_client_connection.ts";
import { HttpClientError } from "./client_error.ts";
import type { ClientRequest, LazySignal } from "./client_request.ts";
import type { ClientResponse } from "./client_response.ts";
import type { ClientLimits } from "./options.ts";

/** How often deadlines are looked at, ms. */
const SWEEP = 250;

/** The connections to one server. */
export class ConnectionPool implements ConnectionOwner {
  readonly limits: ClientLimits;
  readonly out = new OutBuffer();
  now = 0;
  readonly #reactor: Reactor;
  readonly #endpoint: ClientEndpoint | string;
  readonly #idle: ClientConnection[] = [];
  readonly #all = new Set<ClientConnection>();
  #sweep: DelayedCall | null = null;
  #retired = false;

  constructor(reactor: Reactor, endpoint: ClientEndpoint | string, limits: ClientLimits) {
    this.#reactor = reactor;
    this.#endpoint = endpoint;
    this.limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  send(request: ClientRequest, signal: LazySignal | null): Promise<ClientResponse> {
    return this.#takeIdle()?.send(request, signal) ?? this.sendAfresh(request, signal);
  }

  async sendAfresh(request: ClientRequest, signal: LazySignal | null): Promise<ClientResponse> {
    const connection = await this.#connect(signal?.());
    if (!connection.usable) {
      throw new HttpClientError("connect", "Server closed the connection as soon as it stood");
    }
    this.#all.add(connection);
    this.#watch();
    return await connection.send(request, signal);
  }

  /** Close what is idle now, and the rest when its responses are read. */
  retire(): void {
    this.#retired = true;
    for (const connection of [...this.#all]) connection.retire();
  }

  async #connect(signal: AbortSignal | undefined): Promise<ClientConnection> {
    try {
      return await this.#reactor.connect(this.#endpoint, () => new ClientConnection(this), {
        timeout: this.limits.connectTimeout,
        ...(signal !== undefined && { signal }),
      });
    } catch (cause) {
      if (signal?.aborted) throw new HttpClientError("cancelled", "Request was given up", { cause });
      throw new HttpClientError("connect", cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** The connection that was free last: the others may then grow old together. */
  #takeIdle(): ClientConnection | null {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return null;
      if (connection.usable) return connection;
    }
  }

  // ConnectionOwner

  released(connection: ClientConnection): void {
    if (this.#retired || this.#idle.length >= this.limits.maxIdle) connection.retire();
    else this.#idle.push(connection);
  }

  gone(connection: ClientConnection): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  drains(): void {
    this.retire();
  }

  #watch(): void {
    if (this.#sweep !== null) return;
    this.now = this.#reactor.now();
    this.#sweep = this.#reactor.callLater(SWEEP, this.#tick);
  }

  readonly #tick = (): void => {
    this.#sweep = null;
    if (this.#all.size === 0) return;
    this.#watch();
    for (const connection of [...this.#all]) connection.sweep(this.now);
  };
}
