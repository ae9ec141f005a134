import type { ReactorTime } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { ProcessSpec } from "../../../services/process_spec.ts";
import type { DrainHooks } from "../drain_hooks.ts";
import type { Host, Instance, Launch } from "../host.ts";
import { ProcessInstance, type ProcessInstanceOptions } from "./process_instance.ts";
import type { ReplicaIdentity } from "./replica.ts";

/** What a process host is made of. */
export interface ProcessHostOptions {
  readonly time: ReactorTime;
  /** The logger of the service at `path`. */
  readonly log: (path: string) => Logger;
  /** Where the metrics of a service are to be had from now on. */
  readonly measure?: (path: string, collect: () => readonly FamilySnapshot[]) => void;
  /** Who is to be told before a service drains; default nobody. */
  readonly drainHooks?: DrainHooks;
  /** From 0 to 1, for the backoff of single replicas; default `Math.random`. */
  readonly random?: () => number;
}

type Environment = Awaited<ReturnType<ProcessInstanceOptions["environment"]>>;

/** Runs services in processes of their own. What that takes is loaded with the first of them. */
export class ProcessHost implements Host {
  readonly #options: ProcessHostOptions;
  #environment: Promise<Environment> | null = null;

  constructor(options: ProcessHostOptions) {
    this.#options = options;
  }

  launch(launch: Launch): Instance {
    const { time, log, measure, drainHooks, random = Math.random } = this.#options;
    const { path, spec: { process } } = launch;
    if (process === undefined) {
      throw new Error(`Cannot run service "${path}" in a process: it has no plugin module`);
    }
    const options: ProcessInstanceOptions = {
      time,
      log: log(path),
      random,
      told: (within) => drainHooks?.run(path, within) ?? null,
      serves: (instance) => measure?.(path, () => instance.metrics()),
      environment: () => this.#environment ??= this.#load(),
    };
    return new ProcessInstance(launch, process, options);
  }

  /** Close every socket that is kept for a service. */
  async close(): Promise<void> {
    await (await this.#environment)?.keeper.close();
  }

  async #load(): Promise<Environment> {
    const { time, log } = this.#options;
    const [{ Replica }, { SocketKeeper }, { findConfig }] = await Promise.all([
      import("./replica.ts"),
      import("./socket_keeper.ts"),
      import("./command.ts"),
    ]);
    const keeper = new SocketKeeper(time);
    const surroundings = {
      program: Deno.execPath(),
      config: findConfig(Deno.mainModule),
      variable: (name: string) => Deno.env.get(name),
    };
    const make = (spec: ProcessSpec, identity: ReplicaIdentity) =>
      new Replica(spec, identity, { time, log: log(identity.path), keeper, surroundings });
    return { make, keeper };
  }
}
