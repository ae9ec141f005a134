import type { ServiceContext, Token } from "../../services/context.ts";
import type { Logger } from "../../services/log.ts";
import type { BaseReactor } from "../../services/reactor/base_reactor.ts";
import { onAccountOf } from "../../services/reactor/attribution.ts";
import type { Scope } from "../../services/reactor/scope/scope.ts";
import type { Service } from "../../services/service.ts";
import type { Ending, Instance, InstanceStats, Launch, StopOrder, StopReport } from "./host.ts";
import type { Provisions } from "./provisions.ts";

/** One life of a service on the reactor of this process: a scope, and the service that uses it. */
export class InlineInstance implements Instance {
  readonly #launch: Launch;
  readonly #scope: Scope;
  readonly #provisions: Provisions;
  readonly #ended = Promise.withResolvers<Ending>();
  #service: Service | null = null;
  #started = false;

  constructor(launch: Launch, reactor: BaseReactor, log: Logger, provisions: Provisions) {
    this.#launch = launch;
    this.#provisions = provisions;
    this.#scope = reactor.scope({
      name: launch.path,
      log,
      staged: launch.staged,
      onFailure: (error) => this.#ended.resolve({ kind: "failed", error }),
    });
  }

  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const given = Promise.withResolvers<never>();
    const giveUp = (): void => given.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    const failed = this.#ended.promise.then((ending) => {
      if (ending.kind === "failed") throw ending.error;
    });
    // A service may finish while it starts; only a failure ends the start.
    const broken = failed.then(() => new Promise<never>(() => {}));
    try {
      await Promise.race([onAccountOf(this.#scope, () => this.#start()), broken, given.promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async #start(): Promise<void> {
    this.#service = await this.#launch.spec.makeService();
    await this.#service.start(this.#context());
    this.#started = true;
  }

  activate(): void {
    this.#scope.activate();
  }

  async stop(order: StopOrder): Promise<StopReport> {
    const leftovers = await this.#scope.drain({
      ...order,
      // What did not become ready was never running: its scope is all there is to undo.
      beforeRelease: () =>
        this.#started ? onAccountOf(this.#scope, () => this.#service?.stop?.()) : undefined,
    });
    this.#provisions.withdraw(this);
    return { leftovers };
  }

  async reload(options: unknown): Promise<boolean> {
    if (this.#service?.reload === undefined) return false;
    return await onAccountOf(this.#scope, () => this.#service!.reload!(options));
  }

  async health(): Promise<void> {
    await onAccountOf(this.#scope, () => this.#service?.health?.());
  }

  stats(): InstanceStats {
    const { connections, bytesRead, bytesWritten } = this.#scope.counters();
    return { endpoints: this.#scope.endpoints, connections, bytesRead, bytesWritten };
  }

  #context(): ServiceContext {
    const scope = this.#scope;
    const { path, spec } = this.#launch;
    const provisions = this.#provisions;
    return {
      name: path,
      reactor: scope,
      log: scope.log,
      draining: scope.draining,
      signal: scope.signal,
      use: (resource) => scope.use(resource),
      spawn: (task) => scope.spawn(task),
      get: <T>(token: Token<T>): T => provisions.get(path, spec.needs, token),
      provide: (token, value) => provisions.provide(this, path, token, value),
      finish: (result) => this.#ended.resolve({ kind: "finished", result }),
      fail: (error) => this.#ended.resolve({ kind: "failed", error }),
    };
  }
}
