import type { Recipient, Sender } from "../command/command.ts";
import type { MailHooks } from "../hooks/hooks.ts";
import { replyOf } from "../hooks/verdict.ts";
import type { Reply } from "../reply/reply.ts";
import type { Client } from "../session/client.ts";
import type { Destination } from "../session/envelope.ts";
import type { Directory } from "./directory.ts";

/** Decides who may send what to whom. Answers at once where it can. */
export class Policy {
  readonly #directory: Directory;
  readonly #hooks: MailHooks;

  /** The hooks are asked first, then the directory. */
  constructor(directory: Directory, hooks: MailHooks) {
    this.#directory = directory;
    this.#hooks = hooks;
  }

  /** Why the client may not stay; null if it may. */
  connect(client: Client): null | Reply | Promise<Reply | null> {
    const { onConnect } = this.#hooks;
    return onConnect === undefined ? null : ask(() => onConnect(client), replyOf);
  }

  /** Why the sender is not welcome; null if they are. */
  sender(sender: Sender, client: Client): null | Reply | Promise<Reply | null> {
    const { onMail } = this.#hooks;
    return onMail === undefined ? null : ask(() => onMail(sender, client), replyOf);
  }

  /** Where mail for the recipient goes, or why it is not taken. */
  recipient(
    recipient: Recipient,
    sender: Sender,
    client: Client,
  ): Destination | Reply | Promise<Destination | Reply> {
    const { onRecipient } = this.#hooks;
    if (onRecipient === undefined) return this.#directory.find(recipient.address);
    return ask(() => onRecipient(recipient, { sender, client }), (verdict) => {
      if (verdict && "mailboxes" in verdict) return { mailboxes: [...verdict.mailboxes] };
      return replyOf(verdict) ?? this.#directory.find(recipient.address);
    });
  }
}

/** Also where a hook throws, the caller gets a promise. */
async function ask<T, R>(hook: () => T | Promise<T>, use: (verdict: T) => R): Promise<R> {
  return use(await hook());
}
