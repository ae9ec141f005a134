import type { Destination } from "../../services/log_file/batch_writer.ts";

/** Standard output or standard error, as commands use it. */
export interface Output extends Destination {
  /** Somebody reads it as it comes. */
  readonly isTerminal: boolean;
  /** Write `text` at once, before anything else happens. */
  print(text: string): void;
  /** Write all of `batch`. */
  write(batch: Uint8Array): Promise<void>;
}

/** What a command sees of the process it runs in; tests give it another. */
export interface CommandIO {
  /** For what was asked for. */
  readonly stdout: Output;
  /** For what is wrong, and for the log. */
  readonly stderr: Output;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Relative paths are relative to it. */
  readonly cwd: string;
  /**
   * Start the process again with Deno's `--unstable-net`; resolves to how that ended, or null when it need not or
   * cannot be done. Absent: this is no process of its own.
   */
  startAgainWithNet?(): Promise<number | null>;
}

/** The process's own. Asks for a permission only where it is used. */
export function processIO(): CommandIO {
  return {
    stdout: new StreamOutput(Deno.stdout),
    stderr: new StreamOutput(Deno.stderr),
    env: (name) => Deno.env.get(name),
    get cwd() {
      return Deno.cwd();
    },
    startAgainWithNet: async () => await (await import("./start_again.ts")).startAgainWithNet(),
  };
}

class StreamOutput implements Output {
  readonly isTerminal: boolean;
  readonly #stream: typeof Deno.stdout;

  constructor(stream: typeof Deno.stdout) {
    this.#stream = stream;
    this.isTerminal = stream.isTerminal();
  }

  print(text: string): void {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let written = 0; written < bytes.length;) {
        written += this.#stream.writeSync(bytes.subarray(written));
      }
    } catch (error) {
      // The reader has seen enough, as `head` does: nothing is left to be done for it.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  async write(batch: Uint8Array): Promise<void> {
    for (let written = 0; written < batch.length;) {
      written += await this.#stream.write(batch.subarray(written));
    }
  }
}
