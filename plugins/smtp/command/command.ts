import type { Mailbox } from "../../../services/mail/address.ts";

/** How much of a message a report about it returns (RFC 3461, section 4.3). */
export type DsnReturn = "FULL" | "HDRS";
/** When the sender wants a report about a recipient (RFC 3461, section 4.1). */
export type DsnNotify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

/** What MAIL says of the message to come. */
export interface Sender {
  /** Where reports go; null for `<>`, about whose messages there are none. */
  readonly address: Mailbox | null;
  /** Octets, as announced (RFC 1870). */
  readonly size?: number;
  /** RFC 6152. */
  readonly body?: "7BIT" | "8BITMIME";
  /** The message, or an address, has UTF-8 where otherwise there is ASCII (RFC 6531). */
  readonly smtpUtf8?: true;
  /** RFC 3461. */
  readonly ret?: DsnReturn;
  /** What the sender calls this message (RFC 3461), decoded. */
  readonly envelopeId?: string;
  /** Who submitted the message, as a trusted client says (RFC 4954, section 5), decoded; `<>` for nobody. */
  readonly auth?: string;
}

/** What RCPT says. */
export interface Recipient {
  /** For `<Postmaster>`, the domain is empty. */
  readonly address: Mailbox;
  /** RFC 3461; absent: FAILURE, and DELAY where that is usual. */
  readonly notify?: readonly DsnNotify[];
  /** The address that the sender wrote to (RFC 3461), as `rfc822;jane@example.org`, decoded. */
  readonly originalRecipient?: string;
}

/** Facts about the real client that a proxy tells by XCLIENT; null where it does not know. */
export interface XclientFacts {
  readonly name?: string | null;
  readonly address?: string | null;
  readonly port?: number | null;
  readonly helo?: string | null;
  readonly login?: string | null;
}

/** A command that was understood. Whether it may come now is the session's to say. */
export type Command =
  | { readonly verb: "HELO" | "EHLO"; readonly name: string }
  | { readonly verb: "MAIL"; readonly sender: Sender }
  | { readonly verb: "RCPT"; readonly recipient: Recipient }
  | { readonly verb: "BDAT"; readonly size: number; readonly last: boolean }
  | { readonly verb: "AUTH"; readonly mechanism: string; readonly initial: string | null }
  | { readonly verb: "XCLIENT"; readonly facts: XclientFacts }
  | { readonly verb: "DATA" | "RSET" | "NOOP" | "QUIT" | "STARTTLS" | "VRFY" | "EXPN" | "HELP" };

/** The name of a command. */
export type Verb = Command["verb"];
