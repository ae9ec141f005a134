/** What a session has to know of the server's options. */
export interface SessionSettings {
  /** Ours, in the greeting and in trace fields. */
  readonly hostname: string;
  /** Octets that a message may have. */
  readonly maxMessageSize: number;
  /** Recipients that a message may have. */
  readonly maxRecipients: number;
  /** Whether STARTTLS can be had. */
  readonly startTls: boolean;
  /** Whether mail is taken over TLS alone. */
  readonly requireTls: boolean;
  /** The mechanisms of AUTH; none: there is no AUTH. */
  readonly mechanisms: readonly string[];
  /** Whether passwords may be sent in the clear. */
  readonly insecureAuth: boolean;
  /** Whether mail is taken only from those who have logged in. */
  readonly requireAuth: boolean;
}
