/**
 * What a module of mail hooks is made of: see the option `hooks` of the smtp plugin.
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
