import type { Verb } from "../command/command.ts";
import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";

/**
 * Where a session stands (RFC 1939, section 3):
 *
 *     start <-> named -> transaction -> (update)
 *
 * `start` and `named` are the AUTHORIZATION state, without a name and with the one of USER. What follows QUIT in
 * `transaction` is the UPDATE state, in which no command comes any more.
 */
export type SessionState = "start" | "named" | "transaction";

const always = { start: null, named: null, transaction: null };
const toLogIn = { start: null, named: null, transaction: replies.loggedInAlready };
const loggedIn = { start: replies.loginFirst, named: replies.loginFirst, transaction: null };

/** Which command may come when, as a table: null where it may, else what it is answered. */
export const order: Readonly<Record<Verb, Readonly<Record<SessionState, Reply | null>>>> = {
  CAPA: always,
  QUIT: always,
  STLS: toLogIn,
  USER: toLogIn,
  PASS: { start: replies.userFirst, named: null, transaction: replies.loggedInAlready },
  APOP: toLogIn,
  AUTH: toLogIn,
  STAT: loggedIn,
  LIST: loggedIn,
  UIDL: loggedIn,
  RETR: loggedIn,
  TOP: loggedIn,
  DELE: loggedIn,
  RSET: loggedIn,
  NOOP: loggedIn,
};
