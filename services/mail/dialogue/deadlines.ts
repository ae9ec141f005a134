import type { DelayedCall, ReactorTime } from "../../async/time.ts";

/** A conversation that must not stand still. */
export interface Watched {
  /** Milliseconds that may pass without progress, as things are now. */
  readonly patience: number;
  /** Changes with every step forward; bytes that complete nothing are none. */
  readonly progress: number;
  /** No progress for too long. */
  expired(): void;
}

interface Seen {
  progress: number;
  since: number;
}

/** How often within the shortest patience the conversations are looked at. */
const LOOKS = 4;

/** One timer for all conversations: progress costs them no more than counting. */
export class Deadlines {
  readonly #time: ReactorTime;
  readonly #interval: number;
  readonly #watched = new Map<Watched, Seen>();
  #next: DelayedCall | null = null;

  /** @param shortest of all the patience there is, in milliseconds */
  constructor(time: ReactorTime, shortest: number) {
    this.#time = time;
    this.#interval = shortest / LOOKS;
  }

  /** Begin to watch. */
  watch(watched: Watched): void {
    this.#watched.set(watched, { progress: watched.progress, since: this.#time.now() });
    this.#next ??= this.#time.callLater(this.#interval, this.#look);
  }

  /** Watch no more. */
  forget(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#next?.cancel();
    this.#next = null;
  }

  readonly #look = (): void => {
    // Arranged first: what expires may be the last one, and cancel it.
    this.#next = this.#time.callLater(this.#interval, this.#look);
    const now = this.#time.now();
    for (const [watched, seen] of this.#watched) {
      if (watched.progress !== seen.progress) {
        seen.progress = watched.progress;
        seen.since = now;
      } else if (now - seen.since >= watched.patience) {
        seen.since = now;
        watched.expired();
      }
    }
  };
}
