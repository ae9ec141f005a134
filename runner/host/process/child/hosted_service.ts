import process from "node:process";
import { applicationView } from "../../../../services/control/application_view.ts";
import type { Token } from "../../../../services/context.ts";
import type { Logger } from "../../../../services/log.ts";
import { MetricSet } from "../../../../services/metrics/metric_set.ts";
import { metrics } from "../../../../services/metrics/metrics.ts";
import type { Plugin } from "../../../../services/plugin/plugin.ts";
import type { BaseReactor } from "../../../../services/reactor/base_reactor.ts";
import { type Leadership, leadership } from "../../../../services/registry/registry.ts";
import { ServiceLife } from "../../../../services/service_life.ts";
import { type ProcessStats, type ToChild, type ToRunner, toWire } from "../protocol.ts";

/** What a hosted service is made of. */
export interface HostedServiceOptions {
  readonly loadPlugin: () => Promise<Plugin>;
  readonly reactor: BaseReactor;
  readonly log: Logger;
  readonly send: (message: ToRunner) => void;
}

/** One life of a service in this process, driven by the runner's messages. */
export class HostedService {
  readonly #options: HostedServiceOptions;
  readonly #metrics = new MetricSet();
  #plugin: Plugin | null = null;
  /** Of a singleton. */
  #fencingToken: number | null = null;
  #life: ServiceLife | null = null;
  #stopping = false;

  constructor(options: HostedServiceOptions) {
    this.#options = options;
  }

  /** A message for the service came. `stop` resolves when all is released. */
  async handle(message: Exclude<ToChild, { readonly kind: "socket" | "noSocket" }>): Promise<void> {
    switch (message.kind) {
      case "start":
        return await this.#start(message);
      case "activate":
        return this.#life?.activate();
      case "stop":
        return await this.#stop(message.within);
      case "reload":
        return await this.#reload(message);
      case "health":
        return await this.#health(message.id);
      case "ping":
        return this.#options.send({
          kind: "pong",
          id: message.id,
          stats: this.#stats(),
          metrics: this.#metrics.collect(),
        });
    }
  }

  /** An error that nothing caught, and no scope is known to have caused: there is but one service here. */
  unhandled(error: unknown): void {
    if (this.#life !== null) this.#life.scope.unhandled(error);
    else this.#options.send({ kind: "startFailed", error: toWire(error) });
  }

  async #start(
    { name, options: written, staged, fencingToken }: Extract<ToChild, { kind: "start" }>,
  ): Promise<void> {
    const { loadPlugin, reactor, log, send } = this.#options;
    this.#fencingToken = fencingToken;
    try {
      const plugin = this.#plugin = await loadPlugin();
      const options = await validated(plugin, written);
      const life = this.#life = new ServiceLife({
        name,
        log,
        staged,
        open: (scope) => reactor.scope(scope),
        // What is provided stays here: `check` has refused services that would need it.
        tokens: { get: (token) => this.#get(name, token), provide: () => {} },
      });
      void life.ended.then((ending) =>
        send(
          ending.kind === "failed"
            ? { kind: "failed", error: toWire(ending.error) }
            : { kind: "finished", ...(isPlain(ending.result) ? { result: ending.result } : {}) },
        )
      );
      await life.start(() => plugin.makeService(options));
      send({ kind: "ready", stats: this.#stats() });
    } catch (error) {
      if (!this.#stopping) send({ kind: "startFailed", error: toWire(error) });
    }
  }

  async #stop(within: number): Promise<void> {
    this.#stopping = true;
    const leftovers = await this.#life?.stop({ within, hold: 0 }) ?? [];
    this.#options.send({ kind: "stopped", leftovers });
  }

  async #reload({ id, options: written }: Extract<ToChild, { kind: "reload" }>): Promise<void> {
    try {
      const options = await validated(this.#plugin!, written);
      this.#options.send({ kind: "answer", id, taken: await this.#life!.reload(options) });
    } catch (error) {
      this.#options.send({ kind: "answer", id, error: toWire(error) });
    }
  }

  async #health(id: number): Promise<void> {
    try {
      await this.#life?.health();
      this.#options.send({ kind: "answer", id });
    } catch (error) {
      this.#options.send({ kind: "answer", id, error: toWire(error) });
    }
  }

  #stats(): ProcessStats {
    const scope = this.#life?.scope;
    const { connections, bytesRead, bytesWritten } = scope?.counters() ??
      { connections: 0, bytesRead: 0, bytesWritten: 0 };
    const { user, system } = process.cpuUsage();
    return {
      endpoints: scope?.endpoints ?? [],
      connections,
      bytesRead,
      bytesWritten,
      cpu: (user + system) / 1e6,
      memory: Deno.memoryUsage().rss,
    };
  }

  #get<T>(name: string, token: Token<T>): T {
    if (token.id === metrics.id) return this.#metrics as T;
    if (token.id === leadership.id && this.#fencingToken !== null) {
      return leadershipOf(this.#fencingToken, this.#life!.scope.draining) as T;
    }
    const what = token.id === applicationView.id
      ? "the view of the application"
      : "what other services provide";
    throw new Error(
      `Cannot get "${token.id}" for service "${name}": ${what} does not reach into a process of its own; ` +
        'write "isolate: inline"',
    );
  }
}

/** Leadership as this process has it: the runner stops the process when it is lost, and gives it up. */
function leadershipOf(fencingToken: number, lost: AbortSignal): Leadership {
  const refuse = (): never => {
    throw new Error("Cannot give up leadership from a process of its own: let the service finish instead");
  };
  return { fencingToken, lost, resign: refuse, abandon: refuse, [Symbol.asyncDispose]: refuse };
}

async function validated(plugin: Plugin, written: unknown): Promise<unknown> {
  const result = await plugin.options["~standard"].validate(written);
  if (result.issues === undefined) return result.value;
  throw new Error(`Cannot use the options: ${result.issues.map(({ message }) => message).join("; ")}`);
}

/** Fit for JSON as it is. */
function isPlain(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
