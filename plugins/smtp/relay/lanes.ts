import { Fifo } from "../../../services/async/fifo.ts";
import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { EntryRecipient } from "../../../services/mail/queue/entry.ts";
import type { MailSession } from "../client/client_session.ts";
import { type Outcome, type OutgoingMessage, ownOutcome } from "../client/outgoing.ts";
import { type Routes, Undeliverable } from "./routes.ts";

/** Part of a message: what goes one way. */
export interface Job {
  /** See {@linkcode Routes.keyFor}. */
  readonly key: string;
  readonly recipients: readonly EntryRecipient[];
  /** What is sent; null when there is nothing to be done any more. */
  message(): OutgoingMessage | null;
  /** What has become of each recipient, in their order. Once; not when there was nothing to be done. */
  done(outcomes: readonly Outcome[]): void;
}

/** How many sessions there may be, and for how long. */
export interface LaneLimits {
  /** At once. */
  readonly connections: number;
  /** At once, with one destination. */
  readonly connectionsPerDestination: number;
}

/** Messages that are sent in one session; some servers do not like more. */
const MESSAGES_PER_SESSION = 100;
/** Milliseconds that a session waits for more to do. */
const IDLE = 2_000;

interface Lane {
  readonly key: string;
  jobs: Fifo<Job>;
  /** Those at work, connected or about to be. */
  workers: number;
  /** Sessions that stand. */
  readonly sessions: Set<MailSession>;
  /** Workers that there may be: fewer, once the destination has let no more in. */
  most: number;
  /** Those who wait for something to do, in their sessions. */
  readonly idle: Set<IdleWorker>;
}

interface IdleWorker {
  readonly lane: Lane;
  readonly wake: (job: Job | null) => void;
  readonly timer: DelayedCall;
}

/** Sends jobs: those with the same key one after the other in the same sessions, others beside them. */
export class Lanes {
  readonly #routes: Routes;
  readonly #time: ReactorTime;
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<string, Lane>();
  readonly #workers = new Set<Promise<void>>();
  /** Of all lanes, who has waited longest first. */
  readonly #idle = new Set<IdleWorker>();
  /** Lanes that could have another worker, if there were not too many in all. */
  readonly #short = new Set<Lane>();
  #stopping = false;

  constructor(routes: Routes, time: ReactorTime, limits: LaneLimits) {
    this.#routes = routes;
    this.#time = time;
    this.#limits = limits;
  }

  /** Send a job when its turn comes. */
  add(job: Job): void {
    if (this.#stopping) return;
    let lane = this.#lanes.get(job.key);
    if (lane === undefined) {
      const most = this.#limits.connectionsPerDestination;
      lane = { key: job.key, jobs: new Fifo(), workers: 0, sessions: new Set(), most, idle: new Set() };
      this.#lanes.set(job.key, lane);
    }
    const [idle] = lane.idle;
    if (idle !== undefined) return this.#wake(idle, job);
    lane.jobs.push(job);
    this.#hire(lane);
  }

  /** Begin nothing any more. */
  stop(): void {
    this.#stopping = true;
    for (const lane of this.#lanes.values()) lane.jobs = new Fifo();
    for (const idle of this.#idle) this.#wake(idle, null);
  }

  /** Resolves when all that was under way after {@linkcode stop} is through. */
  async settled(): Promise<void> {
    await Promise.all(this.#workers);
  }

  /** Returns whether there is one worker more. */
  #hire(lane: Lane): boolean {
    if (lane.jobs.size === 0 || lane.workers >= lane.most) return false;
    if (this.#workers.size >= this.#limits.connections) {
      this.#short.add(lane);
      // Whoever waits for nothing makes room.
      const [idle] = this.#idle;
      if (idle !== undefined) this.#wake(idle, null);
      return false;
    }
    lane.workers++;
    const worker: Promise<void> = this.#work(lane).finally(() => {
      this.#workers.delete(worker);
      lane.workers--;
      if (lane.workers === 0 && lane.jobs.size === 0) this.#lanes.delete(lane.key);
      if (!this.#stopping) this.#replace(lane);
    });
    this.#workers.add(worker);
    return true;
  }

  /** A worker has gone: whoever is short of one and has waited longest gets another; then the lane it was of. */
  #replace(lane: Lane): void {
    for (const short of this.#short) {
      this.#short.delete(short);
      if (this.#hire(short)) break;
    }
    this.#hire(lane);
  }

  #wake(idle: IdleWorker, job: Job | null): void {
    idle.timer.cancel();
    idle.lane.idle.delete(idle);
    this.#idle.delete(idle);
    idle.wake(job);
  }

  async #work(lane: Lane): Promise<void> {
    let session: MailSession | null = null;
    let sent = 0;
    for (let job = take(lane); job !== null; job = await this.#next(lane, session)) {
      const message = job.message();
      if (message === null) continue;
      if (session === null || !session.usable || sent >= MESSAGES_PER_SESSION) {
        await this.#leave(lane, session);
        sent = 0;
        session = await this.#enter(lane, job);
        if (session === null) continue;
      }
      sent++;
      job.done(await session.deliver(message));
    }
    await this.#leave(lane, session);
  }

  /** A new session, for this job to begin with; null when there is none to be had, and the job is seen to. */
  async #enter(lane: Lane, job: Job): Promise<MailSession | null> {
    try {
      const session = await this.#routes.open(lane.key);
      lane.sessions.add(session);
      return session;
    } catch (error) {
      if (lane.sessions.size > 0 && !this.#stopping) {
        // Others are inside, who can do it; one more is not wanted.
        lane.most = lane.sessions.size;
        lane.jobs.push(job);
      } else {
        this.#giveUp(lane, job, error);
      }
      return null;
    }
  }

  async #leave(lane: Lane, session: MailSession | null): Promise<void> {
    if (session === null) return;
    lane.sessions.delete(session);
    await session.quit();
  }

  /** The job to do next; null when none comes. */
  #next(lane: Lane, session: MailSession | null): Job | null | Promise<Job | null> {
    if (this.#stopping || lane.workers > lane.most) return null;
    const job = take(lane);
    if (job !== null || session === null || !session.usable) return job;
    if (this.#short.size > 0) return null;
    const { promise, resolve } = Promise.withResolvers<Job | null>();
    const timer = this.#time.callLater(IDLE, () => this.#wake(idle, null));
    const idle: IdleWorker = { lane, wake: resolve, timer };
    lane.idle.add(idle);
    this.#idle.add(idle);
    return promise;
  }

  /** There is no session to be had: what waits for one would only wait for the same failure. */
  #giveUp(lane: Lane, job: Job, error: unknown): void {
    const outcome = error instanceof Undeliverable
      ? error.outcome
      : ownOutcome("deferred", "4.3.0", error instanceof Error ? error.message : String(error));
    // What comes while they are told is for another attempt.
    const { jobs } = lane;
    lane.jobs = new Fifo();
    job.done(job.recipients.map(() => outcome));
    while (jobs.size > 0) {
      const waiting = jobs.shift();
      waiting.done(waiting.recipients.map(() => outcome));
    }
  }
}

/** The job that has waited longest; null when there is none. */
function take({ jobs }: Lane): Job | null {
  return jobs.size > 0 ? jobs.shift() : null;
}
