import type { Verb } from "../command/command.ts";
import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";

/**
 * Where a session stands, as far as it decides what may come next:
 *
 *     start -> ready -> mail -> rcpt -> (message) -> ready
 *                                  \--> bdat ----/
 *
 * `start` before EHLO, `mail` with a sender, `rcpt` with a recipient too, `bdat` with part of the message.
 */
export type SessionState = "start" | "ready" | "mail" | "rcpt" | "bdat";

const always = { start: null, ready: null, mail: null, rcpt: null, bdat: null };

/** RFC 5321, section 4.1.4, as a table: null where the command may come, else what it is answered. */
export const order: Readonly<Record<Verb, Readonly<Record<SessionState, Reply | null>>>> = {
  EHLO: always,
  HELO: always,
  RSET: always,
  NOOP: always,
  QUIT: always,
  HELP: always,
  VRFY: always,
  EXPN: always,
  MAIL: {
    start: replies.helloFirst,
    ready: null,
    mail: replies.nestedMail,
    rcpt: replies.nestedMail,
    bdat: replies.nestedMail,
  },
  RCPT: {
    start: replies.helloFirst,
    ready: replies.senderFirst,
    mail: null,
    rcpt: null,
    bdat: replies.chunksOnly,
  },
  DATA: {
    start: replies.helloFirst,
    ready: replies.senderFirst,
    mail: replies.recipientFirst,
    rcpt: null,
    bdat: replies.chunksOnly,
  },
  BDAT: {
    start: replies.helloFirst,
    ready: replies.senderFirst,
    mail: replies.recipientFirst,
    rcpt: null,
    bdat: null,
  },
  AUTH: {
    start: replies.helloFirst,
    ready: null,
    mail: replies.inTransaction,
    rcpt: replies.inTransaction,
    bdat: replies.inTransaction,
  },
  STARTTLS: {
    start: replies.helloFirst,
    ready: null,
    mail: replies.inTransaction,
    rcpt: replies.inTransaction,
    bdat: replies.inTransaction,
  },
  XCLIENT: {
    start: null,
    ready: null,
    mail: replies.inTransaction,
    rcpt: replies.inTransaction,
    bdat: replies.inTransaction,
  },
};
