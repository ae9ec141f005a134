/** What makes the names of one process's messages differ from those of any other. */
export interface MaildirNamesOptions {
  /** The machine's name, as it is known to its neighbours. */
  readonly host: string;
  /** Of this process. Default: the system's. */
  readonly pid?: number;
  /** Differs from one start of the process to the next, though it may have the same number each time. */
  readonly nonce?: string;
  /** Milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
}

/**
 * Unique names of messages (https://cr.yp.to/proto/maildir.html): `1700000000.M004217Q000012P99R5f3a9c01.mx1`.
 * Sorted as text, those of one process stand in the order in which they were made.
 */
export class MaildirNames {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly #tail: string;
  #count = 0;

  /** One per process and host is enough. */
  constructor({ host, pid = Deno.pid, nonce = randomNonce(), now = Date.now }: MaildirNamesOptions) {
    this.now = now;
    this.#tail = `P${pid}R${nonce}.${escapeHost(host)}`;
  }

  /** A name that nobody else has or will have. */
  next(): string {
    const now = this.now();
    const seconds = Math.floor(now / 1000);
    const micros = Math.floor((now - seconds * 1000) * 1000);
    const count = String(this.#count++).padStart(6, "0");
    return `${seconds}.M${String(micros).padStart(6, "0")}Q${count}${this.#tail}`;
  }
}

/** Slash and colon mean something in a Maildir, the comma begins the sizes. */
function escapeHost(host: string): string {
  const safe = host.replaceAll("/", "\\057").replaceAll(":", "\\072").replaceAll(",", "\\054");
  return safe.slice(0, 64) || "localhost";
}

function randomNonce(): string {
  return crypto.getRandomValues(new Uint32Array(1))[0]!.toString(16).padStart(8, "0");
}
