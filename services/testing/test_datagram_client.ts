import { DatagramProtocol } from "../protocol/datagram_protocol.ts";
import type { InetAddress } from "../reactor/address.ts";
import type { MemoryReactor } from "../reactor/memory/memory_reactor.ts";

/** Sends datagrams to what is tested, and keeps those that come back. Made by `connectDatagram` of a running plugin. */
export class TestDatagramClient extends DatagramProtocol {
  readonly #reactor: MemoryReactor;
  readonly #to: Omit<InetAddress, "transport">;
  readonly #datagrams: Uint8Array[] = [];

  /** One that is not bound yet, and will send to `to`. */
  constructor(reactor: MemoryReactor, to: Omit<InetAddress, "transport">) {
    super();
    this.#reactor = reactor;
    this.#to = to;
  }

  /** Send one datagram of text or bytes, and let everything happen that follows without time or files. */
  async send(data: string | Uint8Array): Promise<void> {
    this.transport.write(typeof data === "string" ? new TextEncoder().encode(data) : data, this.#to);
    await this.#reactor.settle();
  }

  /** The datagrams that have come since the last call, as text. */
  received(): string[] {
    return this.receivedBytes().map((datagram) => new TextDecoder().decode(datagram));
  }

  /** The datagrams that have come since the last call. */
  receivedBytes(): Uint8Array[] {
    return this.#datagrams.splice(0);
  }

  /** Called by the reactor. */
  override datagramReceived(data: Uint8Array): void {
    this.#datagrams.push(data);
  }
}
