import { type ChildProcess, spawn } from "node:child_process";
import type { StreamHandle } from "./child/native_conns.ts";
import type { ChildCommand } from "./command.ts";
import type { ProcessExit } from "./exit_reason.ts";
import { OutputDecoder } from "./framing.ts";
import { parseMessage } from "./parse_message.ts";
import type { ToChild, ToRunner } from "./protocol.ts";

/** How a process is started, beside its command. */
export interface SpawnSettings {
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** What comes from a process. */
export interface ChildEvents {
  readonly message: (message: ToRunner) => void;
  /** A line that its program printed. */
  readonly print: (stream: "stdout" | "stderr", line: string) => void;
  /** It does not keep to the protocol, and is killed for it. */
  readonly violation: (reason: string) => void;
}

/** A process, and the ways to it: its standard streams, and a channel for sockets. */
export class ChildLink {
  /** Resolves when it has ended and all that it wrote has been read. Rejects when it could not be started. */
  readonly exit: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #events: ChildEvents;
  #passing: Promise<void> = Promise.resolve();
  /** The socket that is on its way. */
  #passed: { readonly id: number; readonly arrived: () => void } | null = null;
  #gone = false;

  /**
   * Start it. In a session of its own: a terminal's signals are for the runner, which stops it in order.
   * @throws {Error} when the system refuses
   */
  constructor({ program, args, env }: ChildCommand, settings: SpawnSettings, events: ChildEvents) {
    this.#events = events;
    this.#child = spawn(program, args, {
      ...settings,
      env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "ipc"],
    });
    const { stdin, stdout, stderr } = this.#child;
    // What cannot be written any more will be told by its exit.
    stdin!.on("error", () => {});
    this.#read("stdout", stdout!);
    this.#read("stderr", stderr!);
    this.exit = new Promise((resolve, reject) => {
      this.#child.on("error", (error) => {
        this.#end();
        reject(error);
      });
      this.#child.on("close", (code, signal) => {
        this.#end();
        resolve({ code, signal });
      });
    });
    this.exit.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToChild): void {
    if (!this.#gone) this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** Hand it a socket, under the number of its request: one after the other, as the channel wants it. */
  passSocket(id: number, handle: StreamHandle): Promise<void> {
    return this.#passing = this.#passing.then(() => {
      if (this.#gone) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#passed = { id, arrived: resolve };
      this.#child.send({ socket: id }, handle as never, { keepOpen: true }, (error) => {
        if (error !== null) resolve();
      });
      return promise;
    });
  }

  kill(): void {
    if (!this.#gone) this.#child.kill("SIGKILL");
  }

  #end(): void {
    this.#gone = true;
    this.#passed?.arrived();
  }

  #read(name: "stdout" | "stderr", stream: NonNullable<ChildProcess["stdout"]>): void {
    const decoder = new OutputDecoder();
    stream.on("error", () => {});
    stream.on("data", (chunk: Uint8Array) => {
      try {
        for (const { kind, text } of decoder.feed(chunk)) {
          if (kind === "print" || name === "stderr") this.#events.print(name, text);
          else this.#receive(parseMessage(text));
        }
      } catch (error) {
        this.#events.violation((error as Error).message);
        this.kill();
      }
    });
  }

  #receive(message: ToRunner): void {
    if (message.kind !== "received") return this.#events.message(message);
    if (this.#passed?.id === message.id) this.#passed.arrived();
  }
}
