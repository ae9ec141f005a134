import type { ServerReply } from "./server_reply.ts";
import { describeReply } from "./server_reply.ts";

/** A recipient as the next server is told of them. */
export interface OutgoingRecipient {
  readonly address: string;
  /** RFC 3461. */
  readonly notify?: readonly string[];
  /** RFC 3461: `rfc822;jane@example.org`. */
  readonly originalRecipient?: string;
}

/** A message as the next server is told of it. */
export interface OutgoingMessage {
  /** Its name in our log. */
  readonly id: string;
  /** `""` for `<>`. */
  readonly sender: string;
  readonly recipients: readonly OutgoingRecipient[];
  /** Octets. */
  readonly size: number;
  /** Whether it has octets beyond ASCII. */
  readonly eightBit: boolean;
  /** Whether it was announced with SMTPUTF8. */
  readonly smtpUtf8: boolean;
  /** RFC 3461. */
  readonly ret?: "FULL" | "HDRS";
  /** RFC 3461. */
  readonly envelopeId?: string;
  /** The octets, its lines ended by CRLF. */
  content(): AsyncIterable<Uint8Array>;
}

/** What has become of a recipient of an attempt. */
export interface Outcome {
  readonly kind: "delivered" | "deferred" | "failed";
  /** Enhanced status code (RFC 3463): the server's, or ours. */
  readonly status: string;
  /** The server's reply in one line, or what went wrong. */
  readonly answer: string;
  /** Whether it was the server that said so. */
  readonly byServer: boolean;
  /** Whether the server passes on what reports are wanted (RFC 3461); else success is ours to report. */
  readonly reportsSuccess: boolean;
}

/** What a reply means for a recipient. What it cannot mean, as a 354 to RCPT, is a matter for later. */
export function outcomeOf(reply: ServerReply, reportsSuccess = false): Outcome {
  const kind = reply.code < 300 ? "delivered" : reply.code < 500 ? "deferred" : "failed";
  const first = kind === "delivered" ? "2" : kind === "deferred" ? "4" : "5";
  const status = reply.enhanced?.startsWith(first) ? reply.enhanced : `${first}.0.0`;
  return { kind, status, answer: describeReply(reply), byServer: true, reportsSuccess };
}

/** What we find ourselves. */
export function ownOutcome(kind: "deferred" | "failed", status: string, answer: string): Outcome {
  return { kind, status, answer, byServer: false, reportsSuccess: false };
}
