import { formatMailbox } from "../../../services/mail/address.ts";
import { joined } from "../../../services/mail/joined.ts";
import type { MemoryMail } from "../../../services/mail/memory_mail.ts";
import { returnPath } from "../message/trace.ts";
import type { Delivery, MessageSink, Transaction } from "./delivery.ts";
import { mailboxesOf } from "./mailboxes_of.ts";

/** Keeps messages in memory. */
export class MemoryDelivery implements Delivery {
  readonly #mail: MemoryMail;

  /** @param mail where they are kept */
  constructor(mail: MemoryMail) {
    this.#mail = mail;
  }

  /** See {@linkcode Delivery.begin}. */
  begin({ id, envelope, receivedAt }: Transaction): MessageSink {
    const pieces: Uint8Array[] = [returnPath(envelope)];
    const { address } = envelope.sender;
    return {
      write: (bytes) => void pieces.push(bytes.slice()),
      commit: () => {
        this.#mail.add({
          id,
          sender: address === null ? "" : formatMailbox(address),
          recipients: envelope.recipients.map((recipient) => formatMailbox(recipient.address)),
          mailboxes: mailboxesOf(envelope),
          receivedAt,
          bytes: joined(pieces),
        });
        return null;
      },
      abort: () => {},
    };
  }
}
