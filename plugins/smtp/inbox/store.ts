/** A message where it is kept. */
export interface StoredMessage {
  /** Whose it is; of several mailboxes, their names. */
  readonly mailbox: string;
  /** The same for as long as it is there, and in no other message's name of this mailbox. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Octets; null where they would have to be counted. */
  readonly size: number | null;
  /** The first octets, at most `length`; null when the message is gone. */
  readStart(length: number): Promise<Uint8Array | null>;
  /** All octets as a stream, which is to be read or cancelled; null when the message is gone. */
  open(): Promise<ReadableStream<Uint8Array> | null>;
}

/** Hears of what happens to a store while it is watched. */
export interface StoreWatcher {
  /** A message was delivered. */
  arrived(message: StoredMessage): void;
  /** Messages are gone. */
  left(messages: readonly StoredMessage[]): void;
}

/** Where messages are delivered to, as somebody sees it who looks at them. */
export interface MessageStore {
  /** All messages, in no particular order. */
  list(): Promise<StoredMessage[]>;
  /**
   * Whether it may have other messages than at the last `list`, besides those that the watcher was told of: true
   * before the first.
   */
  changed(): Promise<boolean>;
  /** Remove messages for good; those that are gone are no error. */
  remove(messages: readonly StoredMessage[]): Promise<void>;
  /** Tell `watcher` what happens from now on. */
  watch(watcher: StoreWatcher): void;
}
