import { formatMailbox } from "../../../services/mail/address.ts";
import type { LogFields } from "../../../services/log.ts";
import type { MessageSink, Transaction } from "../delivery/delivery.ts";
import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";
import { MessageDecoder, type MessageFault, type MessageRules } from "./message_decoder.ts";

const refusals: Readonly<Record<MessageFault, Reply>> = {
  tooLarge: replies.tooLarge,
  longLine: replies.longLines,
  bareNewline: replies.bareNewlines,
  mailLoop: replies.mailLoop,
};

/** One message on its way from the wire into a sink. */
export class Reception {
  /** The sink's wish to wait; null when it takes more. */
  waiting: Promise<void> | null = null;

  readonly #decoder: MessageDecoder;
  readonly #sink: MessageSink;
  #state: "open" | "ended" = "open";

  /** @param dots whether it ends with a dot (DATA), or tells its length (BDAT) */
  constructor(
    readonly transaction: Transaction,
    sink: MessageSink,
    rules: MessageRules,
    dots: boolean,
    trace: Uint8Array,
  ) {
    this.#sink = sink;
    this.#decoder = new MessageDecoder(rules, dots, (bytes) => this.#write(bytes));
    this.#write(trace);
  }

  /** Why the message is refused, as far as is known by now. */
  get refusal(): Reply | null {
    return this.#decoder.fault === null ? null : refusals[this.#decoder.fault];
  }

  /** See {@linkcode MessageDecoder.push}. */
  push(bytes: Uint8Array): number {
    return this.#decoder.push(bytes);
  }

  /** The message is complete: it is delivered (null), or there is a reply why not. A promise fails if the sink does. */
  commit(): null | Reply | Promise<Reply | null> {
    this.#decoder.finish();
    const { refusal } = this;
    if (refusal !== null) {
      this.abort();
      return refusal;
    }
    this.#state = "ended";
    try {
      return this.#sink.commit();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** There will be no message. */
  abort(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    void this.#sink.abort();
  }

  /** What the log tells of the message. */
  facts(): LogFields {
    const { id, client, envelope } = this.transaction;
    const { address } = envelope.sender;
    return {
      id,
      sender: address === null ? "" : formatMailbox(address),
      recipients: envelope.recipients.map((recipient) => formatMailbox(recipient.address)),
      size: this.#decoder.size,
      client: client.address,
    };
  }

  #write(bytes: Uint8Array): void {
    const waiting = this.#sink.write(bytes);
    if (waiting === undefined) return;
    // Should it fail, so will the commit.
    this.waiting = waiting.catch(() => {});
  }
}
