import type { Logger } from "../../log.ts";
import { type Address, formatAddress } from "../../reactor/address.ts";
import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { Transport } from "../../reactor/transport.ts";
import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import { ProtocolWrapper, wrapFactory } from "../protocol_wrapper.ts";
import { TransportWrapper } from "../transport_wrapper.ts";

/** What happened on a connection. Connections of a factory are numbered from 1. */
export type TrafficEvent =
  & { readonly connection: number; readonly peer: Address }
  & (
    | { readonly kind: "made" }
    /** `data` is only good until the sink returns. */
    | { readonly kind: "received" | "sent"; readonly data: Uint8Array }
    | { readonly kind: "lost"; readonly reason: ConnectionClosed }
  );

/** Is told of all traffic, in order. */
export type TrafficSink = (event: TrafficEvent) => void;

/**
 * Tell `sink` of everything that arrives and is sent, before the protocol and the transport hear of it.
 *
 * @example
 * ```ts
 * import { logTraffic, Protocol, type ServiceContext, trafficLog } from "@heddle/heddle";
 *
 * function start(ctx: ServiceContext) {
 *   return ctx.reactor.listen("tcp:7", trafficLog(() => new Protocol(), logTraffic(ctx.log)));
 * }
 * ```
 */
export function trafficLog<P extends Protocol>(
  factory: FactoryLike<P>,
  sink: TrafficSink,
): Factory<ProtocolWrapper<P>> {
  let connections = 0;
  return wrapFactory(factory, (inner, peer) => new LoggedProtocol(inner, peer, ++connections, sink));
}

/** How {@linkcode logTraffic} writes. */
export interface LogTrafficOptions {
  /** How many bytes of each chunk are shown. Default 0, since passwords travel too. */
  readonly preview?: number;
}

/** A sink that writes to `log` at level debug: sizes, and if asked for the beginning of each chunk. */
export function logTraffic(log: Logger, options: LogTrafficOptions = {}): TrafficSink {
  const { preview = 0 } = options;
  return (event) => {
    const fields = { connection: event.connection, peer: formatAddress(event.peer) };
    switch (event.kind) {
      case "made":
        return log.debug("Connection made", fields);
      case "lost":
        return log.debug("Connection lost", { ...fields, reason: event.reason.message });
      case "received":
      case "sent": {
        const shown = preview > 0 ? { data: printable(event.data.subarray(0, preview)) } : {};
        const message = event.kind === "received" ? "Data received" : "Data sent";
        return log.debug(message, { ...fields, bytes: event.data.length, ...shown });
      }
    }
  };
}

class LoggedProtocol<P extends Protocol> extends ProtocolWrapper<P> {
  readonly #connection: { readonly connection: number; readonly peer: Address };
  readonly #sink: TrafficSink;

  constructor(inner: P, peer: Address, connection: number, sink: TrafficSink) {
    super(inner);
    this.#connection = { connection, peer };
    this.#sink = sink;
  }

  override makeConnection(transport: Transport): void {
    this.#sink({ ...this.#connection, kind: "made" });
    super.makeConnection(transport);
  }

  override dataReceived(data: Uint8Array): void {
    this.#sink({ ...this.#connection, kind: "received", data });
    super.dataReceived(data);
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#sink({ ...this.#connection, kind: "lost", reason });
    super.connectionLost(reason);
  }

  protected override wrapTransport(transport: Transport): Transport {
    return new LoggedTransport(transport, (data) => this.#sink({ ...this.#connection, kind: "sent", data }));
  }
}

class LoggedTransport extends TransportWrapper {
  readonly #sent: (data: Uint8Array) => void;

  constructor(beneath: Transport, sent: (data: Uint8Array) => void) {
    super(beneath);
    this.#sent = sent;
  }

  override write(data: Uint8Array): void {
    if (this.state !== "closed") this.#sent(data);
    super.write(data);
  }
}

/** Bytes as ASCII; the others, control characters and the backslash as `\\xNN`. */
function printable(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
