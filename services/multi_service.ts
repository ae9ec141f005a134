import type { ServiceContext } from "./context.ts";
import type { Logger } from "./log.ts";
import { Scope } from "./reactor/scope/scope.ts";
import type { Service } from "./service.ts";
import { type Ending, ServiceLife } from "./service_life.ts";

/**
 * Several services as one: started together, stopped in the reverse of their order. It supervises nothing: when
 * one of them fails, all of it has failed; when all have finished, it has finished. For supervision use a
 * `ServiceGroup`.
 *
 * @example
 * ```ts
 * import { MultiService, Protocol } from "@heddle/heddle";
 *
 * const both = new MultiService();
 * both.addService("one", { start: (ctx) => ctx.reactor.listen("tcp:7001", () => new Protocol()) });
 * both.addService("two", { start: (ctx) => ctx.reactor.listen("tcp:7002", () => new Protocol()) });
 * ```
 */
export class MultiService implements Service {
  readonly #services = new Map<string, Service>();
  readonly #lives = new Map<string, ServiceLife>();
  #ctx: ServiceContext | null = null;

  /** The services by name, in the order in which they were added. */
  get services(): ReadonlyMap<string, Service> {
    return this.#services;
  }

  /**
   * Add a service; it is started at once when this one runs, and the promise then is that start's.
   * @throws {Error} when the name is taken
   */
  async addService(name: string, service: Service): Promise<void> {
    if (this.#services.has(name)) throw new Error(`Cannot add service "${name}": there is one of that name`);
    this.#services.set(name, service);
    if (this.#ctx === null) return;
    try {
      await this.#startOne(this.#ctx, name, service);
    } catch (error) {
      await this.removeService(name);
      throw error;
    }
  }

  /** Take a service out; it is stopped first when this one runs. An unknown name does nothing. */
  async removeService(name: string): Promise<void> {
    this.#services.delete(name);
    await this.#stopOne(name);
  }

  /** Start all; when one fails, the others are stopped again, and its error is thrown. */
  async start(ctx: ServiceContext): Promise<void> {
    this.#ctx = ctx;
    const starts = [...this.#services].map(async ([name, service]) => {
      try {
        await this.#startOne(ctx, name, service);
      } catch (error) {
        // One that was taken out meanwhile is nobody's failure.
        if (this.#services.get(name) === service) throw error;
      }
    });
    const results = await Promise.allSettled(starts);
    const failures = results.filter((result) => result.status === "rejected").map((result) => result.reason);
    if (failures.length === 0) return;
    await this.stop();
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, "Several services cannot start");
  }

  /** Stop all, in the reverse of their order. One that fails at that is logged, and the others go on. */
  async stop(): Promise<void> {
    this.#ctx = null;
    for (const name of [...this.#lives.keys()].reverse()) await this.#stopOne(name);
  }

  /** Throws when one of the services is unhealthy. */
  async health(): Promise<void> {
    await Promise.all([...this.#lives.values()].map((life) => life.health()));
  }

  async #startOne(ctx: ServiceContext, name: string, service: Service): Promise<void> {
    const { reactor } = ctx;
    if (!(reactor instanceof Scope)) throw new Error("Cannot start a MultiService: its reactor is no scope");
    const life = new ServiceLife({
      name: `${ctx.name}.${name}`,
      log: withService(ctx.log, name),
      open: (options) => reactor.child(options),
      tokens: ctx,
    });
    this.#lives.set(name, life);
    await life.start(() => service);
    void life.ended.then((ending) => this.#ended(name, life, ending));
  }

  async #stopOne(name: string): Promise<void> {
    const life = this.#lives.get(name);
    if (life === undefined) return;
    this.#lives.delete(name);
    await life.stop({ within: STOP_TIMEOUT, hold: 0 });
  }

  async #ended(name: string, life: ServiceLife, ending: Ending): Promise<void> {
    if (this.#lives.get(name) !== life) return;
    if (ending.kind === "failed") return this.#ctx?.fail(ending.error);
    await this.#stopOne(name);
    if (this.#lives.size === 0) this.#ctx?.finish();
  }
}

/** For the drain of one of the services, ms; the supervisor's deadline for all of them comes first as a rule. */
const STOP_TIMEOUT = 10_000;

/** `log`, with the name of one of several services in every record. */
function withService(log: Logger, service: string): Logger {
  return {
    debug: (message, fields) => log.debug(message, { service, ...fields }),
    info: (message, fields) => log.info(message, { service, ...fields }),
    warn: (message, fields) => log.warn(message, { service, ...fields }),
    error: (message, fields) => log.error(message, { service, ...fields }),
  };
}
