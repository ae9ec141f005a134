import { needsUtf8 } from "../../../services/mail/address.ts";
import type { WholeMessage } from "../../../services/mail/queue/durable_queue.ts";
import type { NewEntry } from "../../../services/mail/queue/entry.ts";
import type { Outcome } from "../client/outgoing.ts";

/** What there is to report of a recipient (RFC 3464, section 2.3.3). */
export type ReportAction = "failed" | "relayed" | "delivered";

/** What a report tells of the message that it is about. */
export type ReportedMessage = Pick<NewEntry, "sender" | "receivedAt" | "envelopeId">;

/** A recipient, and what has become of their mail. */
export interface Reported {
  readonly recipient: NewEntry["recipients"][number];
  readonly action: ReportAction;
  readonly outcome: Outcome;
}

/** What a report is made of, beyond what it reports. */
export interface ReportFacts {
  /** Of the report itself. */
  readonly id: string;
  /** What parts its parts: nobody must be able to guess it. */
  readonly boundary: string;
  /** Ours. */
  readonly hostname: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The header of the message, with the empty line that ends it, or all of the message. */
  readonly returned: { readonly text: string; readonly whole: boolean };
  /** Where the report goes, instead of the message's sender. */
  readonly recipients: readonly string[];
}

const subjects: Readonly<Record<ReportAction, string>> = {
  failed: "Undelivered mail returned to sender",
  relayed: "Your mail was passed on",
  delivered: "Your mail was delivered",
};
const introductions: Readonly<Record<ReportAction, string>> = {
  failed: "Your message could not be delivered to the recipients below. It will not be tried again.",
  relayed:
    "Your message was passed on to a server that does not report deliveries: you will hear no more of it.",
  delivered: "Your message was put into the mailboxes of the recipients below.",
};

/** Whether the sender wants to know (RFC 3461, section 4.1). Nobody is told of what `<>` has sent. */
export function wantsReport(
  { sender }: Pick<NewEntry, "sender">,
  { notify }: Pick<NewEntry["recipients"][number], "notify">,
  action: ReportAction,
): boolean {
  if (sender === "") return false;
  if (action === "failed") return notify?.includes("FAILURE") ?? true;
  return notify?.includes("SUCCESS") ?? false;
}

/** What parts the parts of a report, different each time. */
export function newBoundary(): string {
  return `=_${crypto.randomUUID()}`;
}

/** Writes a report (RFC 3464, in the form of RFC 6522): for people, for programs, and what it is about. */
export function writeReport(
  message: ReportedMessage,
  reported: readonly Reported[],
  facts: ReportFacts,
): WholeMessage {
  const { id, boundary, hostname, now, returned, recipients } = facts;
  const { action } = reported[0]!;
  const international = needsUtf8(
    [message.sender, ...reported.map(({ recipient }) => recipient.address)].join(),
  );
  const kind = international ? "global-" : "";
  const text = [
    `From: Mail Delivery System <MAILER-DAEMON@${hostname}>`,
    `To: <${message.sender}>`,
    `Subject: ${subjects[action]}`,
    `Date: ${dateOf(now)}`,
    `Message-ID: <${id}.report@${hostname}>`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    "",
    "This is a report about the delivery of a message, in MIME format.",
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    `This is the mail server ${hostname}.`,
    "",
    introductions[action],
    "",
    ...reported.flatMap(({ recipient, outcome }) => [`<${recipient.address}>:`, `    ${outcome.answer}`, ""]),
    `--${boundary}`,
    `Content-Type: message/${kind}delivery-status`,
    ...(international ? ["Content-Transfer-Encoding: 8bit"] : []),
    "",
    `Reporting-MTA: dns; ${hostname}`,
    ...(message.envelopeId === undefined ? [] : [`Original-Envelope-Id: ${oneLine(message.envelopeId)}`]),
    `Arrival-Date: ${dateOf(message.receivedAt)}`,
    "",
    ...reported.flatMap(recipientFields),
    `--${boundary}`,
    `Content-Type: ${
      returned.whole ? `message/${international ? "global" : "rfc822"}` : headersType(international)
    }`,
    "Content-Transfer-Encoding: 8bit",
    "",
    returned.text.replace(/\r\n$/, ""),
    `--${boundary}--`,
    "",
  ].join("\r\n");
  return {
    entry: {
      id,
      sender: "",
      recipients: recipients.map((address) => ({ address })),
      receivedAt: now,
      smtpUtf8: international,
      prefix: "",
    },
    eightBit: needsUtf8(text),
    content: new TextEncoder().encode(text),
  };
}

function recipientFields({ recipient, action, outcome }: Reported): string[] {
  const typed = (address: string) => `${needsUtf8(address) ? "utf-8" : "rfc822"}; ${address}`;
  const original = recipient.originalRecipient;
  return [
    ...(original === undefined ? [] : [`Original-Recipient: ${oneLine(original.replace(";", "; "))}`]),
    `Final-Recipient: ${typed(recipient.address)}`,
    `Action: ${action}`,
    `Status: ${outcome.status}`,
    ...(outcome.byServer ? [`Diagnostic-Code: smtp; ${outcome.answer}`] : []),
    "",
  ];
}

function headersType(international: boolean): string {
  return international ? "message/global-headers" : "text/rfc822-headers";
}

/** What was decoded may have anything in it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, "?");
}

/** RFC 5322, section 3.3. */
function dateOf(time: number): string {
  return new Date(time).toUTCString().replace("GMT", "+0000");
}
