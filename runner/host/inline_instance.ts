import type { Token } from "../../services/context.ts";
import type { Logger } from "../../services/log.ts";
import type { BaseReactor } from "../../services/reactor/base_reactor.ts";
import { leadership } from "../../services/registry/registry.ts";
import { type Ending, ServiceLife } from "../../services/service_life.ts";
import type { DrainHooks } from "./drain_hooks.ts";
import type { Instance, InstanceStats, Launch, StopOrder, StopReport } from "./host.ts";
import type { Provisions } from "./provisions.ts";

/** One life of a service on the reactor of this process. */
export class InlineInstance implements Instance {
  readonly #launch: Launch;
  readonly #life: ServiceLife;
  readonly #provisions: Provisions;
  readonly #reactor: BaseReactor;
  readonly #drainHooks: DrainHooks | null;

  constructor(
    launch: Launch,
    reactor: BaseReactor,
    log: Logger,
    provisions: Provisions,
    drainHooks: DrainHooks | null,
  ) {
    const { path, needs, staged, spec } = launch;
    this.#launch = launch;
    this.#reactor = reactor;
    this.#provisions = provisions;
    this.#drainHooks = drainHooks;
    this.#life = new ServiceLife({
      name: path,
      log,
      staged,
      open: (options) => reactor.scope(options),
      tokens: {
        get: <T>(token: Token<T>): T =>
          launch.leadership !== undefined && token.id === leadership.id
            ? launch.leadership as T
            : provisions.get(path, needs, token, spec.grants),
        provide: (token, value) => provisions.provide(this, path, token, value),
      },
    });
  }

  get ended(): Promise<Ending> {
    return this.#life.ended;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (): void => givenUp.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await Promise.race([this.#life.start(() => this.#launch.spec.makeService()), givenUp.promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  activate(): void {
    this.#life.activate();
  }

  async stop({ within, hold }: StopOrder): Promise<StopReport> {
    const begin = this.#reactor.now();
    const told = this.#drainHooks?.run(this.#launch.path, within) ?? null;
    if (told !== null) await told;
    const left = told === null ? within : Math.max(0, within - (this.#reactor.now() - begin));
    const leftovers = await this.#life.stop({ within: left, hold });
    this.#provisions.withdraw(this);
    return { leftovers };
  }

  reload(options: unknown): Promise<boolean> {
    return this.#life.reload(options);
  }

  health(): Promise<void> {
    return this.#life.health();
  }

  stats(): InstanceStats {
    const { scope } = this.#life;
    const { connections, bytesRead, bytesWritten } = scope.counters();
    return { endpoints: scope.endpoints, connections, bytesRead, bytesWritten };
  }
}
