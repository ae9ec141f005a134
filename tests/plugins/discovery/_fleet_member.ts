import discovery from "../../../plugins/discovery/mod.ts";
import { run } from "../../../runner/run.ts";
import { Application } from "../../../services/application.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { type Registry, registry } from "../../../services/registry/registry.ts";
import type { Service } from "../../../services/service.ts";
import type { ExitVerdict } from "../../../services/supervision/exit_verdict.ts";
import { MemoryReactor, type RecordingLogger, recordingLogger } from "../../../services/testing/mod.ts";
import type { InferInput, InferOutput } from "../../../services/plugin/standard_schema.ts";

/** Options of the discovery plugin as a file would have them. */
export type DiscoveryInput = InferInput<typeof discovery.options>;

/** An application in memory with a discovery service, and whatever a test adds. */
export class Member implements AsyncDisposable {
  readonly application = new Application("demo");
  readonly reactor = new MemoryReactor();
  readonly log: RecordingLogger = recordingLogger();
  #registry: Registry | null = null;
  #ended: Promise<ExitVerdict> | null = null;
  /** Ends the application. */
  #end: () => void = () => {};

  constructor(options: DiscoveryInput = {}) {
    this.application.addService("registry", () => makeDiscovery({ node: "here", ...options }));
    this.application.addService("end", () => ({
      start: (ctx) => {
        this.#registry = ctx.get(registry);
        this.#end = ctx.finish;
      },
    }), { significant: true, restart: "transient", needs: ["registry"] });
  }

  get registry(): Registry {
    return this.#registry!;
  }

  /** The instances, as one line each. */
  get listed(): string[] {
    return this.registry.list().map(({ service, endpoint, state }) => `${service} ${endpoint} ${state}`);
  }

  async start(): Promise<this> {
    this.#ended = run(this.application, { reactor: this.reactor, log: () => this.log });
    await this.reactor.settle();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.reactor.advance(60_000);
    await this.#ended;
  }
}

/** A service that listens. */
export function listening(...endpoints: string[]): () => Service {
  return () => ({
    async start(ctx) {
      for (const endpoint of endpoints) await ctx.reactor.listen(endpoint, () => new Protocol());
    },
  });
}

async function makeDiscovery(input: DiscoveryInput): Promise<Service> {
  const result = await discovery.options["~standard"].validate(input);
  if (result.issues !== undefined) throw new Error(JSON.stringify(result.issues));
  return await discovery.makeService(result.value as InferOutput<typeof discovery.options>) as Service;
}
