import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import type { MailQueue, QueuedMessage, QueuedRecipientState } from "../../../services/mail/mail_queue.ts";
import type { DurableQueue, WholeMessage } from "../../../services/mail/queue/durable_queue.ts";
import {
  describeEntry,
  type Entry,
  type EntryRecipient,
  waitingRecipients,
} from "../../../services/mail/queue/entry.ts";
import { type Outcome, ownOutcome } from "../client/outgoing.ts";
import { type Job, type LaneLimits, Lanes } from "./lanes.ts";
import { readReturned } from "./read_returned.ts";
import { newBoundary, type ReportAction, type Reported, wantsReport, writeReport } from "./report.ts";
import { nextAttempt, type RetrySchedule } from "./retry_schedule.ts";
import type { Routes } from "./routes.ts";

/** What a {@linkcode Relay} stands on. */
export interface RelayOptions {
  readonly queue: DurableQueue;
  readonly routes: Routes;
  readonly limits: LaneLimits;
  readonly schedule: RetrySchedule;
  /** Ours. */
  readonly hostname: string;
  /** Where a report goes: the addresses behind that of the message's sender; none: nowhere. */
  readonly reportTo: (sender: string) => readonly string[];
  /** Names for reports. */
  readonly nextId: () => string;
  readonly time: ReactorTime;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** Recipients that are told to a server at a time; RFC 5321, section 4.5.3.1.8 wants it to take so many. */
const MOST_RECIPIENTS = 100;
/** Messages that a start begins with in one turn. */
const AT_ONCE = 500;
/** Milliseconds until what could not be written is tried again. */
const DISK_PAUSE = 5_000;

const states: Readonly<Record<Outcome["kind"], QueuedRecipientState>> = {
  delivered: "delivered",
  deferred: "waiting",
  failed: "failed",
};

/** An attempt that is under way. */
interface Underway {
  readonly attempts: number;
  readonly nextAttempt: number;
  /** Parts that are not through yet. */
  parts: number;
  dropped: boolean;
}

/** Delivers what is in the queue: at once, and again as the schedule says, until everybody has it or it is given up. */
export class Relay implements MailQueue {
  readonly #options: RelayOptions;
  readonly #lanes: Lanes;
  readonly #timers = new Map<Entry, DelayedCall>();
  readonly #underWay = new Map<Entry, Underway>();
  readonly #recording = new Set<Promise<void>>();
  /** The next part of a queue that was found at the start. */
  #starting: DelayedCall | null = null;
  #stopping = false;
  /** Wakes those that wait for the disk. */
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.routes, options.time, options.limits);
  }

  /** Begin with what is in the queue: soon, and not with all of a long one in the same turn. */
  start(): void {
    this.#resume([...this.#options.queue.entries.values()], 0);
  }

  /** Deliver a message that has come into the queue, when it is due. */
  schedule(entry: Entry): void {
    if (this.#stopping) return;
    const wait = Math.max(0, entry.nextAttempt - this.#options.now());
    if (wait === 0) return this.#begin(entry);
    this.#timers.set(entry, this.#options.time.callLater(wait, () => this.#begin(entry)));
  }

  /** Begin nothing any more; what is being sent goes on. */
  stop(): void {
    this.#stopping = true;
    this.#starting?.cancel();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#lanes.stop();
    this.#stopped.resolve();
  }

  /** Resolves when all that was under way after {@linkcode stop} is through, and written down. */
  async settled(): Promise<void> {
    await this.#lanes.settled();
    await Promise.all(this.#recording);
  }

  /** See {@linkcode MailQueue.list}. */
  list(): Promise<QueuedMessage[]> {
    const entries = [...this.#options.queue.entries.values()].sort((a, b) => a.receivedAt - b.receivedAt);
    return Promise.resolve(entries.map((entry) => describeEntry(entry, this.#underWay.has(entry))));
  }

  /** See {@linkcode MailQueue.retry}. */
  retry(ids?: readonly string[]): Promise<number> {
    const entries = this.#find(ids ?? [...this.#options.queue.entries.keys()]);
    for (const entry of entries) {
      if (!this.#stopping && !this.#underWay.has(entry)) this.#begin(entry);
    }
    return Promise.resolve(entries.length);
  }

  /** See {@linkcode MailQueue.drop}. */
  async drop(ids: readonly string[]): Promise<number> {
    const entries = this.#find(ids);
    for (const entry of entries) {
      await this.#options.queue.drop(entry);
      this.#timers.get(entry)?.cancel();
      this.#timers.delete(entry);
      const underWay = this.#underWay.get(entry);
      if (underWay !== undefined) underWay.dropped = true;
      this.#underWay.delete(entry);
      this.#options.log.info("Message dropped from the queue", { id: entry.id });
    }
    return entries.length;
  }

  #resume(entries: readonly Entry[], from: number): void {
    this.#starting = null;
    const known = this.#options.queue.entries;
    for (const entry of entries.slice(from, from + AT_ONCE)) {
      // It may be gone, or somebody may have had it tried meanwhile.
      const seenTo = known.get(entry.id) !== entry || this.#underWay.has(entry) || this.#timers.has(entry);
      if (!seenTo) this.schedule(entry);
    }
    if (from + AT_ONCE >= entries.length || this.#stopping) return;
    this.#starting = this.#options.time.callLater(0, () => this.#resume(entries, from + AT_ONCE));
  }

  #find(ids: readonly string[]): Entry[] {
    return [...new Set(ids)].flatMap((id) => this.#options.queue.entries.get(id) ?? []);
  }

  #begin(entry: Entry): void {
    this.#timers.get(entry)?.cancel();
    this.#timers.delete(entry);
    const { routes, schedule, now, random } = this.#options;
    const ways = new Map<string, EntryRecipient[]>();
    for (const recipient of waitingRecipients(entry)) {
      const key = routes.keyFor(recipient.address);
      const way = ways.get(key);
      if (way === undefined) ways.set(key, [recipient]);
      else way.push(recipient);
    }
    const parts = [...ways].flatMap(([key, recipients]) =>
      inParts(recipients, MOST_RECIPIENTS).map((recipients) => ({ key, recipients }))
    );
    const attempts = entry.attempts + 1;
    const { receivedAt } = entry;
    const underWay: Underway = {
      attempts,
      nextAttempt: nextAttempt(schedule, { receivedAt, attempts, now: now(), random: random() }),
      parts: parts.length,
      dropped: false,
    };
    this.#underWay.set(entry, underWay);
    for (const { key, recipients } of parts) this.#lanes.add(this.#job(entry, underWay, key, recipients));
  }

  #job(entry: Entry, underWay: Underway, key: string, recipients: readonly EntryRecipient[]): Job {
    const { queue } = this.#options;
    return {
      key,
      recipients,
      message: () =>
        underWay.dropped ? null : {
          ...entry,
          recipients,
          size: entry.prefix.length + entry.content.length,
          content: () => queue.content(entry),
        },
      done: (outcomes) => {
        const recording = this.#done(entry, underWay, recipients, outcomes)
          .catch((error) => this.#options.log.error("Cannot go on with a message", { id: entry.id, error }))
          .finally(() => this.#recording.delete(recording));
        this.#recording.add(recording);
      },
    };
  }

  /** Write down what has come of a part, and tell the sender what there is to tell. */
  async #done(
    entry: Entry,
    underWay: Underway,
    recipients: readonly EntryRecipient[],
    outcomes: readonly Outcome[],
  ): Promise<void> {
    const { schedule, now } = this.#options;
    const over = now() >= entry.receivedAt + schedule.giveUp;
    // Not the message's fault: it is tried again as soon as there is a service again.
    if (this.#stopping && outcomes.every(({ kind }) => kind === "deferred")) return;
    const finals = outcomes.map((outcome) =>
      over && outcome.kind === "deferred" ? givenUp(outcome) : outcome
    );
    this.#tell(entry, recipients, finals);
    if (!underWay.dropped) {
      const results = new Map(recipients.map((recipient, at) => {
        const { kind, answer } = finals[at]!;
        return [recipient, { state: states[kind], answer }];
      }));
      const { attempts, nextAttempt } = underWay;
      const reports = await this.#reports(entry, recipients, finals);
      await this.#write(entry, { attempts, nextAttempt, results }, reports);
    }
    if (--underWay.parts > 0) return;
    this.#underWay.delete(entry);
    if (this.#options.queue.entries.get(entry.id) === entry) this.schedule(entry);
  }

  /** Until it is written: while the process lives, it knows, and delivers nothing twice. */
  async #write(
    entry: Entry,
    attempt: Parameters<DurableQueue["record"]>[1],
    reports: readonly WholeMessage[],
  ): Promise<void> {
    const { queue, log, now, time } = this.#options;
    while (true) {
      try {
        const added = await queue.record(entry, attempt, reports, now());
        for (const report of added) this.schedule(report);
        return;
      } catch (error) {
        log.error(
          "Cannot write down what has become of a message: it may be delivered again after a restart",
          {
            id: entry.id,
            error,
          },
        );
        if (this.#stopping) return;
        const pause = Promise.withResolvers<void>();
        const timer = time.callLater(DISK_PAUSE, pause.resolve);
        await Promise.race([pause.promise, this.#stopped.promise]);
        timer.cancel();
      }
    }
  }

  async #reports(
    entry: Entry,
    recipients: readonly EntryRecipient[],
    outcomes: readonly Outcome[],
  ): Promise<WholeMessage[]> {
    const { queue, hostname, reportTo, nextId, now } = this.#options;
    const reported = recipients.flatMap((recipient, at): Reported[] => {
      const outcome = outcomes[at]!;
      const action = actionOf(outcome);
      return action !== null && wantsReport(entry, recipient, action) ? [{ recipient, action, outcome }] : [];
    });
    if (reported.length === 0) return [];
    const to = reportTo(entry.sender);
    if (to.length === 0) return [];
    const reports: WholeMessage[] = [];
    for (const action of ["failed", "relayed"] as const) {
      const some = reported.filter((each) => each.action === action);
      if (some.length === 0) continue;
      // RET is about failures alone (RFC 3461, section 4.3).
      const whole = action === "failed" && entry.ret === "FULL";
      reports.push(writeReport(entry, some, {
        id: nextId(),
        boundary: newBoundary(),
        hostname,
        now: now(),
        returned: await readReturned(queue.content(entry), whole),
        recipients: to,
      }));
    }
    return reports;
  }

  #tell(entry: Entry, recipients: readonly EntryRecipient[], outcomes: readonly Outcome[]): void {
    for (const [at, { address }] of recipients.entries()) {
      const { kind, answer } = outcomes[at]!;
      const fields = { id: entry.id, recipient: address, answer };
      if (kind === "failed") this.#options.log.warn("Delivery failed for good", fields);
      else this.#options.log.info(kind === "delivered" ? "Message delivered" : "Delivery put off", fields);
    }
  }
}

function actionOf({ kind, reportsSuccess }: Outcome): ReportAction | null {
  if (kind === "failed") return "failed";
  return kind === "delivered" && !reportsSuccess ? "relayed" : null;
}

function givenUp({ answer }: Outcome): Outcome {
  return ownOutcome("failed", "4.4.7", `Given up, the last answer was: ${answer}`);
}

function inParts<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}
