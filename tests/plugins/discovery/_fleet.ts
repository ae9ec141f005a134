import { type EtcdRegistry, openEtcd } from "../../../plugins/discovery/etcd/etcd_registry.ts";
import { backendOptions } from "../../../plugins/discovery/etcd/options.ts";
import { SystemTime } from "../../../services/async/system_time.ts";
import { type RecordingLogger, recordingLogger } from "../../../services/testing/mod.ts";
import { LineReader } from "../../support/heddle_process.ts";

/** How a registry joins a fleet in a test. */
export interface JoinOptions {
  /** Where etcd is, or what leads to it. */
  readonly urls: readonly string[];
  readonly prefix: string;
  readonly node: string;
  /** Default 3 s. */
  readonly ttl?: string;
  readonly user?: string;
  readonly password?: string;
  readonly tls?: { readonly authorities: string; readonly certificate: string; readonly privateKey: string };
}

/** A registry of a fleet, with what it logs. */
export async function join(options: JoinOptions): Promise<EtcdRegistry & { readonly log: RecordingLogger }> {
  const { urls, node, ttl = "3s", ...rest } = options;
  const log = recordingLogger();
  const time = new SystemTime((error) => {
    throw error;
  });
  const registry = await openEtcd(backendOptions.parse({ etcd: urls, ttl, ...rest }), { time, log, node });
  return Object.assign(registry, { log });
}

/** A process that registers and leads, until it is killed. */
export class Registrant implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: LineReader;

  constructor(options: JoinOptions) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./_registrant.ts", import.meta.url).pathname, JSON.stringify(options)],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdout = new LineReader("stdout", this.#child.stdout);
  }

  /** Resolves when it has registered and leads. */
  async ready(): Promise<void> {
    await this.#stdout.line((line) => line === "ready");
  }

  /** End it without a word. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#child.status, this.#stdout.ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch {
      // It is gone already.
    }
  }
}
