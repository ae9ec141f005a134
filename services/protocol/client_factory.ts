import type { Address } from "../reactor/address.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Connector } from "./connector.ts";
import type { Factory } from "./factory.ts";
import type { Protocol } from "./protocol.ts";

/**
 * A factory for clients that hears how its connections fare. A {@linkcode Connector} tells it; call
 * `connector.connect()` in one of the last two to try again. What retries with growing delays is
 * `ClientService`.
 *
 * @example A client that comes back once it is lost
 * ```ts
 * import { ClientFactory, type Connector, connectClient, Protocol, type Reactor } from "@heddle/heddle";
 *
 * class Faithful extends ClientFactory {
 *   override buildProtocol(): Protocol {
 *     return new Protocol();
 *   }
 *   override clientConnectionLost(connector: Connector): void {
 *     connector.connect();
 *   }
 * }
 *
 * function start(reactor: Reactor) {
 *   return connectClient(reactor, "tcp:localhost:7", new Faithful());
 * }
 * ```
 */
export abstract class ClientFactory<P extends Protocol = Protocol> implements Factory<P> {
  abstract buildProtocol(peer: Address): P | null;

  /** An attempt begins. `connector.disconnect()` gives it up. */
  startedConnecting(_connector: Connector): void {}

  /** The attempt failed or was given up: `reason` tells why. */
  clientConnectionFailed(_connector: Connector, _reason: unknown): void {}

  /** The connection is over, after the protocol's own `connectionLost`. */
  clientConnectionLost(_connector: Connector, _reason: ConnectionClosed): void {}
}
