import type { Token } from "../context.ts";
import { parseClientEndpoint, parseUdpEndpoint } from "../endpoint/parse.ts";
import { MetricSet } from "../metrics/metric_set.ts";
import { metrics } from "../metrics/metrics.ts";
import type { Plugin } from "../plugin/plugin.ts";
import type { InferInput, InferOutput, StandardSchema } from "../plugin/standard_schema.ts";
import { formatAddress } from "../reactor/address.ts";
import { MemoryReactor } from "../reactor/memory/memory_reactor.ts";
import type { Service } from "../service.ts";
import { type Ending, ServiceLife } from "../service_life.ts";
import { readOptions } from "./_read_options.ts";
import { type RecordingLogger, recordingLogger } from "./recording_logger.ts";
import { TestClient } from "./test_client.ts";
import { TestDatagramClient } from "./test_datagram_client.ts";

export type { Ending };

/** Something that the plugin can `get`: made by {@linkcode provision}. */
export interface Provision {
  /** What it is got by. */
  readonly token: Token<unknown>;
  /** What is got. */
  readonly value: unknown;
}

/** A value for `token`, in the place of a service that the plugin needs. */
export function provision<T>(token: Token<T>, value: T): Provision {
  return { token, value };
}

/** The surroundings in which a plugin is tested. */
export interface PluginSurroundings {
  /** What the services that it needs provide. */
  readonly provisions?: readonly Provision[];
}

/**
 * Start a service of `plugin` without sockets, on a clock that stands still. Resolves when it is ready.
 *
 * Dispose of it with `await using`. If the service has failed by then and the test did not look at
 * {@linkcode RunningPlugin.ended}, the failure is thrown.
 *
 * @param plugin what a plugin module exports
 * @param options as an application file would have them; default none
 * @throws {Error} when the options are not valid, something that the plugin needs is not provided, or its
 * start fails
 *
 * @example
 * ```ts
 * import { definePlugin, Protocol } from "@heddle/heddle";
 * import { endpoint } from "@heddle/heddle/zod";
 * import { startPlugin } from "@heddle/heddle/testing";
 * import { z } from "zod";
 *
 * class Greeter extends Protocol {
 *   override connectionMade(): void {
 *     this.transport.write(new TextEncoder().encode("hello\n"));
 *   }
 * }
 * const greeter = definePlugin({
 *   name: "greeter",
 *   options: z.strictObject({ listen: endpoint() }),
 *   makeService: ({ listen }) => ({ start: (ctx) => ctx.reactor.listen(listen, () => new Greeter()) }),
 * });
 *
 * await using app = await startPlugin(greeter, { listen: "tcp:7010" });
 * const client = await app.connect();
 * console.assert(client.received() === "hello\n");
 * ```
 */
export async function startPlugin<S extends StandardSchema<unknown, unknown>>(
  plugin: Plugin<S>,
  options?: InferInput<S>,
  surroundings: PluginSurroundings = {},
): Promise<RunningPlugin<S>> {
  const read = await readOptions(plugin, options ?? {});
  const app = new RunningPlugin(plugin, surroundings);
  await app.start(read);
  return app;
}

/** A plugin's service that runs in a test. */
export class RunningPlugin<S extends StandardSchema<unknown, unknown>> implements AsyncDisposable {
  /** What it runs on. */
  readonly reactor: MemoryReactor;
  /** What it has logged. */
  readonly log: RecordingLogger = recordingLogger();
  /** What it has counted: `app.metrics.collect()`. */
  readonly metrics: MetricSet = new MetricSet();
  readonly #plugin: Plugin<S>;
  readonly #life: ServiceLife;
  readonly #given: ReadonlyMap<string, unknown>;
  readonly #provided = new Map<string, unknown>();
  #ending: Ending | null = null;
  #endingSeen = false;

  /** Use {@linkcode startPlugin}. */
  constructor(plugin: Plugin<S>, { provisions = [] }: PluginSurroundings) {
    this.#plugin = plugin;
    this.#given = new Map([
      [metrics.id, this.metrics],
      ...provisions.map(({ token, value }) => [token.id, value] as const),
    ]);
    for (const { id } of plugin.needs ?? []) {
      if (!this.#given.has(id)) throw new Error(`Cannot start plugin "${plugin.name}": ${missing(id)}`);
    }
    this.reactor = new MemoryReactor({ log: this.log });
    this.#life = new ServiceLife({
      name: plugin.name,
      log: this.log,
      open: (options) => this.reactor.scope(options),
      tokens: {
        get: <T>(token: Token<T>): T => this.#get(token),
        provide: (token, value) => void this.#provided.set(token.id, value),
      },
    });
    void this.#life.ended.then((ending) => this.#ending = ending);
  }

  /** Called by {@linkcode startPlugin}. */
  async start(options: InferOutput<S>): Promise<void> {
    try {
      await this.#life.start(() => this.#plugin.makeService(options) as Service | Promise<Service>);
    } catch (error) {
      this.#endingSeen = true;
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The service itself. */
  get service(): Service<InferOutput<S>> {
    return this.#life.service as Service<InferOutput<S>>;
  }

  /** Where it listens now: `["tcp:127.0.0.1:7007", "udp:127.0.0.1:7007"]`. */
  get endpoints(): string[] {
    return this.#life.scope.endpoints.map(formatAddress);
  }

  /** Settles when the service ends by itself: it calls `finish` or `fail`, or a task or timer of it fails. */
  get ended(): Promise<Ending> {
    this.#endingSeen = true;
    return this.#life.ended;
  }

  /** What the service has provided under `token`. */
  get<T>(token: Token<T>): T {
    if (this.#provided.has(token.id)) return this.#provided.get(token.id) as T;
    throw new Error(`Cannot get "${token.id}" from plugin "${this.#plugin.name}": it does not provide that`);
  }

  /**
   * Connect a client, to `endpoint` or else to the first one where the service listens for connections.
   * @throws {ConnectError} when nothing listens there
   */
  async connect(endpoint: string = this.#first("connections")): Promise<TestClient> {
    const client = await this.reactor.connect(
      parseClientEndpoint(endpoint),
      () => new TestClient(this.reactor),
    );
    await this.reactor.settle();
    return client;
  }

  /** A client that sends datagrams, to `endpoint` or else to the first one where the service receives them. */
  async connectDatagram(endpoint: string = this.#first("datagrams")): Promise<TestDatagramClient> {
    const { interface: hostname, port } = parseUdpEndpoint(endpoint);
    const client = new TestDatagramClient(this.reactor, { hostname, port });
    await this.reactor.listenDatagram("udp:127.0.0.1:0", client);
    return client;
  }

  /** Let `ms` milliseconds pass, and everything happen that follows. */
  advance(ms: number): Promise<void> {
    return this.reactor.advance(ms);
  }

  /** Give the service other options, as a reload of the application file would. False: it must be replaced. */
  async reload(options: InferInput<S>): Promise<boolean> {
    return await this.#life.reload(await readOptions(this.#plugin, options));
  }

  /** Rejects when the service says that it is unhealthy. */
  health(): Promise<void> {
    return this.#life.health();
  }

  /**
   * Stop in order: no more is accepted, what is under way may finish, then all is released. Resolves with what had
   * to be cut, in words. What takes time takes it on the clock: `advance` while it stops.
   *
   * @param within milliseconds for what is under way; default 10,000
   */
  stop(within = 10_000): Promise<string[]> {
    return this.#life.stop({ within, hold: 0 });
  }

  /** Stop at once, and release everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.stop(0);
    await this.reactor.settle();
    await stopped;
    await this.reactor[Symbol.asyncDispose]();
    if (this.#ending?.kind === "failed" && !this.#endingSeen) throw this.#ending.error;
  }

  #first(what: "connections" | "datagrams"): string {
    const found = this.endpoints.find((endpoint) => endpoint.startsWith("udp:") === (what === "datagrams"));
    if (found !== undefined) return found;
    throw new Error(`Cannot connect to plugin "${this.#plugin.name}": it listens for no ${what}`);
  }

  #get<T>(token: Token<T>): T {
    if (this.#given.has(token.id)) return this.#given.get(token.id) as T;
    throw new Error(`Cannot get "${token.id}" for plugin "${this.#plugin.name}": ${missing(token.id)}`);
  }
}

function missing(id: string): string {
  return `nothing provides "${id}"; name it under provisions`;
}
