import type { StatusReply } from "../control/api.ts";
import type { ControlClient } from "../control/client.ts";
import { colourOn } from "./colour.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";
import { untilInterrupted } from "./interrupted.ts";
import type { CommandIO } from "./io.ts";
import { topScreen } from "./top_screen.ts";
import { painter } from "./unit_rows.ts";

/** Between two looks, ms. */
const INTERVAL = 1_000;

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H\x1b[J";

const { json: _, ...flags } = CONTROL_FLAGS;

/** `heddle top` */
export const command: Command = defineCommand({
  verb: "top",
  summary: "watch a running application in the terminal",
  usage: "",
  operands: { name: "nothing", min: 0, max: 0 },
  flags,
  details: `\
States, restarts, connections and bytes per second, once a second, until you press q or Ctrl-C. Where there is no
room for all services, those in trouble are shown. Into a pipe, one look.

Exit status: 0 seen; ${CONTROL_EXIT}.`,
  async run({ flags }, io) {
    return await withRunner(flags, io, async (client) => {
      if (io.stdout.isTerminal) await watch(client, io);
      else await look(client, io);
      return EXIT.ok;
    });
  },
});

/** One look, after a second in which rates are measured. */
async function look(client: ControlClient, io: CommandIO): Promise<void> {
  const before = await statusOf(client);
  await pause(INTERVAL);
  const now = await statusOf(client);
  io.stdout.print(topScreen({ before, now, height: Infinity, paint: painter(false) }));
}

async function watch(client: ControlClient, io: CommandIO): Promise<void> {
  const paint = painter(colourOn(io.stdout, io));
  await untilInterrupted(async (interrupted) => {
    using keys = new Keys();
    const ended = AbortSignal.any([interrupted, keys.quit]);
    io.stdout.print(ENTER);
    try {
      let before: StatusReply | undefined;
      while (!ended.aborted) {
        const now = await statusOf(client);
        const { rows, columns } = Deno.consoleSize();
        // Some terminals say that they are 0 wide.
        const screen = topScreen({
          now,
          height: rows || Infinity,
          paint,
          ...(before !== undefined && { before }),
        });
        io.stdout.print(HOME + cutLines(screen, columns || Infinity));
        before = now;
        await pause(INTERVAL, ended);
      }
    } finally {
      io.stdout.print(LEAVE);
    }
  });
}

async function statusOf(client: ControlClient): Promise<StatusReply> {
  return (await client.ask<StatusReply>("GET", "/v1/status")).body;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** No line wider than the screen: it would push what is above out of sight. Codes that paint have no width. */
export function cutLines(text: string, columns: number): string {
  return text.split("\n").map((line) => {
    let width = 0;
    // deno-lint-ignore no-control-regex
    return line.replace(/\x1b\[[\d;]*m|[^\x1b]/gu, (piece) => {
      if (piece.startsWith("\x1b")) return piece;
      width += 1;
      return width <= columns ? piece : "";
    });
  }).join("\n");
}

/** Keys of the terminal, without waiting for line ends: q and Ctrl-C quit. */
class Keys implements Disposable {
  readonly #quit = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  constructor() {
    if (!Deno.stdin.isTerminal()) return;
    Deno.stdin.setRaw(true);
    this.#reader = Deno.stdin.readable.getReader();
    void this.#read(this.#reader);
  }

  /** Aborted when it is time to go. */
  get quit(): AbortSignal {
    return this.#quit.signal;
  }

  [Symbol.dispose](): void {
    if (this.#reader === null) return;
    Deno.stdin.setRaw(false);
    this.#reader.cancel().catch(() => {});
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    while (true) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return;
      const text = new TextDecoder().decode(value);
      if (text.includes("q") || text.includes("\x03")) this.#quit.abort();
    }
  }
}
