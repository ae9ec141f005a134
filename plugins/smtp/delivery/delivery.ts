import type { Reply } from "../reply/reply.ts";
import type { Client } from "../session/client.ts";
import type { Envelope } from "../session/envelope.ts";

/** A message that is about to come. */
export interface Transaction {
  /** Its name in replies, trace fields and the log. */
  readonly id: string;
  /** Who sends it. */
  readonly client: Client;
  /** From whom and to whom. */
  readonly envelope: Envelope;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Where messages go. */
export interface Delivery {
  /** Make ready for a message. */
  begin(transaction: Transaction): MessageSink;
}

/** Takes one message. It ends with either `commit` or `abort`. */
export interface MessageSink {
  /**
   * The next octets; they are copied before this returns, if they are kept. A promise asks to wait until it is
   * settled before more is written; should it reject, `commit` will too.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /**
   * That was all: the message is delivered, and stays so whatever happens to this machine; or there is a reply
   * why it is not.
   * @throws when it could not be delivered
   */
  commit(): null | Reply | Promise<Reply | null>;
  /** There will be no message after all: leave nothing behind. Never throws, nor rejects. */
  abort(): void | Promise<void>;
}
