import { CancelledError } from "./async/errors.ts";
import type { ServiceContext, Token } from "./context.ts";
import type { Logger } from "./log.ts";
import { onAccountOf } from "./reactor/attribution.ts";
import type { DrainOrder, Scope, ScopeOptions } from "./reactor/scope/scope.ts";
import { registry } from "./registry/registry.ts";
import type { Service } from "./service.ts";

/** How one life of a service ended by itself. */
export type Ending =
  | { readonly kind: "finished"; readonly result?: unknown }
  | { readonly kind: "failed"; readonly error: unknown };

/** Where a service gets what others provide, and leaves what it provides itself. */
export type TokenExchange = Pick<ServiceContext, "get" | "provide">;

/** What a life is made of. */
export interface ServiceLifeOptions {
  /** The service's path. */
  readonly name: string;
  readonly log: Logger;
  /** Sockets are shared with a running predecessor of the same name until `activate`. */
  readonly staged?: boolean;
  /** Opens the scope that is to own everything: in a reactor, or within another scope. */
  readonly open: (options: ScopeOptions) => Scope;
  readonly tokens: TokenExchange;
}

/** `finishing`: it has finished, and its start has not settled yet. `over`: it has ended by itself. */
type Phase = "fresh" | "starting" | "finishing" | "ready" | "over" | "stopping";

/** `settle`: its start succeeded. */
type LifeEvent = "start" | "settle" | "finish" | "fail" | "stop";

/** What is not here changes nothing. */
const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<LifeEvent, Phase>>>>> = {
  fresh: { start: "starting", stop: "stopping" },
  starting: { settle: "ready", finish: "finishing", fail: "over", stop: "stopping" },
  finishing: { settle: "over", stop: "stopping" },
  ready: { finish: "over", fail: "over", stop: "stopping" },
  over: { stop: "stopping" },
  stopping: {},
};

/**
 * One life of a service: its scope, the context through which it sees it, its start and its end. Whoever runs
 * services (a host, a service made of services, a test) runs them through this.
 */
export class ServiceLife {
  /** Owns what the service opens. */
  readonly scope: Scope;
  readonly #tokens: TokenExchange;
  readonly #ended: PromiseWithResolvers<Ending> = Promise.withResolvers();
  /** Rejects when the start has become pointless. */
  readonly #startBroken: PromiseWithResolvers<never> = Promise.withResolvers();
  #phase: Phase = "fresh";
  #service: Service | null = null;
  /** Its start has settled: its `stop` is due. */
  #owesStop = false;

  constructor({ name, log, staged = false, open, tokens }: ServiceLifeOptions) {
    this.#tokens = tokens;
    this.#startBroken.promise.catch(() => {});
    this.scope = open({
      name,
      log,
      staged,
      onFailure: (error) => this.#fail(error),
      finder: () => tokens.get(registry),
    });
  }

  /** Settles when it ends by itself: never rejects, and never settles after a stop. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** The service, once it is made. */
  get service(): Service | null {
    return this.#service;
  }

  /**
   * Make the service and start it; resolves when it is ready. Rejects with what made the start fail, be it a task
   * of the service, and when it is stopped meanwhile; what was opened is for `stop` to release. Once.
   */
  async start(makeService: () => Service | Promise<Service>): Promise<void> {
    if (!this.#happen("start")) throw new Error(`Cannot start service "${this.scope.name}": it is over`);
    await Promise.race([onAccountOf(this.scope, () => this.#run(makeService)), this.#startBroken.promise]);
    this.#happen("settle");
  }

  /** Take over the sockets that were shared with a predecessor. */
  activate(): void {
    this.scope.activate();
  }

  /**
   * Drain, call the service's `stop` if it ever was ready, release. Resolves with what did not let go in time.
   * Also ends a start that is under way. Repeatable: the sooner deadline holds.
   */
  stop(order: Omit<DrainOrder, "beforeRelease">): Promise<string[]> {
    this.#happen("stop");
    this.#startBroken.reject(new CancelledError(`Service "${this.scope.name}" was stopped while it started`));
    return this.scope.drain({
      ...order,
      beforeRelease: () =>
        this.#owesStop ? onAccountOf(this.scope, () => this.#service?.stop?.()) : undefined,
    });
  }

  /** Hand it new options. False: it must be replaced. */
  async reload(options: unknown): Promise<boolean> {
    const service = this.#service;
    if (service?.reload === undefined) return false;
    return await onAccountOf(this.scope, () => service.reload!(options));
  }

  /** Rejects when the service says that it is unhealthy. */
  async health(): Promise<void> {
    await onAccountOf(this.scope, () => this.#service?.health?.());
  }

  async #run(makeService: () => Service | Promise<Service>): Promise<void> {
    this.#service = await makeService();
    // Stopped or failed meanwhile: what it would open now, nobody would release.
    if (this.#phase !== "starting") return;
    await this.#service.start(this.#context());
    this.#owesStop = true;
  }

  #context(): ServiceContext {
    const { scope } = this;
    const tokens = this.#tokens;
    return {
      name: scope.name,
      reactor: scope,
      log: scope.log,
      draining: scope.draining,
      signal: scope.signal,
      use: (resource) => scope.use(resource),
      spawn: (task) => scope.spawn(task),
      get: <T>(token: Token<T>): T => tokens.get(token),
      provide: (token, value) => tokens.provide(token, value),
      finish: (result) => this.#finish(result),
      fail: (error) => this.#fail(error),
    };
  }

  #finish(result: unknown): void {
    if (this.#happen("finish")) this.#ended.resolve({ kind: "finished", result });
  }

  #fail(error: unknown): void {
    if (this.#happen("fail")) {
      this.#startBroken.reject(error);
      this.#ended.resolve({ kind: "failed", error });
    } else if (this.#phase === "stopping") {
      this.scope.log.error("Service failed while it stopped", { error });
    } else {
      // Often a consequence of what ended it.
      this.scope.log.debug("Service failed after its end", { error });
    }
  }

  /** Whether `event` changes anything. */
  #happen(event: LifeEvent): boolean {
    const next = TRANSITIONS[this.#phase][event];
    if (next === undefined) return false;
    this.#phase = next;
    return true;
  }
}
