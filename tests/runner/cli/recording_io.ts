import type { CommandIO, Output } from "../../../runner/cli/io.ts";
import { main } from "../../../runner/cli/main.ts";

/** What a command has written, and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An output that keeps what it is given. */
export class RecordingOutput implements Output {
  text = "";

  constructor(readonly isTerminal: boolean = false) {}

  print(text: string): void {
    this.text += text;
  }

  write(batch: Uint8Array): Promise<void> {
    this.text += new TextDecoder().decode(batch);
    return Promise.resolve();
  }
}

/** What of the process around it a command should see. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
}

/** Run `heddle ...args` in this process. */
export async function heddle(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { cwd = Deno.cwd(), env = {}, terminal = false } = surroundings;
  const stdout = new RecordingOutput(terminal);
  const stderr = new RecordingOutput(terminal);
  const io: CommandIO = { stdout, stderr, cwd, env: (name) => ({ HEDDLE_CONTROL: "off", ...env }[name]) };
  const status = await main(args, io);
  return { status, stdout: stdout.text, stderr: stderr.text };
}
