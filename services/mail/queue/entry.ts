import type { QueuedMessage, QueuedRecipientState } from "../mail_queue.ts";

/** A recipient as the journal has it. */
export interface EntryRecipient {
  /** `jane@example.org`. */
  readonly address: string;
  /** RFC 3461: when the sender wants a report; absent: FAILURE. */
  readonly notify?: readonly string[];
  /** RFC 3461: the address that the sender wrote to, as `rfc822;jane@example.org`. */
  readonly originalRecipient?: string;
  state: QueuedRecipientState;
  answer: string | null;
}

/** What is known of a message when it comes into the queue. */
export interface NewEntry {
  readonly id: string;
  /** `""` for `<>`. */
  readonly sender: string;
  readonly recipients: readonly Pick<EntryRecipient, "address" | "notify" | "originalRecipient">[];
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Whether it must go to servers with SMTPUTF8 alone (RFC 6531). */
  readonly smtpUtf8: boolean;
  /** How much of it a report returns (RFC 3461). */
  readonly ret?: "FULL" | "HDRS";
  /** What the sender calls it (RFC 3461). */
  readonly envelopeId?: string;
  /** Header fields that go before it: a signature that could be made only when all of it had come. */
  readonly prefix: string;
}

/** Where the octets of a message are. */
export type EntryContent =
  | { readonly kind: "journal"; readonly segment: number; readonly offset: number; readonly length: number }
  | { readonly kind: "file"; readonly length: number };

/** A message in the queue. */
export interface Entry extends NewEntry {
  readonly recipients: readonly EntryRecipient[];
  /** Whether it has octets beyond ASCII. */
  readonly eightBit: boolean;
  /** Attempts that have failed. */
  attempts: number;
  /** When it is due, in milliseconds since 1970. */
  nextAttempt: number;
  content: EntryContent;
  /** The segment of the journal that keeps it. */
  segment: number;
  /** Octets before its record in that segment. */
  recordOffset: number;
}

/** Those whose mail is still to be delivered. */
export function waitingRecipients(entry: Entry): EntryRecipient[] {
  return entry.recipients.filter(({ state }) => state === "waiting");
}

/** What may be told of an entry. */
export function describeEntry(entry: Entry, underWay: boolean): QueuedMessage {
  const { id, sender, receivedAt, attempts } = entry;
  return {
    id,
    sender,
    recipients: entry.recipients.map(({ address, state, answer }) => ({ address, state, answer })),
    size: entry.prefix.length + entry.content.length,
    receivedAt,
    attempts,
    nextAttempt: underWay ? null : entry.nextAttempt,
  };
}
