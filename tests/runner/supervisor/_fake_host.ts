import type { ReactorTime } from "../../../services/async/time.ts";
import type {
  Ending,
  Host,
  Instance,
  InstanceStats,
  Launch,
  StopOrder,
  StopReport,
} from "../../../runner/host/host.ts";
import type { DelayedCall } from "../../../services/async/time.ts";

/** What one life of a fake service does, and when; milliseconds. 0 is at once, without the clock. */
export interface Script {
  /** How long its start takes, default 0; `hang`: until it is told to stop. */
  readonly start?: number | "hang";
  /** What its start rejects with, in the end. */
  readonly startError?: unknown;
  /** What `launch` throws. */
  readonly launchError?: unknown;
  /** How long after it became ready it ends by itself. */
  readonly endsAfter?: number;
  readonly ending?: Ending;
  /** How long its stop takes, default 0; cut at the deadline. `hang`: it never resolves. */
  readonly stop?: number | "hang";
  /** Answers of `reload`, default true. */
  readonly reload?: () => Promise<boolean>;
  readonly health?: () => Promise<void>;
  /** It can be renewed piece by piece. */
  readonly renew?: () => Promise<void>;
}

/** A fake instance, as tests see it. */
export class FakeInstance implements Instance {
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #started = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<StopReport>();
  readonly ended: Promise<Ending> = this.#ended.promise;
  #timer: DelayedCall | null = null;
  readonly orders: StopOrder[] = [];
  readonly reloads: unknown[] = [];
  healthChecks = 0;
  activated = false;
  ready = false;
  alive = true;

  readonly renew?: () => Promise<void>;

  constructor(readonly launch: Launch, readonly script: Script, readonly host: FakeHost) {
    if (script.renew !== undefined) this.renew = script.renew;
  }

  start(_signal: AbortSignal): Promise<void> {
    const { start = 0 } = this.script;
    if (start !== "hang") this.#after(start, () => this.#startSettles());
    return this.#started.promise;
  }

  activate(): void {
    this.activated = true;
  }

  stop(order: StopOrder): Promise<StopReport> {
    this.orders.push(order);
    this.host.trace.push(`stop ${this.launch.path}`);
    this.ready = false;
    this.#started.reject(new Error("stopped while starting"));
    const { stop = 0 } = this.script;
    if (stop === "hang") this.#timer?.cancel();
    else if (stop <= order.within) this.#after(stop, () => this.#gone([]));
    else this.#after(order.within, () => this.#gone(["a connection"]));
    return this.#stopped.promise;
  }

  reload(options: unknown): Promise<boolean> {
    this.reloads.push(options);
    return this.script.reload?.() ?? Promise.resolve(true);
  }

  health(): Promise<void> {
    this.healthChecks++;
    return this.script.health?.() ?? Promise.resolve();
  }

  stats(): InstanceStats {
    return { endpoints: [], connections: 0, bytesRead: 0, bytesWritten: 0 };
  }

  /** It ends by itself. */
  end(ending: Ending): void {
    this.ready = false;
    this.#ended.resolve(ending);
  }

  /** It fails by itself. */
  crash(message = "boom"): void {
    this.end({ kind: "failed", error: new Error(message) });
  }

  #startSettles(): void {
    const { startError, endsAfter, ending = { kind: "failed", error: new Error("boom") } } = this.script;
    if (startError !== undefined) return this.#started.reject(startError);
    this.ready = true;
    this.host.trace.push(`ready ${this.launch.path}`);
    this.#started.resolve();
    if (endsAfter !== undefined) this.#after(endsAfter, () => this.end(ending));
  }

  #gone(leftovers: readonly string[]): void {
    this.alive = false;
    this.#stopped.resolve({ leftovers });
  }

  #after(ms: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (ms === 0) then();
    else this.#timer = this.host.time.callLater(ms, then);
  }
}

/** A host of fake services. `script` says what the `n`th life (from 0) of the service at `path` does. */
export class FakeHost implements Host {
  /** `start x`, `ready x`, `stop x`, in order. */
  readonly trace: string[] = [];
  readonly instances: Map<string, FakeInstance[]> = new Map();

  constructor(
    readonly time: ReactorTime,
    readonly script: (path: string, n: number, launch: Launch) => Script = () => ({}),
  ) {}

  launch(launch: Launch): Instance {
    const lives = this.instances.get(launch.path) ?? [];
    this.instances.set(launch.path, lives);
    const script = this.script(launch.path, lives.length, launch);
    this.trace.push(`start ${launch.path}`);
    if (script.launchError !== undefined) throw script.launchError;
    const instance = new FakeInstance(launch, script, this);
    // A rejection that nobody asked for is no failure of the test.
    lives.push(instance);
    return instance;
  }

  /** The last life of the service at `path`. */
  last(path: string): FakeInstance {
    const instance = this.instances.get(path)?.at(-1);
    if (instance === undefined) throw new Error(`Service "${path}" was never launched`);
    return instance;
  }

  /** How many lives the service at `path` has had. */
  count(path: string): number {
    return this.instances.get(path)?.length ?? 0;
  }

  /** The trace since the last call. */
  takeTrace(): string[] {
    return this.trace.splice(0);
  }
}
