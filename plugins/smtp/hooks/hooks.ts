import type { Recipient, Sender } from "../command/command.ts";
import type { Client } from "../session/client.ts";
import type { Envelope } from "../session/envelope.ts";
import type { MessageVerdict, RecipientVerdict, Verdict } from "./verdict.ts";

/** A message as a hook gets it. */
export interface HookMessage {
  /** Its name in replies, trace fields and the log. */
  readonly id: string;
  /** Who sends it. */
  readonly client: Client;
  /** From whom and to whom. */
  readonly envelope: Envelope;
  /**
   * The message as it arrives, with the server's trace fields in front: a hook sees the beginning before the
   * end was sent. Who reads slowly slows the sender down. It fails when the sender goes away or the message
   * breaks a limit: what was begun must then be undone. It need not be read.
   */
  readonly content: ReadableStream<Uint8Array>;
}

/**
 * What an application has to say about mail: a module that default-exports this. Every hook may be
 * asynchronous; the client waits. One that throws defers what it was asked about (451), and is logged.
 *
 * @example
 * ```ts
 * import type { MailHooks } from "@heddle/heddle/mail";
 *
 * export default {
 *   onRecipient({ address }) {
 *     if (address.local.startsWith("ticket-")) return { mailboxes: ["tickets"] };
 *   },
 *   async onMessage({ id, content }) {
 *     const text = await new Response(content).text();
 *     if (text.includes("lottery")) return { reject: "No, thank you" };
 *     console.log(`${id}: ${text.length} characters`);
 *   },
 * } satisfies MailHooks;
 * ```
 */
export interface MailHooks {
  /** Somebody has connected; nothing was said yet. A verdict against them closes the connection. */
  onConnect?(client: Client): Verdict | Promise<Verdict>;
  /** A message is announced. */
  onMail?(sender: Sender, client: Client): Verdict | Promise<Verdict>;
  /** Mail for somebody is announced. Asked before the server's own rules, which decide if it says nothing. */
  onRecipient?(
    recipient: Recipient,
    context: { readonly sender: Sender; readonly client: Client },
  ): RecipientVerdict | Promise<RecipientVerdict>;
  /** A message comes. Nothing is delivered before it has settled. */
  onMessage?(message: HookMessage): MessageVerdict | Promise<MessageVerdict>;
}
