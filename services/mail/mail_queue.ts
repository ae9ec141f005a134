import { type Token, token } from "../context.ts";

/** What has become of a recipient so far. */
export type QueuedRecipientState =
  /** Is tried, or will be tried again. */
  | "waiting"
  /** The next server has taken responsibility. */
  | "delivered"
  /** Refused for good, or given up. */
  | "failed";

/** A recipient of a message that waits to be delivered. */
export interface QueuedRecipient {
  /** As in RCPT: `jane@example.org`. */
  readonly address: string;
  /** Whether there is anything left to do. */
  readonly state: QueuedRecipientState;
  /** What the last attempt came to, in one line, with the server that said it; null before the first. */
  readonly answer: string | null;
}

/** A message that waits to be delivered elsewhere. */
export interface QueuedMessage {
  /** Its name in replies and the log. */
  readonly id: string;
  /** The sender of the envelope; `""` for `<>`. */
  readonly sender: string;
  /** All of them, in their order. */
  readonly recipients: readonly QueuedRecipient[];
  /** Octets. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Attempts that have failed so far. */
  readonly attempts: number;
  /** When it is tried again, in milliseconds since 1970; null while it is being delivered. */
  readonly nextAttempt: number | null;
}

/** The queue of outgoing mail, as one may look at it and lend a hand. */
export interface MailQueue {
  /** What waits, the oldest first. */
  list(): Promise<QueuedMessage[]>;
  /** Try messages now, whatever the schedule says; all of them without `ids`. Resolves with how many. */
  retry(ids?: readonly string[]): Promise<number>;
  /**
   * Remove messages for good, without a report to their senders. What is being delivered at this moment may
   * arrive all the same. Resolves, once it will outlive a loss of power, with how many there were.
   * @throws the system's error
   */
  drop(ids: readonly string[]): Promise<number>;
}

/** What a service that has a queue of outgoing mail provides. */
export const mailQueue: Token<MailQueue> = token("heddle.mail-queue");
