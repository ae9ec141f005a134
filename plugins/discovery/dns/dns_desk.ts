import type { Counter } from "../../../services/metrics/metrics.ts";
import type { Forwarder } from "./forwarder.ts";
import type { Carrier, Responder } from "./responder.ts";

/** Where messages come in and replies go out, whatever they came by. */
export class DnsDesk {
  readonly #responder: Responder;
  readonly #forwarder: Forwarder | null;
  readonly #countReply: (rcode: number) => void;
  readonly #forwarded: Counter;

  constructor({ responder, forwarder, countReply, forwarded }: {
    readonly responder: Responder;
    readonly forwarder: Forwarder | null;
    readonly countReply: (rcode: number) => void;
    readonly forwarded: Counter;
  }) {
    this.#responder = responder;
    this.#forwarder = forwarder;
    this.#countReply = countReply;
    this.#forwarded = forwarded;
  }

  /** Handle a message; `send` is called at most once, now or later. */
  handle(message: Uint8Array, carrier: Carrier, send: (reply: Uint8Array) => void): void {
    const verdict = this.#responder.judge(message, carrier);
    if (verdict.kind === "reply") {
      this.#countReply(verdict.rcode);
      send(verdict.reply);
    } else if (verdict.kind === "forward") {
      this.#forwarded.inc();
      this.#forwarder!.forward(message, carrier, (reply) => {
        if (reply !== null) return send(reply);
        const failed = this.#responder.failed(message, verdict.query, carrier);
        if (failed.kind === "reply") send(failed.reply);
      });
    }
  }
}
