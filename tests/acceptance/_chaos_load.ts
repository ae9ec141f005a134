import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";

/** Milliseconds that a client waits: a start that hangs, and what comes after it, may take half of that. */
const PATIENCE = 60_000;
/** Questions of one conversation with a victim. */
const QUESTIONS = 3;

/** What one service is asked, and what became of that. */
interface Target {
  readonly path: string;
  readonly converse: (conn: TextConn, tell: (id: string) => void) => Promise<void>;
  endpoint: string;
  /** It may refuse, or hang up on whom it has not greeted: it was struck, or is down by the rules. */
  excused: boolean;
  served: number;
}

/** Clients of many services, one for each; every answer is checked. */
export class Load implements AsyncDisposable {
  /** Conversations that ended as none may: whose, and how. */
  readonly losses: string[] = [];
  readonly #targets = new Map<string, Target>();
  readonly #clients: Promise<void>[] = [];
  /** Lives and processes that were to lose what they had accepted: `PID/UUID`, `PID`. */
  readonly #doomed = new Set<string>();
  #asking = true;

  /** Ask the victim at `path` from now on. */
  askVictim(path: string, endpoint: string): void {
    this.#ask(path, endpoint, converse);
  }

  /** Ask an echo from now on. */
  askEcho(path: string, endpoint: string): void {
    this.#ask(path, endpoint, async (conn) => {
      await conn.send("as it is\n");
      assertEquals(await conn.line(), "as it is");
    });
  }

  /** Ask a web server from now on that answers "here". */
  askWeb(path: string, endpoint: string): void {
    this.#ask(path, endpoint, async (conn) => {
      await conn.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
      assertEquals(/^HTTP\/1\.1 200 .*\r\n\r\nhere$/s.test(await conn.rest()), true);
    });
  }

  /** What this life (`PID/UUID`) or process has accepted may be lost. */
  doom(id: string): void {
    this.#doomed.add(id);
  }

  /** From now on `path` may refuse. */
  excuse(path: string): void {
    const target = this.#targets.get(path);
    if (target !== undefined) target.excused = true;
  }

  /** `path` is well, and listens at `endpoint`. */
  expect(path: string, endpoint: string): void {
    const target = this.#targets.get(path);
    if (target === undefined) return;
    target.endpoint = endpoint;
    target.excused = false;
  }

  /** Conversations that went well, by path. */
  get served(): Map<string, number> {
    return new Map([...this.#targets.values()].map(({ path, served }) => [path, served]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#asking = false;
    await Promise.all(this.#clients);
  }

  #ask(path: string, endpoint: string, converse: Target["converse"]): void {
    const target = { path, endpoint, converse, excused: false, served: 0 };
    this.#targets.set(path, target);
    this.#clients.push(this.#run(target));
  }

  async #run(target: Target): Promise<void> {
    while (this.#asking) {
      let excused = target.excused;
      let id: string | null = null;
      const began = new Date().toISOString();
      try {
        using conn = await TextConn.connect(target.endpoint, PATIENCE);
        await target.converse(conn, (told) => id = told);
        target.served++;
      } catch (error) {
        excused ||= target.excused;
        const isWrong = error instanceof Error && error.name === "AssertionError";
        if (isWrong || !this.#mayLose(id, excused)) {
          this.losses.push(
            `${began} ${new Date().toISOString()} ${target.endpoint} ${target.path} (${
              id ?? "not greeted"
            }): ${(error as Error).message}`,
          );
        }
      }
      // Whoever is refused at once would otherwise ask without end, and the others ask often enough.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #mayLose(id: string | null, excused: boolean): boolean {
    if (id === null) return excused;
    return this.#doomed.has(id) || this.#doomed.has(id.split("/")[0]!);
  }
}

async function converse(conn: TextConn, tell: (id: string) => void): Promise<void> {
  tell((await conn.line()).slice("hello ".length));
  for (let i = 0; i < QUESTIONS; i++) {
    const n = String(Math.floor(Math.random() * 1e6));
    await conn.send(`work ${n}\n`);
    assertEquals((await conn.line()).split(" ").slice(0, 2), ["done", n]);
  }
}
