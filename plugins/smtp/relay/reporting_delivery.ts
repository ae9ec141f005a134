import { formatMailbox } from "../../../services/mail/address.ts";
import type { Delivery, MessageSink, Transaction } from "../delivery/delivery.ts";
import type { Reply } from "../reply/reply.ts";
import { delivered } from "./local_routes.ts";
import { LONGEST_HEADER } from "./read_returned.ts";
import { type Reported, wantsReport } from "./report.ts";

/** Sends a report about a message of which this is the start, its header and perhaps more. */
export type SendReport = (
  transaction: Transaction,
  reported: readonly Reported[],
  start: readonly Uint8Array[],
) => Promise<void>;

/**
 * Tells those senders who want to know it (`NOTIFY=SUCCESS`, RFC 3461, section 5.2.1) that their message lies in
 * a mailbox here.
 */
export function reportingDelivery(inner: Delivery, send: SendReport): Delivery {
  return {
    begin(transaction) {
      const sink = inner.begin(transaction);
      const reported = reportedOf(transaction);
      return reported.length === 0
        ? sink
        : new ReportedSink(sink, (start) => send(transaction, reported, start));
    },
  };
}

class ReportedSink implements MessageSink {
  readonly #inner: MessageSink;
  readonly #send: (start: readonly Uint8Array[]) => Promise<void>;
  readonly #start: Uint8Array[] = [];
  #kept = 0;

  constructor(inner: MessageSink, send: (start: readonly Uint8Array[]) => Promise<void>) {
    this.#inner = inner;
    this.#send = send;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#kept < LONGEST_HEADER) {
      this.#start.push(bytes.slice(0, LONGEST_HEADER - this.#kept));
      this.#kept += bytes.length;
    }
    return this.#inner.write(bytes);
  }

  async commit(): Promise<Reply | null> {
    const refusal = await this.#inner.commit();
    if (refusal === null) await this.#send(this.#start);
    return refusal;
  }

  abort(): void | Promise<void> {
    return this.#inner.abort();
  }
}

function reportedOf({ envelope: { sender, recipients } }: Transaction): Reported[] {
  const from = { sender: sender.address === null ? "" : formatMailbox(sender.address) };
  return recipients.flatMap(({ address, notify, originalRecipient, destination }) => {
    const wanted = destination.mailboxes.length > 0 &&
      wantsReport(from, { ...(notify && { notify }) }, "delivered");
    if (!wanted) return [];
    const recipient = {
      address: formatMailbox(address),
      ...(originalRecipient !== undefined && { originalRecipient }),
    };
    return [{ recipient, action: "delivered", outcome: delivered }];
  });
}
