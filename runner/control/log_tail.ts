import type { LogEntry, LogFilter, LogQuery } from "../../services/control/log_entry.ts";
import { LOG_LEVELS, type LogLevel } from "../../services/log.ts";
import { plainValue } from "../log/plain_value.ts";
import type { LogRecord } from "../log/record.ts";

/** How much a {@linkcode LogTail} keeps. */
export interface LogTailLimits {
  /** Records. Default 2,000. */
  readonly records: number;
  /** Characters of all records together, as JSON. Default 4 Mi. */
  readonly characters: number;
}

const DEFAULTS: LogTailLimits = { records: 2_000, characters: 4 * 1024 * 1024 };

interface Kept {
  readonly entry: LogEntry;
  readonly size: number;
}

/**
 * The latest records of the log, for who asks what has happened; bounded, the oldest go first. A record that a
 * follower's own code logs while it is told of one is kept, and told to nobody: else it would never end.
 */
export class LogTail {
  readonly #limits: LogTailLimits;
  readonly #followers = new Set<(entry: LogEntry) => void>();
  #kept: Kept[] = [];
  /** Of `#kept`, how many at its front are gone. */
  #gone = 0;
  #characters = 0;
  #sequence = 0;
  #telling = false;

  constructor(limits: Partial<LogTailLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Keep a record, and tell those who follow. */
  add({ time, level, service, message, fields }: LogRecord): void {
    const plain = plainValue(fields) as LogEntry["fields"];
    const entry: LogEntry = { sequence: ++this.#sequence, time, level, service, message, fields: plain };
    const size = message.length + JSON.stringify(plain).length;
    this.#kept.push({ entry, size });
    this.#characters += size;
    this.#forget();
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (const tell of this.#followers) tell(entry);
    } finally {
      this.#telling = false;
    }
  }

  /** The records that are kept and wanted, the oldest first. */
  query({ after = 0, limit = Infinity, ...filter }: LogQuery = {}): LogEntry[] {
    const wanted: LogEntry[] = [];
    for (let i = this.#kept.length - 1; i >= this.#gone && wanted.length < limit; i--) {
      const { entry } = this.#kept[i]!;
      if (entry.sequence <= after) break;
      if (passes(entry, filter)) wanted.push(entry);
    }
    return wanted.reverse();
  }

  /** Hear every record from now on, until the returned function is called. A listener must not throw. */
  follow(listener: (entry: LogEntry) => void, filter: LogFilter = {}): () => void {
    const follower = (entry: LogEntry): void => {
      if (passes(entry, filter)) listener(entry);
    };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  #forget(): void {
    const { records, characters } = this.#limits;
    while (this.#kept.length - this.#gone > records || this.#characters > characters) {
      this.#characters -= this.#kept[this.#gone++]!.size;
    }
    if (this.#gone > records) {
      this.#kept = this.#kept.slice(this.#gone);
      this.#gone = 0;
    }
  }
}

function passes({ level, service }: LogEntry, filter: LogFilter): boolean {
  return (filter.level === undefined || rank(level) >= rank(filter.level)) &&
    (filter.service === undefined || service === filter.service || service.startsWith(`${filter.service}.`));
}

function rank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}
