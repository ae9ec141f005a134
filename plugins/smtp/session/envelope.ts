import type { Recipient, Sender } from "../command/command.ts";

/** Where a message goes that was accepted for a recipient. */
export interface Destination {
  /** The mailboxes that get it, by name; none when it is meant for a hook alone. */
  readonly mailboxes: readonly string[];
  /** Addresses elsewhere to which it is sent on; absent: none. */
  readonly forward?: readonly string[];
}

/** A recipient that was accepted. */
export interface AcceptedRecipient extends Recipient {
  /** Where its mail goes. */
  readonly destination: Destination;
}

/** What is known of a message apart from the message itself (RFC 5321, section 2.3.1). */
export interface Envelope {
  /** From MAIL. */
  readonly sender: Sender;
  /** From RCPT, in their order; at least one once the message comes. */
  readonly recipients: readonly AcceptedRecipient[];
}
