import type { TlsInfo } from "../../../services/reactor/transport.ts";

/** Who is at the other end of a session, as far as is known by now. */
export interface Client {
  /** IP address; null on a UNIX socket. */
  readonly address: string | null;
  /** TCP port; null where there is none. */
  readonly port: number | null;
  /** Host name, as a trusted proxy tells by XCLIENT; else null. */
  readonly hostname: string | null;
  /** What the client calls itself in EHLO; null before. It need not be true. */
  readonly helo: string | null;
  /** Whether it said EHLO, not HELO. */
  readonly extended: boolean;
  /** What TLS settled on; null in the clear. */
  readonly tls: TlsInfo | null;
  /** The name of the user that it has logged in as; null for nobody. */
  readonly user: string | null;
}
