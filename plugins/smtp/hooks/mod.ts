/**
 * What a module of mail hooks is made of: see the option `hooks` of the smtp plugin; and what the plugin provides
 * to other services: the queue of outgoing mail, and mail in memory.
 *
 * @module
 */
export type { DsnNotify, DsnReturn, Recipient, Sender } from "../command/command.ts";
export type { Client } from "../session/client.ts";
export type { AcceptedRecipient, Destination, Envelope } from "../session/envelope.ts";
export type { HookMessage, MailHooks } from "./hooks.ts";
export type { Deferral, MessageVerdict, RecipientVerdict, Rejection, Verdict } from "./verdict.ts";
export type { Mailbox } from "../../../services/mail/address.ts";
export type { TlsInfo } from "../../../services/reactor/transport.ts";
export {
  type MailQueue,
  mailQueue,
  type QueuedMessage,
  type QueuedRecipient,
  type QueuedRecipientState,
} from "../../../services/mail/mail_queue.ts";
export {
  MemoryMail,
  memoryMail,
  type MemoryMailWatcher,
  type MemoryMessage,
} from "../../../services/mail/memory_mail.ts";
export type { Token } from "../../../services/context.ts";
