import { Capabilities } from "../../../runner/host/capabilities.ts";
import type { Instance, StopOrder } from "../../../runner/host/host.ts";
import { InlineHost } from "../../../runner/host/inline_host.ts";
import type { Service } from "../../../services/service.ts";
import { type Ending, MemoryReactor, recordingLogger, TestClient } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";
import { service } from "../supervisor/_specs.ts";

/** How a scene launches a service. */
export interface LaunchSettings {
  readonly needs?: readonly string[];
  readonly staged?: boolean;
}

/** An inline host on a reactor in memory. */
export class HostScene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log = recordingLogger();
  readonly host: InlineHost;
  readonly #instances: Instance[] = [];

  constructor(capabilities = new Capabilities()) {
    this.host = new InlineHost({ reactor: this.reactor, log: () => this.log, capabilities });
  }

  /** An instance that has not been started. */
  launch(
    path: string,
    made: Service | (() => Service | Promise<Service>),
    { needs = [], staged = false }: LaunchSettings = {},
  ): Instance {
    const makeService = typeof made === "function" ? made : () => made;
    const instance = this.host.launch({ path, spec: service(path, { makeService }), needs, staged });
    this.#instances.push(instance);
    return instance;
  }

  /** An instance that is ready. */
  async started(...args: Parameters<HostScene["launch"]>): Promise<Instance> {
    const instance = this.launch(...args);
    await instance.start(new AbortController().signal);
    return instance;
  }

  /** Stop, and let the time pass that this takes. */
  async stop(instance: Instance, order: Partial<StopOrder> = {}): Promise<readonly string[]> {
    const { within = 1_000, hold = 0 } = order;
    const stopped = instance.stop({ within, hold });
    await this.reactor.advance(within);
    return (await stopped).leftovers;
  }

  /** A client of whatever listens at `endpoint`. */
  async connect(endpoint: string): Promise<TestClient> {
    const client = await this.reactor.connect(endpoint, () => new TestClient(this.reactor));
    await this.reactor.settle();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.#instances) await this.stop(instance, { within: 0 });
    await this.reactor[Symbol.asyncDispose]();
    assertEquals(this.reactor.clock.pending, [], "timers are left on the clock");
  }
}

/** `finished: 42`, `failed: boom`, or `running` when it has not ended by now. */
export async function endingOf(instance: Instance): Promise<string> {
  const ending = await Promise.race([instance.ended, Promise.resolve(null)]);
  return ending === null ? "running" : describe(ending);
}

function describe(ending: Ending): string {
  return ending.kind === "finished"
    ? `finished: ${ending.result}`
    : `failed: ${(ending.error as Error).message}`;
}
