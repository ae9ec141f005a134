import type { Envelope } from "../session/envelope.ts";

/** The mailboxes that a message goes to, each once. */
export function mailboxesOf({ recipients }: Envelope): string[] {
  if (recipients.length === 1) return [...recipients[0]!.destination.mailboxes];
  return [...new Set(recipients.flatMap(({ destination }) => destination.mailboxes))];
}
