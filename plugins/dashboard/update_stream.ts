import type { ReactorTime } from "../../services/async/time.ts";
import type { ApplicationControl } from "../../services/control/application_control.ts";
import type { LogEntry } from "../../services/control/log_entry.ts";
import type { ServerSentEvent } from "../../services/http/mod.ts";
import type { Board, Cursor } from "./board/board.ts";

/** What a stream of updates stands on. */
export interface UpdateStreamOptions {
  readonly board: Board;
  readonly control: ApplicationControl;
  readonly time: ReactorTime;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Records that are told at once; of more, the latest, and how many were left out. */
const MOST_RECORDS = 500;
/** Milliseconds within which what happens is told together. */
const TOGETHER = 100;
/** Longer messages are cut: the whole of them is in the log itself. */
const LONGEST_TEXT = 4_000;

/**
 * What there is to show, then what changes, for one browser: `snapshot`, `update`, `log`. It is only asked for more
 * when the browser has taken what it was sent.
 */
export async function* updateStream(options: UpdateStreamOptions): AsyncGenerator<ServerSentEvent> {
  const { board, control, time, signal } = options;
  const bell = new Bell();
  const ends = [board.watch(bell.ring), control.followLogs(bell.ring)];
  signal.addEventListener("abort", bell.ring);
  let cursor: Cursor | null = null;
  let sequence = 0;
  try {
    while (!signal.aborted) {
      const update = cursor === null ? null : board.since(cursor);
      cursor = board.cursor;
      if (update === null) yield event("snapshot", board.snapshot());
      else if (update.units.length + update.figures.length > 0 || update.total !== undefined) {
        yield event("update", update);
      }
      const records = control.logs({ after: sequence, limit: MOST_RECORDS });
      if (records.length > 0) {
        const lost = sequence === 0 ? 0 : records[0]!.sequence - sequence - 1;
        sequence = records.at(-1)!.sequence;
        yield event("log", { records: records.map(briefly), lost });
      }
      await bell.rung();
      if (!signal.aborted) await new Promise<void>((resolve) => time.callLater(TOGETHER, resolve));
    }
  } finally {
    signal.removeEventListener("abort", bell.ring);
    for (const end of ends) end();
  }
}

/** Says that something has happened, to one who waits for it or will. */
class Bell {
  #rung = Promise.withResolvers<void>();

  readonly ring = (): void => this.#rung.resolve();

  /** Resolves when it rings, or has rung since the last time. */
  async rung(): Promise<void> {
    await this.#rung.promise;
    this.#rung = Promise.withResolvers();
  }
}

function event(name: string, data: unknown): ServerSentEvent {
  return { event: name, data: JSON.stringify(data) };
}

function briefly({ sequence, time, level, service, message, fields }: LogEntry): unknown[] {
  const { text, stacks } = split(fields);
  return [sequence, time, level, service, cut(message), cut(text), cut(stacks.join("\n"))];
}

/** Fields as `took=59.5 reason="connection refused"`, and the stacks of errors apart: they would bury the rest. */
function split(fields: LogEntry["fields"]): { text: string; stacks: string[] } {
  const parts: string[] = [];
  const stacks: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!isError(value)) parts.push(`${name}=${JSON.stringify(value)}`);
    else {
      stacks.push(value.stack);
      // What another field says already is not said again.
      if (!Object.values(fields).includes(value.message)) {
        parts.push(`${name}=${JSON.stringify(value.message)}`);
      }
    }
  }
  return { text: parts.join(" "), stacks };
}

function isError(value: unknown): value is { message: string; stack: string } {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value &&
    typeof value.stack === "string";
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
