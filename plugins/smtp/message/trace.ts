import { formatMailbox } from "../../../services/mail/address.ts";
import type { Transaction } from "../delivery/delivery.ts";
import type { Client } from "../session/client.ts";
import type { Envelope } from "../session/envelope.ts";

const encoder = new TextEncoder();
/** What the client calls itself may be anything; a comment of a header field may not. */
const UNSAFE = /[^A-Za-z0-9.:_\[\]\-]/g;

/** `Return-Path`: what the server adds that puts a message into a mailbox, and no other. */
export function returnPath({ sender: { address } }: Envelope): Uint8Array {
  return encoder.encode(`Return-Path: <${address === null ? "" : formatMailbox(address)}>\r\n`);
}

/** Writes the fields that a server puts in front of a message it takes (RFC 5321, section 4.4). */
export class TraceFields {
  readonly #hostname: string;
  #date = "";
  #second = -1;

  /** @param hostname ours */
  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  /** `Received`: what every server adds that a message passes. */
  received({ id, client, envelope, receivedAt }: Transaction): Uint8Array {
    const [only, another] = envelope.recipients;
    // One recipient must not learn of another, who may have been a blind copy.
    const recipient = another === undefined ? `\r\n\tfor <${formatMailbox(only!.address)}>` : "";
    return encoder.encode(
      `Received: from ${from(client)}\r\n` +
        `\tby ${this.#hostname} with ${protocolName(client, envelope)} id ${id}${recipient};\r\n` +
        `\t${this.#dateOf(receivedAt)}\r\n`,
    );
  }

  /** RFC 5322, section 3.3. The same for all messages of a second. */
  #dateOf(time: number): string {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(time).toUTCString().replace("GMT", "+0000");
    }
    return this.#date;
  }
}

function from({ helo, hostname, address }: Client): string {
  const literal = address === null ? "local" : address.includes(":") ? `[IPv6:${address}]` : `[${address}]`;
  const known = hostname === null ? literal : `${hostname.replaceAll(UNSAFE, "?")} ${literal}`;
  return `${(helo ?? "unknown").replaceAll(UNSAFE, "?")} (${known})`;
}

/** RFC 3848 and RFC 6531, section 4.3. */
function protocolName({ extended, tls, user }: Client, { sender }: Envelope): string {
  if (!extended) return "SMTP";
  const kind = sender.smtpUtf8 === undefined ? "ESMTP" : "UTF8SMTP";
  return `${kind}${tls === null ? "" : "S"}${user === null ? "" : "A"}`;
}
