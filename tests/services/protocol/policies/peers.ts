import { asFactory, type FactoryLike } from "../../../../services/protocol/factory.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import type { Address } from "../../../../services/reactor/address.ts";
import type { ConnectionClosed } from "../../../../services/reactor/errors.ts";
import { StringTransport } from "../../../../services/testing/string_transport.ts";

/** Keeps what it hears. */
export class Recorder extends Protocol {
  readonly events: string[] = [];
  override connectionMade(): void {
    this.events.push("made");
  }
  override dataReceived(data: Uint8Array): void {
    this.events.push(new TextDecoder().decode(data));
  }
  override readConnectionLost(): void {
    this.events.push("end");
  }
  override drainRequested(): void {
    this.events.push("drain");
  }
  override connectionLost(reason: ConnectionClosed): void {
    this.events.push(`lost: ${reason.message}`);
  }
}

export function tcp(hostname: string, port = 40_000): Address {
  return { transport: "tcp", hostname, port };
}

/** Connect to `factory` as a listener would; null when it refuses. */
export function connectTo(factory: FactoryLike, peer: Address = tcp("192.0.2.1")): StringTransport | null {
  const protocol = asFactory(factory).buildProtocol(peer);
  return protocol === null ? null : StringTransport.connect(protocol, { peer });
}

/** {@linkcode connectTo} where a refusal is a failure of the test. */
export function accepted(factory: FactoryLike, peer?: Address): StringTransport {
  const transport = connectTo(factory, peer);
  if (transport === null) throw new Error("Connection was refused");
  return transport;
}
