const MAIN = new URL("../../runner/cli/main.ts", import.meta.url).href;

/** What `deno task serve` grants. */
const FLAGS = [
  "--no-prompt",
  ...["net", "read", "write", "env", "sys", "run"].map((name) => `--allow-${name}`),
];

/** Milliseconds that a test waits for a process before it takes it for stuck. */
const DEADLINE = 30_000;

/** How a process is started. */
export interface HeddleProcessOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of `deno run`. Default: those of `deno task serve`. */
  readonly flags?: readonly string[];
  /** The module to run. Default Heddle's command line. */
  readonly module?: string;
}

/** What follows `deno` in a command that runs `heddle ...args`. */
export function denoArguments(args: readonly string[], options: HeddleProcessOptions = {}): string[] {
  const { flags = FLAGS, module = MAIN } = options;
  return ["run", ...flags, module, ...args];
}

/** `heddle ...args` in a process of its own, for what only a process shows: signals, exit status, real output. */
export class HeddleProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly stdout: LineReader;
  readonly stderr: LineReader;

  constructor(args: readonly string[], options: HeddleProcessOptions = {}) {
    const { cwd, env } = options;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: denoArguments(args, options),
      detached: true, // a session of its own: no controlling terminal, whatever the tests run under
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(cwd === undefined ? {} : { cwd }),
      // Tests run beside one another, often with the same names.
      env: { HEDDLE_CONTROL: "off", ...env },
    }).spawn();
    this.stdout = new LineReader("stdout", this.#child.stdout);
    this.stderr = new LineReader("stderr", this.#child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit status, once it has ended and all of its output is read. */
  async ended(): Promise<number> {
    const work = Promise.all([this.#child.status, this.stdout.ended, this.stderr.ended]);
    const [status] = await within(work, () => `the process has not ended; it said:\n${this.stderr.text}`);
    return status.code;
  }

  /** Wait for the first record of the log (JSON lines on standard error) that `matches`. */
  async record(matches: (record: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const line = await this.stderr.line((text) => {
      const record = parseRecord(text);
      return record !== null && matches(record);
    });
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(-this.pid, "SIGKILL"); // its session: what it has started, too
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}

/** Lines of a stream as they come, all of them kept. */
export class LineReader {
  text = "";
  /** Resolves when the stream is over. */
  readonly ended: Promise<void>;
  readonly #name: string;
  #over = false;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(name: string, stream: ReadableStream<Uint8Array>) {
    this.#name = name;
    this.ended = this.#read(stream);
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Wait for the first line that `matches`. Rejects when the stream ends without it. */
  async line(matches: (line: string) => boolean): Promise<string> {
    const search = async () => {
      while (true) {
        const found = this.lines.find(matches);
        if (found !== undefined) return found;
        if (this.#over) throw new Error(`${this.#name} ended without that line:\n${this.text}`);
        await this.#changed.promise;
      }
    };
    return await within(search(), () => `${this.#name} lacks that line:\n${this.text}`);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#notify();
    }
    this.#over = true;
    this.#notify();
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

function parseRecord(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

async function within<T>(work: Promise<T>, complaint: () => string): Promise<T> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => expired.reject(new Error(`Within ${DEADLINE / 1000} s, ${complaint()}`)),
    DEADLINE,
  );
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
