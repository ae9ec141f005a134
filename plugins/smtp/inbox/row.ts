import type { StoredMessage } from "./store.ts";
import type { Summary } from "./summary.ts";

/** A message in the list. */
export interface Row {
  /** The same after a restart. */
  readonly id: string;
  /** Another one of the same name when a reader has moved it. */
  message: StoredMessage;
  /** Null until its header was read. */
  summary: Summary | null;
}

/** The row of a message whose header is not read yet. */
export function rowOf(message: StoredMessage): Row {
  return { id: idOf(message), message, summary: null };
}

/** What the page gets of a row. */
export interface RowView extends Summary {
  readonly id: string;
  readonly mailbox: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Octets, where they are known. */
  readonly size: number | null;
}

/** What the page gets of a row whose header was read. */
export function viewOf({ id, message, summary }: Row): RowView {
  const { mailbox, receivedAt, size } = message;
  return {
    id,
    mailbox,
    receivedAt,
    size,
    ...(summary ?? { from: "", to: "", subject: "", attachments: false }),
  };
}

/** Orders rows by arrival, the oldest first. */
export function byArrival(one: Row, other: Row): number {
  const difference = one.message.receivedAt - other.message.receivedAt;
  if (difference !== 0) return difference;
  return one.message.name < other.message.name ? -1 : one.message.name > other.message.name ? 1 : 0;
}

/** The name of a message's row. */
export function idOf({ mailbox, name }: StoredMessage): string {
  return `${mailbox}/${name}`;
}
