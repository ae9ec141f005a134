import type { ElectOptions, Leadership } from "./registry.ts";

/** For how long leadership lasts by default, ms. */
export const DEFAULT_TTL = 15_000;

/** Who leads what, within one process: who asks first is first. */
export class LocalElections {
  readonly #queues = new Map<string, Candidate[]>();
  readonly #nextToken: () => number;
  #isClosed = false;

  /** `nextToken` gives a higher number with every call. */
  constructor(nextToken: () => number) {
    this.#nextToken = nextToken;
  }

  /** See `Registry.elect`. */
  async elect(name: string, options: ElectOptions = {}): Promise<Leadership> {
    checkTerms(name, options.ttl ?? DEFAULT_TTL, options.stopTimeout ?? 0);
    if (this.#isClosed) throw closed(name);
    const { signal } = options;
    signal?.throwIfAborted();
    const candidate = new Candidate((it) => this.#leave(name, it));
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    queue.push(candidate);
    if (queue.length === 1) candidate.win(this.#nextToken());
    const giveUp = (): void => candidate.giveUp(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      return await candidate.won;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** All leadership is lost, and nobody is elected any more. */
  close(): void {
    this.#isClosed = true;
    for (const [name, queue] of [...this.#queues]) {
      for (const candidate of [...queue].reverse()) candidate.close(closed(name));
    }
  }

  #leave(name: string, candidate: Candidate): void {
    const queue = this.#queues.get(name)!;
    const place = queue.indexOf(candidate);
    if (place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) this.#queues.delete(name);
    else if (place === 0) queue[0]!.win(this.#nextToken());
  }
}

class Candidate implements Leadership {
  readonly #won = Promise.withResolvers<Leadership>();
  readonly #lost = new AbortController();
  readonly #leave: (candidate: Candidate) => void;
  fencingToken = 0;

  constructor(leave: (candidate: Candidate) => void) {
    this.#leave = leave;
    this.#won.promise.catch(() => {});
  }

  get won(): Promise<Leadership> {
    return this.#won.promise;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  win(token: number): void {
    this.fencingToken = token;
    this.#won.resolve(this);
  }

  giveUp(reason: unknown): void {
    this.#won.reject(reason);
    this.#leave(this);
  }

  close(reason: Error): void {
    this.#lost.abort(reason);
    this.giveUp(reason);
  }

  resign(): Promise<void> {
    this.#lost.abort(new Error("Leadership was resigned"));
    this.#leave(this);
    return Promise.resolve();
  }

  /** Within one process there is nothing to wait for. */
  abandon(): void {
    void this.resign();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }
}

/** @throws {RangeError} when leadership on these terms could not be given up in time */
export function checkTerms(name: string, ttl: number, stopTimeout: number): void {
  if (ttl > stopTimeout && stopTimeout >= 0 && Number.isFinite(ttl)) return;
  throw new RangeError(
    `Cannot elect for "${name}": its stopTimeout of ${stopTimeout} ms must be shorter than its ttl of ${ttl} ms`,
  );
}

/** What ends an election when its registry does. */
export function closed(name: string): Error {
  return new Error(`Cannot elect for "${name}": the registry has closed`);
}
