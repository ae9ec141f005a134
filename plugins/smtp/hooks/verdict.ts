import { type Reply, reply } from "../reply/reply.ts";

/** Not taken, for good: the sender is told, and gives up. */
export interface Rejection {
  /** For the person who reads the report, in one line. */
  readonly reject: string;
  /** 500 to 599; default 550. 521 ends the connection. */
  readonly code?: number;
  /** Enhanced status code (RFC 3463); default `5.7.1`. */
  readonly enhanced?: string;
}

/** Not taken now: the sender will try again. */
export interface Deferral {
  /** For the log of the sender's server, in one line. */
  readonly defer: string;
  /** 400 to 499; default 451. 421 ends the connection. */
  readonly code?: number;
  /** Enhanced status code (RFC 3463); default `4.7.1`. */
  readonly enhanced?: string;
}

/** What a hook says of what it was shown: nothing to let it pass. */
export type Verdict = void | Rejection | Deferral;

/** What a hook says of a recipient: nothing to let the server's own rules decide, or where the mail goes. */
export type RecipientVerdict = Verdict | {
  /** The mailboxes that get it, by name. None: it is for `onMessage` alone. */
  readonly mailboxes: readonly string[];
};

/** What a hook says of a message: nothing to have it delivered, or that it has seen to it itself. */
export type MessageVerdict = Verdict | {
  /** Accepted, and delivered nowhere by the server. */
  readonly taken: true;
};

/** The reply of a verdict against something; null when there is none. What makes no sense throws. */
export function replyOf(verdict: object | undefined | void): Reply | null {
  if (verdict === undefined || verdict === null) return null;
  const { reject, defer, code, enhanced } = verdict as Partial<Rejection & Deferral>;
  if (typeof reject === "string") return checked(5, code ?? 550, enhanced ?? "5.7.1", reject);
  if (typeof defer === "string") return checked(4, code ?? 451, enhanced ?? "4.7.1", defer);
  return null;
}

function checked(kind: 4 | 5, code: number, enhanced: string, text: string): Reply {
  if (!Number.isInteger(code) || Math.floor(code / 100) !== kind) {
    throw new TypeError(`Cannot use verdict: code "${code}" must be ${kind}00-${kind}99`);
  }
  if (!/^[45]\.[0-9]{1,3}\.[0-9]{1,3}$/.test(enhanced) || Number(enhanced[0]) !== kind) {
    throw new TypeError(`Cannot use verdict: enhanced code "${enhanced}" must be like "${kind}.7.1"`);
  }
  return reply(code, enhanced, text);
}
