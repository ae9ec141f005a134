import { CancelledError } from "../async/errors.ts";
import type { ClientEndpoint } from "../endpoint/endpoint.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { ConnectOptions, Reactor } from "../reactor/reactor.ts";
import type { Transport } from "../reactor/transport.ts";
import type { ClientFactory } from "./client_factory.ts";
import type { Factory } from "./factory.ts";
import type { Protocol } from "./protocol.ts";
import { ProtocolWrapper, wrapFactory } from "./protocol_wrapper.ts";

/** What a connector asks of a reactor. */
export type ClientReactor = Pick<Reactor, "connect">;

type State =
  | { readonly name: "disconnected" }
  | { readonly name: "connecting"; readonly attempt: AbortController }
  | { readonly name: "connected"; readonly protocol: Protocol };

const disconnected: State = { name: "disconnected" };

/** Connects to one endpoint, as often as it is told to, and tells its {@linkcode ClientFactory} how it went. */
export class Connector {
  /** What it connects to. */
  readonly endpoint: ClientEndpoint | string;
  readonly #reactor: ClientReactor;
  readonly #factory: ClientFactory;
  readonly #options: ConnectOptions;
  #state: State = disconnected;

  /** `options` are those of each attempt. {@linkcode connectClient} makes one and connects it. */
  constructor(
    reactor: ClientReactor,
    endpoint: ClientEndpoint | string,
    factory: ClientFactory,
    options: ConnectOptions = {},
  ) {
    this.#reactor = reactor;
    this.endpoint = endpoint;
    this.#factory = factory;
    this.#options = options;
  }

  /** How far it is. */
  get state(): "disconnected" | "connecting" | "connected" {
    return this.#state.name;
  }

  /**
   * Begin an attempt.
   * @throws {Error} unless disconnected
   */
  connect(): void {
    if (this.#state.name !== "disconnected") {
      throw new Error(`Cannot connect: the connector is ${this.#state.name} already`);
    }
    const attempt = new AbortController();
    this.#state = { name: "connecting", attempt };
    this.#factory.startedConnecting(this);
    const given = this.#options.signal;
    const signal = given === undefined ? attempt.signal : AbortSignal.any([attempt.signal, given]);
    this.#reactor
      .connect(this.endpoint, this.#watched(), { ...this.#options, signal })
      .catch((reason: unknown) => this.#failed(reason));
  }

  /** Give up the attempt that is under way, or close the connection in order. */
  disconnect(): void {
    switch (this.#state.name) {
      case "disconnected":
        return;
      case "connecting":
        return this.#state.attempt.abort(new CancelledError("Connecting was cancelled"));
      case "connected":
        return this.#state.protocol.transport.loseConnection();
    }
  }

  #watched(): Factory {
    return wrapFactory(this.#factory, (inner) => new WatchedProtocol(inner, this.#made, this.#lost));
  }

  readonly #made = (protocol: Protocol): void => {
    this.#state = { name: "connected", protocol };
  };

  readonly #lost = (reason: ConnectionClosed): void => {
    this.#state = disconnected;
    this.#factory.clientConnectionLost(this, reason);
  };

  #failed(reason: unknown): void {
    // A protocol that was made hears of its end itself.
    if (this.#state.name !== "connecting") return;
    this.#state = disconnected;
    this.#factory.clientConnectionFailed(this, reason);
  }
}

/** Connect, and go on as `factory` decides (Twisted's `reactor.connectTCP`). */
export function connectClient(
  reactor: ClientReactor,
  endpoint: ClientEndpoint | string,
  factory: ClientFactory,
  options?: ConnectOptions,
): Connector {
  const connector = new Connector(reactor, endpoint, factory, options);
  connector.connect();
  return connector;
}

class WatchedProtocol extends ProtocolWrapper {
  readonly #made: (protocol: Protocol) => void;
  readonly #lost: (reason: ConnectionClosed) => void;

  constructor(
    inner: Protocol,
    made: (protocol: Protocol) => void,
    lost: (reason: ConnectionClosed) => void,
  ) {
    super(inner);
    this.#made = made;
    this.#lost = lost;
  }

  override makeConnection(transport: Transport): void {
    this.#made(this);
    super.makeConnection(transport);
  }

  override connectionLost(reason: ConnectionClosed): void {
    try {
      super.connectionLost(reason);
    } finally {
      this.#lost(reason);
    }
  }
}
