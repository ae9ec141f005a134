import type { Recipient, Sender } from "../command/command.ts";
import type { MailHooks } from "../hooks/hooks.ts";
import { formatMailbox } from "../../../services/mail/address.ts";
import { noRelay } from "../reply/replies.ts";
import { replyOf } from "../hooks/verdict.ts";
import type { Reply } from "../reply/reply.ts";
import type { Client } from "../session/client.ts";
import type { Destination } from "../session/envelope.ts";
import type { Directory } from "./directory.ts";

/** Whose mail is passed on to other servers: nobody's, unless they are known. */
export type MayRelay = (client: Client) => boolean;

/** Decides who may send what to whom. Answers at once where it can. */
export class Policy {
  readonly #directory: Directory;
  readonly #hooks: MailHooks;
  readonly #mayRelay: MayRelay;

  /** The hooks are asked first, then the directory; it is no matter of theirs who may relay. */
  constructor(directory: Directory, hooks: MailHooks, mayRelay: MayRelay) {
    this.#directory = directory;
    this.#hooks = hooks;
    this.#mayRelay = mayRelay;
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
    if (onRecipient === undefined) return this.#find(recipient, client);
    return ask(() => onRecipient(recipient, { sender, client }), (verdict) => {
      if (verdict && "mailboxes" in verdict) return { mailboxes: [...verdict.mailboxes] };
      return replyOf(verdict) ?? this.#find(recipient, client);
    });
  }

  #find({ address }: Recipient, client: Client): Destination | Reply {
    const found = this.#directory.find(address);
    if (found !== noRelay || !this.#mayRelay(client)) return found;
    return { mailboxes: [], forward: [formatMailbox(address)] };
  }
}

/** Also where a hook throws, the caller gets a promise. */
async function ask<T, R>(hook: () => T | Promise<T>, use: (verdict: T) => R): Promise<R> {
  return use(await hook());
}
