import { TimeoutError } from "../../../services/async/errors.ts";
import type { DelayedCall } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { ProcessOptions, ProcessSpec } from "../../../services/process_spec.ts";
import type { ReactorTime } from "../../../services/async/time.ts";
import { backoffDelay } from "../../supervisor/backoff.ts";
import type { Ending, Instance, InstanceStats, Launch, StopOrder, StopReport } from "../host.ts";
import { mergeFamilies } from "./merge_metrics.ts";
import type { Replica, ReplicaEnvironment, ReplicaIdentity } from "./replica.ts";

/** What instances in processes share. */
export interface ProcessInstanceOptions {
  readonly time: ReactorTime;
  readonly log: Logger;
  /** What replicas are run with; loaded by the first service that needs it. */
  readonly environment: () => Promise<{
    readonly make: (spec: ProcessSpec, identity: ReplicaIdentity) => Replica;
    readonly keeper: ReplicaEnvironment["keeper"];
  }>;
  /** From 0 to 1, for the backoff. */
  readonly random: () => number;
  /** Tell who is to be told before it drains `within` so many ms; null: nobody is to be waited for. */
  readonly told: (within: number) => Promise<void> | null;
  /** It serves from now on, and no predecessor does. */
  readonly serves: (instance: ProcessInstance) => void;
}

/** The supervisor asks for the service's health so often, and wants an answer in between: part of that time. */
const HEALTH_PATIENCE = 0.9;

/** One of several processes, and its successors. */
interface Slot {
  readonly number: number;
  replica: Replica;
  /** Failures in a row. */
  attempt: number;
  readySince: number;
  retry: DelayedCall | null;
}

type Phase = "fresh" | "starting" | "running" | "stopping";

/**
 * One life of a service in processes of its own: one, or several on the same sockets. It is ready when all of
 * them are. From then on it stays ready as long as one of them is: one that fails is started again alone, with the
 * service's backoff; the service fails with the last of them.
 */
export class ProcessInstance implements Instance {
  readonly ended: Promise<Ending>;
  /**
   * One process after the other gets a successor, and drains when that is ready: there is never one less than
   * before. Only of services whose processes may run side by side.
   */
  readonly renew?: () => Promise<void>;
  readonly #end = Promise.withResolvers<Ending>();
  readonly #launch: Launch;
  readonly #spec: ProcessSpec;
  readonly #options: ProcessInstanceOptions;
  #given: ProcessOptions;
  #slots: Slot[] = [];
  #phase: Phase = "fresh";
  #make: ((number: number | null) => Replica) | null = null;
  #staged: boolean;
  /** Replicas that are being replaced or removed, and so no slot's any more. */
  readonly #leaving = new Set<Promise<StopReport>>();
  /** They start beside those whose place they are to take. */
  readonly #successors = new Set<Replica>();
  #stopped: Promise<StopReport> | null = null;
  #hold = 0;
  #renewing: Promise<void> | null = null;

  constructor(launch: Launch, spec: ProcessSpec, options: ProcessInstanceOptions) {
    this.#launch = launch;
    this.#spec = spec;
    this.#options = options;
    this.#given = launch.spec.options as ProcessOptions;
    this.#staged = launch.staged;
    this.ended = this.#end.promise;
    if (launch.spec.replace === "overlap") {
      this.renew = () => this.#renewing ??= this.#renewAll().finally(() => this.#renewing = null);
    }
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#phase = "starting";
    const { make } = await this.#options.environment();
    if (this.#phase !== "starting") throw signal.reason;
    const alone = this.#given.replicas === 1;
    this.#make = (number) =>
      make(this.#spec, {
        path: this.#launch.path,
        number: alone ? null : number,
        fencingToken: this.#launch.leadership?.fencingToken ?? null,
      });
    this.#slots = Array.from({ length: this.#given.replicas }, (_, i) => this.#slot(i + 1));
    await this.#whenReady(this.#slots, signal);
    if (this.#phase !== "starting") throw new Error("it was stopped while it started");
    this.#phase = "running";
    if (!this.#staged) this.#options.serves(this);
  }

  activate(): void {
    this.#staged = false;
    this.#options.serves(this);
    for (const { replica } of this.#slots) replica.activate();
  }

  async stop(order: StopOrder): Promise<StopReport> {
    const begin = this.#options.time.now();
    this.#phase = "stopping";
    this.#hold = order.hold;
    const told = this.#options.told(order.within);
    if (told !== null) await told;
    const within = Math.max(0, order.within - (this.#options.time.now() - begin));
    return await this.#stopAll({ within, hold: order.hold });
  }

  #stopAll(order: StopOrder): Promise<StopReport> {
    const stopping = this.#slots.map((slot) => {
      slot.retry?.cancel();
      return slot.replica.stop(order);
    });
    for (const successor of this.#successors) stopping.push(successor.stop({ ...order, within: 0 }));
    return this.#stopped ??= this.#finishStop(stopping);
  }

  async #finishStop(stopping: readonly Promise<StopReport>[]): Promise<StopReport> {
    const reports = await Promise.all([...stopping, ...this.#leaving]);
    return { leftovers: reports.flatMap(({ leftovers }) => leftovers) };
  }

  /** Another number of replicas is always taken, options when every process takes them. */
  async reload(options: unknown): Promise<boolean> {
    const given = options as ProcessOptions;
    // One after the other: what refuses is replaced as a whole. Others may become ready meanwhile.
    const outdated = () =>
      this.#slots.map(({ replica }) => replica).find((replica) =>
        replica.ready && !isSame(replica.written, given.written)
      );
    for (let replica = outdated(); replica !== undefined; replica = outdated()) {
      if (!await replica.reload(given.written)) return false;
    }
    this.#given = given;
    await this.#scale(given.replicas);
    return true;
  }

  /** Of several, one that is unwell is started again alone. The service is unwell when its only process is. */
  async health(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#healthOf(slot)));
  }

  async #healthOf(slot: Slot): Promise<void> {
    const { replica } = slot;
    if (!replica.ready) return;
    const { healthInterval } = this.#launch.spec;
    const late = Promise.withResolvers<never>();
    const deadline = this.#options.time.callLater(
      healthInterval * HEALTH_PATIENCE,
      () => late.reject(new TimeoutError(`its health check was not answered within ${healthInterval} ms`)),
    );
    try {
      await Promise.race([replica.health(), late.promise]);
    } catch (error) {
      // One that has ended meanwhile is seen to already.
      if (slot.replica !== replica || !replica.ready) return;
      if (this.#slots.length === 1) throw error;
      this.#ended(slot, { kind: "failed", error });
    } finally {
      deadline.cancel();
    }
  }

  stats(): InstanceStats {
    const replicas = this.#slots.map(({ replica }) => replica).filter(({ pid }) => pid !== undefined);
    const all = replicas.map(({ stats }) => stats);
    const pids = replicas.map(({ pid }) => pid!);
    return {
      endpoints: all.find(({ endpoints }) => endpoints.length > 0)?.endpoints ?? [],
      connections: sum(all.map(({ connections }) => connections)),
      bytesRead: sum(all.map(({ bytesRead }) => bytesRead)),
      bytesWritten: sum(all.map(({ bytesWritten }) => bytesWritten)),
      ...(pids.length === 0 ? {} : { pid: pids[0]! }),
      replicas: {
        ready: replicas.filter(({ ready }) => ready).length,
        wanted: this.#given.replicas,
        pids,
      },
      cpu: sum(all.map(({ cpu }) => cpu)),
      memory: sum(all.map(({ memory }) => memory)),
    };
  }

  /** What the service has counted, over all of its processes. */
  metrics(): FamilySnapshot[] {
    return mergeFamilies(this.#slots.map(({ replica }) => replica.metrics));
  }

  async #renewAll(): Promise<void> {
    for (const slot of [...this.#slots]) {
      if (this.#phase !== "running") return;
      if (this.#slots.includes(slot)) await this.#renewSlot(slot);
    }
  }

  async #renewSlot(slot: Slot): Promise<void> {
    const successor = this.#make!(this.#given.replicas === 1 ? null : slot.number);
    this.#successors.add(successor);
    try {
      await this.#startReplica(successor, false);
    } catch (error) {
      this.#dismiss(successor, 0);
      throw error;
    } finally {
      this.#successors.delete(successor);
    }
    if (!this.#slots.includes(slot)) return this.#dismiss(successor, 0);
    slot.retry?.cancel();
    slot.retry = null;
    // Not the one that was there before: that may have failed and been started again by now.
    const predecessor = slot.replica;
    this.#adopt(slot, successor);
    this.#dismiss(predecessor, this.#launch.spec.stopTimeout);
  }

  async #scale(wanted: number): Promise<void> {
    const surplus = this.#slots.slice(wanted);
    this.#slots = this.#slots.slice(0, wanted);
    for (const slot of surplus) {
      slot.retry?.cancel();
      this.#dismiss(slot.replica, this.#launch.spec.stopTimeout);
    }
    const added = Array.from(
      { length: wanted - this.#slots.length },
      (_, i) => this.#slot(this.#slots.length + i + 1),
    );
    this.#slots.push(...added);
    await Promise.allSettled(added.map((slot) => this.#startSlot(slot)));
  }

  #slot(number: number): Slot {
    return { number, replica: this.#make!(number), attempt: 0, readySince: 0, retry: null };
  }

  async #whenReady(slots: readonly Slot[], signal: AbortSignal): Promise<void> {
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (): void => givenUp.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const started = slots.map(async (slot) => {
        await slot.replica.start(this.#given.written, this.#staged);
        this.#adopt(slot, slot.replica);
      });
      await Promise.race([Promise.all(started), givenUp.promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** From now on what becomes of `replica` concerns `slot`. */
  #adopt(slot: Slot, replica: Replica): void {
    slot.replica = replica;
    slot.readySince = this.#options.time.now();
    void replica.ended.then((ending) => {
      if (slot.replica === replica && this.#slots.includes(slot)) this.#ended(slot, ending);
    });
  }

  #ended(slot: Slot, ending: Ending): void {
    if (this.#phase === "stopping") return;
    const others = this.#slots.filter(({ replica }) => replica !== slot.replica && replica.ready);
    if (ending.kind === "finished" || others.length === 0) return this.#end.resolve(ending);
    const { backoff } = this.#launch.spec;
    if (this.#options.time.now() - slot.readySince >= backoff.resetAfter) slot.attempt = 0;
    this.#startLater(slot, ending.error);
  }

  /** One of several has failed, and the others serve. */
  #startLater(slot: Slot, error: unknown): void {
    const delay = backoffDelay(this.#launch.spec.backoff, slot.attempt++, this.#options.random());
    this.#options.log.warn("Replica failed, will be started again", {
      replica: slot.number,
      reason: error instanceof Error ? error.message : String(error),
      delay: Math.round(delay),
    });
    // Its sockets are the others', too.
    this.#dismiss(slot.replica, 0);
    slot.retry = this.#options.time.callLater(delay, () => {
      slot.retry = null;
      slot.replica = this.#make!(slot.number);
      void this.#startSlot(slot);
    });
  }

  async #startSlot(slot: Slot): Promise<void> {
    const { replica } = slot;
    try {
      await this.#startReplica(replica, this.#staged);
    } catch (error) {
      if (this.#phase !== "running" || slot.replica !== replica || !this.#slots.includes(slot)) return;
      const alone = this.#slots.every((other) => other === slot || !other.replica.ready);
      return alone ? this.#end.resolve({ kind: "failed", error }) : this.#startLater(slot, error);
    }
    if (slot.replica !== replica || !this.#slots.includes(slot)) return;
    this.#adopt(slot, replica);
    this.#options.log.info("Replica started", { replica: slot.number, pid: replica.pid });
  }

  /**
   * Start it beside others, which go on; resolves when it is ready, by the options that there are then.
   * @throws {TimeoutError} when it takes longer than the service's `startTimeout`
   */
  async #startReplica(replica: Replica, staged: boolean): Promise<void> {
    const { startTimeout } = this.#launch.spec;
    const late = Promise.withResolvers<never>();
    const deadline = this.#options.time.callLater(
      startTimeout,
      () => late.reject(new TimeoutError(`its start took longer than ${startTimeout} ms`)),
    );
    try {
      await Promise.race([replica.start(this.#given.written, staged), late.promise]);
    } finally {
      deadline.cancel();
    }
    while (!isSame(replica.written, this.#given.written)) {
      if (await replica.reload(this.#given.written)) continue;
      throw new Error("it was given other options while it started, and does not take them as it runs");
    }
  }

  #dismiss(replica: Replica, within: number): void {
    const stopping = replica.stop({ within, hold: this.#hold }).finally(() => this.#leaving.delete(stopping));
    this.#leaving.add(stopping);
  }
}

function isSame(written: unknown, other: unknown): boolean {
  return JSON.stringify(written) === JSON.stringify(other);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
