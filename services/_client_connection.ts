import { TimeoutError } from "./async/errors.ts";
import type { ClientEndpoint } from "./endpoint/endpoint.ts";
import { formatEndpoint } from "./endpoint/format.ts";
import type { FactoryLike } from "./protocol/factory.ts";
import type { Protocol } from "./protocol/protocol.ts";
import { ProtocolWrapper, wrapFactory } from "./protocol/protocol_wrapper.ts";
import type { ConnectionClosed } from "./reactor/errors.ts";
import type { Reactor } from "./reactor/reactor.ts";

/** What an attempt is to do. */
export interface Attempt<P extends Protocol> {
  readonly endpoint: ClientEndpoint;
  readonly factory: FactoryLike<P>;
  readonly prepare?: ((protocol: P, signal: AbortSignal) => void | Promise<void>) | undefined;
  /** For connecting, and again for preparing, ms. */
  readonly timeout: number;
}

/** A connection whose end can be awaited, around the protocol of the client's user. */
export class ClientConnection<P extends Protocol> extends ProtocolWrapper<P> {
  readonly #lost: PromiseWithResolvers<ConnectionClosed> = Promise.withResolvers();
  #drainAsked = false;

  /** Resolves when it is over, after the protocol's own `connectionLost`. */
  get lost(): Promise<ConnectionClosed> {
    return this.#lost.promise;
  }

  /** The client and the scope that is being drained may both ask: the protocol hears it once. */
  override drainRequested(): void {
    if (this.#drainAsked) return;
    this.#drainAsked = true;
    super.drainRequested();
  }

  override connectionLost(reason: ConnectionClosed): void {
    try {
      super.connectionLost(reason);
    } finally {
      this.#lost.resolve(reason);
    }
  }
}

/** Connect and prepare. When that fails or `signal` is aborted, it rejects once nothing of it is left. */
export async function attempt<P extends Protocol>(
  reactor: Reactor,
  what: Attempt<P>,
  signal: AbortSignal,
): Promise<ClientConnection<P>> {
  const connection = await reactor.connect(
    what.endpoint,
    wrapFactory(what.factory, (inner) => new ClientConnection(inner)),
    { signal, timeout: what.timeout },
  );
  try {
    signal.throwIfAborted();
    // Aborted while it was made, by its own protocol: it never was a connection.
    if (connection.transport.state === "closed") throw await connection.lost;
    if (what.prepare !== undefined) await prepared(reactor, connection, what, signal);
    return connection;
  } catch (error) {
    connection.transport.abortConnection("Connection is not wanted any more");
    await connection.lost;
    throw error;
  }
}

async function prepared<P extends Protocol>(
  reactor: Reactor,
  connection: ClientConnection<P>,
  { endpoint, prepare, timeout }: Attempt<P>,
  signal: AbortSignal,
): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  void connection.lost.then(reject);
  const place = formatEndpoint(endpoint);
  const late = new TimeoutError(`Cannot prepare the connection to "${place}": not done after ${timeout} ms`);
  const deadline = reactor.callLater(timeout, reject, late);
  try {
    await Promise.race([Promise.try(prepare!, connection.inner, signal), over]);
  } finally {
    deadline.cancel();
    signal.removeEventListener("abort", giveUp);
  }
}
