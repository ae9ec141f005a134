import type { Address } from "../reactor/address.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Transport } from "../reactor/transport.ts";
import { asFactory, type Factory, type FactoryLike } from "./factory.ts";
import { Protocol } from "./protocol.ts";

/**
 * A protocol around another one: the base of the policies, and of your own. It hands on every event; a
 * subclass overrides those that it watches or holds back, and calls `super` for the rest. One that acts
 * on what `inner` sends gives it a {@linkcode TransportWrapper} from `wrapTransport`.
 *
 * @example Count the bytes of a connection
 * ```ts
 * import { Protocol, ProtocolWrapper, wrapFactory } from "@heddle/heddle";
 *
 * class Counting extends ProtocolWrapper {
 *   bytes = 0;
 *   override dataReceived(data: Uint8Array): void {
 *     this.bytes += data.length;
 *     super.dataReceived(data);
 *   }
 * }
 * const factory = wrapFactory(() => new Protocol(), (inner) => new Counting(inner));
 * ```
 */
export class ProtocolWrapper<P extends Protocol = Protocol> extends Protocol {
  /** The protocol within. */
  readonly inner: P;
  /** As `inner` does: a wrapper that keeps chunks copies them. */
  override readonly borrowsData: boolean;

  /** A wrapper that is connected when `makeConnection` is called. */
  constructor(inner: P) {
    super();
    this.inner = inner;
    this.borrowsData = inner.borrowsData;
  }

  /** Connects `inner`, to what `wrapTransport` returns. */
  override makeConnection(transport: Transport): void {
    this.transport = transport;
    this.inner.makeConnection(this.wrapTransport(transport));
  }

  /** Handed on. */
  override dataReceived(data: Uint8Array): void {
    this.inner.dataReceived(data);
  }

  /** Handed on. */
  override readConnectionLost(): void {
    this.inner.readConnectionLost();
  }

  /** Handed on. */
  override drainRequested(): void {
    this.inner.drainRequested();
  }

  /** Handed on. */
  override connectionLost(reason: ConnectionClosed): void {
    this.inner.connectionLost(reason);
  }

  /** The transport that `inner` is given; by default the wrapper's own. */
  protected wrapTransport(transport: Transport): Transport {
    return transport;
  }
}

/** A factory whose protocols are those of `factory`, each within what `wrap` makes of it. */
export function wrapFactory<P extends Protocol, W extends Protocol>(
  factory: FactoryLike<P>,
  wrap: (inner: P, peer: Address) => W,
): Factory<W> {
  const inner = asFactory(factory);
  return {
    buildProtocol(peer: Address): W | null {
      const protocol = inner.buildProtocol(peer);
      return protocol === null ? null : wrap(protocol, peer);
    },
    startFactory(): void {
      inner.startFactory?.();
    },
    stopFactory(): void {
      inner.stopFactory?.();
    },
  };
}
