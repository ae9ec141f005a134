import type { ReactorTime } from "../../../services/async/time.ts";
import type { ServeTls } from "../../../services/endpoint/endpoint.ts";
import type { DialogueServer } from "../../../services/mail/dialogue/dialogue.ts";
import type { Mailboxes } from "../../../services/mail/mailboxes.ts";
import type { Users } from "../../../services/mail/users.ts";
import type { SessionSettings } from "../session/session.ts";

/** Milliseconds that a client may take. */
export interface Timeouts {
  /** For a command, once it is logged in (RFC 1939, section 3: 10 minutes at least). */
  readonly idle: number;
  /** For a command, before that. */
  readonly login: number;
  /** For a TLS handshake. */
  readonly tls: number;
}

/** What a client may do before it is shown the door. */
export interface ClientLimits {
  /** Octets of a command line, without its CRLF. */
  readonly commandLength: number;
  /** Commands that are refused, in a session. */
  readonly errors: number;
  /** Logins that fail, in a session. */
  readonly failedLogins: number;
}

/** What the connections of a server share. */
export interface Pop3Server extends DialogueServer {
  readonly session: SessionSettings;
  readonly limits: ClientLimits;
  readonly timeouts: Timeouts;
  /** Milliseconds until a login that fails is answered. */
  readonly failedLoginDelay: number;
  /** For STLS; null where it is not offered. */
  readonly tls: ServeTls | null;
  /** Makes what an APOP client signs, different each time; null where APOP is not offered. */
  readonly timestamp: (() => string) | null;
  readonly users: Users;
  readonly mailboxes: Mailboxes;
  readonly time: ReactorTime;
}
