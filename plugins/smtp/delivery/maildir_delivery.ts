import type { Mailboxes } from "../../../services/mail/mailboxes.ts";
import { returnPath } from "../message/trace.ts";
import type { Maildir } from "../../../services/mail/maildir.ts";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import type { Delivery, MessageSink, Transaction } from "./delivery.ts";
import { discard } from "./discard.ts";
import { mailboxesOf } from "./mailboxes_of.ts";

/** A message that was stored. */
export interface Stored {
  readonly mailbox: string;
  readonly maildir: Maildir;
  readonly entry: MaildirEntry;
}

/** Stores messages in Maildirs, one for each mailbox; a message for several is written once, and linked. */
export class MaildirDelivery implements Delivery {
  /** Called for every message that was stored, once for each mailbox. */
  onStored: ((stored: Stored) => void) | null = null;
  readonly #mailboxes: Mailboxes;

  /** @param mailboxes where they are */
  constructor(mailboxes: Mailboxes) {
    this.#mailboxes = mailboxes;
  }

  /** See {@linkcode Delivery.begin}. */
  begin(transaction: Transaction): MessageSink {
    const names = mailboxesOf(transaction.envelope);
    // A hook has asked for that.
    if (names.length === 0) return discard.begin(transaction);
    const maildirs = names.map((name) => this.#mailboxes.get(name));
    const draft = maildirs[0]!.draft();
    // Much too short to be written by now: there is nothing to wait for.
    void draft.write(returnPath(transaction.envelope));
    return {
      write: (bytes) => draft.write(bytes),
      commit: async () => {
        try {
          const entries = await draft.publish(maildirs);
          for (const [at, entry] of entries.entries()) {
            this.onStored?.({ mailbox: names[at]!, maildir: maildirs[at]!, entry });
          }
          return null;
        } catch (error) {
          await draft.discard();
          // Somebody has removed the folder while we were running.
          if (error instanceof Deno.errors.NotFound) {
            for (const name of names) this.#mailboxes.forget(name);
          }
          throw error;
        }
      },
      abort: () => draft.discard(),
    };
  }
}
