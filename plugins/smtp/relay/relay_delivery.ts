import { formatMailbox } from "../../../services/mail/address.ts";
import type { DurableQueue } from "../../../services/mail/queue/durable_queue.ts";
import type { Entry, NewEntry } from "../../../services/mail/queue/entry.ts";
import type { Spool } from "../../../services/mail/spool.ts";
import type { Delivery, MessageSink, Transaction } from "../delivery/delivery.ts";
import type { Reply } from "../reply/reply.ts";
import type { AcceptedRecipient, Envelope } from "../session/envelope.ts";

/** What a {@linkcode RelayDelivery} stands on. */
export interface RelayDeliveryOptions {
  /** For those whose mailboxes are here. */
  readonly local: Delivery;
  readonly queue: DurableQueue;
  /** Sees to it that a message in the queue is delivered. */
  readonly schedule: (entry: Entry) => void;
  /** Header fields that are to be put in front of a message: a signature; `""` for none. */
  readonly sign: (transaction: Transaction, content: () => AsyncIterable<Uint8Array>) => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Puts messages for elsewhere into the queue, and gives the others to a delivery of this machine. */
export class RelayDelivery implements Delivery {
  readonly #options: RelayDeliveryOptions;

  constructor(options: RelayDeliveryOptions) {
    this.#options = options;
  }

  /** See {@linkcode Delivery.begin}. */
  begin(transaction: Transaction): MessageSink {
    const { local, queue } = this.#options;
    const { envelope } = transaction;
    const elsewhere = forwarded(envelope);
    if (elsewhere.length === 0) return local.begin(transaction);
    const here = envelope.recipients.filter(({ destination }) => destination.mailboxes.length > 0);
    const sink = here.length === 0
      ? null
      : local.begin({ ...transaction, envelope: { ...envelope, recipients: here } });
    const draft = queue.draft(transaction.id);
    return {
      write: (bytes) => both(draft.write(bytes), sink?.write(bytes)),
      commit: () => this.#commit(transaction, elsewhere, draft, sink),
      abort: async () => {
        await draft.discard();
        await sink?.abort();
      },
    };
  }

  /** Into the queue and the mailboxes, or into neither. */
  async #commit(
    transaction: Transaction,
    recipients: NewEntry["recipients"],
    draft: Spool,
    sink: MessageSink | null,
  ): Promise<Reply | null> {
    const { queue, sign, now, schedule } = this.#options;
    let entry: Entry;
    try {
      await draft.finish(true);
      const prefix = await sign(transaction, () => draft.content());
      entry = await queue.add(entryOf(transaction, recipients, prefix), draft, now());
    } catch (error) {
      await draft.discard();
      await sink?.abort();
      throw error;
    }
    let refusal: Reply | null = null;
    try {
      refusal = await sink?.commit() ?? null;
    } catch (error) {
      await queue.drop(entry);
      throw error;
    }
    if (refusal === null) schedule(entry);
    else await queue.drop(entry);
    return refusal;
  }
}

function entryOf(
  { id, envelope: { sender }, receivedAt }: Transaction,
  recipients: NewEntry["recipients"],
  prefix: string,
): NewEntry {
  return {
    id,
    sender: sender.address === null ? "" : formatMailbox(sender.address),
    recipients,
    receivedAt,
    smtpUtf8: sender.smtpUtf8 === true,
    ...(sender.ret !== undefined && { ret: sender.ret }),
    ...(sender.envelopeId !== undefined && { envelopeId: sender.envelopeId }),
    prefix,
  };
}

/** The addresses elsewhere, each once. */
function forwarded({ recipients }: Envelope): NewEntry["recipients"] {
  const found = new Map<string, NewEntry["recipients"][number]>();
  for (const recipient of recipients) {
    for (const address of recipient.destination.forward ?? []) {
      if (!found.has(address)) found.set(address, recipientOf(address, recipient));
    }
  }
  return [...found.values()];
}

function recipientOf(
  address: string,
  { address: written, notify, originalRecipient }: AcceptedRecipient,
): NewEntry["recipients"][number] {
  const formatted = formatMailbox(written);
  // Reports tell the sender of the address that they know (RFC 3461, section 5.2.7.3).
  const original = originalRecipient ?? (formatted === address ? undefined : `rfc822;${formatted}`);
  return {
    address,
    ...(notify !== undefined && { notify }),
    ...(original !== undefined && { originalRecipient: original }),
  };
}

function both(one: void | Promise<void>, other: void | Promise<void>): void | Promise<void> {
  if (one === undefined) return other;
  return other === undefined ? one : Promise.all([one, other]).then(() => {});
}
