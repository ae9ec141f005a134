import type { ServiceContext } from "./context.ts";
import type { Logger } from "./log.ts";
import { Scope } from "./reactor/scope/scope.ts";
import type { Service } from "./service.ts";

interface Running {
  readonly service: Service;
  readonly scope: Scope;
}

/**
 * Several services as one: started together, stopped together in the reverse of their order. It supervises
 * nothing: the failure of one is its own. For supervision use a `ServiceGroup`.
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
  readonly #running = new Map<string, Running>();
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
      await this.#startOne(name, service);
    } catch (error) {
      this.#services.delete(name);
      await this.#stopOne(name);
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
    const starts = [...this.#services].map(([name, service]) => this.#startOne(name, service));
    const results = await Promise.allSettled(starts);
    const failures = results.filter((result) => result.status === "rejected").map((result) => result.reason);
    if (failures.length === 0) return;
    await this.stop();
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, "Several services cannot start");
  }

  /** Stop all, in the reverse of their order. Failures are reported together, after all are stopped. */
  async stop(): Promise<void> {
    this.#ctx = null;
    const failures: unknown[] = [];
    for (const name of [...this.#services.keys()].reverse()) {
      await this.#stopOne(name).catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "Several services failed while they stopped");
  }

  async #startOne(name: string, service: Service): Promise<void> {
    const ctx = this.#ctx!;
    if (!(ctx.reactor instanceof Scope)) {
      throw new Error("Cannot start a MultiService: its reactor is no scope");
    }
    const path = `${ctx.name}.${name}`;
    const scope = ctx.reactor.child({
      name: path,
      log: named(ctx.log, name),
      onFailure: (error) => ctx.fail(error),
    });
    this.#running.set(name, { service, scope });
    await service.start({
      ...ctx,
      name: path,
      reactor: scope,
      log: scope.log,
      draining: scope.draining,
      signal: scope.signal,
      use: (resource) => scope.use(resource),
      spawn: (task) => scope.spawn(task),
    });
  }

  async #stopOne(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#running.delete(name);
    let failure: { readonly error: unknown } | null = null;
    await running.scope.drain({
      within: STOP_TIMEOUT,
      hold: 0,
      beforeRelease: () =>
        Promise.try(async () => await running.service.stop?.()).catch((error) => failure = { error }),
    });
    if (failure !== null) throw (failure as { error: unknown }).error;
  }
}

/** For the drain of one of the services, ms; the supervisor's deadline for all of them comes first as a rule. */
const STOP_TIMEOUT = 10_000;

function named(log: Logger, service: string): Logger {
  return {
    debug: (message, fields) => log.debug(message, { service, ...fields }),
    info: (message, fields) => log.info(message, { service, ...fields }),
    warn: (message, fields) => log.warn(message, { service, ...fields }),
    error: (message, fields) => log.error(message, { service, ...fields }),
  };
}
