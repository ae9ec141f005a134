import { parseMailbox } from "../../../services/mail/address.ts";
import type { MailSession } from "../client/client_session.ts";
import { type Outcome, type OutgoingMessage, ownOutcome } from "../client/outgoing.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { type Directory, isDestination } from "../recipients/directory.ts";
import type { Client } from "../session/client.ts";
import type { AcceptedRecipient } from "../session/envelope.ts";
import type { Routes } from "./routes.ts";

const LOCAL = "local";

/** Leads mail of our own making, reports, into mailboxes that are here; all other mail where `elsewhere` says. */
export class LocalRoutes implements Routes {
  readonly #directory: Directory;
  readonly #delivery: Delivery;
  readonly #elsewhere: Routes;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(directory: Directory, delivery: Delivery, elsewhere: Routes, now: () => number) {
    this.#directory = directory;
    this.#delivery = delivery;
    this.#elsewhere = elsewhere;
    this.#now = now;
  }

  keyFor(address: string): string {
    return this.#mailboxOf(address) === null ? this.#elsewhere.keyFor(address) : LOCAL;
  }

  open(key: string): Promise<MailSession> {
    if (key !== LOCAL) return this.#elsewhere.open(key);
    return Promise.resolve({
      usable: true,
      deliver: (message) => this.#deliver(message),
      quit: () => Promise.resolve(),
    });
  }

  /** The recipient with that address, if they have a mailbox here. */
  #mailboxOf(address: string): AcceptedRecipient | null {
    const mailbox = parseMailbox(address);
    if (mailbox === null) return null;
    const destination = this.#directory.find(mailbox);
    return isDestination(destination) && destination.mailboxes.length > 0
      ? { address: mailbox, destination }
      : null;
  }

  async #deliver(message: OutgoingMessage): Promise<Outcome[]> {
    const recipients = message.recipients.flatMap(({ address }) => this.#mailboxOf(address) ?? []);
    const sink = this.#delivery.begin({
      id: message.id,
      client: ourselves,
      envelope: { sender: { address: parseMailbox(message.sender) }, recipients },
      receivedAt: this.#now(),
    });
    let outcome: Outcome;
    try {
      for await (const bytes of message.content()) await sink.write(bytes);
      await sink.commit();
      outcome = delivered;
    } catch (error) {
      await sink.abort();
      outcome = ownOutcome("deferred", "4.3.0", error instanceof Error ? error.message : String(error));
    }
    return message.recipients.map(() => outcome);
  }
}

const ourselves: Client = {
  address: null,
  port: null,
  hostname: null,
  helo: null,
  extended: true,
  tls: null,
  user: null,
};

/** What has become of a recipient whose mailbox is here. */
export const delivered: Outcome = {
  kind: "delivered",
  status: "2.0.0",
  answer: "Put into the mailbox",
  byServer: false,
  reportsSuccess: true,
};
