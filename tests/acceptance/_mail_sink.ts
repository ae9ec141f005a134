/** A message that the sink was given. */
export interface SunkMessage {
  /** Its `X-Number`. */
  readonly id: string;
  /** Whether all of it has come. */
  readonly whole: boolean;
  /** The value of {@linkcode MailSink.round} at that time. */
  readonly round: number;
}

/** A mail server that takes everything. It is there while senders come and go. */
export class MailSink implements AsyncDisposable {
  readonly taken: SunkMessage[] = [];
  /** What is written down with each message. */
  round = 0;
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #work: Promise<void>;

  /** @param port 0: the system chooses */
  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    this.#work = this.#accept();
  }

  /** How often each message has come, by its number. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { id } of this.taken) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  }

  /** Resolves when all that was sent by those who are gone has been read. */
  async settle(): Promise<void> {
    // Whoever connected before this has been accepted when this is greeted.
    using last = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    await last.read(new Uint8Array(64));
    while (this.#connections.size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await this.#work;
  }

  async #accept(): Promise<void> {
    const conversations: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) conversations.push(this.#converse(connection));
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
        throw error;
      }
    }
    await Promise.all(conversations);
  }

  async #converse(connection: Deno.TcpConn): Promise<void> {
    this.#connections.add(connection);
    connection.setNoDelay(true);
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(64 * 1024);
    let text = "";
    let inData = false;
    const say = (line: string) => connection.write(new TextEncoder().encode(`${line}\r\n`));
    try {
      await say("220 sink.test ESMTP");
      while (true) {
        const size = await connection.read(buffer);
        if (size === null) return;
        text += decoder.decode(buffer.subarray(0, size), { stream: true });
        for (let end = text.indexOf(inData ? "\r\n.\r\n" : "\r\n"); end >= 0;) {
          const part = text.slice(0, end + 2);
          text = text.slice(end + (inData ? 5 : 2));
          if (inData) {
            const id = /^X-Number: (\S+)\r$/m.exec(part)?.[1] ?? "?";
            this.taken.push({ id, whole: part.endsWith(`end ${id}\r\n`), round: this.round });
            inData = false;
            await say("250 2.0.0 taken");
          } else if (/^EHLO/i.test(part)) {
            await say("250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME");
          } else if (/^DATA/i.test(part)) {
            inData = true;
            await say("354 go");
          } else {
            await say(/^QUIT/i.test(part) ? "221 bye" : "250 ok");
          }
          end = text.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        }
      }
    } catch {
      // The sender was killed.
    } finally {
      this.#connections.delete(connection);
      try {
        connection.close();
      } catch {
        // It is closed already.
      }
    }
  }
}
