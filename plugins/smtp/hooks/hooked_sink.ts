import type { Delivery, MessageSink, Transaction } from "../delivery/delivery.ts";
import type { Reply } from "../reply/reply.ts";
import type { MailHooks } from "./hooks.ts";
import { type MessageVerdict, replyOf } from "./verdict.ts";

/** Octets that a hook may leave unread before the sender has to wait. */
const BACKLOG = 256 * 1024;

/** Shows every message to `onMessage` while it comes, and delivers it only if the hook lets it pass. */
export function hookedDelivery(delivery: Delivery, onMessage: NonNullable<MailHooks["onMessage"]>): Delivery {
  return {
    begin: (transaction) => new HookedSink(delivery.begin(transaction), transaction, onMessage),
  };
}

class HookedSink implements MessageSink {
  readonly #inner: MessageSink;
  readonly #verdict: Promise<MessageVerdict>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #cancelled = false;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(
    inner: MessageSink,
    { id, client, envelope }: Transaction,
    onMessage: NonNullable<MailHooks["onMessage"]>,
  ) {
    this.#inner = inner;
    const content = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#makeRoom(),
      cancel: () => {
        this.#cancelled = true;
        this.#makeRoom();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG }));
    this.#verdict = this.#ask(() => onMessage({ id, client, envelope, content }));
    // It is looked at when the message is complete.
    this.#verdict.catch(() => {});
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const stored = this.#inner.write(bytes);
    if (this.#cancelled) return stored;
    this.#controller.enqueue(bytes.slice());
    if ((this.#controller.desiredSize ?? 1) > 0) return stored;
    this.#room ??= Promise.withResolvers();
    return stored === undefined
      ? this.#room.promise
      : Promise.all([stored, this.#room.promise]).then(() => {});
  }

  async commit(): Promise<Reply | null> {
    if (!this.#cancelled) this.#controller.close();
    let verdict: MessageVerdict;
    let against: Reply | null;
    try {
      verdict = await this.#verdict;
      against = replyOf(verdict);
    } catch (error) {
      await this.#inner.abort();
      throw error;
    }
    if (against === null && !(verdict && "taken" in verdict)) return await this.#inner.commit();
    await this.#inner.abort();
    return against;
  }

  abort(): void | Promise<void> {
    this.#makeRoom();
    if (!this.#cancelled) this.#controller.error(new Error("The message did not come to its end"));
    return this.#inner.abort();
  }

  async #ask(hook: () => MessageVerdict | Promise<MessageVerdict>): Promise<MessageVerdict> {
    try {
      return await hook();
    } finally {
      // Whatever it has not read, it never will.
      this.#cancelled = true;
      this.#makeRoom();
    }
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }
}
