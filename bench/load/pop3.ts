// Reads a mailbox by POP3, and prints what that took: `pop3.ts PID PORT MESSAGES-TO-FETCH`
import { cpuSeconds } from "../harness/process_usage.ts";

/** A step of a session, in seconds: until its reply was there, and the server's CPU. */
export interface Took {
  readonly seconds: number;
  readonly cpu: number;
}

/** What `pop3.ts` prints, as JSON. */
export interface Pop3Outcome {
  readonly login: Took;
  readonly list: Took;
  readonly uidl: Took;
  /** All of them, one after the other. */
  readonly fetch: Took;
  /** Messages that the mailbox has. */
  readonly messages: number;
}

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** Asks, and reads replies without looking at more of them than their ends. */
class Client {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(256 * 1024);

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  async ask(line: string): Promise<string> {
    await this.#conn.write(new TextEncoder().encode(line));
    const size = await this.#until((bytes, size) => bytes[size - 1] === LF);
    const text = new TextDecoder().decode(this.#buffer.subarray(0, size.last));
    if (!text.startsWith("+OK")) throw new Error(`${line.trim()}: ${text}`);
    return text;
  }

  /** Returns how many lines the reply had, besides its first and last. */
  async askLines(line: string): Promise<number> {
    await this.#conn.write(new TextEncoder().encode(line));
    return (await this.#until(endsWithDot)).lines - 2;
  }

  greeting(): Promise<unknown> {
    return this.#until((bytes, size) => bytes[size - 1] === LF);
  }

  /** Read until what came last ends with what is waited for. The last five octets are always at hand. */
  async #until(
    isEnd: (bytes: Uint8Array, size: number) => boolean,
  ): Promise<{ lines: number; last: number }> {
    let lines = 0;
    let kept = 0;
    for (;;) {
      const read = await this.#conn.read(this.#buffer.subarray(kept));
      if (read === null) throw new Error("the connection is over");
      const size = kept + read;
      for (
        let at = this.#buffer.indexOf(LF, kept);
        at >= 0 && at < size;
        at = this.#buffer.indexOf(LF, at + 1)
      ) {
        lines++;
      }
      if (isEnd(this.#buffer, size)) return { lines, last: size };
      const from = Math.max(0, size - 5);
      this.#buffer.copyWithin(0, from, size);
      kept = size - from;
    }
  }
}

function endsWithDot(bytes: Uint8Array, size: number): boolean {
  return size >= 5 && bytes[size - 1] === LF && bytes[size - 2] === CR && bytes[size - 3] === DOT &&
    bytes[size - 4] === LF;
}

if (import.meta.main) {
  const [pid, port, count] = Deno.args.map(Number) as [number, number, number];
  const timed = async <T>(step: () => Promise<T>): Promise<readonly [Took, T]> => {
    const [begun, cpu] = [performance.now(), cpuSeconds(pid)];
    const result = await step();
    return [{ seconds: (performance.now() - begun) / 1000, cpu: cpuSeconds(pid) - cpu }, result];
  };
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const client = new Client(conn);
  await client.greeting();
  await client.ask("USER inbox\r\n");
  const [login] = await timed(() => client.ask("PASS secret\r\n"));
  const [list, messages] = await timed(() => client.askLines("LIST\r\n"));
  const [uidl] = await timed(() => client.askLines("UIDL\r\n"));
  const [fetch] = await timed(async () => {
    for (let number = 1; number <= count; number++) await client.askLines(`RETR ${number}\r\n`);
  });
  await client.ask("QUIT\r\n");
  const outcome: Pop3Outcome = { login, list, uidl, fetch, messages };
  console.log(JSON.stringify(outcome));
}
