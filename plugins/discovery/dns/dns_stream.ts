import { Int16StringReceiver } from "../../../services/protocol/int_string_receiver.ts";
import type { DnsDesk } from "./dns_desk.ts";

/** DNS over TCP (RFC 7766): messages after their lengths, answered as they can be, in whatever order. */
export class DnsStream extends Int16StringReceiver {
  readonly #desk: DnsDesk;

  constructor(desk: DnsDesk) {
    super();
    this.#desk = desk;
  }

  override stringReceived(message: Uint8Array): void {
    this.#desk.handle(message, "tcp", (reply) => this.sendString(reply));
  }
}
