import type { ServeTls } from "../../../services/endpoint/endpoint.ts";
import type { ReactorTime } from "../../../services/async/time.ts";
import type { DialogueServer } from "../../../services/mail/dialogue/dialogue.ts";
import type { Users } from "../../../services/mail/users.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { MessageIds } from "../message/message_ids.ts";
import type { MessageRules } from "../message/message_decoder.ts";
import type { TraceFields } from "../message/trace.ts";
import type { Policy } from "../recipients/policy.ts";
import type { SessionSettings } from "../session/settings.ts";

/** Milliseconds that a client may take for a step (RFC 5321, section 4.5.3.2). */
export interface PhaseTimeouts {
  /** For a command, and for an answer during a login. */
  readonly command: number;
  /** For more of a message. */
  readonly data: number;
  /** For a TLS handshake. */
  readonly tls: number;
}

/** What a client may do before it is shown the door. */
export interface ClientLimits {
  /** Octets of a command line, without its CRLF. */
  readonly commandLength: number;
  /** Commands that are refused for good, in a session. */
  readonly errors: number;
}

/** What the connections of a server share. */
export interface SmtpServer extends DialogueServer {
  readonly session: SessionSettings;
  readonly message: MessageRules;
  readonly limits: ClientLimits;
  readonly timeouts: PhaseTimeouts;
  /** Milliseconds between the connection and the greeting; who talks before it is refused. */
  readonly greetingDelay: number;
  /** For STARTTLS; null where it is not offered. */
  readonly tls: ServeTls | null;
  readonly users: Users;
  readonly policy: Policy;
  readonly delivery: Delivery;
  readonly trace: TraceFields;
  readonly ids: MessageIds;
  readonly time: ReactorTime;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
