import type { QueuedRecipientState } from "../mail_queue.ts";
import type { Entry, EntryRecipient, NewEntry } from "./entry.ts";
import type { FoundRecord } from "./record.ts";

/** What never changes of a message in the queue. */
export type EntryFacts = Omit<NewEntry, "recipients">;

/** Records of a queue's journal. Of a message with the same name, the later one counts. */
export type QueueRecord =
  /** A message, or its copy in a later segment; its octets are the body, or in a file of its own. */
  | {
    readonly kind: "message";
    readonly entry: EntryFacts;
    readonly recipients: readonly EntryRecipient[];
    readonly eightBit: boolean;
    readonly attempts: number;
    readonly nextAttempt: number;
    /** Octets of the file; null: the body has them. */
    readonly file: number | null;
  }
  /** What has come of an attempt. When nobody is waiting any more, the message is done with. */
  | {
    readonly kind: "attempt";
    readonly id: string;
    readonly attempts: number;
    readonly nextAttempt: number;
    /** Number of the recipient, its state, and the answer. */
    readonly results: readonly (readonly [number, QueuedRecipientState, string | null])[];
  }
  /** A message was removed. */
  | { readonly kind: "drop"; readonly id: string }
  /** What stands in that segment from `from` on was refused, though it may be there. */
  | { readonly kind: "void"; readonly segment: number; readonly from: number };

/** The entries that a journal leaves, segment by segment. */
export class QueueState {
  /** What waits, in the order of arrival. */
  readonly entries: Map<string, Entry> = new Map();

  /** Take in the records of the next segment. */
  replay(segment: number, records: readonly FoundRecord[]): void {
    for (const found of records) this.#apply(segment, found);
  }

  #apply(segment: number, { head, body, offset }: FoundRecord): void {
    const record = head as QueueRecord;
    switch (record.kind) {
      case "message": {
        const { entry, recipients, eightBit, attempts, nextAttempt, file } = record;
        this.entries.set(entry.id, {
          ...entry,
          recipients: recipients.map((recipient) => ({ ...recipient })),
          eightBit,
          attempts,
          nextAttempt,
          content: file === null
            ? { kind: "journal", segment, offset: body.offset, length: body.length }
            : { kind: "file", length: file },
          segment,
          recordOffset: offset,
        });
        return;
      }
      case "attempt": {
        const entry = this.entries.get(record.id);
        if (entry !== undefined && applyAttempt(entry, record)) this.entries.delete(record.id);
        return;
      }
      case "drop":
        this.entries.delete(record.id);
        return;
      case "void":
        for (const [id, entry] of this.entries) {
          if (entry.segment === record.segment && entry.recordOffset >= record.from) this.entries.delete(id);
        }
        return;
    }
  }
}

/** Put down what has come of an attempt. Returns whether the message is done with. */
export function applyAttempt(
  entry: Entry,
  { attempts, nextAttempt, results }: Extract<QueueRecord, { kind: "attempt" }>,
): boolean {
  entry.attempts = attempts;
  entry.nextAttempt = nextAttempt;
  for (const [at, state, answer] of results) {
    const recipient = entry.recipients[at];
    if (recipient === undefined) continue;
    recipient.state = state;
    recipient.answer = answer;
  }
  return entry.recipients.every(({ state }) => state !== "waiting");
}
